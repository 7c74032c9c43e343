"""Read a configuration file of a generator into plain values, and take them apart without minding their types."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from feeds.errors import ConfigError

Settings = dict[str, Any]


def read_file(path: Path, folder: Path, whose: str) -> Any:
    """What a YAML, TOML or JSON file holds.

    Args:
        path: The file; its extension says what it is.
        folder: Of the site; for the message.
        whose: The generator's name in the genitive; for the message.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return LOADERS[path.suffix.lstrip(".")](path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        name = path.relative_to(folder).as_posix()
        raise ConfigError(f"{name}: {whose} settings: {why} (fix the file)") from error


class _Loader(yaml.SafeLoader):
    """Takes a tag that it does not know (``!ENV``, ``!!python/name:…``) for none."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _untagged)
_Loader.add_multi_constructor("tag:", _untagged)


def _load_yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


#: By the extension of the file.
LOADERS: Mapping[str, Callable[[str], Any]] = {
    "toml": tomllib.loads,
    "yaml": _load_yaml,
    "yml": _load_yaml,
    "json": json.loads,
}


def text_of(value: Any) -> str:
    """A scalar as one line; empty for all else."""
    return " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def table_of(value: Any) -> Settings:
    """A map, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """A list; one value as a list of one; nothing for None."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts_of(value: Any) -> tuple[str, ...]:
    """The scalars of a list, or the one that stands alone."""
    return tuple(filter(None, map(text_of, list_of(value))))
