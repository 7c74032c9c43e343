"""Keep the editor's pages in step with the state: read what they show, write what changed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import Connection

from feeds import __version__
from feeds.errors import PublishError
from feeds.model import SourceSpec
from feeds.publish.output import Outcome, Output
from feeds.store import desk_rows
from feeds.store.desk_rows import LAST_REBUILD
from feeds.store.sql import Store, read_meta, write_meta

if TYPE_CHECKING:
    from feeds.desk.values import Front


class DeskPlan(Struct, frozen=True, kw_only=True):
    """What the pages need of sources.yaml."""

    #: Absolute path of their folder.
    folder: str
    title: str
    url: str
    #: BCP 47.
    language: str
    zone: tzinfo
    sources: Sequence[SourceSpec]
    #: How many coverage gaps are listed.
    gaps: int


def write_desk(store: Store, plan: DeskPlan) -> list[str]:
    """Bring audit.html and status.html up to date; names of the files that were written. The caller holds the lock.

    A page is made again only when something may have changed that it shows: an audit takes 0.3 ms for each citation.
    Raises PublishError when they cannot be written, or when files that are not ours stand in the way.
    """
    files: dict[str, bytes] = {}
    made: dict[str, str] = {}
    with store.snapshot() as connection:
        for page in _PAGES:
            made_of = _made_of(connection, plan, page)
            if read_meta(connection, page.fact) != made_of or not Path(plan.folder, page.file).is_file():
                files |= page.render(connection, plan)
                made[page.fact] = made_of
    if not made:
        return []
    written = _write(plan.folder, files)
    with store.transaction() as connection:
        for fact, made_of in made.items():
            write_meta(connection, fact, made_of)
    return written


def _made_of(connection: Connection, plan: DeskPlan, page: _Page) -> str:
    facts = (__version__, plan, page.state(connection), read_meta(connection, LAST_REBUILD))
    return blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _audit(connection: Connection, plan: DeskPlan) -> Mapping[str, bytes]:
    from feeds.desk.audit_page import render_audit  # noqa: PLC0415 (Jinja2 takes 0.1 s; most runs change no page)
    from feeds.meet.desk import read_audit  # noqa: PLC0415

    audit = read_audit(connection, plan.sources, language=plan.language, limit=plan.gaps)
    return _assets() | render_audit(_front(plan), audit)


def _status(connection: Connection, plan: DeskPlan) -> Mapping[str, bytes]:
    from feeds.desk.status_page import render_status  # noqa: PLC0415 (likewise)
    from feeds.poll.desk import read_health  # noqa: PLC0415

    health = read_health(connection, plan.sources, zone=plan.zone)
    return _assets() | {"status.html": render_status(_front(plan), health)}


def _front(plan: DeskPlan) -> Front:
    from feeds.desk.values import Front  # noqa: PLC0415 (likewise)

    return Front(title=plan.title, url=plan.url, language=plan.language, zone=plan.zone)


def _assets() -> dict[str, bytes]:
    from feeds.desk.layout import ASSETS, asset  # noqa: PLC0415 (likewise)

    return {name: asset(name) for name in ASSETS}


class _Page(Struct, frozen=True):
    """One of the two, with the parts of its list."""

    file: str
    #: Under which name the state keeps what it was made of.
    fact: str
    state: Callable[[Connection], str]
    render: Callable[[Connection, DeskPlan], Mapping[str, bytes]]


_PAGES = (
    _Page("audit.html", "desk audit", desk_rows.state_of_audit, _audit),
    _Page("status.html", "desk status", desk_rows.state_of_status, _status),
)


def _write(folder: str, files: Mapping[str, bytes]) -> list[str]:
    with _output(folder) as output:
        outcomes = {name: output.write(name, data, known=None) for name, data in files.items()}
        if "audit.html" in files:
            _drop_parts(output, files)
    for name, outcome in outcomes.items():
        if outcome is Outcome.FOREIGN:
            raise PublishError(
                f"pages: {folder}/{name}: a file that feeds did not write stands here; it was left alone "
                "(move it away, or choose another folder for pages.editor)"
            )
    return [name for name, outcome in outcomes.items() if outcome is Outcome.WRITTEN]


@contextlib.contextmanager
def _output(folder: str) -> Iterator[Output]:
    output = Output(folder)
    output.prepare()
    try:
        yield output
    finally:
        output.finish()


def _drop_parts(output: Output, files: Mapping[str, bytes]) -> None:
    """Remove the parts of a list that was longer before; what is not ours stays."""
    from feeds.desk.audit_page import part_name  # noqa: PLC0415 (likewise)

    for number in count(1):
        name = part_name(number)
        if name not in files and (output.compare(name, b"", known=None) is Outcome.FOREIGN or not output.remove(name)):
            return
