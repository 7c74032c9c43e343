"""Which source a citation belongs to, and how an item names its sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape, unescape

from msgspec import Struct
from msgspec.structs import replace

from feeds.model import Citation, CitedSource, Met, Note, Scope, SourceSpec
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


def cited_sources(citations: Sequence[Citation], met: Sequence[Met] = ()) -> tuple[CitedSource, ...]:
    """The pages as an item names them: each once, in the order of the text; the first link is ``via``.

    Args:
        citations: What the article cites.
        met: What the sources' own feeds say of it. Of several about one page or one story the first counts.
    """
    confirmed = _confirmed(citations, met)
    found: list[CitedSource] = []
    seen: set[str] = set()
    urls: set[str] = set()
    for citation in citations:
        url = clean_url(citation.url) if citation.url else None
        identity = _identity(citation, url)
        said = confirmed.get(identity)
        if identity in seen or not (url or citation.title or said):
            continue
        seen.add(identity)
        own = clean_url(said.url) if said and said.url else None
        # Two pages may be one story to its source, but an item links no page twice.
        url = own if own and own not in urls else url
        rel = "via" if url and not urls else "related"
        urls.update((url,) if url else ())
        found.append(_verified(citation, said, url, rel) if said else _claimed(citation, url, rel))
    return (*found, *_covered(citations, found, met)) if met else tuple(found)


def _identity(citation: Citation, url: str | None) -> str:
    """The same for all citations of one page."""
    return citation.key if url and citation.key else f"{citation.title}\n{citation.publisher}"


def _confirmed(citations: Sequence[Citation], met: Iterable[Met]) -> dict[str, Met]:
    """What is said of each page, whichever of its citations it was said of."""
    found: dict[str, Met] = {}
    for one in met:
        if one.citation is not None and one.citation < len(citations):
            citation = citations[one.citation]
            found.setdefault(_identity(citation, clean_url(citation.url) if citation.url else None), one)
    return found


def _claimed(citation: Citation, url: str | None, rel: str) -> CitedSource:
    return CitedSource(
        url=url,
        title=citation.title or citation.publisher or url or "",
        publisher=citation.publisher,
        author=citation.author,
        published=citation.published,
        accessed=citation.accessed,
        rel=rel,
        label=citation.label,
    )


def _verified(citation: Citation, said: Met, url: str | None, rel: str) -> CitedSource:
    """What the source's feed does not say stays unsaid: a claim beside truths would pass for one."""
    title = said.title or citation.title or said.source
    return CitedSource(
        url=url,
        title=title,
        publisher=citation.publisher,
        author=said.author,
        published=_day(said),
        accessed=citation.accessed,
        rel=rel,
        verified=True,
        source=said.source,
        cited_title=citation.title if citation.title and fold(citation.title) != fold(title) else None,
        label=citation.label,
    )


def _covered(citations: Iterable[Citation], found: Sequence[CitedSource], met: Iterable[Met]) -> list[CitedSource]:
    """Stories that the article tells without citing them."""
    told = {citation.key for citation in citations if citation.key}
    told.update(name for one in found for name in _names(one.url, one.source, one.title))
    covered: list[CitedSource] = []
    for one in met:
        url = clean_url(one.url) if one.url else None
        names = _names(url, one.source, one.title)
        if one.citation is None and told.isdisjoint(names):
            told |= names
            covered.append(_uncited(one, url))
    return [replace(covered[0], rel="via")] if len(covered) == 1 and not found else covered


def _names(url: str | None, source: str | None, title: str) -> set[str]:
    """What makes two entries one story: a podcast has its episode in its own feed and in a playlist."""
    pages = {canonical(url)} if url else set()
    return pages | {f"{source}\n{fold(title)}"} if source and title else pages


def _uncited(said: Met, url: str | None) -> CitedSource:
    return CitedSource(
        url=url,
        title=said.title or said.source,
        author=said.author,
        published=_day(said),
        verified=True,
        source=said.source,
        covered=True,
    )


def _day(said: Met) -> str | None:
    return said.published.date().isoformat() if said.published else None


class _Words(Struct, frozen=True):
    """What the list of sources says beside names."""

    heading: str
    #: Before what a source's own feed says of a page.
    verified: str
    #: Before a story that the article tells without citing it.
    covers: str


#: By primary language subtag.
_WORDS = {"zh": _Words("引用来源", "✓ 已核对：", "相关报道："), "en": _Words("Sources", "✓ verified: ", "Covers: ")}


#: Where a link leads; whoever wrote the HTML of the notes wrote it in double quotes (nh3 does).
_HREF = re.compile(r'\shref="([^"]*)"')


def sources_html(notes: Sequence[Note], sources: Sequence[CitedSource], *, language: str) -> str:
    """The list of sources at the end of the content.

    Every footnote in its author's own words, followed by what its source's feed says of the page; then pages that no
    footnote shows, at last stories that the article tells without citing them.
    """
    words = _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])
    marks = {one.label: _mark(one, words) for one in sources if one.verified and one.label is not None}
    items = [_note_line(note, marks.pop(note.label, "")) for note in notes]
    shown = {unescape(address) for address in _HREF.findall("".join(items))}
    # What is left of the marks belongs to labels without a footnote of their own.
    items += [
        _line(source, words)
        for source in sources
        if (source.url and source.url not in shown) or (source.verified and source.label in {None, *marks})
    ]
    if not items:
        return ""
    return f"\n<h2>{words.heading}</h2>\n<ul>\n" + "\n".join(items) + "\n</ul>"


def _note_line(note: Note, mark: str) -> str:
    return f"<li>[{escape(note.label)}] {note.html}{'<br>' if mark else ''}{mark}</li>"


def _line(source: CitedSource, words: _Words) -> str:
    """A page that no footnote shows."""
    if source.covered:
        return f"<li>{words.covers}{_told(source)}</li>"
    if source.verified:
        own = f"{escape(source.cited_title)}<br>" if source.cited_title else ""
        return f"<li>{own}{_mark(source, words)}</li>"
    return f"<li>{_link(source)}</li>"


def _mark(source: CitedSource, words: _Words) -> str:
    return words.verified + _told(source)


def _told(source: CitedSource) -> str:
    """What the source's feed says of a page: ``title · Wired · author · 2025-07-01``."""
    said = (source.source, source.author if source.author != source.source else None, source.published)
    return " · ".join([_link(source), *(escape(text) for text in said if text)])


def _link(source: CitedSource) -> str:
    title = escape(source.title)
    return f'<a href="{escape(source.url)}">{title}</a>' if source.url else title
