"""Which source a citation belongs to, and how an item names its sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import urlsplit

from feeds.model import Article, Citation, CitedSource, SourceSpec
from feeds.publish.terms import fold
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
        self._entries = [_Entry(spec) for spec in specs]

    def cited_by(self, citations: Iterable[Citation]) -> tuple[str, ...]:
        """Names of the sources that the citations belong to, each once, in the order of sources.yaml."""
        pages = [_Page(citation) for citation in citations]
        return tuple(entry.name for entry in self._entries if any(entry.owns(page) for page in pages))


class _Page:
    """A citation with what every source asks of it worked out once."""

    def __init__(self, citation: Citation) -> None:
        self.host = host_of(citation.url) if citation.url else ""
        self.path = urlsplit(citation.key or "").path if citation.url else ""
        self.publisher = fold(citation.publisher or "")
        self.title = fold(citation.title or "")
        self.is_shared = _is_shared(self.host)


class _Entry:
    """One source: its names, and the part of the web that is its own."""

    def __init__(self, spec: SourceSpec) -> None:
        self.name = spec.name
        self.names = frozenset(fold(name) for name in (spec.name, *spec.aliases))
        place = spec.site or next(iter(spec.feeds), "")
        self.host = host_of(place)
        self.path = _folder(urlsplit(canonical(place)).path) if spec.site else ""
        if _is_shared(self.host) and not self.path:
            self.host = ""

    def owns(self, page: _Page) -> bool:
        """By name where the text gives it; by address where the host is the source's own."""
        if page.publisher in self.names:
            return True
        if page.is_shared or not page.host:
            return any(len(name) >= _MIN_NAME_IN_TITLE and name in page.title for name in self.names) or (
                page.is_shared and bool(self.path) and self._holds(page)
            )
        return self._holds(page)

    def _holds(self, page: _Page) -> bool:
        is_host = bool(self.host) and (page.host == self.host or page.host.endswith("." + self.host))
        return is_host and (page.path + "/").startswith(self.path + "/")


def _is_shared(host: str) -> bool:
    return host in _SHARED_HOSTS


def _folder(path: str) -> str:
    return path.rstrip("/")


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


def sources_html(article: Article, sources: Sequence[CitedSource]) -> str:
    """The list of sources at the end of the content: every footnote, then linked pages that no footnote shows."""
    items = [f"<li>[{escape(note.label)}] {note.html}</li>" for note in article.notes]
    shown = "".join(items)
    items += [
        f'<li><a href="{escape(source.url)}">{escape(source.title)}</a></li>'
        for source in sources
        if source.url and escape(source.url) not in shown
    ]
    if not items:
        return ""
    heading = _HEADINGS.get(article.language.partition("-")[0].lower(), _HEADINGS["en"])
    return f"\n<h2>{heading}</h2>\n<ul>\n" + "\n".join(items) + "\n</ul>"
