"""Match paths against the globs of configurations, as Ruby, micromatch and globset read them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from feeds.content.cascade import glob_pattern

#: Folders that need not be there: ``**/`` at the beginning or within.
_ANY_FOLDERS = re.compile(r"(^|/)\*\*/")


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns stands for the whole path; ``*`` stops at a slash, ``**/`` may be nothing."""
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def matches_freely(path: str, patterns: Iterable[str]) -> bool:
    """As ``matches``, but that ``*`` passes slashes."""
    return any(_compiled(pattern.replace("*", "**")).fullmatch(path) for pattern in patterns)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return glob_pattern(_ANY_FOLDERS.sub(r"\1{**/,}", pattern))
