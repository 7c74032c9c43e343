"""Mend the slips that people make in YAML front matter, line by line: only where the whole cannot be read as it is.

``title: A: B``, quotes inside quotes, a tab for an indent, a full-width colon after a key, a bracket that opens a
value. A line is touched only if it cannot be read by itself; whoever calls reads the whole again and warns.
"""

from __future__ import annotations

import re

from feeds.content.yaml_values import YamlError, read_yaml

#: Most lines that are tried one by one (0.03 ms each). A longer front matter with a slip is for its author to mend.
_MAX_LINES = 500

_TABS = re.compile(r"[ \t]*\t[ \t]*")
#: A key whose colon is full-width or lacks its blank: ``title：…``, ``title:…`` (but not ``https://``).
_TIGHT_KEY = re.compile(r"([A-Za-z_][\w-]*)(?:：[ \t　]*|:(?=[^\s:/]))")
_LINE = re.compile(r"(?P<start>\s*(?:- +)?(?:[\w-]+:[ \t]+)?)(?P<value>\S.*)")
#: What may follow a value that ends on its own line.
_NEXT_ENTRY = re.compile(r"\s*(?:[\w-]+[ \t]*[:：]|- |-$|#|$)")


def repair(text: str) -> tuple[str, list[int]]:
    """The text with each unreadable line mended if that makes it readable, and the 0-based numbers of these lines."""
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        return text, []
    mended = [_mend(line, following) for line, following in zip(lines, [*lines[1:], ""], strict=True)]
    return "\n".join(mended), [number for number, line in enumerate(mended) if line != lines[number]]


def _mend(line: str, following: str) -> str:
    line = _indent(_TIGHT_KEY.sub(r"\1: ", line, count=1) if _TIGHT_KEY.match(line) else line)
    found = _LINE.fullmatch(line)
    if not found or _is_readable(line) or not _NEXT_ENTRY.match(following):
        return line
    for value in _readings(found["value"].rstrip()):
        if _is_readable(found["start"] + value):
            return found["start"] + value
    return line


def _indent(line: str) -> str:
    """YAML allows no tab in an indent; two blanks stand for one."""
    tabs = _TABS.match(line)
    return tabs[0].replace("\t", "  ") + line[tabs.end() :] if tabs else line


def _is_readable(line: str) -> bool:
    """By itself the line is ``key: value`` or ``- value``, or a piece of something longer that breaks no rule."""
    try:
        read_yaml(f"list:\n{line}" if line.lstrip().startswith("- ") else line)
    except YamlError:
        return False
    return True


def _readings(value: str) -> list[str]:
    """What the author may have meant: a list whose bracket is missing, else the text itself, in single quotes."""
    readings = [value + "]"] if value.startswith("[") and "]" not in value else []
    quote = value[0]
    if quote in {'"', "'"} and len(value) > 1 and value.endswith(quote):
        value = value[1:-1].replace("\\" + quote, quote)
    return [*readings, "'" + value.replace("'", "''") + "'"]
