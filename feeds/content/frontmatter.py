"""Split a Markdown file into the values of its front matter and its body, with python-frontmatter.

YAML between ``---``, TOML between ``+++``, JSON in braces, or none. The handlers here replace the package's own, which
answer ``{}`` to a BOM, to TOML and to most JSON, turn ``yes`` into True and ``1984`` into a number, and raise on
``2025-13-45``. From YAML every scalar arrives as the text that the author wrote (null as None): only who asks for a
value knows what it should be. What can be read in spite of a slip is read, with a warning; all else is one ERROR.
"""

from __future__ import annotations

import json
import re
from typing import Any

import frontmatter
from frontmatter.default_handlers import BaseHandler
from msgspec import Struct, field
from msgspec.structs import replace

from feeds.content.yaml_values import YamlError, YamlMapping, read_yaml
from feeds.errors import ContentError
from feeds.model import Problem, Severity

#: Longest front matter that is read, in characters. The longest real one has 3,000; beyond this it is no front matter
#: but an accident or an attack, and the parsers (quadratic on some texts) are spared it.
MAX_CHARS = 128 * 1024

#: Most problems that one front matter is told of; whoever has mended these sees the next.
_MAX_PROBLEMS = 20

#: Most dots in TOML front matter: its parser takes quadratic time for ``a.a.a. …``, two minutes for 60,000 of them.
_MAX_TOML_DOTS = 2_000

_WHAT = "front matter"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_YAML_KEY = re.compile(r"""^["']?[A-Za-z_][A-Za-z0-9_.-]*["']?[ \t]*[:：]""", re.MULTILINE)
_BLANK_LINE = re.compile(r"^[ \t]*$", re.MULTILINE)
_TOML_LINE = re.compile(r"at line (\d+)")
_TOML_KEY = re.compile(r"""^[ \t]*["']?([\w-]+)["']?[ \t]*=""")
_JSON_KEY = re.compile(r'"([^"\\]+)"[ \t]*:')


class Matter(Struct, frozen=True, kw_only=True):
    """A file taken apart. An ERROR among the problems says that the values cannot be trusted."""

    #: As written: from YAML str, None, list and dict; from TOML and JSON also numbers, bools and dates.
    values: dict[str, Any] = field(default_factory=dict)
    #: 1-based line in the file of each top-level key (JSON: where a key of that name first stands).
    lines: dict[str, int] = field(default_factory=dict)
    #: Its lines end in ``\\n``.
    body: str
    #: 1-based line in the file of the first line of the body.
    body_line: int = 1
    problems: tuple[Problem, ...] = ()


def split_front_matter(text: str, *, path: str = "") -> Matter:
    """Take a file apart. Never raises; ``path`` only names the file in the problems.

    A BOM, blank lines before the front matter and any line ends are accepted. A text that merely begins with a
    thematic break or a brace has no front matter. Without its closing line, front matter ends at the first blank line.
    """
    text = text.removeprefix("\ufeff")
    if "\r" in text:  # to replace none takes ten times as long as to look for one
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = text.lstrip()
    first_line = 1 + text.count("\n", 0, len(text) - len(start))
    handler = frontmatter.detect_format(start, (kind(first_line) for kind in (_Yaml, _Toml, _Json)))
    if not isinstance(handler, _Handler):
        return Matter(body=text)
    try:
        matter = _parse(start, handler)
    except _UnreadableError as error:
        matter = _unclosed(start, first_line) or Matter(
            body=handler.body, body_line=handler.body_line, problems=(error.problem(),)
        )
    problems = matter.problems[:_MAX_PROBLEMS]
    return replace(matter, problems=tuple(replace(problem, path=path) for problem in problems)) if problems else matter


def _parse(text: str, handler: _Handler) -> Matter:
    # As the package's ``parse`` does, which makes three more copies of the text: 35 of 100 µs.
    front, body = handler.split(text.rstrip())
    values = handler.load(front)
    return Matter(
        values=values,
        lines=handler.lines,
        body=body,
        body_line=handler.body_line,
        problems=tuple(handler.problems),
    )


def _unclosed(text: str, first_line: int) -> Matter | None:
    """The front matter up to its first blank line, if it can be read and text follows; None otherwise."""
    handler = _UnclosedYaml(first_line)
    if not handler.detect(text):
        return None
    try:
        return _parse(text, handler)
    except _UnreadableError:
        return None


class _UnreadableError(ContentError):
    """The front matter cannot be read: its author mends it, the article waits meanwhile."""

    def __init__(self, why: str, line: int, fix: str) -> None:
        super().__init__(f"{_WHAT}: {why} ({fix})")
        self.why, self.line, self.fix = why, line, fix

    def problem(self) -> Problem:
        return Problem(path="", line=self.line, what=_WHAT, why=self.why, fix=self.fix)


class _Handler(BaseHandler):
    """One file's front matter. ``split`` and ``load`` leave here what the package's two return values cannot carry.

    ``detect`` says whether the text begins with this kind. ``split`` finds its end and fills ``body``. ``load`` reads
    it and fills ``lines`` and ``problems``; it may raise _UnreadableError.
    """

    #: The line that opens it, and the one that closes it: from the line break before it, which is quick to find.
    FM_BOUNDARY: re.Pattern[str]
    _closing: re.Pattern[str]

    def __init__(self, first_line: int) -> None:
        super().__init__()
        #: 1-based line in the file on which the front matter's own text begins; after ``split``.
        self.front_line = first_line
        self.body = ""
        self.body_line = first_line
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def split(self, text: str) -> tuple[str, str]:
        start = self._opening_end(text)
        closing = self._closing_line(text, start)
        if closing:
            return self._cut(text, start, closing.start(1), closing.end())
        end = self._end_without_closing(text, start)
        return self._cut(text, start, end, end)

    def _opening_end(self, text: str) -> int:
        opening = self.FM_BOUNDARY.match(text)
        return opening.end() if opening else 0

    def _closing_line(self, text: str, start: int) -> re.Match[str] | None:
        """The first line from ``start`` on, which begins a line, that closes it; its group 1 begins the line."""
        return self._closing.search(text, start - 1)

    def _end_without_closing(self, text: str, start: int) -> int:
        """Where it ends then, with a warning; or _UnreadableError."""
        raise NotImplementedError

    def _cut(self, text: str, start: int, end: int, body: int) -> tuple[str, str]:
        """``text[start:end]`` is the front matter, the line break after ``body`` ends its last line."""
        if text[body : body + 1] == "\n":
            body += 1
        self.body_line = self.front_line + text.count("\n", 0, body)
        self.front_line += text.count("\n", 0, start)
        self.body = text[body:]
        return text[start:end], self.body

    def load(self, fm: str) -> dict[str, Any]:
        if len(fm) > MAX_CHARS:
            raise _UnreadableError(
                f"it is longer than {MAX_CHARS:,} characters", self.front_line, "close it after its last key"
            )
        # Printable text holds no control character, and telling so takes a fifth of the time.
        return self._values(fm if fm.replace("\n", "").isprintable() else _CONTROL.sub("", fm))

    def _values(self, front: str) -> dict[str, Any]:
        raise NotImplementedError

    def _key_lines(self, front: str, pattern: re.Pattern[str]) -> dict[str, int]:
        """Where each key first stands, for the parsers that do not say."""
        lines: dict[str, int] = {}
        for number, line in enumerate(front.split("\n"), start=self.front_line):
            for found in pattern.finditer(line):
                lines.setdefault(found[1], number)
        return lines

    def _warn(self, line: int, why: str, fix: str) -> None:
        self.problems.append(Problem(path="", line=line, severity=Severity.WARNING, what=_WHAT, why=why, fix=fix))


class _Yaml(_Handler):
    """Between two lines of dashes; three dots close it too, as in YAML itself."""

    FM_BOUNDARY = re.compile(r"-{3,}[ \t]*(?:\n|$)")
    _closing = re.compile(r"\n(-{3,}|\.{3})[ \t]*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        opening = self.FM_BOUNDARY.match(text)
        if not opening:
            return False
        closing = self._closing_line(text, opening.end())
        if closing is None:
            return bool(_YAML_KEY.match(text, opening.end()))
        # Between two thematic breaks stands text: no key. Between the lines of an empty front matter stands nothing.
        inner = text[opening.end() : closing.start(1)]
        return not inner.strip() or inner.lstrip().startswith("{") or bool(_YAML_KEY.search(inner))

    def _end_without_closing(self, text: str, start: int) -> int:
        self._warn(self.front_line, "no line `---` closes it", "add one after its last key")
        blank = _BLANK_LINE.search(text, start)
        return blank.start() if blank else len(text)

    def _values(self, front: str) -> dict[str, Any]:
        try:
            found = read_yaml(front)
        except YamlError as error:
            found = self._repaired(front, error)
        for key, line in found.repeated:
            self._warn(self.front_line + line, f"the key `{key}` stands twice, the last one counts", "delete one")
        for line, as_read in found.mended:
            self._warn(self.front_line + line, f"taken as `{as_read[:60]}`, which YAML reads otherwise", "use quotes")
        self.lines = {key: self.front_line + line for key, line in found.lines.items()}
        return found.values

    def _repaired(self, front: str, error: YamlError) -> YamlMapping:
        from feeds.content.yaml_repair import repair  # noqa: PLC0415 - few front matters need it

        mended, numbers = repair(front)
        try:
            found = read_yaml(mended)
        except YamlError:
            line = self.front_line + (error.line or 0)
            raise _UnreadableError(f"not readable as YAML: {error.why}", line, error.fix) from error
        lines = mended.split("\n")
        for number in numbers:
            as_read = lines[number].strip()[:60]
            self._warn(self.front_line + number, f"not readable as YAML, taken as `{as_read}`", "write it so")
        return found


class _UnclosedYaml(_Yaml):
    """What seems to close it is a thematic break of the body: it ends at its first blank line, if text follows."""

    def split(self, text: str) -> tuple[str, str]:
        start = self._opening_end(text)
        end = self._end_without_closing(text, start)
        closing = self._closing_line(text, start)
        if closing is None or _YAML_KEY.search(text, end, closing.start(1)):
            raise _UnreadableError("its end cannot be told", self.front_line, "close it with a line `---`")
        return self._cut(text, start, end, end)


class _Toml(_Handler):
    """Between two lines of plus signs."""

    FM_BOUNDARY = re.compile(r"\+{3}[ \t]*(?:\n|$)")
    _closing = re.compile(r"\n(\+{3})[ \t]*$", re.MULTILINE)

    def _end_without_closing(self, _text: str, _start: int) -> int:
        raise _UnreadableError("no line `+++` closes it", self.front_line, "add one after its last key")

    def _values(self, front: str) -> dict[str, Any]:
        if front.count(".") > _MAX_TOML_DOTS:
            raise _UnreadableError(f"it holds more than {_MAX_TOML_DOTS:,} dots", self.front_line, "shorten it")
        import tomllib  # noqa: PLC0415 - few sites write TOML

        try:
            values = tomllib.loads(front)
        except (ValueError, RecursionError) as error:
            found = _TOML_LINE.search(str(error))
            line = self.front_line + (int(found[1]) - 1 if found else 0)
            raise _UnreadableError(
                f"not readable as TOML: {str(error).partition(' (at ')[0]}", line, "mend the line"
            ) from error
        self.lines = self._key_lines(front, _TOML_KEY)
        return values


class _Json(_Handler):
    """An object in braces; what follows its closing brace is the body. A shortcode's ``{{`` opens none."""

    FM_BOUNDARY = re.compile(r'\{\s*["}]')

    def split(self, text: str) -> tuple[str, str]:
        try:
            _, end = json.JSONDecoder().raw_decode(text[:MAX_CHARS])
        except (ValueError, RecursionError) as error:
            line = self.front_line + getattr(error, "lineno", 1) - 1
            why = str(error).partition(": line ")[0]
            raise _UnreadableError(f"not readable as JSON: {why}", line, "mend the line") from error
        return self._cut(text, 0, end, end)

    def _values(self, front: str) -> dict[str, Any]:
        self.lines = self._key_lines(front, _JSON_KEY)
        values: dict[str, Any] = json.loads(front)
        return values
