"""Walk the content roots and list the Markdown files that are articles.

Left out without a word: section pages (``_index.md``), hidden files and folders, what editors and NAS boxes leave
behind, and the resources of a page bundle (a folder with an ``index.md``). What an author would want to know, such as
a folder that cannot be read, is a problem. The result depends on names and roots, never on the order of a folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from feeds.model import Problem, Severity

#: Folders of tools, which no author wrote. Those that begin with a dot or an ``@`` (Synology) are left out as well.
_FOREIGN = frozenset({"node_modules", "__pycache__", "lost+found", "#recycle", "$RECYCLE.BIN"})
_FOREIGN_START = (".", "@", "_index.")
#: Backups and swap files of editors (``x.md~``, ``.x.md.swp``, ``#x.md#``).
_FOREIGN_END = ("~", ".swp", ".swo", ".bak", ".tmp", "#")

#: What no article path can carry: control characters, and bytes that are not UTF-8 (surrogates, in Python's names).
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
#: The page of a leaf bundle, also in one of several languages.
_INDEX = re.compile(r"index\.(?:[\w-]+\.)?(?:md|markdown)")
_GLOB_PART = re.compile(r"(?:\*\*/)+|\*+|\?|\[[^\]/]+\]|\{[^{}/]*\}|.", re.DOTALL)


class ContentRoot(Struct, frozen=True, kw_only=True):
    """One folder of articles, as sources.yaml names it."""

    #: Absolute, or relative to the working directory.
    path: str
    #: POSIX path relative to the project folder: how ``Article.path`` begins. Empty for the project folder itself.
    name: str
    #: Which files below it are articles; ``**/`` stands for any number of folders, none included.
    glob: str = "**/*.md"
    #: Pattern of their addresses; its tokens stand in permalinks.py.
    url: str = "/:sections/:slugorfilename/"
    #: Name of its section; empty when each folder in it is a section.
    section: str = ""


class FileStat(Struct, frozen=True, kw_only=True):
    """A file as its folder lists it; its bytes are not read."""

    #: Index of its root in the sequence that was scanned.
    root: int
    #: With every symlink resolved.
    absolute: str
    mtime_ns: int
    size: int


class Scan(NamedTuple):
    """What the roots hold."""

    #: All articles by their path relative to the project folder, sorted.
    files: dict[str, FileStat]
    #: What stood in the way.
    problems: list[Problem]
    #: How the paths of articles begin that may be there and could not be seen: of folders that cannot be listed.
    unseen: tuple[str, ...]
    #: How those begin of roots without anything in them, as the folder of a disk is that is not mounted.
    empty: tuple[str, ...]


def scan(roots: Sequence[ContentRoot]) -> Scan:
    """All articles of all roots.

    A file that two roots or two symlinks reach is taken once: for the first root, and under its real name if it can be.
    """
    found: dict[str, FileStat] = {}
    problems: list[Problem] = []
    taken: set[str] = set()
    unseen: list[str] = []
    empty: list[str] = []
    for number, root in enumerate(roots):
        walk = _Walk(root)
        walk.run()
        problems += walk.problems
        unseen += walk.unseen
        empty += [walk.name] if walk.is_empty else []
        for path, real, stat in walk.articles:
            if real not in taken and path not in found:
                taken.add(real)
                found[path] = FileStat(root=number, absolute=real, mtime_ns=stat.st_mtime_ns, size=stat.st_size)
    return Scan(dict(sorted(found.items())), problems, tuple(unseen), tuple(empty))


class _Walk:
    """One walk through one root. Folders are real paths; symlinks wait until all that is real has been seen."""

    def __init__(self, root: ContentRoot) -> None:
        self.start = os.path.realpath(root.path)
        self.name = f"{root.name.rstrip('/')}/" if root.name not in {"", "."} else ""
        self.is_article = re.compile(_glob_to_regex(root.glob)).fullmatch
        self.problems: list[Problem] = []
        self.unseen: list[str] = []
        self.is_empty = False
        #: Article path, real path, stat.
        self.articles: list[tuple[str, str, os.stat_result]] = []
        #: Real path, and path relative to the root: empty, or ending in a slash.
        self.folders: list[tuple[str, str]] = [(self.start, "")]
        #: Path relative to the root, folder that holds it, name.
        self.links: list[tuple[str, str, str]] = []
        self.seen: set[str] = set()

    def run(self) -> None:
        self._walk_folders()
        while self.links:
            links, self.links = sorted(self.links), []
            for relative, folder, name in links:
                self._follow(relative, folder, name)
            self._walk_folders()

    def _walk_folders(self) -> None:
        while self.folders:
            folder, relative = self.folders.pop()
            if folder not in self.seen:
                self.seen.add(folder)
                self._list(folder, relative)

    def _list(self, folder: str, relative: str) -> None:
        try:
            with os.scandir(folder) as listing:
                everything = list(listing)
        except OSError as error:
            fix = "make it readable" if relative else "create it, or correct content[].path"
            fix += "; until then its articles stay as they were"
            self._report(relative or "", "folder", _reason(error), fix)
            self.unseen.append(self.name + relative)
            return
        self.is_empty |= not everything and not relative
        entries = [entry for entry in everything if not _is_foreign(entry.name)]
        indexes = [entry for entry in entries if is_bundle_page(entry.name)]
        if indexes and not relative:
            self._report(
                indexes[0].name, "section page", "an index.md here hides all others in Hugo", "call it _index.md"
            )
            entries = [entry for entry in entries if entry not in indexes]
        elif indexes:
            entries = indexes  # a leaf bundle: all else in it, folders included, are the resources of that one page
        for entry in entries:
            self._enter(entry, folder, relative + entry.name)

    def _enter(self, entry: os.DirEntry[str], folder: str, relative: str) -> None:
        try:
            if entry.is_symlink():
                self.links.append((relative, folder, entry.name))
            elif entry.is_dir():
                if self._is_usable(entry.name, relative):
                    self.folders.append((f"{folder}/{entry.name}", f"{relative}/"))
            elif self.is_article(relative) and entry.is_file() and self._is_usable(entry.name, relative):
                self.articles.append((self.name + relative, f"{folder}/{entry.name}", entry.stat()))
        except OSError as error:  # it went away meanwhile, or the disk fails
            self._report(relative, "file", _reason(error), "make it readable")

    def _follow(self, relative: str, folder: str, name: str) -> None:
        real = os.path.realpath(f"{folder}/{name}")
        if os.path.isdir(real):
            if f"{folder}/".startswith(f"{real.rstrip('/')}/"):
                self._report(relative, "symlink", "it leads back to a folder that it stands in", "delete it")
            elif self._is_usable(name, relative):
                self.folders.append((real, f"{relative}/"))
        elif not self.is_article(relative) or not self._is_usable(name, relative):
            return
        elif os.path.isfile(real):
            self.articles.append((self.name + relative, real, os.stat(real)))
        else:
            self._report(relative, "symlink", "it leads to no file", "mend or delete it")

    def _is_usable(self, name: str, relative: str) -> bool:
        if name.isprintable() or not _UNUSABLE.search(name):
            return True
        self._report(relative, "name", "it is not UTF-8 or holds a control character", "rename it")
        return False

    def _report(self, relative: str, what: str, why: str, fix: str) -> None:
        path = _UNUSABLE.sub("\ufffd", (self.name + relative).rstrip("/")) or self.start
        severity = Severity.WARNING if what in _WARNINGS else Severity.ERROR
        self.problems.append(Problem(path=path, severity=severity, what=what, why=why, fix=fix))


#: Problems that keep no article from its readers.
_WARNINGS = frozenset({"section page", "symlink"})


def is_bundle_page(name: str) -> bool:
    """Whether a file of that name makes its folder one article, named after the folder."""
    return _INDEX.fullmatch(name) is not None


def _is_foreign(name: str) -> bool:
    return name.startswith(_FOREIGN_START) or name.endswith(_FOREIGN_END) or name in _FOREIGN


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _glob_to_regex(glob: str) -> str:
    """``**/`` any folders, ``*`` and ``?`` within one name, ``[a-z]``, ``{md,markdown}``."""
    return "".join(_glob_part(part) for part in _GLOB_PART.findall(glob.removeprefix("./")))


def _glob_part(part: str) -> str:
    if part.startswith("**/"):
        return "(?:[^/]+/)*"
    if part.startswith("*"):
        return ".*" if len(part) > 1 else "[^/]*"
    if len(part) == 1:
        return "[^/]" if part == "?" else re.escape(part)
    if part.startswith("{"):
        return "(?:" + "|".join(re.escape(word) for word in part[1:-1].split(",")) + ")"
    return "[" + re.sub(r"^!", "^", re.escape(part[1:-1]).replace(r"\-", "-").replace(r"\^", "^")) + "]"
