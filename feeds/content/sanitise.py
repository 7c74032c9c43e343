"""Keep of HTML what is safe and useful in a feed reader, and make every address in it absolute."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from html import escape
from urllib.parse import unquote

import nh3

from feeds.content.page_addresses import FOLLOWED_SCHEMES, Addresses

#: May stand inside a line: what a footnote keeps.
_INLINE: dict[str, set[str]] = {
    "a": {"href"},
    "abbr": set(),
    "b": set(),
    "bdi": set(),
    "br": set(),
    "cite": set(),
    "code": {"class"},
    "del": {"cite"},
    "dfn": set(),
    "em": set(),
    "i": set(),
    "img": {"src", "srcset", "alt", "width", "height"},
    "ins": {"cite"},
    "kbd": set(),
    "mark": set(),
    "q": {"cite"},
    "rp": set(),
    "rt": set(),
    "ruby": set(),
    "s": set(),
    "samp": set(),
    "small": set(),
    "span": set(),
    "strong": set(),
    "sub": set(),
    "sup": set(),
    "time": {"datetime"},
    "u": set(),
    "var": set(),
    "wbr": set(),
}
#: Elements that the W3C validator accepts and that readers show; the others lose their tags and keep their text.
_BLOCK: dict[str, set[str]] = {
    "article": set(),
    "aside": set(),
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "caption": set(),
    "col": {"span"},
    "colgroup": {"span"},
    "dd": set(),
    "details": {"open"},
    "div": set(),
    "dl": set(),
    "dt": set(),
    "figcaption": set(),
    "figure": set(),
    "footer": set(),
    "h1": set(),
    "h2": set(),
    "h3": set(),
    "h4": set(),
    "h5": set(),
    "h6": set(),
    "header": set(),
    "hr": set(),
    "li": {"value"},
    "ol": {"start", "type", "reversed"},
    "p": set(),
    "picture": set(),
    "pre": set(),
    "section": set(),
    "source": {"src", "srcset", "type", "media"},
    "summary": set(),
    "table": set(),
    "tbody": set(),
    "td": {"align", "colspan", "rowspan"},
    "tfoot": set(),
    "th": {"align", "colspan", "rowspan", "scope"},
    "thead": set(),
    "tr": set(),
    "ul": set(),
    "video": {"src", "poster", "controls", "width", "height"},
}
_ALL = frozenset(_INLINE | _BLOCK)
_ONE_LINE = frozenset(_INLINE)
_EVERYWHERE = {"title", "lang", "dir"}
#: Their content is not text for people; it goes with them.
_WITH_CONTENT = {
    "script", "style", "iframe", "object", "embed", "applet", "template", "noscript", "noembed", "noframes",
    "svg", "annotation", "annotation-xml", "select", "textarea", "button", "title", "head", "xmp", "plaintext",
}  # fmt: skip


def _code_class(_addresses: Addresses, value: str) -> str | None:
    """Of classes, only that of code says something outside our pages: its language, or that it is a formula."""
    return next((each for each in value.split() if each.startswith("language-") or each == "math"), None)


def _pixels(_addresses: Addresses, value: str) -> str | None:
    number = value.strip().removesuffix("px")
    return number if number.isascii() and number.isdigit() else None


#: What becomes of an attribute's value; the others stay as they are.
_RULES: dict[str, Callable[[Addresses, str], str | None]] = {
    "href": Addresses.follow,
    "src": Addresses.resolve,
    "cite": Addresses.resolve,
    "poster": Addresses.resolve,
    "srcset": Addresses.resolve_candidates,
    "class": _code_class,
    "width": _pixels,
    "height": _pixels,
}


#: Whose page is being cleaned. A cleaner takes 70 µs to build, a tenth of what an article costs in all, so all pages
#: share two, and these ask here; the variable is the thread's own.
_CURRENT: ContextVar[Addresses] = ContextVar("addresses")


def clean_blocks(html: str, addresses: Addresses) -> str:
    """Clean the body of an article. Parsing repairs what is not closed or wrongly nested."""
    return _clean(_cleaner(_ALL), html, addresses)


def clean_inline(html: str, addresses: Addresses) -> str:
    """Clean one line: blocks lose their tags."""
    return _clean(_cleaner(_ONE_LINE), html, addresses)


def _clean(cleaner: nh3.Cleaner, html: str, addresses: Addresses) -> str:
    token = _CURRENT.set(addresses)
    try:
        return cleaner.clean(html)
    finally:
        _CURRENT.reset(token)


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    """The value to write, or None to drop the attribute."""
    rule = _RULES.get(name)
    return value if rule is None else rule(_CURRENT.get(), value)


@cache
def _cleaner(tags: frozenset[str]) -> nh3.Cleaner:
    elements = _INLINE | _BLOCK
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_WITH_CONTENT,
        attributes={"*": _EVERYWHERE} | {tag: elements[tag] for tag in tags if elements[tag]},
        attribute_filter=_keep_attribute,
        url_schemes=set(FOLLOWED_SCHEMES),
        link_rel=None,
    )


# --- what is lost, and what stands for it ----------------------------------------------------------------------------

#: What a feed reader would not run or show; reported, since the author would miss it.
_ACTIVE = re.compile(
    r"<(script|style|iframe|object|embed|applet|form|input|button|select|textarea|svg|math|link|meta|base)\b",
    re.IGNORECASE,
)
_FRAME = re.compile(r"<iframe\b([^<>]*)>", re.IGNORECASE)
_SOURCE = re.compile(r"(?<!\S)src\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_IMAGE = re.compile(r"<img(?P<attributes>[^<>]*)>")


def report_losses(rendered: str, source: str, problems: list[tuple[int | None, str]]) -> None:
    """Add what the author would miss: (0-based line of the source, one sentence)."""
    lowered = source.lower()
    for tag in dict.fromkeys(match[1].lower() for match in _ACTIVE.finditer(rendered)):
        became = _BECAME.get(tag, "was left out")
        problems.append((_line_of(lowered, f"<{tag}"), f"<{tag}> does not work in feed readers and {became}"))


_BECAME = {"iframe": "became a link", "math": "became its text"}


def report_lost_addresses(addresses: Addresses, source: str, problems: list[tuple[int | None, str]]) -> None:
    """Add the links and media that lost their address while the text of ``source`` was cleaned, each kind once."""
    for raw, why in addresses.take_lost():
        line = _line_of(source, raw)
        problems.append((line if line is not None else _line_of(source, unquote(raw)), why))


def _line_of(text: str, needle: str) -> int | None:
    position = text.find(needle)
    return text.count("\n", 0, position) if position >= 0 else None


def link_frames(html: str) -> str:
    """An embedded page (a video, mostly) becomes a link to it. What stands in the element is no text: close it."""
    return _FRAME.sub(_frame_link, html)


def _frame_link(frame: re.Match[str]) -> str:
    source = _SOURCE.search(frame[1])
    url = next(filter(None, source.groups()), "") if source else ""
    return f'<a href="{url}">{url.removeprefix("//")}</a>{frame[0]}' if url else frame[0]


def mend_images(cleaned: str) -> str:
    """An image without an address becomes its description; one without a description says that it has none."""
    return _IMAGE.sub(_mended_image, cleaned) if "<img" in cleaned else cleaned


def _mended_image(image: re.Match[str]) -> str:
    attributes = image["attributes"]
    described = ' alt="' in attributes
    if " src=" in attributes:
        return image[0] if described else f'<img{attributes} alt="">'
    return attributes.partition(' alt="')[2].partition('"')[0]


# --- what needs no sanitiser -----------------------------------------------------------------------------------------

#: A host that every parser of addresses accepts, and what an address may hold without being written otherwise.
_PLAIN_ADDRESS = (
    r"https?://(?:(?!xn--)[a-z0-9-]{1,63}\.)++[a-z]{2,63}(?:[/?#](?:[\w.~:/?#@!$()*+,;=%-]|&amp;|&#x27;)*+)?"
)
_IN_LINK = r"[^<]*+(?:<(?:/?(?:strong|em|code|del|s)|br /)>[^<]*+)*+"
#: Nothing but text, the tags without attributes that Markdown engines write, and links to plain addresses; no link in
#: a link (comrak 0.0.16 writes some for brackets within brackets).
_BARE_TAGS = re.compile(
    r"[^<]*+(?:<(?:/?(?:p|strong|em|li|[uo]l|h[1-6]|blockquote|code|pre|del|s|table|thead|tbody|tr|t[hd]|d[ltd])"
    rf'|[bh]r /|a href="{_PLAIN_ADDRESS}">{_IN_LINK}</a)>[^<]*+)*+',
    re.ASCII,
)
_LINK = re.compile(r'<a href="([^"]*)"')


def clean_bare(html: str, addresses: Addresses) -> str | None:
    """What ``clean_blocks`` would give, in a tenth of its time (150 µs, a quarter of an article); None when in doubt.

    Args:
        html: What a Markdown engine made of text that holds no HTML and no numeric character reference, so it nests
            rightly. When, besides, it has none but bare tags, the sanitiser only spells some characters otherwise.
        addresses: What the addresses in it mean.
    """
    if _BARE_TAGS.fullmatch(html) is None:
        return None
    html = html.replace(" />", ">").replace("\xa0", "&nbsp;")
    if "&" in html:
        html = html.replace("&quot;", '"')
    return _LINK.sub(lambda link: _plain_link(link[1], addresses), html) if "<a " in html else html


def _plain_link(written: str, addresses: Addresses) -> str:
    url = addresses.follow(written.replace("&#x27;", "'").replace("&amp;", "&"))
    return "<a" if url is None else f'<a href="{url.replace("&", "&amp;")}"'


# --- what the sanitiser cannot bear ----------------------------------------------------------------------------------

#: The sanitiser takes quadratic time in the depth of the HTML (20,000 levels: two seconds); no page needs a hundred.
_DEEPEST = 100
#: Below so many tags the depth is not worth measuring: articles have 30 to 400.
_FEW_TAGS = 1_000
#: An unclosed ``<b>`` is opened again in every block that follows: bounds what may be opened, times the tags.
_MOST_REOPENED = 400_000
#: It is quadratic in the character references of one text, too (200,000: a second; 1,000,000: half a minute).
_MOST_REFERENCES = 50_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
#: Elements that hold nothing, or that HTML closes by itself.
_SHALLOW = frozenset(
    {
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
        "param", "source", "tbody", "tfoot", "thead", "tr", "track", "wbr",
    }
)  # fmt: skip
_REOPENED = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
_CELLS = frozenset({"td", "th", "caption"})
#: A closing tag closes nothing outside of these, but for those of a table.
_FENCED_BY = frozenset({"td", "th", "caption", "table", "template", "object", "applet", "marquee"})


def is_excessive(html: str) -> bool:
    """Would cleaning this take long, or give far more than goes in?"""
    if html.count("&") > _MOST_REFERENCES:
        return True
    tags = html.count("<")
    return tags > _FEW_TAGS and (_is_too_deep(html) or _reopened(html) * tags > _MOST_REOPENED)


def as_it_stands(source: str) -> str:
    """Markdown as text, in paragraphs of bounded length (the sanitiser is quadratic in that of a text, too)."""
    parts = (part[start : start + 2_000] for part in source.split("\n\n") for start in range(0, len(part), 2_000))
    return "\n".join(f"<p>{escape(part, quote=False)}</p>" for part in parts if part.strip())


def _is_too_deep(html: str) -> bool:
    """Follows the standard's stack of open elements closely enough that nothing deep stays hidden."""
    open_elements: list[str] = []
    for closing, written in _TAG.findall(html):
        name = written.lower()
        if name in _SHALLOW or name in _REOPENED:
            continue
        if closing:
            _close(open_elements, name)
            continue
        if name in _CELLS:
            _close_cell(open_elements)
        open_elements.append(name)
        if len(open_elements) > _DEEPEST:
            return True
    return False


def _close(open_elements: list[str], name: str) -> None:
    """Close the element, and with it all that stand open inside."""
    for index in range(len(open_elements) - 1, -1, -1):
        if open_elements[index] == name:
            del open_elements[index:]
            return
        if open_elements[index] in _FENCED_BY and name != "table":
            return


def _close_cell(open_elements: list[str]) -> None:
    """A cell closes the one before it."""
    for index in range(len(open_elements) - 1, -1, -1):
        if open_elements[index] in _CELLS:
            del open_elements[index:]
            return
        if open_elements[index] == "table":
            return


def _reopened(html: str) -> int:
    """The most elements that stand open at once and that HTML opens again wherever they were not closed."""
    open_now: Counter[str] = Counter()
    most = 0
    for closing, written in _TAG.findall(html):
        name = written.lower()
        if name not in _REOPENED:
            continue
        open_now[name] = max(0, open_now[name] + (-1 if closing else 1))
        if not closing:
            most = max(most, open_now.total())
    return most
