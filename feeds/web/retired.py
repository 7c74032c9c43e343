"""What has become of feeds that are no longer there: renamed terms lead on (301), pruned feeds are gone (410)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import product

from msgspec import Struct, field

from feeds.errors import FeedsError
from feeds.model import Scope
from feeds.publish.select import FeedSpec, Publication, folder_of
from feeds.publish.terms import fold
from feeds.urls import slugify

#: Seconds for which the answer is kept: nobody misses a redirect for a minute.
_KEPT = 60.0
_GONE = "gone"


class Fates(Struct, frozen=True):
    """What has become of what."""

    #: Folder of a feed under a name that it no longer has -> its folder now; both with a slash at the end.
    moved: Mapping[str, str] = field(default_factory=dict)
    #: Files that were pruned.
    gone: frozenset[str] = frozenset()

    def of(self, path: str) -> str | None:
        """``gone``, the path where it is now, or None when it was never there."""
        folder, _, name = path.rpartition("/")
        target = self.moved.get(f"{folder}/")
        if target is not None:
            return target + name
        return _GONE if path in self.gone else None


def moved_folders(
    publication: Publication,
    aliases: Mapping[Scope, Collection[tuple[str, Iterable[str]]]],
    slugs: Mapping[tuple[str, str, str], str],
) -> dict[str, str]:
    """Where feeds went when their term became another's alias.

    ``aliases``: of each scope, names and their other names. ``slugs``: (edition, scope, folded name) -> slug, where it
    is known.
    """
    moved: dict[str, str] = {}
    for edition, scope in product(publication.editions or ("",), aliases):
        for name, others in aliases[scope]:
            slug = slugs.get((edition, str(scope), fold(name))) or slugify(name)
            now = _folder(publication, edition, scope, slug)
            moved |= {_folder(publication, edition, scope, slugify(other)): now for other in others}
    return {before: now for before, now in moved.items() if before != now}


def _folder(publication: Publication, edition: str, scope: Scope, slug: str) -> str:
    return folder_of(publication, FeedSpec(scope, "", "", slug, edition))


class Retired:
    """``Fates.of``, with the fates read at most every minute. Any thread may call it."""

    def __init__(self, read: Callable[[], Fates], *, timer: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._timer = timer
        self._lock = threading.Lock()
        self._fates = Fates()
        self._read_at = float("-inf")

    def __call__(self, path: str) -> str | None:
        """What has become of a path under which there is no file."""
        with self._lock:
            if self._timer() - self._read_at >= _KEPT:
                self._read_at = self._timer()
                # Should the state be unreadable now: what was known a minute ago is still true.
                with contextlib.suppress(FeedsError):
                    self._fates = self._read()
            return self._fates.of(path)
