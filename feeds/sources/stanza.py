"""Write discovered sources into the text of a sources.yaml, and leave every other byte of it as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import yaml
from msgspec import Struct
from msgspec.structs import replace

from feeds.errors import ConfigError
from feeds.sources.discover import Discovery

#: What a source is in sources.yaml: key, then text or texts.
Fields = dict[str, str | list[str]]


def stanza(discovery: Discovery) -> str:
    """Write one item of the list ``sources:``, without indentation."""
    return "\n".join(_block_item(_fields(discovery, discovery.name))) + "\n"


def add_sources(text: str, discoveries: Iterable[Discovery]) -> str:
    """Add the sources at the end of the list ``sources:``, in its style.

    What is not settled is left out, and so is a source whose feeds are all there already. A name that the file has
    already is told apart by the host.

    Raises:
        ConfigError: the text is no YAML, or is written in a way that cannot be added to safely.
    """
    old = _read(text)
    new = _new_fields(old, discoveries)
    if not new:
        return text
    for edited in _ways(text, old, new):
        if _signatures(edited) == _expected(old, new):
            return edited
    raise ConfigError(
        "sources.yaml: sources: is written in a way that cannot be added to safely (paste the entries yourself)"
    )


# -- what is written -------------------------------------------------------------------------------------------------

#: Plain where YAML, in a list or in brackets, reads it as the same text; the rest is put in quotes.
_PLAIN = re.compile(r"(?:https?://)?(?:[^\W_]|[_./~+=&;$-]|[?%()!](?=\S)| (?=[^\W_]))+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff\u2028\u2029]+")


def _fields(discovery: Discovery, name: str) -> Fields:
    feeds = list(map(_literal, discovery.feeds))
    fields: Fields = {"name": _literal(name) or discovery.host}
    if len(feeds) > 1:
        fields["feeds"] = feeds
    else:
        fields["feed"] = feeds[0] if feeds else "none"
    return {**fields, "site": _literal(discovery.site)} if discovery.site else fields


def _literal(text: str) -> str:
    """One line of text in which sources.yaml sees no ``${VARIABLE}``."""
    return " ".join(_CONTROL.sub(" ", text).split()).replace("${", "$${")


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and _resolves_to_text(text):
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=2**31)
    return quoted.rstrip("\n")


def _resolves_to_text(text: str) -> bool:
    try:
        return bool(yaml.safe_load(f"[{text}]") == [text] and yaml.safe_load(f"a: {text}") == {"a": text})
    except (yaml.YAMLError, ValueError):  # a date that does not exist is a ValueError
        return False


def _block_item(fields: Fields, gap: str = " ") -> list[str]:
    """The lines of one item; ``gap`` stands behind the dash."""
    inner = " " * (1 + len(gap))
    lines: list[str] = []
    for key, value in fields.items():
        if isinstance(value, str):
            lines.append(f"{inner}{key}: {_scalar(value)}")
        else:
            lines += [f"{inner}{key}:", *(f"{inner}  - {_scalar(text)}" for text in value)]
    return [f"-{gap}{lines[0].lstrip()}", *lines[1:]]


def _flow_item(fields: Fields) -> str:
    return "{" + ", ".join(f"{key}: {_flow_value(value)}" for key, value in fields.items()) + "}"


def _flow_value(value: str | list[str]) -> str:
    return _scalar(value) if isinstance(value, str) else f"[{', '.join(map(_scalar, value))}]"


# -- what is there ---------------------------------------------------------------------------------------------------


class _Signature(NamedTuple):
    """What an event says, whatever it looks like."""

    kind: type[yaml.Event]
    anchor: str | None = None
    tag: str | None = None
    value: str | None = None


class _Read(Struct, frozen=True):
    """The events of a sources.yaml, and where ``sources:`` stands in them."""

    events: Sequence[Any]
    #: Event that begins the mapping of the file; None when the file is empty.
    root: int | None = None
    #: Key ``sources``; None when there is none.
    key: int | None = None
    #: First and last event of its value.
    first: int = 0
    last: int = 0

    @property
    def column(self) -> int:
        """How far the keys of the file are indented."""
        index = self.root if self.key is None else self.key
        return 0 if index is None else int(self.events[index].start_mark.column)

    @property
    def is_list(self) -> bool:
        """Whether there is a list to add to, even if it is empty."""
        return self.key is not None and isinstance(self.events[self.first], yaml.SequenceStartEvent)

    @property
    def is_empty(self) -> bool:
        """Whether there is the key, but nothing behind it."""
        event = self.events[self.first]
        is_plain = isinstance(event, yaml.ScalarEvent) and event.style is None
        return self.key is not None and is_plain and event.value in _NULLS and not event.anchor and not event.tag

    def items(self) -> list[tuple[int, int]]:
        """First and last event of each item of the list."""
        return list(_nodes(self.events, self.first + 1, self.last))


_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def _read(text: str) -> _Read:
    events = _events(text)
    starts = [index for index, event in enumerate(events) if isinstance(event, yaml.DocumentStartEvent)]
    if len(starts) > 1:
        raise ConfigError('sources.yaml: the file: holds more than one document (remove the second "---")')
    if not starts:
        return _Read(events)
    root = starts[0] + 1
    if not isinstance(events[root], yaml.MappingStartEvent):
        raise ConfigError('sources.yaml: the file: holds no keys such as "site:" (see feeds init)')
    return _with_list(events, root)


def _with_list(events: Sequence[Any], root: int) -> _Read:
    nodes = list(_nodes(events, root + 1, len(events) - 3))  # without the ends of mapping, document and stream
    pairs = zip(nodes[::2], nodes[1::2], strict=True)
    found = [(key[0], *value) for key, value in pairs if getattr(events[key[0]], "value", None) == "sources"]
    if len(found) > 1:
        raise ConfigError("sources.yaml: sources: stands twice (join the two lists)")
    return _Read(events, root, *found[0]) if found else _Read(events, root)


def _events(text: str) -> list[Any]:
    try:
        return list(yaml.parse(text, Loader=yaml.SafeLoader))  # the C parser's places are none of Python's
    except (yaml.YAMLError, RecursionError) as error:
        why = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"sources.yaml: YAML: {why} (run feeds check)") from error


def _nodes(events: Sequence[Any], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """First and last event of each node that lies in ``events[begin:end]`` side by side."""
    depth, first = 0, begin
    for index in range(begin, end):
        depth += isinstance(events[index], yaml.CollectionStartEvent)
        depth -= isinstance(events[index], yaml.CollectionEndEvent)
        if depth == 0:
            yield first, index
            first = index + 1


def _signature(event: Any) -> _Signature:
    return _Signature(
        type(event), getattr(event, "anchor", None), getattr(event, "tag", None), getattr(event, "value", None)
    )


def _signatures(text: str) -> list[_Signature]:
    try:
        return [_signature(event) for event in _events(text)]
    except ConfigError:
        return []


def _expected(old: _Read, new: Sequence[Fields]) -> list[_Signature]:
    """What a reader must see afterwards: all that was there, and the new items."""
    events = [_signature(event) for event in old.events]
    items = [signature for fields in new for signature in _item_signatures(fields)]
    whole = [_Signature(yaml.SequenceStartEvent), *items, _Signature(yaml.SequenceEndEvent)]
    if old.is_list:
        return [*events[: old.last], *items, *events[old.last :]]
    if old.key is not None:
        return [*events[: old.first], *whole, *events[old.last + 1 :]]
    pair = [_text("sources"), *whole]
    if old.root is not None:
        return [*events[:-3], *pair, *events[-3:]]
    mapping = [_Signature(yaml.MappingStartEvent), *pair, _Signature(yaml.MappingEndEvent)]
    return [events[0], _Signature(yaml.DocumentStartEvent), *mapping, _Signature(yaml.DocumentEndEvent), events[-1]]


def _item_signatures(fields: Fields) -> Iterator[_Signature]:
    yield _Signature(yaml.MappingStartEvent)
    for key, value in fields.items():
        yield _text(key)
        if isinstance(value, str):
            yield _text(value)
        else:
            yield _Signature(yaml.SequenceStartEvent)
            yield from map(_text, value)
            yield _Signature(yaml.SequenceEndEvent)
    yield _Signature(yaml.MappingEndEvent)


def _text(value: str) -> _Signature:
    return _Signature(yaml.ScalarEvent, value=value)


# -- what is new -----------------------------------------------------------------------------------------------------


def _new_fields(old: _Read, discoveries: Iterable[Discovery]) -> list[Fields]:
    """The entries to add: each feed once in the whole file, and each name."""
    values = [event.value for event in old.events[old.first : old.last + 1] if isinstance(event, yaml.ScalarEvent)]
    feeds, names = set(values), {_fold(value) for value in values}
    found: list[Fields] = []
    for discovery in discoveries:
        fresh = [feed for feed in discovery.feeds if feed not in feeds]
        if not discovery.is_settled or (discovery.feeds and not fresh):
            continue
        name = (
            discovery.name if _fold(_literal(discovery.name)) not in names else f"{discovery.name} ({discovery.host})"
        )
        if _fold(_literal(name)) in names:
            continue
        found.append(_fields(replace(discovery, feeds=tuple(fresh)), name))
        feeds.update(fresh)
        names.add(_fold(_literal(name)))
    return found


def _fold(name: str) -> str:
    """Key under which sources.yaml holds two names for the same."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in plain if not char.isspace() and char not in "-_") or plain


# -- ways to write it ------------------------------------------------------------------------------------------------


def _ways(text: str, old: _Read, new: Sequence[Fields]) -> Iterator[str]:
    """Edited texts, the nicest first; the caller takes the first that says what it should."""
    end = "\r\n" if "\r\n" in text else "\n"
    if old.key is None:
        yield from _as_new_key(text, old, new, end)
    elif old.is_empty:
        yield from _behind_key(text, old, new, end)
    elif old.is_list and old.events[old.first].flow_style:
        yield from _in_brackets(text, old, new, end)
    elif old.is_list:
        yield _in_block(text, old, new, end)


def _as_new_key(text: str, old: _Read, new: Sequence[Fields], end: str) -> Iterator[str]:
    """At the end of the file: with a blank line, then without one, which a text block before it may not bear."""
    lines = [f"{' ' * old.column}sources:", *_indented(new, old.column + 2)]
    glue = "" if not text or text.endswith(("\n", "\r")) else end
    for blank in (end if text.strip("\ufeff") else "", ""):
        yield text + glue + blank + end.join(lines) + end


def _behind_key(text: str, old: _Read, new: Sequence[Fields], end: str) -> Iterator[str]:
    value = old.events[old.first]
    start, stop = value.start_mark.index, value.end_mark.index
    line = _line_end(text, stop)
    yield _spliced(text[:start] + text[stop:], line - (stop - start), _indented(new, old.column + 2), end)


def _in_brackets(text: str, old: _Read, new: Sequence[Fields], end: str) -> Iterator[str]:
    """``[a, b]``: an empty pair of brackets makes room for a list of lines; in others the items go to the end."""
    opening, closing = old.events[old.first], old.events[old.last]
    start, stop = opening.start_mark.index, closing.end_mark.index
    items = old.items()
    if not items and "\n" not in text[start:stop]:
        yield _spliced(
            text[:start] + text[stop:], _line_end(text, stop) - (stop - start), _indented(new, old.column + 2), end
        )
    yield from _before_bracket(text, old, new, end)


def _before_bracket(text: str, old: _Read, new: Sequence[Fields], end: str) -> Iterator[str]:
    items = old.items()
    bracket = old.events[old.last].end_mark.index - 1
    written = list(map(_flow_item, new))
    behind = old.events[items[-1][1]].end_mark.index if items else bracket
    between = re.sub(r"#[^\r\n]*", "", text[behind:bracket])
    comma = "," if items and "," not in between else ""
    line_start = text.rfind("\n", 0, bracket) + 1
    if items and line_start > behind and not text[line_start:bracket].strip():
        indent = _indent_of(text, old.events[items[-1][0]].start_mark.index)
        trailing = "" if comma else ","
        lines = f",{end}".join(indent + item for item in written) + trailing + end
        yield text[:behind] + comma + text[behind:line_start] + lines + text[line_start:]
    space = " " if comma or ("," in between and not text[bracket - 1].isspace()) else ""
    yield text[:behind] + comma + text[behind:bracket] + space + ", ".join(written) + text[bracket:]


def _indent_of(text: str, index: int) -> str:
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return line[: len(line) - len(line.lstrip())]


def _in_block(text: str, old: _Read, new: Sequence[Fields], end: str) -> str:
    """Behind the last item and the comments that belong to it, in the style of that item."""
    column = old.events[old.first].start_mark.column
    first, last = old.items()[-1]
    if getattr(old.events[first], "flow_style", False):
        lines = [f"{' ' * column}- {_flow_item(fields)}" for fields in new]
    else:
        lines = _indented(new, column, _gap_behind_dash(old.events[first], column))
    place = _behind_comments(text, _line_end(text, _end_of(old.events, first, last)), old.column)
    return _spliced(text, place, lines, end)


def _gap_behind_dash(item: Any, column: int) -> str:
    is_mapping = isinstance(item, yaml.MappingStartEvent)
    return " " * max(item.start_mark.column - column - 1 if is_mapping else 1, 1)


def _indented(new: Sequence[Fields], column: int, gap: str = " ") -> list[str]:
    return [" " * column + line for fields in new for line in _block_item(fields, gap)]


def _end_of(events: Sequence[Any], first: int, last: int) -> int:
    """Where the last thing that is really written in a node ends; the ends of blocks are marked far behind it."""
    open_flows: list[bool] = []
    place = 0
    for event in events[first : last + 1]:
        is_written = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            open_flows.append(bool(event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            is_written = open_flows.pop()
        if is_written:
            place = event.end_mark.index
    return place


def _line_end(text: str, index: int) -> int:
    """The beginning of the next line; a place that is one already (behind a text block) stays."""
    if index and text[index - 1] in "\r\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _behind_comments(text: str, index: int, outer: int) -> int:
    """Skip the comments right below that are indented deeper than the key ``sources:``."""
    while found := re.compile(rf"[ ]{{{outer + 1},}}#[^\n]*(?:\n|\Z)").match(text, index):
        index = found.end()
    return index


def _spliced(text: str, index: int, lines: Sequence[str], end: str) -> str:
    before = text[:index]
    glue = "" if not before or before.endswith(("\n", "\r")) else end
    return before + glue + end.join(lines) + end + text[index:]
