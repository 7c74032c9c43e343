"""The table of options looked at: as a list for people, as JSON Schema for editors, as types for the reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from msgspec import inspect

from feeds.config import kinds
from feeds.config.settings import (
    Adopted,
    Audience,
    EditorFeed,
    FormatName,
    GeneratorName,
    ScopeName,
    SourcesFile,
    Table,
)


class Setting(NamedTuple):
    """One option. ``[]`` in a key stands for each member of a list."""

    key: str
    #: What may stand there, in words.
    type: str
    #: As it would be written; ``required``, or empty when there is none.
    default: str
    help: str


def settings() -> tuple[Setting, ...]:
    """Every option, in the order of the file."""
    return tuple(_settings_of(shape(), ""))


def shape() -> inspect.StructType:
    """The types of the whole file, as the reader walks them."""
    table = inspect.type_info(SourcesFile)
    assert isinstance(table, inspect.StructType)  # noqa: S101 - tells mypy what a Struct is
    return table


def settings_markdown() -> str:
    """The table of options for the README."""
    rows = [f"| `{s.key}` | {_cell(s.type)} | {_code(s.default)} | {_cell(s.help)} |" for s in settings()]
    return "\n".join(["| key | type | default | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of sources.yaml."""
    from msgspec import json  # noqa: PLC0415 - not needed to read a file

    schema = json.schema(SourcesFile)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sources.yaml of feeds"}
    return head | schema


def schema_text() -> str:
    """The JSON Schema as the file that ships with the package and that ``feeds init`` lays beside the state."""
    import json  # noqa: PLC0415 - not needed to read a file

    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without its description."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def kind_of(kind: inspect.Type) -> kinds.Kind | None:
    """The check of a text; None when any text will do."""
    found = kind.extra.get("kind") if isinstance(kind, inspect.Metadata) and kind.extra else None
    return found if isinstance(found, kinds.Kind) else None


def members(kind: inspect.UnionType) -> tuple[inspect.Type, ...]:
    """What a union may hold, apart from nothing."""
    return tuple(member for member in kind.types if not isinstance(member, inspect.NoneType))


def described(kind: inspect.Type) -> str:
    """What may stand there, in words: ``a URL``, ``a list of folders``."""
    named = kind_of(kind)
    return named.name if named else _describe(bare(kind))


def table_in(kind: inspect.Type) -> inspect.StructType | None:
    """The struct that a value of this type is, or may be, or has as members."""
    plain = bare(kind)
    if isinstance(plain, inspect.UnionType):
        return next(filter(None, map(table_in, members(plain))), None)
    if isinstance(plain, inspect.VarTupleType):
        return table_in(plain.item_type)
    return plain if isinstance(plain, inspect.StructType) else None


def help_of(kind: inspect.Type) -> str:
    """What an option is for."""
    schema = kind.extra_json_schema if isinstance(kind, inspect.Metadata) else None
    return str((schema or {}).get("description", ""))


def default_of(field: inspect.Field) -> Any:
    """What stands for an option that the file leaves out."""
    return field.default_factory() if callable(field.default_factory) else field.default


def written(value: object) -> str:
    """A default as it would be written in the file; empty when there is nothing to write."""
    if value is None or isinstance(value, Table):
        return ""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or '""'


def _describe(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return _either(list(map(str, _in_order(kind.values))))
        case inspect.VarTupleType():
            return f"a list of {_plural(described(kind.item_type))}"
        case inspect.DictType():
            return "a mapping of names"
        case inspect.StructType():
            return "a mapping"
        case inspect.UnionType():
            return _either([described(member) for member in members(kind)])
    return "text"


def _in_order(values: tuple[object, ...]) -> list[object]:
    """The values of a Literal, which msgspec sorts, in the order of the source."""
    words = (GeneratorName, FormatName, ScopeName, EditorFeed, Adopted, Audience)
    known = [word for kind in words for word in get_args(kind)]
    return sorted(values, key=known.index)


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _plural(words: str) -> str:
    article, _, rest = words.partition(" ")
    first, space, others = rest.partition(" ")
    return f"{first}s{space}{others}" if article in ("a", "an") else words


def _settings_of(table: inspect.StructType, prefix: str) -> Iterator[Setting]:
    for field in table.fields:
        key = prefix + field.name
        default = "required" if field.required else written(default_of(field))
        yield Setting(key=key, type=described(field.type), default=default, help=help_of(field.type))
        inner = table_in(field.type)
        if inner is not None:
            is_list = isinstance(bare(field.type), inspect.VarTupleType)
            yield from _settings_of(inner, f"{key}[]." if is_list else f"{key}.")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return text if text in ("", "required") else f"`{text}`"
