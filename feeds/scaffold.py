"""Write the first sources.yaml: what the site says of itself filled in, every other option shown beside its help."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from msgspec import inspect
from msgspec.structs import replace

from feeds.config.kinds import WrongValueError
from feeds.config.listing import bare, default_of, help_of, kind_of, members, shape, table_in
from feeds.config.placeholders import ASKS_FOR_URL, TITLE, URL
from feeds.content.files import ContentRoot, scan
from feeds.content.languages import guess_site_language
from feeds.content.plain_tree import PlainTree
from feeds.sites.description import SiteDescription
from feeds.sites.recognise import recognise

#: Where ``feeds init`` lays the JSON Schema, relative to sources.yaml: editors find it there without a network.
SCHEMA_FILE = ".feeds/sources.schema.json"

_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE}
# Settings of feeds, written by "feeds init"{{origin}}; "feeds check" tells what is wrong with them.
# A line that begins with "#" and a word shows an option with its default or an example: remove the "#" to use it."""
#: ``feeds`` of a source means the same as ``feed``; one is enough to show.
_NOT_SHOWN = frozenset({"sources[].feeds"})

#: What articles may be where nothing is Markdown.
_TEXTS = "**/*.txt"

#: So many folders are looked into for a site.
_MOST_FOLDERS = 50
#: Folders whose site is another one's: of themes, of dependencies, of what was built.
_NOT_THE_SITE = frozenset({"exampleSite", "themes", "node_modules", "vendor", "public", "dist", "_site"})

Values = Mapping[str, Any]


class Scaffold(NamedTuple):
    """A first sources.yaml."""

    text: str
    #: What a person is to know of it, one sentence each; they stand in the text, too.
    notes: tuple[str, ...]


def scaffold(directory: str) -> Scaffold:
    """A sources.yaml for the site in ``directory``; it writes nothing.

    Raises:
        ConfigError: there is a configuration of a site generator that cannot be read.
    """
    folder = Path(directory)
    found = recognise(folder)
    site = found[1].describe() if found else _site_below(folder)
    head = _HEAD.format(origin=f" from {site.read_from}" if site.read_from else "")
    notes = (*site.notes, *_notes(site, folder))
    lines = [head, *(f"# Note: {note}." for note in notes), *_table_lines(shape(), _known(site, folder), "", "")]
    return Scaffold("\n".join(lines) + "\n", notes)


def _notes(site: SiteDescription, folder: Path) -> Iterator[str]:
    if _usable("site.url", site.url) is None:
        yield ASKS_FOR_URL + (f': "{site.url}" is none' if site.url else "")
    language, count = _language(site, folder)
    if count:
        texts = f"{count} article{'s' * (count != 1)}"
        yield f'the language "{language}" was guessed from the text of {texts}; correct it if it is another'


def _known(site: SiteDescription, folder: Path) -> dict[str, Any]:
    """The options that the site decides, in the shape of the file.

    What the generator's configuration says of content, addresses, terms and languages is read from there at each run.
    """
    return {
        "site": {
            "title": _literal(site.title) or TITLE,
            "url": _usable("site.url", site.url) or URL,
            "language": _language(site, folder)[0],
            "author": _author(site),
            "description": _literal(site.description) or None,
            "timezone": _usable("site.timezone", site.timezone),
        },
        "generator": site.kind or None,
        "content": _content(site, folder),
    }


def _content(site: SiteDescription, folder: Path) -> list[dict[str, str]] | None:
    """Where the articles are, as far as the generator does not say so at each run."""
    if not site.kind and not site.trees:
        return [_loose(folder)]
    if recognise(folder):
        return None
    return [{"path": path} for path in dict.fromkeys(tree.path for tree in site.trees)] or None


def _site_below(folder: Path) -> SiteDescription:
    """The site of a generator in a folder of this one, if there is one only: ``site/``, ``docs/``, ``www/`` …."""
    places = [place for place in sorted(folder.glob("*/")) if not place.name.startswith((".", "_", "@"))]
    found = [(place, one[1].describe()) for place in places[:_MOST_FOLDERS] if (one := recognise(place))]
    # What has a configuration: a folder of drafts may look like one of posts.
    known = [(place.name, says) for place, says in found if says.files and place.name not in _NOT_THE_SITE]
    if len(known) != 1:
        return SiteDescription()
    ((name, says),) = known
    trees = tuple(replace(tree, path=f"{name}/{tree.path}") for tree in says.trees)
    static = tuple(f"{name}/{path}" for path in says.static)
    return replace(says, read_from=f"{name}/{says.read_from}", trees=trees, static=static)


def _language(site: SiteDescription, folder: Path) -> tuple[str | None, int]:
    """The language that the site states, else that of its articles, and from how many that was guessed (0: stated)."""
    if stated := _usable("site.language", site.language.replace("_", "-")):
        return stated, 0
    roots = [ContentRoot(path=str(folder / tree.path), name=tree.path) for tree in site.trees]
    language, count = guess_site_language(scan(roots or [_loose_root(folder)]).files)
    return language or None, count if language else 0


def _loose_root(folder: Path) -> ContentRoot:
    content = _loose(folder)
    path = content["path"]
    tree = PlainTree(is_project=path == ".")
    return ContentRoot(path=str(folder / path), name=path, glob=content.get("glob"), generator=tree)


def _author(site: SiteDescription) -> str | dict[str, str] | None:
    if site.author and _usable("site.author.email", site.email):
        return {"name": _literal(site.author), "email": site.email}
    return _literal(site.author) or None


def _literal(text: str) -> str:
    """A text in which ``${`` names no environment variable."""
    return text.replace("${", "$${")


def _loose(folder: Path) -> dict[str, str]:
    """The articles of a folder without a generator: in ``content``, or wherever they lie.

    Texts if nothing is Markdown; ``content`` if there is nothing at all.
    """
    root = folder / "content"
    base = root if root.is_dir() else folder
    glob = next((glob for glob in (None, _TEXTS) if _has_articles(base, glob)), "")
    found = {"path": "content" if base is root or glob == "" else ".", "section": ""}
    return found | {"glob": glob} if glob else found


def _has_articles(folder: Path, glob: str | None) -> bool:
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
        return bool(yaml.safe_load(f"[{text}]") == [text])
    except (yaml.YAMLError, ValueError):
        return False
