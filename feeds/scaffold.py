"""Write the first sources.yaml: what the site says of itself filled in, every other option shown beside its help."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import inspect

from feeds.config.kinds import WrongValueError
from feeds.config.listing import bare, default_of, help_of, kind_of, members, shape, table_in
from feeds.config.placeholders import TITLE, URL
from feeds.config.settings import FrontMatter
from feeds.content.files import ContentRoot, scan
from feeds.content.languages import guess_site_language
from feeds.hugo import HugoSite, plain_site, read_hugo

#: Where ``feeds init`` lays the JSON Schema, relative to sources.yaml: editors find it there without a network.
SCHEMA_FILE = ".feeds/sources.schema.json"

_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# Settings of feeds, written by "feeds init"{{origin}}; "feeds check" tells what is wrong with them.
# A line that begins with "#" and a word shows an option with its default or an example: remove the "#" to use it."""
#: ``feeds`` of a source means the same as ``feed``; one is enough to show.
_NOT_SHOWN = frozenset({"sources[].feeds"})

#: What articles may be, the usual first.
_GLOBS = ("**/*.md", "**/*.txt")

Values = Mapping[str, Any]


def scaffold(directory: str) -> str:
    """The text of a sources.yaml for the site in ``directory``; it writes nothing.

    Raises:
        ConfigError: there is a Hugo configuration that cannot be read.
    """
    folder = Path(directory)
    site = read_hugo(folder) or plain_site(folder)
    head = _HEAD.format(origin=f" from {site.read_from}" if site.read_from else "")
    notes = [f"# Note: {note}." for note in (*site.notes, *_notes(site, folder))]
    return "\n".join([head, *notes, *_table_lines(shape(), _known(site, folder), "", "")]) + "\n"


def _notes(site: HugoSite, folder: Path) -> Iterator[str]:
    if _usable("site.url", site.url) is None:
        yield "write the address of your site below" + (f': "{site.url}" is none' if site.url else "")
    language, count = _language(site, folder)
    if count:
        yield f'the language "{language}" was guessed from the text of {count} articles; correct it if it is another'
    for section in site.sections:
        if _usable("content.url", section.permalink) is None:
            yield f'the permalink "{section.permalink}" of {section.name} is not understood, Hugo\'s default stands in'


def _known(site: HugoSite, folder: Path) -> dict[str, Any]:
    """The options that the site decides, in the shape of the file."""
    keys = FrontMatter()
    front_matter = {
        "tags": list(site.tag_keys) if site.tag_keys not in ((), keys.tags) else None,
        "topics": list(site.topic_keys) if site.topic_keys not in ((), keys.topics) else None,
    }
    return {
        "site": {
            "title": _literal(site.title) or TITLE,
            "url": _usable("site.url", site.url) or URL,
            "language": _language(site, folder)[0],
            "author": _author(site),
            "description": _literal(site.description) or None,
            "timezone": _usable("site.timezone", site.timezone),
        },
        "content": [_content(section.path, section.name, section.permalink) for section in site.sections]
        or [_loose(folder)],
        "static": list(site.static) or None,
        "front_matter": front_matter if any(front_matter.values()) else None,
    }


def _language(site: HugoSite, folder: Path) -> tuple[str | None, int]:
    """The language that the site states, else that of its articles, and from how many that was guessed (0: stated)."""
    if stated := _usable("site.language", site.language.replace("_", "-")):
        return stated, 0
    roots = [ContentRoot(path=str(folder / section.path), name=section.path) for section in site.sections]
    language, count = guess_site_language(scan(roots or [_loose_root(folder)]).files)
    return language or None, count if language else 0


def _loose_root(folder: Path) -> ContentRoot:
    content = _loose(folder)
    path = content["path"]
    return ContentRoot(path=str(folder / path), name=path, glob=content.get("glob", _GLOBS[0]))


def _author(site: HugoSite) -> str | dict[str, str] | None:
    if site.author and _usable("site.author.email", site.email):
        return {"name": _literal(site.author), "email": site.email}
    return _literal(site.author) or None


def _literal(text: str) -> str:
    """A text in which ``${`` names no environment variable."""
    return text.replace("${", "$${")


def _content(path: str, section: str, permalink: str) -> dict[str, str]:
    url = _usable("content.url", permalink) or "/:sections/:slugorfilename/"
    return {"path": path, "url": url, "section": section}


def _loose(folder: Path) -> dict[str, str]:
    """The articles of a folder without sections: in ``content``, or wherever they lie; texts if nothing is Markdown."""
    root = folder / "content"
    base = root if root.is_dir() else folder
    found = next((glob for glob in _GLOBS if _has_articles(base, glob)), None)
    content = _content("content" if base is root or found is None else ".", "", "")
    return content if found in {None, _GLOBS[0]} else content | {"glob": str(found)}


def _has_articles(folder: Path, glob: str) -> bool:
    return bool(scan([ContentRoot(path=str(folder), name="", glob=glob)]).files)


def _usable(key: str, value: str) -> str | None:
    """The value in its normal form, or None when sources.yaml would refuse it."""
    kind = _field(key).type
    plain = bare(kind)
    check = kind_of(members(plain)[0] if isinstance(plain, inspect.UnionType) else kind)
    try:
        return check.check(value) if check else value
    except WrongValueError:
        return None


def _field(key: str) -> inspect.Field:
    table: inspect.StructType | None = shape()
    *parents, last = key.split(".")
    for name in parents:
        table = table_in(next(field.type for field in table.fields if field.name == name)) if table else None
    return next(field for field in (table.fields if table else ()) if field.name == last)


def _table_lines(table: inspect.StructType, known: Values | None, path: str, indent: str) -> Iterator[str]:
    """A line for each option of a mapping; ``known`` is None inside what is only shown."""
    for field in table.fields:
        key = f"{path}{field.name}"
        if key in _NOT_SHOWN:
            continue
        value = (known or {}).get(field.name)
        if not path:
            yield ""
        yield from _option_lines(field, value, key, indent)


def _option_lines(field: inspect.Field, value: Any, key: str, indent: str) -> Iterator[str]:
    inner = None if _may_be_text(field) else table_in(field.type)
    off = "" if value is not None else "#"
    help_text = f"  # {help_of(field.type)}"
    if inner is None:
        yield f"{off}{indent}{field.name}: {_yaml(_shown(field) if value is None else value)}{help_text}"
    elif isinstance(bare(field.type), inspect.VarTupleType):
        yield f"{off}{indent}{field.name}:{help_text}"
        for number, member in enumerate(value or [None]):
            yield from _member_lines(inner, member, f"{key}[].", indent + "  ", first=number == 0)
    else:
        yield f"{off}{indent}{field.name}:{help_text}"
        yield from _table_lines(inner, value, f"{key}.", indent + "  ")


def _member_lines(
    table: inspect.StructType, member: Values | None, path: str, indent: str, *, first: bool
) -> Iterator[str]:
    """The member of a list; only the first shows the options that it does not use."""
    lines = list(_table_lines(table, member, path, indent + "  "))
    if not first:
        lines = [line.partition("  # ")[0] for line in lines if not line.startswith("#")]
    dash = f"{'#' if member is None else ''}{indent}- "
    yield dash + lines[0].lstrip("# ")
    yield from lines[1:]


def _may_be_text(field: inspect.Field) -> bool:
    """``site.author`` may be a text or a mapping; the text is the simpler one to show."""
    kind = bare(field.type)
    return isinstance(kind, inspect.UnionType) and kind_of(kind.types[0]) is not None


def _example(field: inspect.Field) -> Any:
    schema = field.type.extra_json_schema if isinstance(field.type, inspect.Metadata) else None
    return (schema or {}).get("examples", [None])[0]


def _shown(field: inspect.Field) -> Any:
    """What stands for an option that is not used: an example, else its default."""
    example = _example(field)
    return default_of(field) if example is None else example


def _yaml(value: Any) -> str:
    """A value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    """Plain where YAML reads it back as the same text, else quoted."""
    return text if _is_plain(text) else json.dumps(text, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    if not text or text != text.strip() or any(char in text for char in ",[]{}#\n"):
        return False
    try:
        return bool(yaml.safe_load(text) == text)
    except (yaml.YAMLError, ValueError):
        return False
