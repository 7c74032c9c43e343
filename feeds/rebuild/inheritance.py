"""What articles inherit from the section pages above them, and when they were committed; which of that has changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct, field
from sqlalchemy import Connection

from feeds.content.articles import NOTHING, Inheritance
from feeds.content.branches import BranchIndex, BranchText, is_unknown, read_branch
from feeds.content.files import ContentRoot, FileStat, Scan
from feeds.model import Problem
from feeds.rebuild.values import Site
from feeds.store.sql import read_meta, write_meta

#: Facts in the state: the section pages as they were last read, and the dates of commits.
_BRANCHES = "branches"
_COMMITS = "commits"
#: A file may change again within the granularity of its time stamp (2 s on FAT); one so young is read again next time.
_TOO_YOUNG_NS = 2_000_000_000


class _Known(Struct, frozen=True):
    """A section page as the state keeps it."""

    root: int
    mtime_ns: int
    size: int
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()

    @property
    def text(self) -> BranchText:
        return BranchText(self.values, self.problems)

    @property
    def digest(self) -> bytes:
        said = (self.values, is_unknown(self.problems))
        return blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=16).digest()


class Inheritances:
    """What each article inherits."""

    def __init__(
        self, roots: tuple[ContentRoot, ...], branches: Mapping[str, _Known], commits: Mapping[str, datetime]
    ) -> None:
        self.index = BranchIndex(roots, ((path, one.root, one.text) for path, one in branches.items()))
        #: What is wrong with the section pages.
        self.problems = [problem for one in branches.values() for problem in one.problems]
        self._commits = commits

    def of(self, path: str, file: FileStat) -> Inheritance:
        """What one article inherits."""
        branches = self.index.above(path, file.root)
        committed = self._commits.get(file.absolute) if self._commits else None
        return Inheritance(branches, committed) if branches or committed else NOTHING


class Synced(Struct, frozen=True):
    """The inheritances of now, and the articles that inherit another thing than when they were last read."""

    inheritances: Inheritances
    changed: set[str] = field(default_factory=set)
    #: Whether any section page came, changed or went: some are those of terms.
    has_other_sections: bool = False

    @property
    def sections(self) -> BranchIndex:
        """All section pages."""
        return self.inheritances.index


def read_inheritances(site: Site, found: Scan) -> Inheritances:
    """Read every section page."""
    return Inheritances(site.roots, _read_branches(found, {}), _commits(site))


def sync_inheritances(connection: Connection, site: Site, found: Scan, *, is_full: bool) -> Synced:
    """Read the section pages that changed; tell which articles that concerns, and note it in the state."""
    text = read_meta(connection, _BRANCHES)
    before = {} if is_full or not text else msgspec.json.decode(text, type=dict[str, _Known])
    now = _read_branches(found, before)
    commits = _commits(site)
    inheritances = Inheritances(site.roots, now, commits)
    differing = [path for path in {*before, *now} if _differs(path, before, now)]
    changed = _below(inheritances.index, found.files, differing, before | now)
    changed |= _committed_anew(connection, found, commits)
    encoded = msgspec.json.encode(now, order="deterministic").decode()
    if encoded != text:
        write_meta(connection, _BRANCHES, encoded)
    return Synced(inheritances, changed, bool(differing))


def _read_branches(found: Scan, before: Mapping[str, _Known]) -> dict[str, _Known]:
    youngest = time.time_ns() - _TOO_YOUNG_NS
    read: dict[str, _Known] = {}
    for path, file in found.branches.items():
        known = before.get(path)
        if known and (known.root, known.mtime_ns, known.size) == (file.root, file.mtime_ns, file.size):
            read[path] = known
            continue
        mtime = 0 if file.mtime_ns > youngest else file.mtime_ns
        text = read_branch(file, path)
        read[path] = _Known(file.root, mtime, file.size, _plain(text.values), text.problems)
    return read


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the state gives them back: dates as text."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    return decoded


def _differs(path: str, before: Mapping[str, _Known], now: Mapping[str, _Known]) -> bool:
    if path not in before or path not in now:
        return True
    return before[path].root != now[path].root or before[path].digest != now[path].digest


def _below(
    index: BranchIndex, files: Mapping[str, FileStat], changed: Iterable[str], known: Mapping[str, _Known]
) -> set[str]:
    """The articles below some section pages."""
    places = [index.place(path, known[path].root) for path in changed]
    if not places:
        return set()
    tops = [(place.edition, place.folders) for place in places]
    found = set()
    for path, file in files.items():
        place = index.place(path, file.root)
        if any(edition in {place.edition, ""} and place.folders[: len(top)] == top for edition, top in tops):
            found.add(path)
    return found


def _commits(site: Site) -> dict[str, datetime]:
    """Asked of git only where a date may come from there."""
    rules = [root.generator.dates for root in site.roots]
    if not any(":git" in keys for one in rules for keys in (one.published, one.updated, one.appears, one.expires)):
        return {}
    from feeds.content.git_dates import commit_dates  # noqa: PLC0415 (few sites ask git)

    return commit_dates(site.folder)


def _committed_anew(connection: Connection, found: Scan, commits: Mapping[str, datetime]) -> set[str]:
    """Articles that were committed since; a commit changes no file, only its date."""
    text = read_meta(connection, _COMMITS)
    if not commits and not text:
        return set()
    before = msgspec.json.decode(text or "{}", type=dict[str, datetime])
    now = {path: commits[file.absolute] for path, file in found.files.items() if file.absolute in commits}
    write_meta(connection, _COMMITS, msgspec.json.encode(now, order="deterministic").decode())
    return {path for path in found.files if before.get(path) != now.get(path)}
