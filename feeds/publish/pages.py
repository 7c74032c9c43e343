"""Write the pages that people look at: for now the list of all feeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from feeds.model import Scope
from feeds.publish.render import FORMATS
from feeds.publish.select import FeedSpec, Publication
from feeds.urls import encode_path

if TYPE_CHECKING:
    from jinja2 import Template

#: What the page says, by primary language subtag.
_WORDS = {
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
    },
}

#: How the formats are called on the page.
_LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}

#: The order in which people look for feeds.
SCOPE_ORDER = (Scope.SITE, Scope.COMBINED, Scope.TOPIC, Scope.SOURCE, Scope.TAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One feed as lists of feeds show it."""

    spec: FeedSpec
    title: str
    members: int
    #: Format name -> path under the output folder.
    files: Mapping[str, str]
    base_url: str
    #: The page that the feed is about.
    home_url: str

    @property
    def urls(self) -> list[tuple[str, str]]:
        """(format name, address) in the order of the formats."""
        return [(name, self.base_url + encode_path(path)) for name, path in self.files.items()]

    @property
    def name(self) -> str:
        """The term, or the whole title where there is none."""
        return self.spec.name or self.title


def render_index(publication: Publication, listed: Sequence[Listed], *, opml: str) -> bytes:
    """The page of all feeds; ``listed`` is in order, feeds of one scope together, the site's first."""
    words = _WORDS.get(publication.language.partition("-")[0].lower(), _WORDS["en"])
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


@cache
def _template(name: str) -> Template:
    """Jinja2 takes 0.1 s to import, and most runs change no page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (see the docstring)

    loader = PackageLoader("feeds.publish")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)
