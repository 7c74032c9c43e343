"""Write the pages that people look at: the front door to all feeds, and what the page of each feed shows around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from feeds.model import Scope
from feeds.publish import page_items
from feeds.publish.opml import OpmlFeed
from feeds.publish.page_items import Around, formats_html, quoted_path, readers_html, time_html
from feeds.publish.render import FORMATS, PAGE
from feeds.publish.select import FeedSpec, Publication, folder_of, folder_url, home_url, site_spec, title_of
from feeds.urls import encode_path

if TYPE_CHECKING:
    from jinja2 import Environment

#: The front door, and the style sheet for whoever opens an RSS or Atom document in a browser.
INDEX, XML_STYLE = "index.html", "feeds-xml.css"
#: The page of a feed whose folder is the root, where the front door is.
LATEST = "latest.html"

#: What the pages say, by primary language subtag.
_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "订阅",
        "what": "订阅源（feed）是一个网址，阅读器会定期查看它，把新文章送到你面前。"
        "不需要注册，也没有算法：在阅读器里加入下面任意一个地址即可。",
        "feeds": "个订阅源",
        "articles": "篇文章",
        "updated": "更新于",
        "opml": "全部订阅（OPML）",
        "home": "网站首页",
        "page": "看看里面有什么",
        "all": "全站文章",
        "open_in": "用阅读器打开：",
        "app": "本机应用",
        "filter": "筛选",
        "found": "找到 {} 个",
        "choose": "选择{}",
        "choose_all": "全选所列",
        "choose_none": "清除",
        "chosen": "已选 {} 个：下载 OPML",
        "copy": "复制地址",
        "copied": "已复制：",
        "number": "名称后的数字是文章数",
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
        "what": "A feed is an address that a feed reader looks at now and then, to bring new articles to you. "
        "No account, no algorithm: add any of the addresses below to your reader.",
        "feeds": "feeds",
        "articles": "articles",
        "updated": "Updated",
        "opml": "All feeds (OPML)",
        "home": "Home page",
        "page": "See what is in it",
        "all": "All articles",
        "open_in": "Open in a reader:",
        "app": "App on this device",
        "filter": "Filter",
        "found": "{} found",
        "choose": "Choose {}",
        "choose_all": "Choose all shown",
        "choose_none": "Clear",
        "chosen": "{} chosen: download OPML",
        "copy": "Copy address",
        "copied": "Copied:",
        "number": "numbers behind names count articles",
        Scope.SITE: "Whole site",
        Scope.TOPIC: "Topics",
        Scope.TAG: "Tags",
        Scope.SOURCE: "Cited sources",
        Scope.COMBINED: "Combined feeds",
        Scope.GAPS: "Not covered yet",
        Scope.CHANGES: "Changed sources",
    },
}

#: Those that the script of the page says.
_SCRIPTED = ("found", "choose", "chosen", "copy", "copied")

#: How the formats are called where room is short.
_LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}

#: The order in which people look for feeds.
SCOPE_ORDER = (Scope.SITE, Scope.TOPIC, Scope.COMBINED, Scope.SOURCE, Scope.TAG, Scope.GAPS, Scope.CHANGES)


# --- which feeds there are ---


class Listed(Struct, frozen=True, kw_only=True):
    """One feed as lists of feeds show it."""

    spec: FeedSpec
    title: str
    members: int
    #: Address of its folder: absolute, ASCII, with a trailing slash.
    folder: str
    #: Where its page is, relative to the root of output/.
    page: str
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
    editions = list(publication.editions) or [""]
    return sorted(
        found,
        key=lambda one: (
            editions.index(one.spec.edition),
            SCOPE_ORDER.index(one.spec.scope),
            -one.members,
            one.spec.key,
        ),
    )


def _list_feed(publication: Publication, spec: FeedSpec, members: int) -> Listed:
    folder = folder_url(publication, spec)
    return Listed(
        spec=spec,
        title=title_of(publication, spec),
        members=members,
        folder=folder,
        page=quoted_path(folder_of(publication, spec) or LATEST),
        filenames=_formats(publication),
        home_url=home_url(publication, spec, folder),
    )


def opml_groups(publication: Publication, listed: Iterable[Listed]) -> list[tuple[str, list[OpmlFeed]]]:
    """The feeds in groups by language and scope, each in its first format, as OPML lists them."""
    groups: dict[str, list[OpmlFeed]] = {}
    for one in listed:
        language = publication.of(one.spec.edition).language if one.spec.edition else None
        feed = OpmlFeed(title=one.title, xml_url=one.urls[0][1], html_url=one.home_url, language=language)
        groups.setdefault(_group_name(publication, one.spec), []).append(feed)
    return list(groups.items())


def _group_name(publication: Publication, spec: FeedSpec) -> str:
    """What feeds of one kind are called; where the site has several languages, with the one that they are in."""
    own = publication.of(spec.edition)
    kind = _words(own)[spec.scope]
    return f"{own.title} ({own.language}) · {kind}" if spec.edition else kind


# --- pages of feeds ---


def paths_of(publication: Publication, spec: FeedSpec, archive: int = 0) -> dict[str, str]:
    """Format name -> path under output/ of one document. An archive has no page: people find the article itself."""
    folder = folder_of(publication, spec, archive)
    paths = {name: folder + filename for name, filename in publication.filenames.items()}
    if archive:
        paths.pop(PAGE.name, None)
    elif not folder and publication.has_pages:
        paths[PAGE.name] = LATEST
    return paths


def around_of(  # noqa: PLR0913 (a document, and what it names besides)
    publication: Publication,
    spec: FeedSpec,
    archive: int = 0,
    *,
    related: Sequence[FeedSpec] = (),
    updated: datetime | None = None,
    editions: Sequence[str] = (),
) -> Around:
    """What the documents of a feed show of the site; nothing when it has no pages."""
    if not publication.has_pages:
        return Around(root="./")
    folder = folder_of(publication, spec, archive)
    own = publication.of(spec.edition)
    is_inside = own.base_url == publication.base_url + encode_path(own.folder)
    # A language that is served elsewhere has its style sheet at the site's own address.
    root = ("../" * folder.count("/") or "./") if is_inside else publication.base_url
    if archive:
        return Around(root=root, style=root + XML_STYLE)
    address = folder_url(publication, spec)
    return Around(
        root=root,
        style=root + XML_STYLE,
        site=own.title,
        home=own.url,
        kind=_words(own)[spec.scope],
        name=spec.name or title_of(publication, spec),
        url=address if folder else address + LATEST,
        alternates=_languages(publication, spec, editions),
        formats=_addresses(publication, address),
        related=tuple((one.name, folder_of(publication, one)) for one in related),
        updated=updated,
    )


def _languages(publication: Publication, spec: FeedSpec, editions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The page of a feed of all articles in each language, its own among them: (language, address)."""
    if spec.scope is not Scope.SITE or len(editions) < _SEVERAL:
        return ()
    specs = [site_spec(key) for key in editions]
    return tuple(
        (publication.of(one.edition).language, publication.address(paths_of(publication, one)[PAGE.name]))
        for one in specs
    )


#: A page names its languages when it has so many.
_SEVERAL = 2


def _formats(publication: Publication) -> dict[str, str]:
    return {name: filename for name, filename in publication.filenames.items() if name != PAGE.name}


def _addresses(publication: Publication, folder: str) -> tuple[tuple[str, str, str, str], ...]:
    """The formats of a feed: label, media type, file name, address."""
    return tuple(
        (_LABELS[name], FORMATS[name].media_type, filename, folder + filename)
        for name, filename in _formats(publication).items()
    )


# --- the front door ---


def render_index(
    publication: Publication, listed: Sequence[Listed], *, opml: str, newest: datetime | None = None
) -> bytes:
    """The page of all feeds; ``listed`` is in order, feeds of one scope together, the site's first.

    ``opml`` is the name of the list of all of them; ``newest`` the date of the newest article.
    """
    words = _words(publication)
    site = next((one for one in listed if one.spec == site_spec(publication.default)), None)
    others = [one for one in listed if one is not site]
    languages = [one for one in others if one.spec.scope is Scope.SITE]
    formats = _addresses(publication, site.folder) if site else ()
    from markupsafe import Markup  # noqa: PLC0415 (comes with Jinja2; see _templates)

    page = _templates().get_template("index.html")
    text = page.render(
        language=publication.language,
        site=publication.title,
        home=publication.url,
        words=words,
        style=page_items.STYLE,
        script=page_items.SCRIPT,
        opml=opml,
        opml_url=publication.base_url + opml,
        whole=site,
        formats=formats,
        languages=[
            (publication.of(one.spec.edition).language, one.title, _addresses(publication, one.folder))
            for one in languages
        ],
        # Both are made of escaped text.
        addresses=Markup(formats_html(formats)) if site else "",  # noqa: S704 (see above)
        readers=Markup(readers_html(formats[0][3], words["open_in"], words["app"])) if site else "",  # noqa: S704 (likewise)
        count=len(listed),
        updated=Markup(time_html(newest)) if newest else "",  # noqa: S704 (likewise)
        groups=_groups(publication, others),
        told=_told_to_script(publication, words),
    )
    return text.encode()


def _groups(publication: Publication, listed: Iterable[Listed]) -> list[tuple[str, str, list[Listed]]]:
    """The feeds of each kind: the name of their place on the page, what they are called, and they."""
    parts = groupby(listed, key=lambda one: (one.spec.edition, one.spec.scope))
    groups = [(edition, scope, list(some)) for (edition, scope), some in parts]
    return [
        (f"{edition}-{scope}" if edition else scope, _group_name(publication, some[0].spec), some)
        for edition, scope, some in groups
    ]


def _told_to_script(publication: Publication, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "site": publication.title,
        "base": publication.base_url,
        "formats": [[_LABELS[name], filename] for name, filename in _formats(publication).items()],
        "words": {name: words[name] for name in _SCRIPTED},
    }


def render_assets() -> dict[str, bytes]:
    """Style sheets and script of the pages: path under output/ -> bytes."""
    return {name: _asset(name) for name in (page_items.STYLE, page_items.SCRIPT, XML_STYLE)}


def _asset(name: str) -> bytes:
    environment = _templates()
    assert environment.loader is not None  # noqa: S101 (tells mypy what _templates sets)
    source, _, _ = environment.loader.get_source(environment, name)
    return source.encode()


def _words(publication: Publication) -> dict[str, str]:
    return _WORDS.get(publication.language.partition("-")[0].lower(), _WORDS["en"])


@cache
def _templates() -> Environment:
    """Jinja2 takes 0.1 s to import, and most runs change no page of this room."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (see the docstring)

    loader = PackageLoader("feeds.publish")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
