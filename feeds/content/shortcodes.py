"""What shortcodes mean without the site's generator: Hugo's own, those of usual themes, and tags of other generators.

https://gohugo.io/content-management/shortcodes/ What each becomes is Markdown with raw HTML in it, not yet safe.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from msgspec import Struct, field

#: A string that nobody closes runs to the end: no second try, so the time stays linear.
_ARGUMENT = re.compile(
    r"(?:(?P<key>[\w-]+)\s*=\s*)?"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*+)\\?(?:"|\Z)|`(?P<raw>[^`]*+)(?:`|\Z)|(?P<bare>[^\s"`=]++))',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)")
_GIST_ID = re.compile(r"[0-9a-f]{5,64}\Z")
_NAME = re.compile(r"[\w./-]+\Z")
#: Ids of the services linked to below are letters, digits, ``-`` and ``_``.
_SERVICE_ID = re.compile(r"[\w-]{1,64}\Z", re.ASCII)


class Call(Struct, frozen=True):
    """One ``{{< name 0 1 key="value" >}}``, or what other generators write for it."""

    name: str
    positional: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)

    def get(self, key: str, position: int | None = None) -> str:
        """The argument of that name, else the one at that place, else nothing."""
        if key in self.named:
            return self.named[key]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return ""


class Tools(Struct, frozen=True):
    """What an expansion may ask for."""

    #: One line of Markdown -> HTML without blocks, not yet safe.
    inline: Callable[[str], str]
    #: A reference to an article -> its absolute address, or None.
    address: Callable[[str], str | None]
    #: A reference to an article -> its title, or None.
    title: Callable[[str], str | None]


def read_call(inside: str) -> Call | None:
    """The name and arguments of one of Hugo's, or None when there is no name."""
    if not inside.strip():
        return None
    name, *rest = inside.split(None, 1)
    if not _NAME.match(name):
        return None
    positional: list[str] = []
    named: dict[str, str] = {}
    for argument in _ARGUMENT.finditer("".join(rest)):
        value = _argument_value(argument)
        if argument["key"]:
            named[argument["key"].lower()] = value
        else:
            positional.append(value)
    return Call(name.lower().removesuffix(".html"), tuple(positional), named)


def _argument_value(argument: re.Match[str]) -> str:
    if argument["quoted"] is not None:
        return _ESCAPED.sub(r"\1", argument["quoted"])
    return argument["raw"] if argument["raw"] is not None else argument["bare"]


def attribute(value: str) -> str:
    """A value for a double-quoted attribute; no line break, since a blank line would end the HTML block."""
    return html.escape(" ".join(value.split()))


def link(url: str, text: str) -> str:
    """A link as raw HTML; both are plain text."""
    return f'<a href="{attribute(url)}">{attribute(text)}</a>'


# --- what nobody knows -----------------------------------------------------------------------------------------------

#: Parameters whose values are words for people, in the order in which they are read.
_WORDS = (
    "title", "heading", "header", "subtitle", "label", "name", "text", "content", "body", "message", "msg", "caption",
    "summary", "description", "desc", "alt", "tooltip", "tip", "term", "quote", "author", "source",
)  # fmt: skip
_TARGETS = ("href", "url", "link", "relref")
#: Of a block that holds text of its own these stand above it.
_HEADINGS = frozenset({"title", "heading", "header", "label", "name", "summary", "caption"})
#: ``New`` is a word, ``github`` or ``fa-solid`` the name of an icon; a blank or a letter that is not Latin tells too.
_PROSE = re.compile(r"[A-Z][a-z]*[.!?]?\Z|(?=.*[\s\u0370-\uffff])(?=.*[^\W\d_]).*\Z", re.DOTALL)
_IMAGE_NAME = re.compile(r"[^\s<>\"]{1,500}\.(?:png|jpe?g|gif|webp|avif|svg)(?:\?\S*)?\Z", re.IGNORECASE)
_IMAGE_SOURCES = ("src", "image_path", "image", "img", "path", "file", "url")
#: Their arguments are no text: names of settings, of files, of pages.
_WORDLESS = frozenset({"param", "qr", "readfile", "include", "toc", "math", "katex", "icon", "fa"})


def words_of(call: Call, *, is_pair: bool) -> str:
    """The words for people in a shortcode that nobody knows, as HTML; of a pair, what stands above its text."""
    if call.name in _WORDLESS:
        return ""
    if is_pair:
        titles = [call.named[key] for key in _WORDS if key in _HEADINGS and call.named.get(key, "").strip()]
        return f"<strong>{attribute(titles[0])}</strong>" if titles else ""
    found = [call.named[key] for key in _WORDS if call.named.get(key, "").strip()]
    if not found and len(call.positional) == 1 and _PROSE.match(call.positional[0]):
        found = [call.positional[0]]
    target = next((call.named[key] for key in _TARGETS if call.named.get(key)), "")
    if found and target and not _IMAGE_NAME.match(target):
        return link(target, found[0]) + "".join(f" {attribute(each)}" for each in found[1:])
    return " ".join(map(attribute, dict.fromkeys(found)))


def image_of(call: Call) -> Call | None:
    """The call as a figure, when it shows an image: ``{% include figure.html image_path="a.png" caption="…" %}``."""
    for key in _IMAGE_SOURCES:
        if _IMAGE_NAME.match(call.named.get(key, "")):
            return Call("figure", (), {**call.named, "src": call.named[key]})
    return None


# --- what each becomes -----------------------------------------------------------------------------------------------


def _service(
    label: str, prefix: str, *, key: str = "id", user: str | None = None, suffix: str = ""
) -> Callable[[Call, Tools], str | None]:
    """A shortcode that embeds something of another site becomes a link to its page there."""

    def expand(call: Call, _tools: Tools) -> str | None:
        who = call.get(user) if user else ""
        found = call.get(key, 0)
        if not _SERVICE_ID.match(found) or (who and not _SERVICE_ID.match(who)):
            return None
        address = prefix.replace("{user}", who or "i") + found + suffix
        return link(address, call.get("title") or f"{label}: {found}")

    return expand


def _bilibili(call: Call, _tools: Tools) -> str | None:
    """Videos are named BV…, or by the older plain number."""
    found = call.get("bvid") or call.get("id", 0)
    if not _SERVICE_ID.match(found):
        return None
    name = f"av{found}" if found.isdigit() else found
    return link(f"https://www.bilibili.com/video/{name}", call.get("title") or f"哔哩哔哩: {name}")


def _gist(call: Call, _tools: Tools) -> str | None:
    """By user and id (Hugo), ``user/id`` (Jekyll), id alone (Hexo), or the whole address (Zola)."""
    if (url := call.get("url")).startswith("https://gist.github.com/"):
        return link(url, f"GitHub Gist: {url.removeprefix('https://gist.github.com/')}")
    names = [*call.get("user", 0).split("/"), call.get("id", 1)]
    names = [name for name in names if name][:2]
    if not all(map(_SERVICE_ID.match, names)) or (len(names) < 2 and not _GIST_ID.match("".join(names))):
        return None
    return link(f"https://gist.github.com/{'/'.join(names)}", f"GitHub Gist: {'/'.join(names)}")


def figure(call: Call, tools: Tools) -> str | None:
    """https://gohugo.io/shortcodes/figure/ An image without a description of its own is described by its caption."""
    source = call.get("src", 0)
    if not source:
        return None
    title, caption, credit = (" ".join(call.get(key).split()) for key in ("title", "caption", "attr"))
    shown = tools.inline(caption) if caption else ""
    description = call.get("alt") or _plain(shown) or title
    sizes = "".join(f' {key}="{attribute(call.get(key))}"' for key in ("width", "height") if call.get(key))
    image = f'<img src="{attribute(source)}" alt="{attribute(description)}"{sizes}>'
    if call.get("link"):
        image = f'<a href="{attribute(call.get("link"))}">{image}</a>'
    credit = tools.inline(credit) if credit else ""
    if credit and call.get("attrlink"):
        credit = f'<a href="{attribute(call.get("attrlink"))}">{credit}</a>'
    heading = f"<h4>{attribute(title)}</h4>" if title else ""
    line = " ".join(filter(None, (shown, credit)))
    words = heading + (f"<p>{line}</p>" if line else "")
    return f"<figure>{image}{f'<figcaption>{words}</figcaption>' if words else ''}</figure>"


_ANY_TAG = re.compile(r"<[^<>]*>")


def _plain(inline_html: str) -> str:
    return html.unescape(_ANY_TAG.sub("", inline_html))


def _medium(tag: str) -> Callable[[Call, Tools], str | None]:
    """Audio and video files play in readers that can; the others show the link inside."""

    def expand(call: Call, _tools: Tools) -> str | None:
        source = call.get("src", 0)
        if not source:
            return None
        poster = f' poster="{attribute(call.get("poster"))}"' if call.get("poster") else ""
        words = link(source, call.get("title") or call.get("caption") or source.rpartition("/")[2])
        return f'<{tag} controls src="{attribute(source)}"{poster}>{words}</{tag}>'

    return expand


def _details(call: Call, _tools: Tools) -> str:
    summary = call.get("summary", 0) or call.get("title") or "…"
    return f"\n\n<details>\n<summary>{attribute(summary)}</summary>\n\n"


def _box(call: Call, _tools: Tools) -> str:
    """A coloured box of a theme becomes a quotation under its title (or its kind: ``notice warning``)."""
    title = call.get("title", 1) or call.get("type", 0) or call.name
    return f"\n\n<blockquote>\n<p><strong>{attribute(title)}</strong></p>\n\n"


def _quotation(_call: Call, _tools: Tools) -> str:
    return "\n\n<blockquote>\n\n"


def _nothing(_call: Call, _tools: Tools) -> str:
    return ""


def _closing_quotation(call: Call) -> str:
    """Who said it, and where, below what was said."""
    who, where = call.get("author"), call.get("source") or call.get("cite")
    address = call.get("link") or call.get("url")
    named = link(address, where or address) if address else attribute(where)
    line = ", ".join(filter(None, (f"<strong>{attribute(who)}</strong>" if who else "", named)))
    return f"\n\n<footer>{line}</footer>\n</blockquote>\n\n" if line else "\n\n</blockquote>\n\n"


_BOXES = ("notice", "admonition", "alert", "callout", "hint", "tip", "note", "info", "warning", "danger", "important")
_FOLDS = ("details", "expand", "collapse", "spoiler")
_TWEET = _service("X", "https://x.com/{user}/status/", user="user")

#: Shortcodes whose inner text is code; their first argument is its language.
VERBATIM = frozenset({"highlight", "mermaid"})
#: Shortcodes that change nothing about the text in them.
TRANSPARENT = frozenset({"rawhtml", "html"})
#: Shortcodes that are the address of an article.
REFERENCES = frozenset({"ref", "relref"})

#: What an opening (or only) shortcode becomes; None when its arguments say nothing. Hugo's own and the usual themes'.
OPENERS: dict[str, Callable[[Call, Tools], str | None]] = {
    "figure": figure,
    "img": figure,
    "image": figure,
    "audio": _medium("audio"),
    "video": _medium("video"),
    "youtube": _service("YouTube", "https://www.youtube.com/watch?v="),
    "youtubelite": _service("YouTube", "https://www.youtube.com/watch?v="),
    "vimeo": _service("Vimeo", "https://vimeo.com/"),
    "vimeo_simple": _service("Vimeo", "https://vimeo.com/"),
    "streamable": _service("Streamable", "https://streamable.com/"),
    "bilibili": _bilibili,
    "tweet": _TWEET,
    "twitter": _TWEET,
    "twitter_simple": _TWEET,
    "x": _TWEET,
    "x_simple": _TWEET,
    "instagram": _service("Instagram", "https://www.instagram.com/p/", suffix="/"),
    "gist": _gist,
    "rawhtml": _nothing,
    "html": _nothing,
    "quote": _quotation,
    "blockquote": _quotation,
    "pullquote": _quotation,
    **dict.fromkeys(_FOLDS, _details),
    **dict.fromkeys(_BOXES, _box),
}


def _closes_with(text: str) -> Callable[[Call], str]:
    return lambda _call: text


#: What a closing one becomes, told what opened it (a call without arguments when nobody did).
CLOSERS: dict[str, Callable[[Call], str]] = {
    **dict.fromkeys(TRANSPARENT, _closes_with("")),
    **dict.fromkeys(("quote", "blockquote", "pullquote"), _closing_quotation),
    **dict.fromkeys(_BOXES, _closes_with("\n\n</blockquote>\n\n")),
    **dict.fromkeys(_FOLDS, _closes_with("\n\n</details>\n\n")),
}
