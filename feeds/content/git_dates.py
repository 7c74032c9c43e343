"""When each file was last committed, by git where it is at hand."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime

#: Seconds; the log of 20,000 commits takes two.
_PATIENCE = 60
_COMMIT = "\x01"


def commit_dates(folder: str) -> dict[str, datetime]:
    """Author date of the last commit of each file, by absolute path; empty where there is no git or no repository.

    Merges do not count, as they do not for Hugo's ``.GitInfo``.
    """
    top = _git(folder, "rev-parse", "--show-toplevel").strip()
    if not top:
        return {}
    log = _git(folder, "log", "--no-merges", "--name-only", "-z", f"--format=format:{_COMMIT}%aI{_COMMIT}", "--", ".")
    found: dict[str, datetime] = {}
    _, *parts = log.split(_COMMIT)
    for date, names in zip(parts[::2], parts[1::2], strict=False):
        moment = datetime.fromisoformat(date)
        for name in names.split("\0"):
            if name := name.strip("\n"):
                found.setdefault(os.path.join(top, name), moment)  # noqa: PTH118 - of many thousand names
    return found


def _git(folder: str, *arguments: str) -> str:
    """What a command prints; empty when it fails."""
    command = ["git", "-C", folder, "-c", "core.quotePath=false", "-c", "log.showSignature=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True)  # noqa: S603 - of our own words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "surrogateescape")
