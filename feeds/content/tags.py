"""Tags of Jekyll (Liquid), Hexo (tag plugins) and Zola (shortcodes): ``{% name … %}`` and ``{{ … }}``, read one by one.

https://jekyllrb.com/docs/liquid/tags/ https://hexo.io/docs/tag-plugins https://www.getzola.org/documentation/content/shortcodes/
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct

from feeds.content.rules import PageFacts
from feeds.content.shortcodes import Call, Tools, attribute, figure, link

#: Who would have to run a tag.
GENERATORS = {"": "a site generator", "hugo": "Hugo", "jekyll": "Jekyll", "hexo": "Hexo", "zola": "Zola"}


class Verbatim(Struct, frozen=True):
    """All up to a closing tag is no Markdown of the article."""

    #: Name of the closing tag.
    closing: str
    #: What becomes of it: ``code``, ``as it stands``, ``nothing``.
    becomes: str
    language: str = ""


class Told(Struct, frozen=True):
    """A tag that cannot be followed: what stands in its place, and the sentence about it."""

    text: str
    why: str


#: Markdown in place of the tag; or one of the above; or a call of a shortcode; or None for a tag that nobody knows.
Meaning = str | Verbatim | Told | Call | None

_STRING = r"\"[^\"]*+\"|'[^']*+'"
_WORD = re.compile(rf"(?:([\w-]+)[=:](?!//))?({_STRING}|[^\s\"']++)")
_ZOLA_CALL = re.compile(r"(?:[\w-]+::)*([\w-]+)\s*\((.*)\)\s*", re.DOTALL)
_ZOLA_ARGUMENT = re.compile(rf"([\w-]+)\s*=\s*({_STRING}|`[^`]*+`|[^\s,\"'`]++)")
_URL = re.compile(r"https?://\S+|/\S*")
_NUMBER = re.compile(r"\d{1,5}")


def zola_call(inside: str) -> Call | None:
    """``youtube(id="x", autoplay=true)``; None when it is no call."""
    found = _ZOLA_CALL.fullmatch(inside.strip())
    if found is None:
        return None
    named = {key.lower(): _unquoted(value) for key, value in _ZOLA_ARGUMENT.findall(found[2])}
    return Call(found[1].lower(), (), named)


def read_statement(inside: str, dialect: str, tools: Tools) -> Meaning:
    """What ``{% inside %}`` means; closing tags (``endx``, ``end``) are the caller's."""
    if dialect in {"", "zola"} and (call := zola_call(inside)) is not None:
        return call
    name, _, rest = inside.strip().partition(" ")
    known = _STATEMENTS.get(name.lower())
    if known is not None:
        return known(rest.strip(), tools)
    if name in _CONTROLS:
        return Told("", f"the tag {name} needs {GENERATORS.get(dialect, GENERATORS[''])}; what stands inside was kept")
    return None if not dialect or not re.fullmatch(r"[\w-]+", name) else _call(name, rest)


def read_output(inside: str, dialect: str, page: PageFacts) -> str | None:
    """The text that ``{{ inside }}`` gives, as far as that is known; None when it is not."""
    expression, *filters = (part.strip() for part in inside.split("|"))
    home = page.site_url.rstrip("/") or "/".join(page.url.split("/")[:3])
    if re.fullmatch(_STRING, expression):
        text = expression[1:-1]
        if {"relative_url", "absolute_url"}.intersection(filters):
            return f"{home}/{text.lstrip('/')}"
        return html.escape(text, quote=False)
    if expression == "site.baseurl" or (expression == "site.url" and not urlsplit(home).path):
        return home
    if expression == "site.url":
        return "/".join(home.split("/")[:3])
    return page.url if expression == "page.url" and dialect else None


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in {'"', "'", "`"} else value


def _words(rest: str) -> tuple[list[str], dict[str, str]]:
    positional: list[str] = []
    named: dict[str, str] = {}
    for key, value in _WORD.findall(rest):
        if key:
            named[key.lower()] = _unquoted(value)
        else:
            positional.append(_unquoted(value))
    return positional, named


def _call(name: str, rest: str) -> Call:
    positional, named = _words(rest)
    return Call(name.lower(), tuple(positional), named)


# --- code, and what is none of the text ------------------------------------------------------------------------------


def _highlight(rest: str, _tools: Tools) -> Meaning:
    return Verbatim("endhighlight", "code", next(iter(rest.split()), ""))


def _codeblock(rest: str, _tools: Tools) -> Meaning:
    return Verbatim("endcodeblock", "code", _words(rest)[1].get("lang", ""))


def _verbatim(closing: str, becomes: str) -> Callable[[str, Tools], Meaning]:
    return lambda _rest, _tools: Verbatim(closing, becomes)


# --- links to articles -----------------------------------------------------------------------------------------------


def _address_of(rest: str, tools: Tools) -> Meaning:
    """``{% post_url 2020-01-01-x %}`` stands where an address does."""
    name = _unquoted(rest.strip())
    found = tools.address(name)
    return found or Told("", f"no article is known at {name[:100]!r}; the link was left out")


def _link(rest: str, tools: Tools) -> Meaning:
    """Jekyll's names a file, Hexo's has words and an address."""
    words, _ = _words(rest)
    if len(words) > 1 and (url := next(filter(_URL.fullmatch, words), "")):
        return link(url, " ".join(words[: words.index(url)]) or url)
    return _address_of(rest, tools)


def _post_link(rest: str, tools: Tools) -> Meaning:
    words, _ = _words(rest)
    if not words:
        return Told("", "the tag post_link names no article and was left out")
    name, *title = [word for word in words if word not in {"true", "false"}] or words
    text = " ".join(title) or tools.title(name) or name.rpartition("/")[2]
    if found := tools.address(name):
        return link(found, text)
    return Told(attribute(text), f"no article is known at {name[:100]!r}; the link was left out")


# --- things beside the article ---------------------------------------------------------------------------------------


def _asset_image(rest: str, tools: Tools) -> Meaning:
    """``{% asset_img class file.png 10 20 "title" "alt" %}``, and ``img`` likewise."""
    words, _ = _words(rest)
    at = next((number for number, word in enumerate(words) if "." in word or _URL.fullmatch(word)), None)
    if at is None:
        return Told("", "the tag of an image names none and was left out")
    sizes = [word for word in words[at + 1 : at + 3] if _NUMBER.fullmatch(word)]
    described = [word for word in words[at + 1 + len(sizes) :] if word]
    named = {"src": words[at], "alt": described[-1] if described else ""}
    return figure(Call("figure", (), named | dict(zip(("width", "height"), sizes, strict=False))), tools)


def _asset_link(rest: str, _tools: Tools) -> Meaning:
    words, _ = _words(rest)
    return link(words[0], " ".join(words[1:]) or words[0]) if words else ""


def _asset_path(rest: str, _tools: Tools) -> Meaning:
    return "".join(_words(rest)[0][:1])


def _frame(rest: str, _tools: Tools) -> Meaning:
    words, _ = _words(rest)
    return link(words[0], words[0]) if words else ""


def _service(name: str) -> Callable[[str, Tools], Meaning]:
    return lambda rest, _tools: _call(name, rest)


def _include(rest: str, _tools: Tools) -> Meaning:
    """``{% include figure.html src="a.png" caption="…" %}``: a call by the name of the file."""
    words, named = _words(rest)
    name = words[0].rpartition("/")[2].partition(".")[0] if words else ""
    if not name or len(words) + len(named) < 2:
        return Told("", f"what {rest[:60]!r} includes is not known; it was left out")
    return Call(name.lower(), tuple(words[1:]), named)


def _blockquote(rest: str, _tools: Tools) -> Meaning:
    """``{% blockquote author[, source] [link] [title of the link] %}``."""
    named: dict[str, str] = {}
    before, url, after = rest, "", ""
    if (found := re.search(r"(?<!\S)https?://\S+", rest)) is not None:
        before, url, after = rest[: found.start()], found[0], rest[found.end() :]
    author, _, source = before.partition(",")
    named = {"author": _unquoted(author.strip()), "link": url, "source": _unquoted((after or source).strip())}
    return Call("blockquote", (), {key: value for key, value in named.items() if value})


#: Their tags cannot be followed, and what stands between them is text.
_CONTROLS = frozenset(
    {
        "if", "elsif", "elseif", "elif", "else", "unless", "for", "case", "when", "break", "continue", "cycle",
        "tablerow", "increment", "decrement", "assign", "set", "layout", "seo", "block", "extends",
    }
)  # fmt: skip

_STATEMENTS: dict[str, Callable[[str, Tools], Meaning]] = {
    "highlight": _highlight,
    "codeblock": _codeblock,
    "code": lambda rest, _tools: Verbatim("endcode", "code", _words(rest)[1].get("lang", "")),
    "raw": _verbatim("endraw", "as it stands"),
    "verbatim": _verbatim("endverbatim", "as it stands"),
    "comment": _verbatim("endcomment", "nothing"),
    "capture": _verbatim("endcapture", "nothing"),
    "post_url": _address_of,
    "post_path": _address_of,
    "link": _link,
    "post_link": _post_link,
    "asset_img": _asset_image,
    "img": _asset_image,
    "image": _asset_image,
    "asset_link": _asset_link,
    "asset_path": _asset_path,
    "iframe": _frame,
    "include": _include,
    "include_relative": _include,
    "include_cached": _include,
    "blockquote": _blockquote,
    "quote": _blockquote,
    "pullquote": lambda _rest, _tools: Call("pullquote"),
    **{name: _service(name) for name in ("youtube", "vimeo", "gist")},
}
