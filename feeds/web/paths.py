"""From the path of a request to a file under the folder that is served, and never to any other."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from unicodedata import category, normalize
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from feeds.urls import encode_path

#: Folders whose names are kept in folded form; a site of 60,000 files has 20,000, but few are asked for wrongly spelt.
_FOLDERS = 64
#: Longer paths are nobody's: file systems take 255 bytes a name, ours are three names deep.
_LONGEST = 2048
_INDEX = "index.html"
#: Where version control keeps all that there ever was.
_NEVER_SERVED = frozenset({".git", ".hg", ".svn", ".bzr"})


class File(Struct, frozen=True):
    """A file that exists."""

    #: Where it was found.
    path: str
    #: Where it lies, links resolved.
    place: str
    #: Relative to the folder that is served.
    name: str


class Elsewhere(Struct, frozen=True):
    """It is found under another path, relative to the folder that is served."""

    name: str


Found = File | Elsewhere | None


def names_of(raw_path: bytes) -> tuple[str, ...] | None:
    """The names in a request's path, decoded; the last is empty for a folder. None for what nobody may ask for.

    A dot segment, an empty one, a hidden name, a backslash, a control character, or bytes that are no UTF-8. The folder
    of a term such as ``.NET`` is not hidden: it stands below that of the tags.
    """
    if not raw_path.startswith(b"/") or len(raw_path) > _LONGEST:
        return None
    try:
        names = tuple(unquote_to_bytes(part).decode() for part in raw_path[1:].split(b"/"))
    except UnicodeDecodeError:
        return None
    *folders, last = names
    if not all(map(_is_plain, folders)) or not (last == "" or _is_plain(last)):
        return None
    return None if (folders[:1] and folders[0][0] == ".") or last[:1] == "." else names


def _is_plain(name: str) -> bool:
    # Only dots covers "." and ".." as well; Cc is controls, NUL among them.
    if name.strip(".") == "" or name in _NEVER_SERVED:
        return False
    return not any(c in "/\\" or category(c) == "Cc" for c in name)


class Tree:
    """The folder that is served. Any thread may use it."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        #: Folder -> (when it last changed, folded name -> name).
        self._folded: OrderedDict[str, tuple[int, dict[str, str]]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, names: tuple[str, ...]) -> Found:
        """The file with these names, or where it is found under a spelling that means the same."""
        exact = self._file(names)
        if exact is not None:
            return exact
        spelt = self._respelt(names)
        return None if spelt is None else Elsewhere("/".join(spelt))

    def _file(self, names: tuple[str, ...]) -> File | Elsewhere | None:
        name = "/".join(names)
        path = os.path.join(self.root, *names)
        if names[-1] == "":
            name, path = name + _INDEX, os.path.join(path, _INDEX)
        elif os.path.isdir(path):
            return Elsewhere(name + "/") if os.path.isfile(os.path.join(path, _INDEX)) else None
        try:
            is_file = os.path.isfile(path)
        except ValueError:  # pragma: no cover (what a system cannot take for a name; ours takes all that get here)
            return None
        place = os.path.realpath(path) if is_file else ""
        return File(path, place, name) if is_file and self._holds(place) else None

    def _holds(self, place: str) -> bool:
        """Whether it lies under the root once all links are followed."""
        root = os.path.realpath(self.root)
        return place.startswith(root.rstrip(os.sep) + os.sep)

    def _respelt(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """The same names as the folders spell them; None when they know no such names, or spell them like that."""
        spelt: list[str] = []
        for name in names:
            with self._lock:
                known = name if name == "" else self._names_in(os.path.join(self.root, *spelt)).get(fold(name))
            if known is None:
                return None
            spelt.append(known)
        if tuple(spelt) == names:
            return None
        found = self._file(tuple(spelt))
        if isinstance(found, Elsewhere):
            # One redirect rather than two.
            return (*spelt, "")
        return None if found is None else tuple(spelt)

    def _names_in(self, folder: str) -> dict[str, str]:
        try:
            changed = os.stat(folder).st_mtime_ns
        except OSError:
            return {}
        kept = self._folded.get(folder)
        if kept is None or kept[0] != changed:
            # Sorted backwards, so that of several names that mean the same the first stays.
            listed = sorted((name for name in _listed(folder) if not name.startswith(".")), reverse=True)
            kept = self._folded[folder] = (changed, {fold(name): name for name in listed})
        self._folded.move_to_end(folder)
        while len(self._folded) > _FOLDERS:
            self._folded.popitem(last=False)
        return kept[1]


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def fold(name: str) -> str:
    """What spellings of one name have in common: neither case nor composition of characters."""
    return normalize("NFC", normalize("NFC", name).casefold())


def reference(names: tuple[str, ...], target: str) -> bytes:
    """How a request for ``names`` is told to go to ``target``: relative, so that it holds behind any prefix."""
    wanted = target.split("/")
    same = 0
    while same < min(len(names), len(wanted)) - 1 and names[same] == wanted[same]:
        same += 1
    there = encode_path("/".join(wanted[same:]))
    up = "../" * (len(names) - 1 - same)
    # "./" also keeps a colon in the first name from being taken for a scheme (RFC 3986 §4.2).
    return (up + there if up else "./" + there).encode()
