"""Which source a citation belongs to, and how an item names its sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape, unescape

from feeds.model import Citation, CitedSource, Note, Scope, SourceSpec
from feeds.publish.terms import TermFinder, fold
from feeds.urls import canonical, clean_url, host_of

#: Hosts that carry many publishers: there the host says nothing, so the text must name the source.
_SHARED_HOSTS = frozenset(
    {
        "acast.com",
        "bilibili.com",
        "douyin.com",
        "facebook.com",
        "feeds.acast.com",
        "github.com",
        "instagram.com",
        "linkedin.com",
        "medium.com",
        "mp.weixin.qq.com",
        "open.spotify.com",
        "podcasts.apple.com",
        "reddit.com",
        "substack.com",
        "t.me",
        "twitter.com",
        "weibo.com",
        "x.com",
        "xiaoyuzhoufm.com",
        "youtu.be",
        "youtube.com",
        "zhihu.com",
    }
)

#: A shorter name inside a title ("AI", "量子") names no source.
_MIN_NAME_IN_TITLE = 4


class SourceBook:
    """The sources of sources.yaml, ready to be asked which of them a citation belongs to."""

    def __init__(self, specs: Iterable[SourceSpec]) -> None:
        self._names: list[str] = []
        self._by_name: dict[str, set[int]] = defaultdict(set)
        #: Host -> the sources that have a part of it, with the path that this part begins with.
        self._by_host: dict[str, list[tuple[int, str]]] = defaultdict(list)
        findable: set[str] = set()
        for number, spec in enumerate(specs):
            self._names.append(spec.name)
            for name in (spec.name, *spec.aliases):
                self._by_name[fold(name)].add(number)
                findable.add(name)
            host, path = _place(spec)
            if host and (path or host not in _SHARED_HOSTS):
                self._by_host[host].append((number, path))
        self._finder = TermFinder(
            (Scope.SOURCE, fold(name), name) for name in findable if len(name) >= _MIN_NAME_IN_TITLE
        )

    def cited_by(self, citations: Iterable[Citation]) -> tuple[str, ...]:
        """Names of the sources that the citations belong to, each once, in the order of sources.yaml."""
        found: set[int] = set()
        for citation in citations:
            found.update(self._owners(citation))
        return tuple(self._names[number] for number in sorted(found))

    def _owners(self, citation: Citation) -> set[int]:
        """By name where the text gives it; by address where the host is the source's own."""
        found = set(self._by_name.get(fold(citation.publisher), ())) if citation.publisher else set()
        host = ""
        if citation.key:
            host, path = _split(citation.key)
            found.update(self._at(host, path))
        if citation.title and (not host or host in _SHARED_HOSTS):
            for term in self._finder.count(citation.title):
                found |= self._by_name[term.key]
        return found

    def _at(self, host: str, path: str) -> Iterator[int]:
        """The sources that have this page: at its host, or at one that its host is part of."""
        must_name_path = host in _SHARED_HOSTS
        while host:
            for number, own in self._by_host.get(host, ()):
                if (own or not must_name_path) and f"{path}/".startswith(f"{own}/"):
                    yield number
            host = host.partition(".")[2]


def _place(spec: SourceSpec) -> tuple[str, str]:
    """Host and path of what is a source's own; of a source known by its feed alone, the whole host."""
    if spec.site:
        return _split(canonical(spec.site))
    return (_split(canonical(spec.feeds[0]))[0], "") if spec.feeds else ("", "")


def _split(key: str) -> tuple[str, str]:
    """Host (without ``www.``) and path (without a slash at its end) of a canonical URL; ("", "") of anything else."""
    scheme, _, rest = key.partition("://")
    authority, _, path = rest.partition("/")
    host = _host(authority) if scheme in {"https", "http"} else ""
    return (host, f"/{path}".partition("#")[0].partition("?")[0].rstrip("/")) if host else ("", "")


@lru_cache(maxsize=4096)
def _host(authority: str) -> str:
    """Articles cite the same hosts again and again."""
    return host_of(f"https://{authority}/")


def cited_sources(citations: Iterable[Citation]) -> tuple[CitedSource, ...]:
    """The citations as an item names them: each page once, in the order of the text; the first link is ``via``."""
    found: list[CitedSource] = []
    seen: set[str] = set()
    for citation in citations:
        url = clean_url(citation.url) if citation.url else None
        identity = citation.key if url and citation.key else f"{citation.title}\n{citation.publisher}"
        if identity in seen or not (url or citation.title):
            continue
        seen.add(identity)
        is_first_link = url is not None and not any(source.url for source in found)
        found.append(
            CitedSource(
                url=url,
                title=citation.title or citation.publisher or url or "",
                publisher=citation.publisher,
                author=citation.author,
                published=citation.published,
                accessed=citation.accessed,
                rel="via" if is_first_link else "related",
            )
        )
    return tuple(found)


#: Heading over the list of sources, by primary language subtag.
_HEADINGS = {"zh": "引用来源", "en": "Sources"}


#: Where a link leads; whoever wrote the HTML of the notes wrote it in double quotes (nh3 does).
_HREF = re.compile(r'\shref="([^"]*)"')


def sources_html(notes: Sequence[Note], sources: Sequence[CitedSource], *, language: str) -> str:
    """The list of sources at the end of the content: every footnote, then linked pages that no footnote shows."""
    items = [f"<li>[{escape(note.label)}] {note.html}</li>" for note in notes]
    shown = {unescape(address) for address in _HREF.findall("".join(items))}
    items += [
        f'<li><a href="{escape(source.url)}">{escape(source.title)}</a></li>'
        for source in sources
        if source.url and source.url not in shown
    ]
    if not items:
        return ""
    heading = _HEADINGS.get(language.partition("-")[0].lower(), _HEADINGS["en"])
    return f"\n<h2>{heading}</h2>\n<ul>\n" + "\n".join(items) + "\n</ul>"
