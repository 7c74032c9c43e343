"""The front matter of one article, asked key by key; collects what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from feeds.content.fields import Warn, text_of
from feeds.content.frontmatter import Matter
from feeds.model import Problem, Severity

_SAID_CHARS = 60

#: Members of a map of dates -> the keys that they stand for (Material for MkDocs: ``date: {created: …, updated: …}``).
_DATES = {
    "created": "date", "published": "date", "date": "date", "publish": "date", "posted": "date", "pubdate": "date",
    "updated": "lastmod", "modified": "lastmod", "lastmod": "lastmod", "edited": "lastmod", "lastmodified": "lastmod",
    "publishdate": "publishdate", "expires": "expirydate", "expirydate": "expirydate",
}  # fmt: skip


class Sheet:
    """Gives values and keeps problems, each once.

    Keys are asked for in lower case without ``_`` and ``-``: Hugo reads ``featuredImage`` in any case, and authors
    write ``featured_image`` and ``featured-image`` as well. Hugo's ``params`` are looked through after the rest, then
    what the page inherits.
    """

    def __init__(self, matter: Matter, path: str, inherited: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._lines = matter.lines
        self._values: dict[str, Any] = {}
        #: Folded key -> the key as written.
        self._names: dict[str, str] = {}
        params = matter.values.get("params")
        self._take(matter.values, None)
        self._take(params if isinstance(params, dict) else {}, "params")
        if inherited:
            self._take(inherited, "cascade")

    def _take(self, values: Mapping[str, Any], parent: str | None) -> None:
        for name, value in values.items():
            key = fold_key(name)
            if key[:4] == "date":
                value = self._dates(key, value, parent or name)  # noqa: PLW2901
            if key not in self._values and not _is_empty(value):
                self._values[key] = value
                self._names[key] = parent or name

    def _dates(self, key: str, value: Any, name: str) -> Any:
        """What ``date`` holds, if it is no map of several; ``date.created`` is a member of such a map."""
        member = key.removeprefix("dates").removeprefix("date").removeprefix(".")
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        named = value if isinstance(value, dict) and not member else {member: value} if member in _DATES else {}
        known = {_DATES[fold_key(key)]: one for key, one in reversed(named.items()) if fold_key(key) in _DATES}
        for meant, one in known.items():
            if meant not in self._values and not _is_empty(one):
                self._values[meant] = one
                self._names[meant] = name
        return None if known else value

    def has_any(self, keys: frozenset[str]) -> bool:
        """Whether one of the keys has a value; most articles have none of many, and 50 look-ups take 10 µs."""
        return not keys.isdisjoint(self._values)

    def first(self, *keys: str) -> tuple[str, Any]:
        """The first of the keys that has a value, and that value; an empty key and None when none has."""
        for key in keys:
            if key in self._values:
                return key, self._values[key]
        return "", None

    def text(self, *keys: str) -> str:
        """The first of the keys that holds a scalar, as one line; empty when none does."""
        for key in keys:
            value = self._values.get(key)
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if text := text_of(value):
                return text
            if value is not None:
                self.warn(key, "a list or map stands where one text was expected", "write one text, in quotes")
        return ""

    def warner(self, key: str) -> Warn:
        """``warn`` for one key, as fields.py calls it."""
        return lambda why, fix: self.warn(key, why, fix)

    def warn(self, key: str, why: str, fix: str) -> None:
        """Say that something of this key was lost or guessed."""
        self.say(Severity.WARNING, key, why, fix)

    def say(self, severity: Severity, key: str, why: str, fix: str = "") -> None:
        """Add a problem, with the line of the key where the front matter has it."""
        name = self._names.get(key, key)
        line = self._lines.get(name)
        problem = Problem(path=self._path, line=line, severity=severity, what=name, why=why, fix=fix)
        if problem not in self.problems:  # two values can be taken from one key
            self.problems.append(problem)


@lru_cache(maxsize=512)
def fold_key(name: str) -> str:
    """``featured_image``, ``featuredImage`` and ``featured-image`` as one."""
    return name.lower().replace("_", "").replace("-", "")


def quoted(value: Any) -> str:
    """A value as a message shows it: one line, not too long."""
    text = text_of(value)
    shown = str(value) if text is None else text
    return repr(shown if len(shown) <= _SAID_CHARS else f"{shown[:_SAID_CHARS]}…")


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or value in ([], {})
