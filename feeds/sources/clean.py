"""Make what strangers wrote safe: plain text, HTML by an allow-list, absolute http(s) addresses. Pure."""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import cache
from html import escape, unescape
from typing import NamedTuple

import nh3

from feeds.urls import clean_url

#: Longer addresses are data, and servers refuse them (most at 8 KiB).
MAX_URL = 4_096
#: Characters of HTML that are read; the rest is cut, and what is left open is closed. Real articles stay below half.
MAX_CONTENT = 500_000

#: Elements that carry text and no attributes of their own.
_PLAIN = frozenset({
    "abbr", "b", "bdi", "big", "br", "caption", "center", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "p", "picture",
    "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "tfoot", "thead", "tr", "tt", "u", "ul", "var", "wbr",
})  # fmt: skip
#: All elements that stay, and the attributes that are kept; of others the tags go and the text stays.
_ELEMENTS: dict[str, frozenset[str] | set[str]] = {
    **dict.fromkeys(_PLAIN, frozenset()),
    "a": {"href"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
    "video": {"src", "poster", "controls", "width", "height"},
}
_EVERYWHERE = {"title", "lang", "dir"}
#: Their content is not text for people; it goes with them.
_WITH_CONTENT = {
    "script", "style", "iframe", "object", "embed", "applet", "template", "noscript", "noembed", "noframes",
    "svg", "math", "select", "textarea", "button", "title", "head", "xmp", "plaintext",
}  # fmt: skip
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})
_SCHEMES = {"http", "https", "mailto"}


def web_url(raw: str, base: str | None = None) -> str | None:
    """The absolute http(s) address that is meant; None for other schemes, and for relative ones without ``base``.

    Never ``javascript:`` in any spelling: what is no http(s) address comes out as None.
    """
    if not raw or len(raw) > MAX_URL:
        return None
    url = clean_url(resolved(raw) if _ESCAPED_AMPERSAND.search(raw) else raw, base)
    return url if url is not None and len(url) <= MAX_URL and not _is_bare(raw) else None


#: An address that was escaped once too often.
_ESCAPED_AMPERSAND = re.compile(r"&amp;|&#")


def _is_bare(raw: str) -> bool:
    """``//`` alone or white space: no reference to anything."""
    return not raw.strip(" \t\r\n/#")


def resolved(text: str) -> str:
    """Text with its character references and HTML's entities resolved; one to a number of 5,000 digits is nothing."""
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:
        return unescape(_ENDLESS.sub("", text))


#: Unicode's last character has seven digits.
_ENDLESS = re.compile(r"&#\d{8,}+;?")


# -- HTML ------------------------------------------------------------------------------------------------------------

#: What addresses in the text at hand are relative to. A cleaner takes longer to build than to use, so that all texts
#: share one, and it asks here; the variable is the thread's own.
_BASE: ContextVar[str | None] = ContextVar("base")


def clean_html(html: str, base: str | None) -> str:
    """Keep of HTML what is safe in a reader, with absolute addresses; parsing closes what is open."""
    token = _BASE.set(base)
    try:
        return _cleaner().clean(html[:MAX_CONTENT]).strip()
    finally:
        _BASE.reset(token)


def html_of_text(text: str) -> str:
    """Plain text as HTML: escaped, with its lines."""
    return escape(text[:MAX_CONTENT].strip(), quote=False).replace("\n", "<br>\n")


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    """The value to write, or None to drop the attribute."""
    if name not in _ADDRESSES:
        return value
    if value[:7].lower() == "mailto:":
        return value
    return web_url(value, _BASE.get())


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_ELEMENTS),
        clean_content_tags=_WITH_CONTENT,
        attributes={"*": _EVERYWHERE} | {tag: set(names) for tag, names in _ELEMENTS.items() if names},
        attribute_filter=_keep_attribute,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


# -- text ------------------------------------------------------------------------------------------------------------

#: What is no text, with what it holds; one that nobody closes runs to the end, as in HTML.
_UNREAD = re.compile(r"<(script|style|template|iframe)\b(?s:.*?)(?:</\1\s*>|\Z)|<!--(?s:.*?)(?:-->|\Z)", re.IGNORECASE)
#: Tags within a line; all others stand between words. Sorted by first letter, which makes it twice as fast.
_WITHIN_WORDS = re.compile(
    r"</?(?:a(?:bbr)?|b(?:d[io]|ig)?|c(?:ite|ode)|d(?:el|fn)|em|font|i(?:ns)?|kbd|mark|q|r(?:p|t|uby)"
    r"|s(?:amp|mall|pan|trike|trong|u[bp])?|t(?:ime|t)|u|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
#: In a title ``<vector>`` is a word; these are markup.
_KNOWN_TAG = re.compile(
    rf"</?(?:{'|'.join(_ELEMENTS)}|font|iframe|link|meta|object|embed|svg|form|input|button|section|article)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: Nothing to see, or marks that turn the direction: a title must not reverse the page around it.
_INVISIBLE = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]+")


class Written(NamedTuple):
    """A text as a feed has it."""

    value: str
    #: It is HTML for certain, or text for certain; None when the format leaves that open, as RSS does in titles.
    is_html: bool | None = None
    #: The ``xml:base`` that holds for it, absolute; None without one.
    base: str | None = None


def one_line(text: str, limit: int) -> str:
    """Plain text on one line, cut with ``…``."""
    text = " ".join(text[: limit * 4].split())
    if not text.isprintable():
        text = " ".join(_CONTROLS.sub(" ", _INVISIBLE.sub("", text)).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain_text(written: Written, limit: int) -> str:
    """The words that a person reads, on one line: markup and entities resolved, scripts left out."""
    if written.is_html is False:
        return one_line(written.value, limit)
    text = written.value[:MAX_CONTENT]
    if "<" in text:
        text = _without_tags(text) if written.is_html else _without_known_tags(text)
    return one_line(resolved(text), limit)


def words_of(clean: str) -> str:
    """The words of HTML that ``clean_html`` made, on one line."""
    text = _TAG.sub(" ", _WITHIN_WORDS.sub("", clean)) if "<" in clean else clean
    return one_line(resolved(text), MAX_CONTENT)


def _without_tags(html: str) -> str:
    return _TAG.sub(" ", _WITHIN_WORDS.sub("", _UNREAD.sub(" ", html)))


def _without_known_tags(text: str) -> str:
    return _KNOWN_TAG.sub(" ", _WITHIN_WORDS.sub("", _UNREAD.sub(" ", text)))
