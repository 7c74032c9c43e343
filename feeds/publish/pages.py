"""Write the pages that people look at: for now the list of all feeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from feeds.model import Scope
from feeds.publish.opml import OpmlFeed
from feeds.publish.render import FORMATS
from feeds.publish.select import FeedSpec, Publication, folder_url, home_url, title_of

if TYPE_CHECKING:
    from jinja2 import Template

#: What the page says, by primary language subtag.
_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "订阅",
        "what": "在阅读器里加入下面任意一个地址，有新文章时就会收到。三种格式内容相同。",
        "opml": "全部订阅（OPML）",
        "home": "网站首页",
        Scope.SITE: "全站",
        Scope.TOPIC: "主题",
        Scope.TAG: "标签",
        Scope.SOURCE: "引用来源",
        Scope.COMBINED: "组合",
        Scope.GAPS: "尚未报道",
        Scope.CHANGES: "来源变动",
    },
    "en": {
        "title": "Feeds",
        "what": "Add any address to a feed reader and it tells you of new articles. All formats hold the same.",
        "opml": "All feeds (OPML)",
        "home": "Home page",
        Scope.SITE: "Whole site",
        Scope.TOPIC: "Topics",
        Scope.TAG: "Tags",
        Scope.SOURCE: "Cited sources",
        Scope.COMBINED: "Combined feeds",
        Scope.GAPS: "Not covered yet",
        Scope.CHANGES: "Changed sources",
    },
}

#: How the formats are called on the page.
_LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}

#: The order in which people look for feeds.
SCOPE_ORDER = (Scope.SITE, Scope.COMBINED, Scope.TOPIC, Scope.SOURCE, Scope.TAG, Scope.GAPS, Scope.CHANGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One feed as lists of feeds show it."""

    spec: FeedSpec
    title: str
    members: int
    #: Address of its folder: absolute, ASCII, with a trailing slash.
    folder: str
    #: Format name -> file name, in the order of the formats.
    filenames: Mapping[str, str]
    #: The page that the feed is about.
    home_url: str

    @property
    def urls(self) -> list[tuple[str, str]]:
        """(format name, address) in the order of the formats."""
        return [(name, self.folder + filename) for name, filename in self.filenames.items()]

    @property
    def name(self) -> str:
        """The term, or the whole title where there is none."""
        return self.spec.name or self.title


def list_feeds(publication: Publication, feeds: Iterable[tuple[FeedSpec, int]]) -> list[Listed]:
    """Feeds with their number of articles, in the order in which people look for them."""
    found = [_list_feed(publication, spec, members) for spec, members in feeds]
    return sorted(found, key=lambda one: (SCOPE_ORDER.index(one.spec.scope), -one.members, one.spec.key))


def _list_feed(publication: Publication, spec: FeedSpec, members: int) -> Listed:
    folder = folder_url(publication, spec)
    return Listed(
        spec=spec,
        title=title_of(publication, spec),
        members=members,
        folder=folder,
        filenames=publication.filenames,
        home_url=home_url(publication, spec, folder),
    )


def opml_groups(publication: Publication, listed: Iterable[Listed]) -> list[tuple[str, list[OpmlFeed]]]:
    """The feeds in groups by scope, each in its first format, as OPML lists them."""
    words = _words(publication)
    groups: dict[Scope, list[OpmlFeed]] = {}
    for one in listed:
        feed = OpmlFeed(title=one.title, xml_url=one.urls[0][1], html_url=one.home_url)
        groups.setdefault(one.spec.scope, []).append(feed)
    return [(words[scope], feeds) for scope, feeds in groups.items()]


def render_index(publication: Publication, listed: Sequence[Listed], *, opml: str) -> bytes:
    """The page of all feeds; ``listed`` is in order, feeds of one scope together, the site's first."""
    words = _words(publication)
    site = next((one for one in listed if one.spec.scope is Scope.SITE), None)
    text = _template("index.html").render(
        language=publication.language,
        site=publication.title,
        home=publication.url,
        words=words,
        labels=_LABELS,
        types={name: form.media_type for name, form in FORMATS.items()},
        discovery=site.urls if site else [],
        opml=publication.base_url + opml,
        groups=[(words[scope], list(some)) for scope, some in groupby(listed, key=lambda one: one.spec.scope)],
    )
    return text.encode()


def _words(publication: Publication) -> dict[str, str]:
    return _WORDS.get(publication.language.partition("-")[0].lower(), _WORDS["en"])


@cache
def _template(name: str) -> Template:
    """Jinja2 takes 0.1 s to import, and most runs change no page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (see the docstring)

    loader = PackageLoader("feeds.publish")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)
