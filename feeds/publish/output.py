"""Write only what changed, atomically, and remove only what is ours."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from feeds.errors import PublishError

#: Files are written here, inside the output folder (a rename must not cross file systems), and renamed into place.
STAGING = ".feeds-tmp"

#: What marks a file as made by us, should the state that knew it be lost: RSS and Atom, JSON Feed, pages, OPML.
GENERATOR_MARKS = (
    b"<generator>feeds</generator>",
    b'"_feeds":',
    b'<meta name="generator" content="feeds">',
    b"<!-- generator: feeds -->",
)
#: The marks stand in the head of every document.
_HEAD_BYTES = 4096


class Outcome(StrEnum):
    """What became of one document."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    #: A file that we did not write stands in the way; it was left alone.
    FOREIGN = "foreign"
    #: An entry that belongs into it is lost from the packs and must be rendered again.
    LOST = "lost"
    #: It could not be checked or written; the last good file stays.
    FAILED = "failed"


class Known(Struct, frozen=True):
    """What the manifest says of a file: hash of what it was made from, and its size in bytes."""

    digest: str
    size: int


class Output:
    """The output folder. Methods raise PublishError with the path and what to do.

    One object for each process; ``number`` keeps the temporary files of several apart.
    """

    def __init__(self, root: str, *, number: int = 0) -> None:
        self.root = root
        self._staging = os.path.join(root, STAGING)
        self._temporary = os.path.join(self._staging, str(number))
        self._folders: set[str] = set()
        self._new_folders: set[str] = set()

    def prepare(self) -> None:
        """Make the folder, and clear away what a killed run left in staging."""
        try:
            shutil.rmtree(self._staging, ignore_errors=True)
            os.makedirs(self._staging, exist_ok=True)
        except OSError as error:
            raise _explained(error, self.root) from error

    def finish(self) -> None:
        """Remove the staging folder."""
        shutil.rmtree(self._staging, ignore_errors=True)

    def path_of(self, name: str) -> str:
        """Absolute path of a file under the folder; refuse a name that would leave it."""
        if "\\" in name or "\0" in name or any(part in {"", ".", ".."} for part in name.split("/")):
            raise PublishError(f"output: {name!r}: would leave the output folder (change its slug or layout)")
        return f"{self.root}/{name}"

    def is_current(self, name: str, known: Known | None, digest: str) -> bool:
        """Whether the file is the one that we wrote from the very same values."""
        if known is None or known.digest != digest:
            return False
        try:
            found = os.stat(self.path_of(name), follow_symlinks=False)
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == known.size

    def write(self, name: str, data: bytes, *, known: Known | None) -> Outcome:
        """Put ``data`` in place unless it stands there already.

        The file is replaced in one step. Without ``known`` it is ours only if it carries our mark.
        """
        path = self.path_of(name)
        folder = path.rpartition("/")[0]
        try:
            self._make_folder(folder)
            # Nothing of anybody's can stand in a folder that this run has just made.
            outcome = Outcome.WRITTEN if folder in self._new_folders else self.compare(name, data, known=known)
            if outcome is Outcome.WRITTEN:
                self._replace(path, data)
        except OSError as error:
            raise _explained(error, path) from error
        return outcome

    def compare(self, name: str, data: bytes, *, known: Known | None) -> Outcome:
        """What ``write`` would do."""
        path = self.path_of(name)
        try:
            present = _read(path)
        except OSError as error:
            raise _explained(error, path) from error
        if present == data:
            return Outcome.UNCHANGED
        if present is not None and known is None and not is_ours(present):
            return Outcome.FOREIGN
        return Outcome.WRITTEN

    def _replace(self, path: str, data: bytes) -> None:
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        os.replace(self._temporary, path)

    def _make_folder(self, folder: str) -> None:
        if folder in self._folders:
            return
        try:
            os.mkdir(folder)
            self._new_folders.add(folder)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
        self._folders.add(folder)

    def remove(self, name: str) -> bool:
        """Remove a file of ours and the folders that this empties; False when it was gone already."""
        path = self.path_of(name)
        try:
            os.unlink(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _explained(error, path) from error
        folder = path.rpartition("/")[0]
        with contextlib.suppress(OSError):
            while folder != self.root:
                os.rmdir(folder)
                self._folders.discard(folder)
                folder = folder.rpartition("/")[0]
        return True


def sync(root: str) -> None:
    """Ask the system to bring everything written so far to the disk, once for the whole run.

    An fsync for each of 56,000 files would cost 50-130 s; one sync lets the disk order the work.
    """
    if hasattr(os, "sync"):
        os.sync()
    else:  # pragma: no cover (Windows has no sync; NTFS journals its own renames)
        Path(root).touch()


def is_ours(data: bytes) -> bool:
    """Whether a document says in its head that we made it."""
    head = data[:_HEAD_BYTES]
    return any(mark in head for mark in GENERATOR_MARKS)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


_ADVICE = {
    errno.ENOSPC: "the disk is full (free some space and run again)",
    errno.EDQUOT: "the disk quota is used up (free some space and run again)",
    errno.EACCES: "may not be written (check its owner and permissions)",
    errno.EPERM: "may not be written (check its owner and permissions)",
    errno.EROFS: "is on a read-only file system (choose another output path)",
    errno.EISDIR: "is a folder where a file should be (move it away)",
    errno.ENOTDIR: "runs through a file where a folder should be (move that file away)",
    errno.EEXIST: "is a file where a folder should be (move it away)",
    errno.ENAMETOOLONG: "is too long a name for this file system (shorten the term with an alias)",
}


def _explained(error: OSError, path: str) -> PublishError:
    reason = _ADVICE.get(error.errno or 0, str(error.strerror or error))
    return PublishError(f"output: {error.filename2 or error.filename or path}: {reason}")
