"""Walk the content roots and list the files that are articles, as the site's generator tells them from others.

Hidden files and what editors leave behind are left out without a word. What an author would want to know, such as a
folder that cannot be read or a text that looks like an article and is none, is told. The result depends on names and
roots, never on the order of a folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from feeds.content.generator import Generator, Listing
from feeds.content.plain_tree import MARKDOWN, PlainTree, extension_of, is_foreign_file
from feeds.model import Problem, Severity

#: What no article path can carry: control characters, and bytes that are not UTF-8 (surrogates, in Python's names).
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_GLOB_PART = re.compile(r"(?:\*\*/)+|\*+|\?|\[[^\]/]+\]|\{[^{}/]*\}|.", re.DOTALL)
#: How front matter begins: YAML, TOML, JSON.
_FRONT_MATTER = (b"---", b"+++", b"{")
#: Byte order mark and white space, which may stand before it.
_BEFORE_FRONT_MATTER = b"\xef\xbb\xbf \t\r\n"


class ContentRoot(Struct, frozen=True, kw_only=True):
    """One folder of articles."""

    #: Absolute, or relative to the working directory.
    path: str
    #: POSIX path relative to the project folder: how ``Article.path`` begins. Empty for the project folder itself.
    name: str
    #: Which files below it are articles; ``**/`` stands for any number of folders, none included. None for those that
    #: the generator takes.
    glob: str | None = None
    #: Pattern of their addresses; its tokens stand in permalinks.py. None where the generator decides.
    url: str | None = None
    #: POSIX path from the top of the content tree to this folder; empty when it is the top.
    section: str = ""
    #: A file of an earlier such root hides one of this that has its place in the tree, as in Hugo's mounts.
    is_layer: bool = False
    #: Who tells pages from other files.
    generator: Generator = PlainTree()

    def in_tree(self, relative: str) -> str:
        """The path below the top of the content tree of a path below this root."""
        prefix = self.section.strip("/")
        return f"{prefix}/{relative}".strip("/") if prefix else relative


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
    #: Section pages (``_index.md``) by their path relative to the project folder, sorted.
    branches: dict[str, FileStat]
    #: (path, why) of what looks like an article and was not taken, sorted.
    unread: tuple[tuple[str, str], ...]


def scan(roots: Sequence[ContentRoot]) -> Scan:
    """All articles of all roots.

    A file that two roots or two symlinks reach is taken once: for the first root, and under its real name if it can be.
    """
    found: dict[str, FileStat] = {}
    branches: dict[str, FileStat] = {}
    problems: list[Problem] = []
    taken: set[str] = set()
    unseen: list[str] = []
    empty: list[str] = []
    unread: dict[str, str] = {}
    has_layers = sum(root.is_layer for root in roots) > 1
    places: set[tuple[str, tuple[str, ...], str]] = set()
    for number, root in enumerate(roots):
        walk = _Walk(root)
        walk.run()
        problems += walk.problems
        unseen += walk.unseen
        empty += [walk.name] if walk.is_empty else []
        for path, why in walk.unread:
            unread.setdefault(path, why)
        for listed, target in ((walk.articles, found), (walk.branches, branches)):
            for path, real, stat in listed:
                if has_layers and root.is_layer and _is_hidden(path, root, places):
                    continue
                if real not in taken and path not in target:
                    taken.add(real)
                    target[path] = FileStat(root=number, absolute=real, mtime_ns=stat.st_mtime_ns, size=stat.st_size)
    left_out = tuple((path, why) for path, why in sorted(unread.items()) if path not in found)
    files = dict(sorted(found.items()))
    return Scan(files, problems, tuple(unseen), tuple(empty), dict(sorted(branches.items())), left_out)


def _is_hidden(path: str, root: ContentRoot, places: set[tuple[str, tuple[str, ...], str]]) -> bool:
    """Whether an earlier file has the place of this one; notes the place."""
    prefix = f"{root.name.rstrip('/')}/" if root.name not in {"", "."} else ""
    place = root.generator.place(root.in_tree(path.removeprefix(prefix)))
    key = (place.edition, (*place.folders, place.name), place.filename)
    is_hidden = key in places
    places.add(key)
    return is_hidden


class _Walk:
    """One walk through one root. Folders are real paths; symlinks wait until all that is real has been seen."""

    def __init__(self, root: ContentRoot) -> None:
        self.start = os.path.realpath(root.path)
        self.name = f"{root.name.rstrip('/')}/" if root.name not in {"", "."} else ""
        self.root = root
        self.is_wanted = re.compile(_glob_to_regex(root.glob)).fullmatch if root.glob else None
        self.problems: list[Problem] = []
        self.unseen: list[str] = []
        self.is_empty = False
        #: Article path, real path, stat.
        self.articles: list[tuple[str, str, os.stat_result]] = []
        self.branches: list[tuple[str, str, os.stat_result]] = []
        #: Article path, why it is none.
        self.unread: list[tuple[str, str]] = []
        #: Real path, and path relative to the root: empty, or ending in a slash.
        self.folders: list[tuple[str, str]] = [(self.start, "")]
        #: Path relative to the root, folder that holds it, name, and where it belongs if it is a file.
        self.links: list[tuple[str, str, str, _Files]] = []
        self.seen: set[str] = set()

    def run(self) -> None:
        self._walk_folders()
        while self.links:
            links, self.links = sorted(self.links, key=lambda link: link[:3]), []
            for relative, folder, name, files in links:
                self._follow(relative, folder, name, files)
            self._walk_folders()

    def _walk_folders(self) -> None:
        while self.folders:
            folder, relative = self.folders.pop()
            if folder not in self.seen:
                self.seen.add(folder)
                self._list(folder, relative)

    def _list(self, folder: str, relative: str) -> None:
        try:
            with os.scandir(folder) as opened:
                everything = list(opened)
        except OSError as error:
            fix = "make it readable" if relative else "create it, or correct content[].path"
            fix += "; until then its articles stay as they were"
            self._report(relative or "", "folder", _reason(error), fix)
            self.unseen.append(self.name + relative)
            return
        self.is_empty |= not everything and not relative
        entries = {entry.name: entry for entry in everything}
        listing = self._select(entries, folder, relative)
        for name in listing.pages:
            self._enter(entries[name], folder, relative + name, self.articles)
        for name in listing.branches:
            self._enter(entries[name], folder, relative + name, self.branches)
        for name in listing.folders:
            self._enter(entries[name], folder, relative + name, self.articles)
        self.unread += [(self.name + relative + name, why) for name, why in listing.unread]

    def _select(self, entries: dict[str, os.DirEntry[str]], folder: str, relative: str) -> Listing:
        """What the generator takes of a folder; of ``glob`` where sources.yaml has one."""
        folders = {name for name, entry in entries.items() if _is_folder(entry)}
        files = [name for name in entries if name not in folders]
        listing = self.root.generator.select(self.root.in_tree(relative.rstrip("/")), files, sorted(folders), folder)
        html = [name for name in listing.candidates if _has_front_matter(f"{folder}/{name}")]
        pages = [*listing.pages, *html]
        bare = [(name, "without front matter it is no page") for name in listing.candidates if name not in html]
        listing = listing._replace(unread=[*listing.unread, *bare])
        if self.is_wanted is None:
            return listing._replace(pages=pages)
        known = {*listing.branches, *listing.candidates, *(name for name, _ in listing.unread)}
        wanted = [name for name in pages if self.is_wanted(relative + name)]
        # A glob may also name texts that no generator knows.
        wanted += [name for name in files if self._is_other_text(name, relative) and name not in known]
        passed = [(name, "content[].glob does not name it") for name in pages if name not in wanted]
        return listing._replace(pages=wanted, unread=[*listing.unread, *passed])

    def _is_other_text(self, name: str, relative: str) -> bool:
        is_other = extension_of(name) not in MARKDOWN and not is_foreign_file(name)
        return is_other and self.is_wanted is not None and self.is_wanted(relative + name) is not None

    def _enter(self, entry: os.DirEntry[str], folder: str, relative: str, files: _Files) -> None:
        try:
            if entry.is_symlink():
                self.links.append((relative, folder, entry.name, files))
            elif entry.is_dir():
                if self._is_usable(entry.name, relative):
                    self.folders.append((f"{folder}/{entry.name}", f"{relative}/"))
            elif entry.is_file() and self._is_usable(entry.name, relative):
                files.append((self.name + relative, f"{folder}/{entry.name}", entry.stat()))
        except OSError as error:  # it went away meanwhile, or the disk fails
            self._report(relative, "file", _reason(error), "make it readable")

    def _follow(self, relative: str, folder: str, name: str, files: _Files) -> None:
        real = os.path.realpath(f"{folder}/{name}")
        if os.path.isdir(real):
            if f"{folder}/".startswith(f"{real.rstrip('/')}/"):
                self._report(relative, "symlink", "it leads back to a folder that it stands in", "delete it")
            elif self._is_usable(name, relative):
                self.folders.append((real, f"{relative}/"))
        elif not self._is_usable(name, relative):
            return
        elif os.path.isfile(real):
            files.append((self.name + relative, real, os.stat(real)))
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
_WARNINGS = frozenset({"symlink"})

#: Article path, real path, stat.
_Files = list[tuple[str, str, os.stat_result]]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Also what a symlink leads to; False for what went away meanwhile."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _has_front_matter(path: str) -> bool:
    try:
        with open(path, "rb") as opened:
            return opened.read(64).lstrip(_BEFORE_FRONT_MATTER).startswith(_FRONT_MATTER)
    except OSError:
        return False


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
