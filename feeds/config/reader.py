"""Read a YAML file against the types of settings.py, noting every problem and the line of every key.

The nodes of the YAML are walked, not its values: so each problem knows its line, ``name: 1984`` and ``name: no`` are
the texts that they look like, and an alias that contains itself cannot lead deeper than the types do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import yaml
from msgspec import inspect

from feeds.config.kinds import Kind, WrongValueError
from feeds.config.listing import bare, described, kind_of, members, settings
from feeds.errors import ConfigError
from feeds.model import Problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE_TAG = "tag:yaml.org,2002:"
_VARIABLE = re.compile(r"\$(?P<escape>\$)?\{(?P<name>[^{}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
#: As YAML 1.1 resolves plain words, which is what PyYAML and most people's habits follow.
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
#: Words of libyaml and PyYAML, and what usually leads to them.
_HINTS = (
    ("mapping values are not allowed", 'quote a value that contains ": "'),
    ("alias", 'quote a value that begins with "*" or "&"'),
    ("anchor", 'quote a value that begins with "*" or "&"'),
    ("cannot start any token", 'quote a value that begins with "@", "`" or "%"'),
    ("single document", 'remove the second "---"'),
    ("special characters are not allowed", "remove the control character"),
    ("control characters are not allowed", "remove the control character"),
    ("unexpected end of stream", "close the quote or bracket"),
)
_LONGEST_QUOTE = 80
_PASSWORD = re.compile(r"//[^/@\s]*@")


def compose(path: str) -> yaml.MappingNode:
    """The nodes of the YAML file at ``path``.

    Raises:
        ConfigError: it cannot be read, or is not YAML, or holds no mapping.
    """
    text = _load_text(path)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ConfigError(str(_yaml_problem(error, text, path))) from error
    except RecursionError as error:
        raise ConfigError(f"{path}: YAML: brackets inside brackets without end (close them)") from error
    if node is None:
        raise ConfigError(f'{path}: the file: is empty (delete it and run "feeds init")')
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f'{path}:{_line(node)}: the file: expected keys such as "site:", found {_found(node)}')
    return node


class Reader:
    """Reads nodes into plain values, collecting problems on the way; a wrong value is replaced by an empty one."""

    def __init__(self, file: str, environ: Mapping[str, str]) -> None:
        self.file = file
        self.environ = environ
        self.problems: list[Problem] = []
        #: Path of a value, such as ``sources[3].every``, to the line of its key.
        self.lines: dict[str, int] = {}

    def complain(self, path: str, why: str, fix: str = "") -> None:
        """Note a problem at the line of ``path``, or of what contains it."""
        known = path
        while known and known not in self.lines:
            known = known[: max(known.rfind("."), known.rfind("["), 0)]
        line = self.lines.get(known, 1)
        self.problems.append(Problem(path=self.file, line=line, what=path or "the file", why=why, fix=fix))

    def read(self, node: yaml.Node, kind: inspect.Type, path: str) -> Any:
        """The value of a node, of the given type in any case."""
        plain = bare(kind)
        if isinstance(plain, inspect.UnionType):
            return _read_union(self, node, plain, path)
        wanted, read = _READERS[type(plain)]
        if not isinstance(node, wanted) or not _is_core(node):
            return self.refuse(node, kind, path)
        return read(self, node, kind, path)

    def refuse(self, node: yaml.Node, kind: inspect.Type, path: str) -> Any:
        """Note that the node is not of the type, and put an empty value in its place."""
        if _is_core(node):
            self.complain(path, f"expected {described(kind)}, found {_found(node)}")
        else:
            self.complain(path, f'unknown YAML tag "{node.tag.removeprefix(_CORE_TAG)}"', "remove it")
        return blank(kind)


def _read_union(reader: Reader, node: yaml.Node, union: inspect.UnionType, path: str) -> Any:
    for member in members(union):
        if isinstance(node, _READERS[type(bare(member))][0]):
            return reader.read(node, member, path)
    return reader.refuse(node, union, path)


def _read_struct(reader: Reader, node: yaml.MappingNode, kind: inspect.Type, path: str) -> Any:
    struct = cast(inspect.StructType, bare(kind))
    fields = {field.name: field for field in struct.fields}
    values: dict[str, Any] = {}
    for name, value in _pairs(reader, node, path):
        if name not in fields:
            reader.complain(_join(path, name), "unknown key", _nearest_key(name, list(fields)))
        elif not _is_null(value):
            values[name] = reader.read(value, fields[name].type, _join(path, name))
    for name, field in fields.items():
        if field.required and name not in values:
            _miss(reader, name, field, path)
            values[name] = blank(field.type)
    return struct.cls(**values)


def _miss(reader: Reader, name: str, field: inspect.Field, path: str) -> None:
    given = _join(path, name) in reader.lines
    reader.complain(_join(path, name), "is empty" if given else "is missing", f"it must be {described(field.type)}")


def _pairs(reader: Reader, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, yaml.Node]]:
    """Keys and values in order; the second of two equal keys is a problem and is left out."""
    first: dict[str, int] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if not name:
            reader.complain(path, f"expected a word as a key, found {_found(key)} in line {_line(key)}")
        elif name in first:
            reader.lines[_join(path, name)] = _line(key)
            reader.complain(_join(path, name), "stands twice", f"first in line {first[name]}")
        else:
            first[name] = reader.lines[_join(path, name)] = _line(key)
            yield name, value


def _read_list(reader: Reader, node: yaml.SequenceNode, kind: inspect.Type, path: str) -> tuple[Any, ...]:
    array = cast(inspect.VarTupleType, bare(kind))
    if not node.value and array.min_length:
        reader.complain(path, f"is empty, expected {described(kind)}")
    values: list[Any] = []
    for number, member in enumerate(node.value):
        place = f"{path}[{number}]"
        reader.lines[place] = _line(member)
        value = reader.read(member, array.item_type, place)
        if isinstance(member, yaml.ScalarNode) and value and value in values:
            reader.complain(place, f"{_quoted(member.value)} stands twice", "remove one")
        values.append(value)
    return tuple(values)


def _read_names(reader: Reader, node: yaml.MappingNode, kind: inspect.Type, path: str) -> dict[str, Any]:
    mapping = cast(inspect.DictType, bare(kind))
    values: dict[str, Any] = {}
    for name, value in _pairs(reader, node, path):
        key = _check(reader, name, name, mapping.key_type, _join(path, name))
        values[key] = reader.read(value, mapping.value_type, _join(path, name))
    return values


def _read_text(reader: Reader, node: yaml.ScalarNode, kind: inspect.Type, path: str) -> str:
    if _is_null(node):
        return str(reader.refuse(node, kind, path))
    return _check(reader, _expand(reader, node.value, path), node.value, kind, path)


def _check(reader: Reader, text: str, as_written: str, kind: inspect.Type, path: str) -> str:
    named = kind_of(kind)
    try:
        return named.check(text) if named else text
    except WrongValueError as error:
        reader.complain(path, f"{_shown(as_written, named)} {error.why}", error.fix)
        return ""


def _expand(reader: Reader, text: str, path: str) -> str:
    """``${NAME}`` by its value; ``$${NAME}`` stays ``${NAME}``."""

    def value_of(match: re.Match[str]) -> str:
        if match["escape"]:
            return match[0][1:]
        if not _VARIABLE_NAME.fullmatch(match["name"]):
            reader.complain(
                path, f'"{match[0]}" is not the name of a variable', f"write $${match[0][1:]} for the text itself"
            )
        elif match["name"] not in reader.environ:
            reader.complain(path, f"the environment variable {match['name']} is not set", f"export {match['name']}=…")
        return reader.environ.get(match["name"], match[0])

    return _VARIABLE.sub(value_of, text) if "${" in text else text


def _read_integer(reader: Reader, node: yaml.ScalarNode, kind: inspect.Type, path: str) -> int:
    whole = cast(inspect.IntType, bare(kind))
    text = _expand(reader, node.value, path)
    if _is_bare(node, text) and _INTEGER.fullmatch(text) and (whole.ge or 0) <= int(text) <= (whole.le or int(text)):
        return int(text)
    return int(reader.refuse(node, kind, path))


def _read_boolean(reader: Reader, node: yaml.ScalarNode, kind: inspect.Type, path: str) -> bool:
    text = _expand(reader, node.value, path)
    if _is_bare(node, text) and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    return bool(reader.refuse(node, kind, path))


def _read_choice(reader: Reader, node: yaml.ScalarNode, kind: inspect.Type, path: str) -> str:
    choice = cast(inspect.LiteralType, bare(kind))
    if node.value in choice.values:
        return str(node.value)
    near = _nearest(node.value, [str(value) for value in choice.values])
    reader.complain(path, f"{_quoted(node.value)} is not {described(kind)}", near)
    return str(blank(kind))


_Read = Callable[[Reader, Any, inspect.Type, str], Any]
#: Type -> the node that it is read from, and who reads it.
_READERS: dict[type[inspect.Type], tuple[type[yaml.Node], _Read]] = {
    inspect.StructType: (yaml.MappingNode, _read_struct),
    inspect.DictType: (yaml.MappingNode, _read_names),
    inspect.VarTupleType: (yaml.SequenceNode, _read_list),
    inspect.StrType: (yaml.ScalarNode, _read_text),
    inspect.IntType: (yaml.ScalarNode, _read_integer),
    inspect.BoolType: (yaml.ScalarNode, _read_boolean),
    inspect.LiteralType: (yaml.ScalarNode, _read_choice),
}


def blank(kind: inspect.Type) -> Any:
    """An empty value of the type, so that the rest of a wrong file can still be checked."""
    match bare(kind):
        case inspect.StructType(cls=table, fields=fields):
            return table(**{field.name: blank(field.type) for field in fields if field.required})
        case inspect.UnionType() as union:
            return blank(members(union)[0])
        case inspect.IntType(ge=low):
            return low or 0
        case inspect.BoolType():
            return False
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.VarTupleType():
            return ()
        case inspect.DictType():
            return {}
    return ""


def _load_text(path: str) -> str:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - pathlib is not needed for one open
            data = stream.read()
    except FileNotFoundError as error:
        raise ConfigError(f'{path}: the file: not found (run "feeds init" to write one)') from error
    except IsADirectoryError as error:
        raise ConfigError(
            f"{path}: the file: is a folder (name the file in it: {path.rstrip('/')}/sources.yaml)"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: the file: cannot be read: {error.strerror} (check its permissions)") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: the file: is not UTF-8 (save it as UTF-8)") from error


def _yaml_problem(error: yaml.YAMLError, text: str, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    line = mark.line + 1 if mark else text.count("\n", 0, position) + 1 if position is not None else None
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    return Problem(
        path=path, line=line, what="YAML", why=why, fix=_yaml_hint(why, getattr(error, "context", ""), text, line)
    )


def _yaml_hint(why: str, context: str | None, text: str, line: int | None) -> str:
    lines = text.splitlines()
    there = lines[line - 1] if line and line <= len(lines) else ""
    if "\t" in there[: len(there) - len(there.lstrip())]:
        return "indent with spaces, not with tabs"
    return next(
        (hint for words, hint in _HINTS if words in f"{why} {context}"), "check the indentation, quotes and brackets"
    )


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_core(node: yaml.Node) -> bool:
    return node.tag.startswith(_CORE_TAG) and not node.tag.startswith(_CORE_TAG + "python")


def _is_bare(node: yaml.ScalarNode, text: str) -> bool:
    """Whether a number or truth value stands without quotes, which only a ``${NAME}`` needs."""
    return not node.style or text != node.value


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _CORE_TAG + "null"


def _found(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return "nothing" if _is_null(node) else _quoted(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _quoted(text: str) -> str:
    """A value in quotes, in one line, cut where it gets long; a password in a URL is left out."""
    line = _PASSWORD.sub("//***@", " ".join(text.split()))
    return f'"{line}"' if len(line) <= _LONGEST_QUOTE else f'"{line[:_LONGEST_QUOTE]}…"'


def _shown(text: str, kind: Kind | None) -> str:
    return "the value" if kind is not None and kind.secret else _quoted(text)


def _nearest(word: str, words: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only

    near = get_close_matches(word.lower(), words, n=1)
    return f'did you mean "{near[0]}"?' if near else ""


def _nearest_key(name: str, here: Sequence[str]) -> str:
    """The nearest key of this mapping, else the same key elsewhere in the file."""
    if name == "<<":
        return "merge keys are not read: write the keys out"
    elsewhere = next((s.key for s in settings() if s.key.rpartition(".")[2] == name), None)
    near = _nearest(name, here) or (f'did you mean "{elsewhere}"?' if elsewhere else "")
    return near or f"keys here are {', '.join(here)}"
