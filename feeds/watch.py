"""Hear of changed files at once: by the kernel where it tells, by looking now and then where it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path
from stat import S_ISDIR

#: Milliseconds: how long a burst of changes is gathered; how often files are looked at where the kernel is silent.
_GATHER_MS, _LOOK_MS = 200, 1000


class Watcher:
    """Calls back, from a thread of its own, soon after a file below some folders was written, moved or removed."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        #: Folder -> device and inode when watching began; None while there is no such folder.
        self._folders: dict[str, tuple[int, int] | None] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, folders: Collection[str]) -> None:
        """From now on these folders, and no others; one that does not exist yet is waited for (``look``)."""
        self.stop()
        self._stop = threading.Event()
        self._folders = {folder: _identity(folder) for folder in folders}
        present = [folder for folder, identity in self._folders.items() if identity is not None]
        if present:
            arguments = (present, self._stop)
            self._thread = threading.Thread(target=self._watch, args=arguments, name="watcher", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Watch anew what has appeared or was replaced since: the kernel tells of a folder, not of its name."""
        if any(_identity(folder) != identity for folder, identity in self._folders.items()):
            self.watch(list(self._folders))
            self._heard()

    def stop(self) -> None:
        """Hear nothing more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    def _watch(self, folders: Collection[str], stop: threading.Event) -> None:
        try:
            self._listen(folders, stop, force_polling=None)
        except OSError:
            # inotify has a limit of watches for each user (fs.inotify.max_user_watches); network disks have none.
            self._listen(folders, stop, force_polling=True)

    def _listen(self, folders: Collection[str], stop: threading.Event, *, force_polling: bool | None) -> None:
        from watchfiles import watch  # noqa: PLC0415 (only the daemon watches)

        for _ in watch(
            *folders,
            watch_filter=None,
            debounce=_GATHER_MS,
            step=50,
            stop_event=stop,
            rust_timeout=500,
            force_polling=force_polling,
            poll_delay_ms=_LOOK_MS,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            self._heard()


def _identity(folder: str) -> tuple[int, int] | None:
    try:
        found = Path(folder).stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if S_ISDIR(found.st_mode) else None
