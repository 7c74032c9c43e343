"""Expand Hugo shortcodes as far as they mean something without Hugo; remove the others and say so.

https://gohugo.io/content-management/shortcodes/ Hugo expands shortcodes in code, too; there we print them, since an
article that shows one means it. Only ``{{</* … */>}}``, Hugo's way to show one, is reduced to ``{{< … >}}`` everywhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from msgspec import Struct, field

#: Fenced blocks (to the end of the text when nobody closes them) and code spans. A span longer than 1,000 characters
#: is not looked for, which bounds what a text of nothing but backticks costs.
_CODE = (
    r"^[ >]{0,8}(?P<ticks>`{3,})[^`\n]*$(?s:.*?)(?:^[ >]{0,8}(?P=ticks)`*[ \t]*$|\Z)"
    r"|^[ >]{0,8}(?P<tildes>~{3,})[^\n]*$(?s:.*?)(?:^[ >]{0,8}(?P=tildes)~*[ \t]*$|\Z)"
    r"|(?<!`)(?P<span>`+)(?!`)[^\n]{1,1000}?(?<!`)(?P=span)(?!`)"
)
#: What stands between the braces holds no second opening, so a text of nothing but openings costs one look at each.
#: A backslash before them escapes the braces.
_TAG = r"(?P<escape>\\?)\{\{(?P<open>[<%])(?P<inside>(?s:(?!\{\{|[>%]\}\}).)*)(?P<close>[>%])\}\}"
_TOKEN = re.compile(f"(?P<code>{_CODE})|{_TAG}", re.MULTILINE)
_COMMENT = re.compile(r"\{\{([<%])/\*((?:(?!\*/).)*)\*/([>%])\}\}")
#: A string that nobody closes runs to the end: no second try, so the time stays linear.
_ARGUMENT = re.compile(
    r"(?:(?P<key>[\w-]+)\s*=\s*)?"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)\\?(?:"|\Z)|`(?P<raw>[^`]*)(?:`|\Z)|(?P<bare>[^\s"`=]+))',
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)")
#: Ids of the services linked to below are letters, digits, ``-`` and ``_``.
_SERVICE_ID = re.compile(r"[\w-]{1,64}\Z", re.ASCII)


class Expanded(Struct, frozen=True):
    """Markdown without shortcodes, and what was lost: (0-based line, one sentence)."""

    body: str
    problems: tuple[tuple[int, str], ...] = ()


class _Call(Struct, frozen=True):
    """One ``{{< name 0 1 key="value" >}}``."""

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


def expand_shortcodes(body: str) -> Expanded:
    """Expand what has a meaning without a site build; drop the rest, keep the text inside, and report it.

    Code spans and fenced blocks stay as they are. The result is Markdown with raw HTML in it, not yet safe.
    """
    if "{{" not in body or ("{{<" not in body and "{{%" not in body):
        return Expanded(body)
    expansion = _Expansion(body)
    expansion.run()
    return Expanded("".join(expansion.parts), tuple(expansion.problems))


class _Expansion:
    """One walk over one text; ``parts`` is the result so far."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.parts: list[str] = []
        self.problems: list[tuple[int, str]] = []
        #: Verbatim shortcodes that nobody closes from here on: looked for once, or the time would be quadratic.
        self._unclosed: set[str] = set()
        self._line = 0
        self._counted = 0

    def run(self) -> None:
        """Walk from token to token; the text between two stays."""
        position = 0
        while match := _TOKEN.search(self.body, position):
            self.parts.append(self.body[position : match.start()])
            position = self._expand(match)
        self.parts.append(self.body[position:])

    def _expand(self, match: re.Match[str]) -> int:
        """Append what the token becomes; return where to go on."""
        inside = (match["inside"] or "").strip()
        if match["code"]:
            self.parts.append(_COMMENT.sub(r"{{\1\2\3}}", match[0]))
        elif match["escape"]:
            self.parts.append(html.escape(match[0], quote=False))
        elif inside.startswith("/*"):
            self.parts.append(_shown(match))
        elif inside.startswith("/"):
            self._close(inside[1:].strip(), match.start())
        elif call := _read_call(inside.removesuffix("/")):
            return self._open(call, match)
        else:
            self.parts.append(html.escape(match[0], quote=False))
        return match.end()

    def _open(self, call: _Call, match: re.Match[str]) -> int:
        if call.name in _VERBATIM:
            return self._verbatim(call, match)
        text = _OPENERS[call.name](call) if call.name in _OPENERS else None
        if text is None:
            why = "could not be read" if call.name in _OPENERS else "needs Hugo"
            self._report(match.start(), f"the shortcode {call.name} {why} and was left out")
        else:
            self.parts.append(text + "\n" * self._stands_alone(match))
        return match.end()

    def _stands_alone(self, match: re.Match[str]) -> bool:
        """A line of its own ends with a blank one, or CommonMark takes the next line for more of the same HTML."""
        return self.body[max(0, match.start() - 1) : match.start()] in {"", "\n"} and self.body[
            match.end() : match.end() + 1
        ] in {"", "\n"}

    def _close(self, name: str, position: int) -> None:
        """Closings are expanded by themselves: a missing one costs nothing, the sanitiser closes what is open."""
        if name not in _CLOSERS and name in _OPENERS:
            self._report(position, f"the shortcode {name} has no inner text; its closing tag was left out")
        self.parts.append(_CLOSERS.get(name, ""))

    def _verbatim(self, call: _Call, match: re.Match[str]) -> int:
        """What stands inside is code: nothing in it is expanded, and the fence is longer than any in it."""
        closing = None
        if call.name not in self._unclosed:
            closing = _VERBATIM[call.name].search(self.body, match.end())
        if closing is None:
            self._unclosed.add(call.name)
            self._report(match.start(), f"the shortcode {call.name} is not closed and was left out")
            return match.end()
        code = self.body[match.end() : closing.start()].strip("\n")
        longest = max(map(len, re.findall("`+", code)), default=0)
        fence = "`" * max(3, longest + 1)
        language = call.get("lang", 0) or call.name
        self.parts.append(f"\n\n{fence}{language}\n{code}\n{fence}\n\n")
        return closing.end()

    def _report(self, position: int, sentence: str) -> None:
        self._line += self.body.count("\n", self._counted, position)
        self._counted = position
        self.problems.append((self._line, sentence))


def _read_call(inside: str) -> _Call | None:
    """The name and arguments, or None when there is no name."""
    if not inside.strip():
        return None
    name, *rest = inside.split(None, 1)
    if not re.match(r"[\w./-]+\Z", name):
        return None
    positional: list[str] = []
    named: dict[str, str] = {}
    for argument in _ARGUMENT.finditer("".join(rest)):
        value = _argument_value(argument)
        if argument["key"]:
            named[argument["key"].lower()] = value
        else:
            positional.append(value)
    return _Call(name.lower().removesuffix(".html"), tuple(positional), named)


def _argument_value(argument: re.Match[str]) -> str:
    if argument["quoted"] is not None:
        return _ESCAPED.sub(r"\1", argument["quoted"])
    return argument["raw"] if argument["raw"] is not None else argument["bare"]


def _shown(match: re.Match[str]) -> str:
    """``{{</* x */>}}`` as the text that Hugo prints for it."""
    inside = match["inside"].strip().removeprefix("/*").removesuffix("*/")
    return html.escape(f"{{{{{match['open']}{inside}{match['close']}}}}}", quote=False)


def _attribute(value: str) -> str:
    """A value for a double-quoted attribute; no line break, since a blank line would end the HTML block."""
    return html.escape(" ".join(value.split()))


def _link(url: str, text: str) -> str:
    return f'<a href="{_attribute(url)}">{_attribute(text)}</a>'


def _service(
    label: str, prefix: str, *, key: str = "id", user: str | None = None, suffix: str = ""
) -> Callable[[_Call], str | None]:
    """A shortcode that embeds something of another site becomes a link to its page there."""

    def expand(call: _Call) -> str | None:
        who = call.get(user) if user else ""
        found = call.get(key, 0)
        if not _SERVICE_ID.match(found) or (who and not _SERVICE_ID.match(who)):
            return None
        address = prefix.replace("{user}", who or "i") + found + suffix
        return _link(address, call.get("title") or f"{label}: {found}")

    return expand


def _bilibili(call: _Call) -> str | None:
    """Videos are named BV…, or by the older plain number."""
    found = call.get("bvid") or call.get("id", 0)
    if not _SERVICE_ID.match(found):
        return None
    name = f"av{found}" if found.isdigit() else found
    return _link(f"https://www.bilibili.com/video/{name}", call.get("title") or f"哔哩哔哩: {name}")


def _gist(call: _Call) -> str | None:
    who, found = call.get("user", 0), call.get("id", 1)
    if not (_SERVICE_ID.match(who) and _SERVICE_ID.match(found)):
        return None
    return _link(f"https://gist.github.com/{who}/{found}", f"GitHub Gist: {who}/{found}")


def _figure(call: _Call) -> str | None:
    """https://gohugo.io/shortcodes/figure/ An image without a description of its own is described by its caption."""
    source = call.get("src", 0)
    if not source:
        return None
    caption = " ".join(filter(None, (call.get("title"), call.get("caption"))))
    sizes = "".join(f' {key}="{_attribute(call.get(key))}"' for key in ("width", "height") if call.get(key))
    image = f'<img src="{_attribute(source)}" alt="{_attribute(call.get("alt") or caption)}"{sizes}>'
    if call.get("link"):
        image = f'<a href="{_attribute(call.get("link"))}">{image}</a>'
    words = f"<figcaption>{_attribute(caption)}</figcaption>" if caption else ""
    return f"<figure>{image}{words}</figure>"


def _medium(tag: str) -> Callable[[_Call], str | None]:
    """Audio and video files play in readers that can; the others show the link inside."""

    def expand(call: _Call) -> str | None:
        source = call.get("src", 0)
        if not source:
            return None
        poster = f' poster="{_attribute(call.get("poster"))}"' if call.get("poster") else ""
        words = _link(source, call.get("title") or call.get("caption") or source.rpartition("/")[2])
        return f'<{tag} controls src="{_attribute(source)}"{poster}>{words}</{tag}>'

    return expand


def _details(call: _Call) -> str:
    summary = call.get("summary", 0) or call.get("title") or "…"
    return f"\n\n<details>\n<summary>{_attribute(summary)}</summary>\n\n"


def _box(call: _Call) -> str:
    """A coloured box of a theme becomes a quotation under its title (or its kind: ``notice warning``)."""
    title = call.get("title", 1) or call.get("type", 0) or call.name
    return f"\n\n<blockquote>\n<p><strong>{_attribute(title)}</strong></p>\n\n"


def _quotation(_call: _Call) -> str:
    return "\n\n<blockquote>\n\n"


def _nothing(_call: _Call) -> str:
    return ""


def _reference(call: _Call) -> str | None:
    """A place in this page is known; the address of another page only Hugo knows."""
    target = call.get("path", 0)
    return target if target.startswith("#") else None


def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}")


_BOXES = ("notice", "admonition", "alert", "callout", "hint", "tip", "note", "info", "warning", "danger", "important")
_FOLDS = ("details", "expand", "collapse", "spoiler")
_TWEET = _service("X", "https://x.com/{user}/status/", user="user")

#: Shortcodes whose inner text is code, and how they close.
_VERBATIM = {name: _closing(name) for name in ("highlight", "mermaid")}

#: What an opening (or only) shortcode becomes; None when its arguments say nothing. Hugo's own and the usual themes'.
_OPENERS: dict[str, Callable[[_Call], str | None]] = {
    "figure": _figure,
    "img": _figure,
    "image": _figure,
    "audio": _medium("audio"),
    "video": _medium("video"),
    "youtube": _service("YouTube", "https://www.youtube.com/watch?v="),
    "youtubelite": _service("YouTube", "https://www.youtube.com/watch?v="),
    "vimeo": _service("Vimeo", "https://vimeo.com/"),
    "vimeo_simple": _service("Vimeo", "https://vimeo.com/"),
    "bilibili": _bilibili,
    "tweet": _TWEET,
    "twitter": _TWEET,
    "twitter_simple": _TWEET,
    "x": _TWEET,
    "x_simple": _TWEET,
    "instagram": _service("Instagram", "https://www.instagram.com/p/", suffix="/"),
    "gist": _gist,
    "ref": _reference,
    "relref": _reference,
    "rawhtml": _nothing,
    "html": _nothing,
    "quote": _quotation,
    "blockquote": _quotation,
    **dict.fromkeys(_FOLDS, _details),
    **dict.fromkeys(_BOXES, _box),
}

_CLOSERS: dict[str, str] = {
    "rawhtml": "",
    "html": "",
    **dict.fromkeys(("quote", "blockquote", *_BOXES), "\n\n</blockquote>\n\n"),
    **dict.fromkeys(_FOLDS, "\n\n</details>\n\n"),
}
