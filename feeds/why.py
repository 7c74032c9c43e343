"""Find out what a person asks about, an article, an entry, a page, a source or a feed of ours, and have it told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from feeds.errors import ConfigError
from feeds.meet.gaps import Desk
from feeds.meet.pieces import followed
from feeds.meet.why import Account, tell_page, tell_pair
from feeds.meet.why_entry import tell_entry
from feeds.model import Scope
from feeds.poll.why import tell_source
from feeds.rebuild.values import Site
from feeds.rebuild.why import Named, article_paths, find_article, tell_article
from feeds.rebuild.why_feed import feed_names, find_feeds, tell_feed, tell_term
from feeds.store import match_rows, why_rows
from feeds.urls import canonical, host_of

#: So many names are offered for one that nobody has.
_OFFERED = 3


def explain(
    connection: Connection | None, site: Site, what: str, other: str | None, *, now: datetime
) -> tuple[Account, ...]:
    """What is known of one thing, or of an entry and an article; ``connection`` is None without a state.

    Raises:
        ConfigError: nothing is called so.
    """
    if not what.strip():
        raise ConfigError("why: says not what about (name an article, an entry, a source or a feed)")
    if other is not None:
        return tuple(_pairs(_needed(connection), site, what, other))
    told = tuple(_tell(connection, site, what.strip(), now=now))
    if not told:
        raise _unknown(connection, site, what)
    return told


def _needed(connection: Connection | None) -> Connection:
    if connection is None:
        raise ConfigError("state: there is none yet (run feeds poll and feeds rebuild first)")
    return connection


def _tell(connection: Connection | None, site: Site, name: str, *, now: datetime) -> Iterator[Account]:
    """All that is called so: of what has names of one kind the first kind alone."""
    is_number = name.removeprefix("#").isdecimal()
    if is_number and (entries := _entries(_needed(connection), name)):
        yield from _tell_entries(_needed(connection), site, entries)
        return
    article = None if name.startswith("#") else find_article(connection, site, name)
    if article is not None:
        yield tell_article(connection, site, article, now=now)
        return
    found = [*tell_source(connection, site.sources, name, now=now)]
    if connection is not None:
        found += [tell_feed(connection, site, row) for row in find_feeds(connection, site, name)]
        found = found or [*_tell_entries(connection, site, _entries(connection, name), name=name)]
        term = None if found else tell_term(connection, site, name)
        found += [term] if term else []
    yield from found


def _entries(connection: Connection, name: str) -> list[Row[Any]]:
    """The entries that a number, an address or an id in their feed names; a number before an id that looks like one."""
    number = name.removeprefix("#")
    known = why_rows.entries_by_id(connection, match_rows.entries_called(connection, number, canonical(name)))
    numbered = known.get(int(number)) if number.isdecimal() else None
    if numbered is not None:
        return [numbered]
    return [] if name.startswith("#") and number.isdecimal() else list(known.values())


def _tell_entries(
    connection: Connection, site: Site, entries: Sequence[Row[Any]], *, name: str = ""
) -> Iterator[Account]:
    """Entries, after what is known of the page if an address was asked for."""
    if host_of(name):
        yield tell_page(connection, site.sources, name)
    publication = site.publication
    desk = Desk(feeds=followed(site.sources), language=publication.language, limit=publication.limit)
    for row in entries:
        yield tell_entry(connection, row, desk, site.words, lists_gaps=Scope.GAPS in site.editor)


def _pairs(connection: Connection, site: Site, what: str, other: str) -> Iterator[Account]:
    """An entry and an article, in either order."""
    for entry, article in ((what, other), (other, what)):
        entries, named = _entries(connection, entry), find_article(connection, site, article)
        if entries and named is not None:
            for row in entries:
                yield tell_pair(connection, site.sources, site.words, row, _taken_in(named))
            return
    raise ConfigError(
        f"why {what!r} {other!r}: one is to be an entry, the other an article "
        f"({_kind(connection, site, what)}; {_kind(connection, site, other)})"
    )


def _taken_in(named: Named) -> Row[Any]:
    if named.row is None:
        raise ConfigError(f"{named.path}: article: is not known yet (run feeds rebuild first)")
    return named.row


def _kind(connection: Connection, site: Site, name: str) -> str:
    if find_article(connection, site, name) is not None:
        return f"{name!r} is an article"
    return f"{name!r} is an entry" if _entries(connection, name) else f"{name!r} is neither"


def _unknown(connection: Connection | None, site: Site, name: str) -> ConfigError:
    from difflib import get_close_matches  # noqa: PLC0415 (only for a slip)

    near = get_close_matches(name, dict.fromkeys(_names(connection, site)), n=_OFFERED)
    fix = f"did you mean {' or '.join(map(repr, near))}?" if near else "feeds check, match and status list names"
    tried = "no article (path, address, id), no entry (number, address, id), no source, no feed and no term"
    state = "; there is no state yet" if connection is None else ""
    return ConfigError(f"why {name!r}: {tried} is called so{state} ({fix})")


def _names(connection: Connection | None, site: Site) -> Iterable[str]:
    """What people may have meant."""
    yield from article_paths(site)
    for spec in site.sources:
        yield from (spec.name, *spec.aliases, *spec.feeds)
    if connection is not None:
        yield from feed_names(connection)
