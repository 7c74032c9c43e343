"""Expand what generators add to Markdown as far as it means something without them; remove the rest and say so.

One walk over the text from token to token: code (which stays), shortcodes and tags, wiki links, comments, formulas.
Hugo expands shortcodes in code, too; there we print them, since an article that shows one means it. Only
``{{</* … */>}}``, Hugo's way to show one, is reduced to ``{{< … >}}`` everywhere.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from feeds.content import wiki
from feeds.content.formulas import formula_pattern, holds_formula, is_formula
from feeds.content.markers import indented_code
from feeds.content.rules import MathRules, PageFacts
from feeds.content.shortcodes import (
    CLOSERS,
    OPENERS,
    REFERENCES,
    TRANSPARENT,
    VERBATIM,
    Call,
    Tools,
    attribute,
    image_of,
    read_call,
    words_of,
)
from feeds.content.tags import GENERATORS, Told, Verbatim, read_output, read_statement, zola_call

#: Stands where the summary ends, until the text is HTML.
DIVIDER = "\ufdd4"
_FORMULA_BEGIN, _FORMULA_END = "\ufdd2", "\ufdd3"
#: Noncharacters of ours that the sanitiser must leave.
MARKS = frozenset({DIVIDER, _FORMULA_BEGIN, _FORMULA_END})

#: Fenced blocks (to the end of the text when nobody closes them) and code spans. A span longer than 1,000 characters
#: is not looked for, which bounds what a text of nothing but backticks costs.
_CODE = (
    r"^[ >]{0,8}(?P<ticks>`{3,})[^`\n]*$(?s:.*?)(?:^[ >]{0,8}(?P=ticks)`*[ \t]*$|\Z)"
    r"|^[ >]{0,8}(?P<tildes>~{3,})[^\n]*$(?s:.*?)(?:^[ >]{0,8}(?P=tildes)~*[ \t]*$|\Z)"
    r"|(?<!`)(?P<span>`+)(?!`)[^\n]{1,1000}?(?<!`)(?P=span)(?!`)"
)
#: What stands between the braces holds no second opening, so a text of nothing but openings costs one look at each.
#: A backslash before them escapes the braces.
_SHORTCODE = r"(?P<escape>\\?)\{\{(?P<open>[<%])(?P<inside>(?s:(?!\{\{|[>%]\}\}).)*+)(?P<close>[>%])\}\}"
_STATEMENT = r"\{%-?(?P<statement>(?:(?!\{%|%\})(?s:.)){1,2000}+)%\}"
_OUTPUT = r"(?<!\{)\{\{-?(?![<%{])(?P<output>(?:(?!\{\{|\}\})(?s:.)){1,2000}+)\}\}"
_WIKI = r"(?<![\\\[])(?P<embedded>!?)\[\[(?P<wiki>[^\[\]\n]{1,500})\]\](?![(:\[])"
#: Obsidian hides the rest of a note when nobody closes a comment. Elsewhere both marks must be there, and be marks.
_COMMENT = r"%%(?P<comment>(?:(?!%%)(?s:.))*+)(?:%%|\Z)"
_LIKELY_COMMENT = r"(?<![\w%])%%(?!%)(?P<comment>(?:(?!%%)(?s:.)){1,5000}+)%%(?![\w%])"
_DIVIDER = r"(?P<divider><!--[ \t]*more[ \t]*-->)"
#: kramdown's lists of attributes, and its table of contents.
_KRAMDOWN = r"(?P<kramdown>^[*+-][ \t]+\w{1,20}\n\{:toc\}|\{:[^{}\n]{0,200}\})"
#: Tags, targets of links and bare addresses hold no formula; with braces in them they hold shortcodes.
_PASSED = r"(?P<passed><[a-zA-Z/][^<>{}]{0,2000}>|\]\([^()\s{}]{1,2000}\)|https?://[^\s<>()\[\]{}]{1,2000})"

_SHOWN_IN_CODE = re.compile(r"\{\{([<%])/\*((?:(?!\*/).)*)\*/([>%])\}\}")
_RAW_IN_CODE = re.compile(r"\{%-?[ \t]*(?:end)?raw[ \t]*-?%\}")
_CLOSING_NAME = re.compile(r"\{\{[<%]\s*/\s*([\w./-]+)|\{%-?\s*end([\w-]+)")
#: What is left of a reference that leads nowhere, where an address was to stand.
_BEFORE_ADDRESS = ("](", '="', "='", "=", "<", "]: ")
_IDENTIFIER = re.compile(r"\s*[A-Za-z_][\w.]*(?:\s*\|.*)?\s*", re.DOTALL)

_LIQUID = frozenset({"", "jekyll", "hexo", "zola"})
_WIKIS = frozenset({"", "obsidian"})


class Expanded(Struct, frozen=True):
    """Markdown without what the generator adds, and what was lost: (0-based line, one sentence)."""

    body: str
    problems: tuple[tuple[int, str], ...] = ()
    #: As they are written; ``restore_formulas`` puts them back.
    formulas: tuple[str, ...] = ()


def expand(body: str, page: PageFacts, tools: Tools) -> Expanded:
    """Expand what has a meaning without a site build; drop the rest, keep the text inside, and report it.

    Worth its time only where ``may_hold_any``. Code spans and blocks stay as they are. The result is Markdown with raw
    HTML in it, not yet safe.
    """
    walk = _Walk(body, page, tools)
    walk.run()
    return Expanded("".join(walk.parts), tuple(walk.problems), tuple(walk.formulas))


def restore_formulas(cleaned: str, formulas: tuple[str, ...]) -> str:
    """Sanitised HTML with its formulas as text in ``<code class="math">``; without the class in code, links, tags."""

    def written(mark: re.Match[str], *, is_text: bool = False) -> str:
        number = int(mark[1])
        if number >= len(formulas):
            return ""
        text = html.escape(formulas[number], quote=not is_text)
        return f'<code class="math">{text}</code>' if is_text else text

    def replaced(found: re.Match[str]) -> str:
        return written(found, is_text=True) if found[1] is not None else _FORMULA.sub(written, found[0])

    return _FORMULA_PLACE.sub(replaced, cleaned)


_FORMULA = re.compile("(?:\ufdd2|%EF%B7%92)([0-9]{1,7})(?:\ufdd3|%EF%B7%93)")
_FORMULA_PLACE = re.compile(
    "\ufdd2([0-9]{1,7})\ufdd3" + r"|<(?:(?P<tag>pre|code|a)\b(?s:.*?)</(?P=tag)>|[^<>]*>)",
)


def may_hold_any(body: str, page: PageFacts) -> bool:
    """Is there anything that ``expand`` might expand? A few searches for how all of it begins: most texts hold none."""
    # One character is looked for in a tenth of the time that two take.
    if "{" in body and ("{{" in body or "{%" in body or "{:" in body):
        return True
    if "<" in body and "<!--" in body:
        return True
    if page.rules.dialect in _WIKIS and ("[[" in body or ("%" in body and "%%" in body)):
        return True
    math = page.rules.math
    return math is not None and holds_formula(body, math)


@cache
def _pattern(dialect: str, math: MathRules | None, has_ticks: bool) -> re.Pattern[str]:  # noqa: FBT001 (a key of the cache)
    parts = [f"(?P<code>{_CODE if has_ticks else '(?!)'})", _DIVIDER, _SHORTCODE]
    if dialect in _LIQUID:
        parts += [_STATEMENT, _OUTPUT]
    if dialect == "jekyll":
        parts.append(_KRAMDOWN)
    if dialect in _WIKIS:
        parts += [_WIKI, _COMMENT if dialect else _LIKELY_COMMENT]
    if math is not None:
        parts += [_PASSED, f"(?P<formula>{formula_pattern(math)})"]
    return re.compile("|".join(parts), re.MULTILINE)


class _Opened(NamedTuple):
    call: Call
    #: Closed by ``{% end %}``.
    is_zola: bool


class _Walk:
    """One walk over one text; ``parts`` is the result so far."""

    def __init__(self, body: str, page: PageFacts, tools: Tools) -> None:
        self.body = body
        self.parts: list[str] = []
        self.problems: list[tuple[int, str]] = []
        self.formulas: list[str] = []
        self._page = page
        self._dialect = page.rules.dialect
        self._tools = tools
        self._opened: list[_Opened] = []
        self._closed = {name for names in _CLOSING_NAME.findall(body) for name in names if name}
        #: Closing tags that nobody writes from here on: looked for once, or the time would be quadratic.
        self._unclosed: set[str] = set()
        self._said: set[str] = set()
        self._indented: list[tuple[int, int]] | None = None
        self._line = 0
        self._counted = 0

    def run(self) -> None:
        """Walk from token to token; the text between two stays."""
        math = self._page.rules.math
        has_formulas = math is not None and holds_formula(self.body, math)
        pattern = _pattern(self._dialect, math if has_formulas else None, "`" in self.body or "~~~" in self.body)
        position = 0
        while match := pattern.search(self.body, position):
            self.parts.append(self.body[position : match.start()])
            position = self._expand(match)
        self.parts.append(self.body[position:])

    def _expand(self, match: re.Match[str]) -> int:
        """Append what the token becomes; return where to go on."""
        found = match.groupdict()
        if found["code"] is not None:
            self.parts.append(self._code(match[0]))
            return match.end()
        if found["inside"] is None or self._is_indented_code(match.start()):
            return self._expand_rest(match, found)
        return self._shortcode(match)

    def _expand_rest(self, match: re.Match[str], found: dict[str, str | None]) -> int:
        if self._is_indented_code(match.start()):
            self.parts.append(_SHOWN_IN_CODE.sub(r"{{\1\2\3}}", match[0]))
        elif found["divider"] is not None:
            self.parts.append(f"\n\n{DIVIDER}\n\n" if self._stands_alone(match) else DIVIDER)
        elif found.get("statement") is not None:
            return self._statement(match)
        elif found.get("output") is not None:
            self._output(match)
        elif found.get("wiki") is not None:
            self._wiki(match)
        elif found.get("comment") is not None:
            self._report(match.start(), "a comment between %% and %% was left out")
        elif found.get("formula") is not None:
            return self._formula(match)
        elif found.get("kramdown") is None:
            self.parts.append(match[0])
        return match.end()

    def _code(self, code: str) -> str:
        code = _SHOWN_IN_CODE.sub(r"{{\1\2\3}}", code)
        return _RAW_IN_CODE.sub("", code) if self._dialect in {"jekyll", "hexo"} else code

    def _is_indented_code(self, position: int) -> bool:
        begin = self.body.rfind("\n", 0, position) + 1
        if not self.body.startswith(("    ", "\t"), begin):
            return False
        if self._indented is None:
            self._indented = list(indented_code(self.body))
        while self._indented and self._indented[0][1] <= begin:
            self._indented.pop(0)
        return bool(self._indented) and self._indented[0][0] <= begin

    def _formula(self, match: re.Match[str]) -> int:
        math = self._page.rules.math
        if math is None or not is_formula(match["formula"], math):
            self.parts.append(match[0][:1])  # what follows may be the opening of one
            return match.start() + 1
        self.parts.append(f"{_FORMULA_BEGIN}{len(self.formulas)}{_FORMULA_END}")
        self.formulas.append(match["formula"])
        return match.end()

    # --- Hugo's shortcodes -------------------------------------------------------------------------------------------

    def _shortcode(self, match: re.Match[str]) -> int:
        inside = match["inside"].strip()
        if match["escape"]:
            self.parts.append(html.escape(match[0], quote=False))
        elif inside.startswith("/*"):
            self.parts.append(_shown(match))
        elif inside.startswith("/"):
            self._close(inside[1:].strip(), match.start())
        elif call := read_call(inside.removesuffix("/")):
            is_pair = call.name in self._closed and not inside.endswith("/")
            return self._open(call, match, is_pair=is_pair)
        else:
            self.parts.append(html.escape(match[0], quote=False))
        return match.end()

    def _open(self, call: Call, match: re.Match[str], *, is_pair: bool, is_zola: bool = False) -> int:
        if call.name in VERBATIM:
            closing = "end" if is_zola else f"/{call.name}"
            return self._verbatim(Verbatim(closing, "code", call.get("lang", 0) or call.name), call.name, match)
        if call.name in REFERENCES:
            self._reference(call, match)
            return match.end()
        # ``{{< tip "…" >}}``: a box that nothing closes has its words in its arguments.
        is_word = not is_pair and call.name in CLOSERS and call.name not in TRANSPARENT
        text = OPENERS[call.name](call, self._tools) if call.name in OPENERS and not is_word else None
        if text is None and not is_pair and (shown := image_of(call)) is not None:
            text = OPENERS["figure"](shown, self._tools)
        if text is None and call.name in OPENERS and not is_word:
            self._report(match.start(), f"the shortcode {call.name} could not be read and was left out")
            text = ""
        elif text is None:
            text = self._unknown(call, match, is_pair=is_pair)
        if is_pair or is_zola or (call.name in CLOSERS and not is_word):
            self._opened.append(_Opened(call, is_zola))
        self.parts.append(text + "\n" * (bool(text) and self._stands_alone(match)))
        return match.end()

    def _unknown(self, call: Call, match: re.Match[str], *, is_pair: bool) -> str:
        is_alone = self._stands_alone(match)
        words = words_of(call, is_pair=is_pair) if is_alone or not is_pair else ""
        lost = "its text was kept" if words or is_pair else "was left out"
        who = GENERATORS.get(self._dialect) if match["inside"] is None else "Hugo"
        joined = "; " if words or is_pair else " and "
        self._say_once(call.name, match.start(), f"the shortcode {call.name} needs {who}{joined}{lost}")
        return f"\n\n{words}\n\n" if words and is_pair else words

    def _reference(self, call: Call, match: re.Match[str]) -> None:
        """A place in this page is known; the address of another one when its article is."""
        target = call.get("path", 0)
        if target.startswith("#"):
            self.parts.append(target)
        elif found := self._tools.address(target):
            self.parts.append(found.replace(" ", "%20"))
        else:
            self._report(match.start(), f"no article is known at {target[:100]!r}; the link was left out")
            is_address = self.body[max(0, match.start() - 3) : match.start()].endswith(_BEFORE_ADDRESS)
            self.parts.append("" if is_address else attribute(target))

    def _stands_alone(self, match: re.Match[str]) -> bool:
        """A line of its own ends with a blank one, or CommonMark takes the next line for more of the same HTML."""
        before = self.body[max(0, match.start() - 1) : match.start()]
        after = self.body[match.end() : match.end() + 1]
        return before in {"", "\n"} and after in {"", "\n"}

    def _close(self, name: str, position: int) -> None:
        """Closings are expanded by themselves: a missing one costs nothing, the sanitiser closes what is open."""
        if name not in CLOSERS and name in OPENERS:
            self._report(position, f"the shortcode {name} has no inner text; its closing tag was left out")
        at = next((n for n in range(len(self._opened) - 1, -1, -1) if self._opened[n].call.name == name), None)
        opened = self._opened.pop(at).call if at is not None else Call(name)
        if name in CLOSERS:
            self.parts.append(CLOSERS[name](opened))

    def _verbatim(self, verbatim: Verbatim, name: str, match: re.Match[str]) -> int:
        """What stands inside is no Markdown: nothing in it is expanded, and the fence is longer than any in it."""
        closing = None
        if verbatim.closing not in self._unclosed:
            closing = _closing_tag(verbatim.closing).search(self.body, match.end())
        if closing is None:
            self._unclosed.add(verbatim.closing)
            kind = "shortcode" if match["inside"] is not None else "tag"
            self._report(match.start(), f"the {kind} {name} is not closed and was left out")
            return match.end()
        inner = self.body[match.end() : closing.start()]
        if verbatim.becomes == "code":
            self.parts.append(_fenced(inner.strip("\n"), verbatim.language))
        elif verbatim.becomes == "as it stands":
            self.parts.append(inner)
        return closing.end()

    # --- tags of Jekyll, Hexo and Zola -------------------------------------------------------------------------------

    def _statement(self, match: re.Match[str]) -> int:
        inside = match["statement"].strip().removesuffix("-").strip()
        if inside.startswith("/*"):
            self.parts.append(html.escape("{% " + inside.strip("/* ") + " %}", quote=False))
            return match.end()
        name = inside.partition(" ")[0].partition("(")[0]
        if inside == "end" and self._opened:
            self._close(next((o.call.name for o in reversed(self._opened) if o.is_zola), name), match.start())
            return match.end()
        if name.startswith("end") and (self._dialect or name[3:] in CLOSERS or name[3:] in self._said):
            self._close(name.removeprefix("end"), match.start())
            return match.end()
        meaning = read_statement(inside, self._dialect, self._tools)
        if isinstance(meaning, Verbatim):
            return self._verbatim(meaning, name, match)
        if isinstance(meaning, Call):
            is_zola = zola_call(inside) is not None
            return self._open(meaning, match, is_pair=is_zola or meaning.name in self._closed, is_zola=is_zola)
        if isinstance(meaning, Told):
            self._say_once(meaning.why, match.start(), meaning.why)
            self._said.add(name)
            self.parts.append(meaning.text)
        elif meaning is None:
            self._say_once(name, match.start(), f"{{% {name[:40]} %}} is not understood and stands as it is written")
            self.parts.append(html.escape(match[0], quote=False))
        else:
            self.parts.append(meaning + "\n" * (bool(meaning) and self._stands_alone(match)))
        return match.end()

    def _output(self, match: re.Match[str]) -> None:
        inside = match["output"].removesuffix("-").strip()
        if inside.startswith("/*"):
            self.parts.append(html.escape("{{ " + inside.strip("/* ") + " }}", quote=False))
        elif self._dialect in {"", "zola"} and (call := zola_call(inside)) is not None:
            self._open(call, match, is_pair=False)
        elif self._dialect == "zola":
            self.parts.append(match[0])
        elif (text := read_output(inside, self._dialect, self._page)) is not None:
            # What follows in braces is an address of its own.
            is_prefix = inside.startswith("site.") and self.body[match.end() : match.end() + 1] == "{"
            self.parts.append("" if is_prefix else text)
        elif self._dialect:
            who = GENERATORS[self._dialect]
            self._say_once(inside, match.start(), f"{{{{ {inside[:40]} }}}} needs {who} and was left out")
        else:
            self.parts.append(match[0])
            if _IDENTIFIER.fullmatch(inside):
                why = f"{{{{ {inside[:40]} }}}} is not understood and stands as it is written"
                self._say_once(inside, match.start(), why)

    # --- Obsidian ----------------------------------------------------------------------------------------------------

    def _wiki(self, match: re.Match[str]) -> None:
        found = wiki.read(match["wiki"], is_embedded=bool(match["embedded"]), tools=self._tools)
        if not self._dialect and not wiki.is_likely(match["wiki"], found):
            self.parts.append(match[0])
            return
        if found.why:
            self._report(match.start(), found.why)
        self.parts.append(found.html if self._dialect or not found.is_lost else match[0])

    # --- what is said ------------------------------------------------------------------------------------------------

    def _say_once(self, what: str, position: int, sentence: str) -> None:
        if what not in self._said:
            self._said.add(what)
            self._report(position, sentence)

    def _report(self, position: int, sentence: str) -> None:
        self._line += self.body.count("\n", self._counted, position)
        self._counted = position
        self.problems.append((self._line, sentence))


@cache
def _closing_tag(name: str) -> re.Pattern[str]:
    """``{{< /x >}}`` for ``/x``, ``{% endx %}`` for ``endx``."""
    if name[0] == "/":
        return re.compile(rf"\{{\{{[<%]\s*/\s*{re.escape(name[1:])}\s*[>%]\}}\}}")
    return re.compile(rf"\{{%-?\s*{re.escape(name)}\s*-?%\}}")


def _fenced(code: str, language: str) -> str:
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n\n{fence}{language}\n{code}\n{fence}\n\n"


def _shown(match: re.Match[str]) -> str:
    """``{{</* x */>}}`` as the text that Hugo prints for it."""
    inside = match["inside"].strip().removeprefix("/*").removesuffix("*/")
    return html.escape(f"{{{{{match['open']}{inside}{match['close']}}}}}", quote=False)
