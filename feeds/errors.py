"""Everything that can go wrong, as one tree.

::

    FeedsError
    ├── ConfigError      sources.yaml says something we cannot use
    ├── ContentError     one article cannot be read or published
    ├── SourceError      one source cannot be used
    │   ├── FetchError   ... its feed could not be had
    │   └── ParseError   ... what came is not a feed
    ├── StoreError       the state file or database cannot be used
    ├── PublishError     a document could not be written
    ├── HookError        a hub or a notification command failed
    └── BusyError        another run holds the lock

Each message reads ``what: which: why (what to do)`` and stands on one line; cli.py prints it and maps it to one
exit code. The original exception is always chained.
"""

from __future__ import annotations


class FeedsError(Exception):
    """Base of all errors that ``feeds`` raises on purpose; prints as one line."""

    #: What the command line exits with (1 problems found, 2 usage, 75 busy: EX_TEMPFAIL of sysexits.h).
    exit_code = 1


class ConfigError(FeedsError):
    """The owner of sources.yaml mends it; nothing runs meanwhile, the last good output stays."""

    exit_code = 2


class ContentError(FeedsError):
    """The author of one article mends it; that article is quarantined, all others publish."""


class SourceError(FeedsError):
    """One source cannot be used now; the others are polled, its entries are kept."""


class FetchError(SourceError):
    """The source's server mends it, usually by itself; we ask again later."""


class ParseError(SourceError):
    """The source's publisher mends it; the entries that we hold are kept."""


class StoreError(FeedsError):
    """The operator mends it (restore, upgrade, or delete the state); nothing is written meanwhile."""


class PublishError(FeedsError):
    """The operator mends it (space, permissions, a stranger's file); the last good document stays."""


class HookError(FeedsError):
    """The hub or the command's owner mends it; publishing goes on."""


class BusyError(FeedsError):
    """Nobody needs to mend it: another run is at work; try again when it is done."""

    exit_code = 75
