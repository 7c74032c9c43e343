"""Mend the slips that people make in YAML front matter, line by line: only where the whole cannot be read as it is.

``title: A: B``, quotes inside quotes, a tab for an indent, a full-width colon after a key, a bracket that opens a
value, ``tags: [@angular, C #]``. A line is touched only if it cannot be read by itself, and only where what its author
meant is evident; whoever calls reads the whole again, and warns, or refuses it.
"""

from __future__ import annotations

import re

from feeds.content.yaml_flow import is_closed, mended_flow
from feeds.content.yaml_quotes import in_quotes, text_meant
from feeds.content.yaml_values import YamlError, read_yaml

#: Most lines that are tried one by one (0.03 ms each). A longer front matter with a slip is for its author to mend.
_MAX_LINES = 500
#: Most lines of one list in brackets.
_MAX_FLOW_LINES = 100

_TABS = re.compile(r"[ \t]*\t[ \t]*")
#: A key whose colon is full-width or lacks its blank: ``title：…``, ``title:…`` (but not ``https://``).
_TIGHT_KEY = re.compile(r"([A-Za-z_][\w-]*)(?:：[ \t　]*|:(?=[^\s:/]))")
_LINE = re.compile(r"(?P<start>[ ]*(?:- +)?(?:[\w-]+:[ \t]+)?)(?P<value>\S.*)")
#: What may follow a value that ends on its own line.
_NEXT_ENTRY = re.compile(r"\s*(?:[\w-]+[ \t]*[:：]|- |-$|#|$)")
#: A key with its value beside it, after which nothing can be indented.
_FULL_ENTRY = re.compile(r"(?P<indent>[ ]*)[\w-]+: +(?![|>#&!])\S")
_INDENTED_KEY = re.compile(r"[ ]+(?P<entry>[\w-]+:(?: |$).*)")


def repair(text: str) -> tuple[str, list[int]]:
    """The text with each unreadable line mended if that makes it readable, and the 0-based numbers of these lines.

    Lines of which a list in brackets goes on are taken into its first line, and left empty.
    """
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        return text, []
    mended = _joined([_indent(_spaced(line)) for line in lines])
    mended = _aligned(mended)
    mended = [_mend(line, following) for line, following in zip(mended, [*mended[1:], ""], strict=True)]
    changed = [number for number, line in enumerate(mended) if line != lines[number] and line]
    return "\n".join(mended), changed


def _spaced(line: str) -> str:
    return _TIGHT_KEY.sub(r"\1: ", line, count=1) if _TIGHT_KEY.match(line) else line


def _indent(line: str) -> str:
    """YAML allows no tab in an indent; two blanks stand for one."""
    tabs = _TABS.match(line)
    return tabs[0].replace("\t", "  ") + line[tabs.end() :] if tabs else line


def _aligned(lines: list[str]) -> list[str]:
    """A key that is indented below a key with a value stands beside it: nothing can belong to that value."""
    aligned: list[str] = []
    for line in lines:
        above = _FULL_ENTRY.match(aligned[-1]) if aligned else None
        key = _INDENTED_KEY.fullmatch(line)
        is_below = above and key and len(line) - len(key["entry"]) > len(above["indent"])
        aligned.append(above["indent"] + key["entry"] if above and key and is_below else line)
    return aligned


def _joined(lines: list[str]) -> list[str]:
    """Each list in brackets that goes on in the lines below and cannot be read, in one line."""
    joined = list(lines)
    number = 0
    while number < len(joined):
        found = _LINE.fullmatch(joined[number])
        end = _flow_end(joined, number, found["value"]) if found and found["value"][0] in "[{" else number
        if found and end > number:
            value = " ".join(line.strip() for line in [found["value"], *joined[number + 1 : end + 1]])
            flow = None if _is_readable(found["start"], value) else mended_flow(value)
            if flow is not None:
                joined[number : end + 1] = [found["start"] + flow, *[""] * (end - number)]
        number = max(end, number) + 1
    return joined


def _flow_end(lines: list[str], start: int, value: str) -> int:
    """The number of the line on which a list in brackets is closed; of its first line when no other closes it."""
    if is_closed(value):
        return start
    for number in range(start + 1, min(start + _MAX_FLOW_LINES, len(lines))):
        line = lines[number].strip()
        if line.endswith(("]", "],", "}")) and (line[0] in "]}" or is_closed("[" + line)):
            return number
        if line.startswith("- ") or (line and _FULL_ENTRY.match(line) and not lines[number].startswith(" ")):
            break
    return start


def _mend(line: str, following: str) -> str:
    found = _LINE.fullmatch(line)
    if not found or not _NEXT_ENTRY.match(following) or _is_readable(found["start"], found["value"]):
        return line
    value = found["value"].rstrip()
    flow = mended_flow(value) if value[0] in "[{" else None
    meant = None if flow is not None else text_meant(value)
    for reading in (flow, meant and in_quotes(meant)):
        if reading and _is_readable(found["start"], reading):
            return found["start"] + reading
    return line


def _is_readable(start: str, value: str) -> bool:
    """By itself the line is ``key: value`` or ``- value``, or a piece of something longer that breaks no rule."""
    line = start + value
    if not start.strip() and value[0] in "[{":
        line = f"value:\n {line}"
    elif line.lstrip().startswith("- "):
        line = f"list:\n{line}"
    try:
        read_yaml(line)
    except YamlError:
        return False
    return True
