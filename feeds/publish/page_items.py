"""Write what people see of a feed in a browser: each item once, and the page around items.

Markup that is HTML and well-formed XML at once, so that the gate of the feeds reads pages back too. Without a template
engine: loading one takes 0.1 s, a tenth of a run that changes one article; a page's shell takes 0.02 ms as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from feeds.model import CitedSource, Enclosure, Feed, Image, Item
from feeds.publish import fit

#: The style sheet and the script of all pages, under output/.
STYLE, SCRIPT = "feeds-page.css", "feeds-page.js"
#: How every page begins; the comment tells our own file from a stranger's.
START = b"<!DOCTYPE html>\n<!-- generator: feeds -->\n"

#: Readers that take an address from a link: name, and what the link looks like; ``{}`` is the feed's address, encoded.
READERS = (
    ("Feedly", "https://feedly.com/i/subscription/feed/{}"),
    ("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
)


class Around(Struct, frozen=True, kw_only=True):
    """What a document shows of the site that its feed belongs to."""

    #: The way from the document up to the root of output/: ``../../``, or ``./``.
    root: str
    #: The style sheet for whoever opens an XML document, relative to it; empty for none.
    style: str = ""
    #: Name and home page (absolute) of the site.
    site: str = ""
    home: str = ""
    #: What kind of feed it is, in a word.
    kind: str = ""
    #: The term, or the site's title where there is none.
    name: str = ""
    #: The page's own address, absolute.
    url: str = ""
    #: The formats of the feed: label, media type, file name, absolute address.
    formats: tuple[tuple[str, str, str, str], ...] = ()
    #: The same page in the languages of the site: language, absolute address; empty unless there are several.
    alternates: tuple[tuple[str, str], ...] = ()
    #: Other feeds of its items: name, and folder relative to the root.
    related: tuple[tuple[str, str], ...] = ()
    #: When the newest of its items was changed, in the site's zone; None without items.
    updated: datetime | None = None


class _Words(Struct, frozen=True):
    sources: str
    #: After the number of sources, with the number of those that their own feeds confirm.
    of_them: str
    verified: str
    covers: str
    opens: str
    feeds: str
    subscribe: str
    what: str
    open_in: str
    app: str
    related: str
    latest: str
    updated: str
    empty: str
    copy: str
    copied: str


#: By primary language subtag.
_WORDS = {
    "zh": _Words(
        sources="来源",
        of_them="，其中 {} 个已核对",
        verified="已核对",
        covers="相关报道",
        opens="网站与订阅",
        feeds="全部订阅",
        subscribe="订阅",
        what="把下面任意一个地址加入阅读器，有新文章时就会收到。三种格式内容相同。",
        open_in="用阅读器打开：",
        app="本机应用",
        related="相关订阅",
        latest="最新文章",
        updated="更新于",
        empty="目前没有文章。",
        copy="复制地址",
        copied="已复制：",
    ),
    "en": _Words(
        sources="Sources",
        of_them=", {} verified",
        verified="verified",
        covers="Covers",
        opens="Site and feeds",
        feeds="All feeds",
        subscribe="Subscribe",
        what="Add any of these addresses to a feed reader and it tells you of new articles. All formats hold the same.",
        open_in="Open in a reader:",
        app="App on this device",
        related="Related feeds",
        latest="Latest articles",
        updated="Updated",
        empty="No articles at present.",
        copy="Copy address",
        copied="Copied:",
    ),
}


@lru_cache(maxsize=64)
def _words(language: str) -> _Words:
    return _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])


@lru_cache(maxsize=8192)
def _text(value: str) -> str:
    """Text for an element or an attribute. Cached, since publishers and terms repeat from item to item."""
    return fit.escape_attribute(fit.one_line(value))


# --- one item ---


def render_item(item: Item) -> bytes:
    """One item as an ``article``, to be spliced into the page of any feed."""
    words = _words(item.language)
    page = _web_address(item.url)
    title = _text(fit.title(item))
    return (
        f'<article data-id="{_text(item.id)}" lang="{_text(item.language) or "und"}">\n'
        f"<h3>{_link(page, title)}</h3>\n"
        f'<p class="when">{_when(item)}</p>\n'
        f"{_picture(item)}{_paragraph(item.summary)}{_files(item)}{_sources(item.citations, words)}</article>\n"
    ).encode()


def _link(url: str, text: str) -> str:
    return f'<a href="{url}">{text}</a>' if url else text


def _web_address(url: str | None) -> str:
    """The address if a browser may follow it, else nothing: no script ever stands in a link."""
    return _text(url) if url and url.startswith(("https://", "http://")) else ""


def _when(item: Item) -> str:
    """The day, where there is one, and the authors."""
    names = "、".join(_text(person.name) for person in fit.named(item.authors))
    return " · ".join(filter(None, (time_html(item.published) if item.published else "", names)))


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>\n" if text else ""


def _picture(item: Item) -> str:
    """The picture, if the site has it itself: whoever looks at a page of ours is seen by nobody else."""
    image = item.image
    if image is None or item.origin is not None or _host(image.url) != _host(item.url):
        return ""
    return f'<img src="{_text(image.url)}" alt="{_text(image.alt)}"{_size(image)} loading="lazy" decoding="async"/>\n'


def _files(item: Item) -> str:
    """Links to what can be heard, seen or kept; nothing is loaded before somebody follows one."""
    lines = [f"<li>{line}</li>" for one in fit.enclosures(item) if (line := _file(one))]
    return '<ul class="files">\n' + "\n".join(lines) + "\n</ul>\n" if lines else ""


def _file(enclosure: Enclosure) -> str:
    url = _web_address(enclosure.url)
    name = unquote(urlsplit(enclosure.url).path.rpartition("/")[2]) or enclosure.url
    said = [fit.one_line(enclosure.type), _clock(enclosure.duration), _megabytes(enclosure.length)]
    link = f'<a href="{url}" type="{_text(enclosure.type)}">{_text(enclosure.title or name)}</a>'
    return " · ".join([link, *(_text(value) for value in said if value)]) if url else ""


def _clock(duration: int | None) -> str:
    """``1:02:03`` or ``12:34``."""
    if not duration:
        return ""
    minutes, seconds = divmod(duration, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _megabytes(length: int | None) -> str:
    return f"{max(length / 1e6, 0.1):.1f} MB" if length else ""


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _size(image: Image) -> str:
    return f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""


def _sources(citations: Sequence[CitedSource], words: _Words) -> str:
    if not citations:
        return ""
    verified = sum(cited.verified for cited in citations)
    among = words.of_them.format(verified) if verified else ""
    lines = "\n".join([_source(cited, words) for cited in citations])
    return f"<details><summary>{words.sources} {len(citations)}{among}</summary>\n<ul>\n{lines}\n</ul></details>\n"


def _source(cited: CitedSource, words: _Words) -> str:
    said = [_link(_web_address(cited.url), _text(cited.title or cited.publisher or cited.url or ""))]
    said += [_text(value) for value in (cited.source or cited.publisher, cited.author, cited.published) if value]
    mark = f'<b class="ok">✓ {words.verified}</b> ' if cited.verified else ""
    return f"<li>{mark}{words.covers + ' ' if cited.covered else ''}{' · '.join(said)}</li>"


# --- the page around them ---


def render_shell(feed: Feed, around: Around) -> tuple[bytes, bytes]:
    """What stands before and after the items of a page."""
    words = _words(feed.language)
    head = START.decode() + _head(feed, around, words) + _subscribe(around, words) + _related(around, words)
    return (head + _list_start(around, words)).encode(), _END


_END = b'</section>\n</main>\n<p role="status" id="said"></p>\n</body>\n</html>\n'


def _head(feed: Feed, around: Around, words: _Words) -> str:
    root = _text(around.root)
    site, title = _text(around.site), _text(fit.feed_title(feed))
    alternates = "".join(
        f'<link rel="alternate" type="{kind}" title="{title} ({label})" href="{_text(url)}"/>\n'
        for label, kind, _, url in around.formats
    )
    alternates += "".join(
        f'<link rel="alternate" hreflang="{_text(language)}" href="{_text(url)}"/>\n'
        for language, url in around.alternates
    )
    return (
        f'<html lang="{_text(feed.language)}">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f'<title>{title}</title>\n<meta name="description" content="{_text(feed.description)}"/>\n'
        f'<link rel="canonical" href="{_text(around.url)}"/>\n{alternates}'
        f'<link rel="stylesheet" href="{root}{STYLE}"/>\n<script src="{root}{SCRIPT}" defer="defer"></script>\n'
        f'</head>\n<body data-copy="{words.copy}" data-copied="{words.copied}">\n'
        f'<nav aria-label="{words.opens}"><a href="{root}">{words.feeds}</a> '
        f'<a href="{_text(around.home)}">{site}</a></nav>\n'
        f'<main>\n<p class="kind">{around.kind}</p>\n<h1>{_text(around.name)}</h1>\n<p>{_text(feed.description)}</p>\n'
    )


def _subscribe(around: Around, words: _Words) -> str:
    return (
        f'<section class="subscribe" aria-labelledby="subscribe">\n<h2 id="subscribe">{words.subscribe}</h2>\n'
        f"<p>{words.what}</p>\n{formats_html(around.formats)}"
        f"{readers_html(around.formats[0][3], words.open_in, words.app) if around.formats else ''}</section>\n"
    )


def formats_html(formats: Sequence[tuple[str, str, str, str]]) -> str:
    """The addresses of a feed, one line each, as people read them; the script adds a button to copy each as it is."""
    lines = "".join(
        f'<li><a type="{kind}" href="{_text(quoted_path(file))}">{label}</a> <code>{_text(readable(url))}</code></li>\n'
        for label, kind, file, url in formats
    )
    return f'<ul class="formats">\n{lines}</ul>\n'


def readable(url: str) -> str:
    """The address with its Chinese in letters, as the address bar of a browser shows it; what could mislead stays."""
    shown = unquote(url) if "%" in url else url
    return shown if shown.isprintable() and not _MISLEADING.intersection(shown) else url


#: Decoded, these would end an address or make it another one; the last stands for bytes that are no text.
_MISLEADING = frozenset(' %?#<>"\ufffd')


def readers_html(url: str, open_in: str, app: str) -> str:
    """Links that hand a feed to common readers; ``feed:`` is for programs on the reader's own device."""
    encoded = quote(url, safe="")
    links = [("feed:" + url, app), *((form.format(encoded), name) for name, form in READERS)]
    told = " ".join(f'<a href="{_text(link)}" rel="noreferrer">{name}</a>' for link, name in links)
    return f'<p class="readers">{open_in} {told}</p>\n'


def _related(around: Around, words: _Words) -> str:
    if not around.related:
        return ""
    root = _text(around.root)
    links = "".join(
        f'<li><a href="{root}{_text(quoted_path(path))}">{_text(name)}</a></li>\n' for name, path in around.related
    )
    heading = f'<h2 id="related">{words.related}</h2>'
    return f'<nav class="related" aria-labelledby="related">\n{heading}\n<ul>\n{links}</ul>\n</nav>\n'


def _list_start(around: Around, words: _Words) -> str:
    said = f"{words.updated} {time_html(around.updated)}" if around.updated else words.empty
    return f'<section aria-labelledby="latest">\n<h2 id="latest">{words.latest}</h2>\n<p class="when">{said}</p>\n'


def time_html(moment: datetime) -> str:
    """A day that programs can read, too."""
    when = fit.rfc3339(moment)
    return f'<time datetime="{when}">{when[:10]}</time>'


#: What may not stand in a path within an attribute as it is; everything else, Chinese too, browsers encode themselves.
_QUOTED = str.maketrans({mark: quote(mark) for mark in " %?#<>\"'`{}|\\^&+"})


def quoted_path(path: str) -> str:
    """A path as a short relative reference: readable, since 3,000 encoded Chinese names alone would fill 200 KB."""
    path = path.translate(_QUOTED)
    return f"./{path}" if ":" in path.partition("/")[0] else path
