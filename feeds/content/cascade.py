"""What a page inherits from the section pages above it, and whether the site lists it at all: Hugo's rules. Pure.

``cascade`` is a map or a list of maps; ``target`` (``_target`` in older sites) chooses pages by ``path``, ``kind``,
``lang``, ``environment`` or ``sites.matrix.languages``, all of them glob patterns. The nearest section page wins, then
the one above it, then the site's configuration; what the page says itself wins over all of them.
https://gohugo.io/content-management/front-matter/#cascade and https://gohugo.io/content-management/build-options/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from feeds.content.generator import Branches, Place

#: What a cascade may not set: these make the tree itself.
_STRUCTURE = frozenset({"kind", "path", "lang", "cascade", "target", "_target", "params"})
_GLOB_PART = re.compile(r"\*\*+|\*|\?|\[!?[^\[\]/]{1,100}\]|[{},]|\\.|.", re.DOTALL)
_TRUE = frozenset({"true", "1", "yes", "on", "y", "t"})
#: Environment of a build for the public.
ENVIRONMENT = "production"


def inherited_values(place: Place, branches: Branches, site: Any = None) -> Mapping[str, Any]:
    """Values that the page has unless it names them itself; keys in lower case.

    Args:
        place: The page.
        branches: The section pages above it, nearest first.
        site: ``cascade`` of the site's configuration.
    """
    found: dict[str, Any] = {}
    cascades = [branch.values["cascade"] for branch in branches if "cascade" in branch.values]
    for cascade in [*cascades, site] if site else cascades:
        _apply(found, cascade, lambda target: matches_page(target, place))
    return found


def branch_value(key: str, folders: tuple[str, ...], branches: Branches, site: Any = None) -> Any:
    """A value of a section page, its own or one that it inherits; its own ``cascade`` counts for itself, too."""
    above = [branch for branch in branches if branch.folders == folders[: len(branch.folders)]]
    own = next((branch for branch in above if branch.folders == folders), None)
    if own is None:
        return None
    if key in own.values:
        return own.values[key]
    path = "/" + "/".join(folders).lower().replace(" ", "-")
    found: dict[str, Any] = {}
    for cascade in [*(branch.values.get("cascade") for branch in above), site]:
        _apply(found, cascade, lambda target: _matches(target, "section", path, own.edition))
    return found.get(key)


def _apply(found: dict[str, Any], cascade: Any, is_meant: Callable[[Any], bool]) -> None:
    for one in _maps(cascade):
        target = one.get("target", one.get("_target"))
        if target is not None and not is_meant(target):
            continue
        params = one.get("params")
        for key, value in params.items() if isinstance(params, dict) else ():
            found.setdefault(str(key).lower(), value)
        for key, value in one.items():
            if key not in _STRUCTURE:
                found.setdefault(key, value)


def _maps(cascade: Any) -> Iterator[dict[str, Any]]:
    for one in cascade if isinstance(cascade, list) else [cascade]:
        if isinstance(one, dict):
            yield {str(key).lower(): value for key, value in one.items()}


def matches_page(target: Any, place: Place) -> bool:
    """Whether a ``target`` chooses a page: every pattern in it must match; one that nobody can read chooses nothing."""
    return _matches(target, "page", logical_path(place), place.edition)


def matches_term(target: Any, path: str, edition: str) -> bool:
    """Whether a ``target`` chooses the page of a term; ``path`` is ``/tags/name``."""
    return _matches(target, "term", path, edition)


def _matches(target: Any, kind: str, path: str, edition: str) -> bool:
    if not isinstance(target, dict):
        return False
    wanted = {str(key).lower(): value for key, value in target.items()}
    facts = {"path": path, "kind": kind, "environment": ENVIRONMENT, "lang": edition or None}
    for key, fact in facts.items():
        pattern = _text(wanted.get(key))
        if pattern and fact is not None and not glob_pattern(pattern.lower()).fullmatch(fact):
            return False
    languages = _languages(wanted.get("sites"))
    return not languages or not edition or any(glob_pattern(one).fullmatch(edition) for one in languages)


def logical_path(place: Place) -> str:
    """The page's path as Hugo's ``.Path`` has it: below the content folder, lower case, blanks as hyphens."""
    return "/" + "/".join((*place.folders, place.name)).lower().replace(" ", "-")


def _languages(sites: Any) -> list[str]:
    matrix = sites.get("matrix") if isinstance(sites, dict) else None
    found = matrix.get("languages") if isinstance(matrix, dict) else None
    return [_text(one).lower() for one in (found if isinstance(found, list) else [found]) if _text(one)]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


@lru_cache(maxsize=512)
def glob_pattern(pattern: str) -> re.Pattern[str]:
    """``**`` anything, ``*`` and ``?`` within a name, ``[a-z]``, ``{one,two}``."""
    depth = 0
    parts = []
    for part in _GLOB_PART.findall(pattern[:1000]):
        if part == "{":
            depth += 1
            parts.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            parts.append(")")
        elif part == "," and depth:
            parts.append("|")
        else:
            parts.append(_glob_part(part))
    parts.append(")" * depth)
    return re.compile("".join(parts), re.DOTALL)


def _glob_part(part: str) -> str:
    if part.startswith("**"):
        return ".*"
    if part in {"*", "?"}:
        return "[^/]*" if part == "*" else "[^/]"
    if part.startswith("[") and len(part) > 1:
        inner = part[1:-1]
        negated = inner.startswith("!")
        return "[" + "^" * negated + re.escape(inner[negated:]).replace(r"\-", "-") + "]"
    return re.escape(part[-1] if part.startswith("\\") else part)


def hidden_by_build(values: Mapping[str, Any]) -> str:
    """Why Hugo lists the page in no list of the site, in a few words; empty when it does.

    A page with ``render: link`` has an address and stands in lists, so it is not hidden.
    """
    if is_true(values.get("headless")):
        return "headless"
    build = values.get("_build", values.get("build"))
    if not isinstance(build, dict):
        return ""
    options = {str(key).lower(): value for key, value in build.items()}
    listed = _option(options.get("list"))
    if listed in {"never", "local", "false"}:
        return f"build.list: {listed}"
    if _option(options.get("render")) in {"never", "false"}:
        return "build.render: never"
    return ""


def _option(value: Any) -> str:
    return str(value).strip().lower() if isinstance(value, str | bool) else ""


def is_true(value: Any) -> bool:
    """Whether a value of front matter means yes: True, or a word for it (YAML arrives as written)."""
    return value is True or (isinstance(value, str) and value.strip().lower() in _TRUE)
