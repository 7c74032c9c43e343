"""Tell in words what is known of a feed of ours: what it is about, where it lives and why there, what it holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from feeds.meet.why import Account, Line, account, count, fact, headed, when
from feeds.model import Scope
from feeds.publish.select import FeedSpec, feed_id, folder_of, folder_url, title_of
from feeds.publish.terms import fold, strip_gloss
from feeds.rebuild.values import Site, spec_of
from feeds.store import feed_rows, why_rows
from feeds.store.why_rows import Members
from feeds.urls import slugify

#: So many of the items that were withdrawn are shown.
_SHOWN = 5
#: The scopes whose feeds have names, by which they may be asked for.
_NAMED = (Scope.TAG, Scope.TOPIC, Scope.SOURCE, Scope.COMBINED)
_ABOUT = {
    Scope.SITE: "all articles",
    Scope.TAG: "the tag “{name}”",
    Scope.TOPIC: "the topic “{name}”",
    Scope.SOURCE: "articles that cite or cover what {name} publishes",
    Scope.COMBINED: "articles that fulfil {where}",
    Scope.GAPS: "what cited sources published and no article has, for the editor",
    Scope.CHANGES: "what became of entries that articles cite, for the editor",
}
#: Kinds of items (``article.kind``): one, many.
_KINDS = {
    "article": ("article", "articles"),
    "entry": ("entry of a source", "entries of sources"),
    "gap": ("entry that no article has", "entries that no article has"),
    "change": ("change of an entry", "changes of entries"),
}

# -- which feed is meant -----------------------------------------------------------------------------------------------


def find_feeds(connection: Connection, site: Site, name: str) -> list[Row[Any]]:
    """The feeds that a term (``tag:AI``, ``AI``), a path under the output or a public address names."""
    found = [
        row for scope, said in _terms(name) for row in why_rows.feeds_about(connection, scope, _key(site, scope, said))
    ]
    folder = None if found else _folder_of(site, name)
    if folder is None:
        return found
    heads = (row for row in why_rows.feed_heads(connection) if folder_of(site.publication, spec_of(row)) == folder)
    return list(feed_rows.feed_rows(connection, [row.id for row in heads]).values())


def feed_names(connection: Connection) -> list[str]:
    """What our feeds may be called."""
    return [
        text for row in why_rows.feed_heads(connection) if row.name for text in (row.name, f"{row.scope}:{row.name}")
    ]


def _terms(name: str) -> Iterator[tuple[Scope, str]]:
    """What a name may be the name of: ``tag:AI`` of a tag, ``AI`` of whatever is called so."""
    said, colon, rest = name.partition(":")
    if colon and said in _NAMED:
        yield Scope(said), rest
        return
    for scope in _NAMED:
        yield scope, name


def _key(site: Site, scope: Scope, name: str) -> str:
    return fold(_own_name(site, scope, name) or strip_gloss(name))


def _own_name(site: Site, scope: Scope, name: str) -> str | None:
    """What sources.yaml calls it, should the name be an alias."""
    if scope is Scope.SOURCE:
        return next((one.name for one in site.sources if fold(name) in map(fold, (one.name, *one.aliases))), None)
    aliases = {Scope.TAG: site.rules.tag_aliases, Scope.TOPIC: site.rules.topic_aliases}.get(scope, {})
    return aliases.get(fold(name))


def _folder_of(site: Site, name: str) -> str | None:
    """The folder under the output that a path or a public address means; empty, or with a slash at its end."""
    publication = site.publication
    served = [(own.base_url, own.folder) for own in (*publication.editions.values(), publication)]
    base, folder = max((pair for pair in served if name.startswith(pair[0])), default=("", ""), key=lambda p: len(p[0]))
    if base:
        path = folder + _unquoted(name[len(base) :])
    elif "://" in name:
        return None
    else:
        path = _under_output(site, name)
    parts = [part for part in path.split("/") if part and part != "."]
    if parts and parts[-1] in site.publication.filenames.values():
        parts.pop()
    if len(parts) > 1 and parts[-2] == "archive" and parts[-1].isdecimal():
        parts = parts[:-2]
    return "".join(f"{part}/" for part in parts)


def _unquoted(address: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415 (beside its only use)

    return unquote(address.partition("?")[0].partition("#")[0])


def _under_output(site: Site, name: str) -> str:
    output = Path(site.output).resolve()
    places = (folder.joinpath(name).resolve() for folder in (Path.cwd(), Path(site.folder)))
    return next((place.relative_to(output).as_posix() for place in places if place.is_relative_to(output)), name)


# -- a feed ------------------------------------------------------------------------------------------------------------


def tell_feed(connection: Connection, site: Site, row: Row[Any]) -> Account:
    """One feed of ours."""
    spec = spec_of(row)
    members = why_rows.members_of(connection, row.id)
    own = site.publication.of(row.edition)
    language = (
        [fact(f"language: {own.language}, of {len(site.publication.editions)} of the site")] if row.edition else []
    )
    lines = [*_about(connection, site, row), *language, *_address(connection, site, spec)]
    lines += _members(site, row, members)
    lines += [*_window(site, row), *_files(connection, site, row), *_withdrawn(connection, row)]
    return account(f"{spec.scope} {spec.name}".strip() + f": {title_of(site.publication, spec)}", lines)


def _about(connection: Connection, site: Site, row: Row[Any]) -> Iterator[Line]:
    scope = Scope(row.scope)
    where = next((str(feed.where) for feed in site.combined if fold(feed.name) == row.key), "no condition any more")
    yield fact(f"It is about {_ABOUT[scope].format(name=row.name, where=where)}.")
    if scope not in {Scope.TAG, Scope.TOPIC}:
        return
    yield fact(f"key, by which spellings are one term: {row.key}")
    spellings = feed_rows.spelling_counts(connection, {row.id}).get(row.id, {})
    used = sorted(spellings.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [fact(f"“{spelling}” by {count(number, 'article')}") for spelling, number in used]
    if len(lines) == 1:
        yield fact(f"spelling: {lines[0].text}")
    else:
        yield from headed("spellings, the most used one is shown:", lines)
    rules = site.rules
    aliases = rules.tag_aliases if scope is Scope.TAG else rules.topic_aliases
    own = [alias for alias, name in aliases.items() if fold(name) == row.key and alias != row.key]
    if own:
        yield fact(f"aliases in sources.yaml: {', '.join(own)}")


def _address(connection: Connection, site: Site, spec: FeedSpec) -> Iterator[Line]:
    folder = folder_of(site.publication, spec)
    names = ", ".join(site.publication.filenames.values())
    yield fact(f"folder: {_shown(site, folder) or '.'}: {names}")
    yield fact(f"address: {folder_url(site.publication, spec)}")
    if ":slug" in site.publication.layout[spec.scope]:
        yield fact(f"slug: {spec.slug}, {_slug_from(connection, site, spec)}; it stays when the name changes")
    yield fact(f"id: {feed_id(site.publication, spec)}")


def _shown(site: Site, path: str) -> str:
    """A path under the output as people type it."""
    place = Path(site.output, path)
    folder = Path(site.folder)
    return place.relative_to(folder).as_posix() if place.is_relative_to(folder) else place.as_posix()


def _slug_from(connection: Connection, site: Site, spec: FeedSpec) -> str:
    wanted = site.slugs.get((str(spec.scope), spec.key))
    base = slugify(wanted or spec.name)
    if spec.slug == base:
        return "as sources.yaml has it" if wanted else "made of its name"
    others = [row for row in why_rows.feed_heads(connection) if _is_beside(row, spec) and row.slug == base]
    if others and spec.slug.startswith(f"{base}-"):
        return f"since “{others[0].name}” has {base} already"
    return (
        "made of what it was called when it came into being"
        if not wanted
        else f"given before sources.yaml named {wanted}"
    )


def _is_beside(row: Row[Any], spec: FeedSpec) -> bool:
    return (row.edition, row.scope) == (spec.edition, spec.scope)


def _members(site: Site, row: Row[Any], members: Members) -> Iterator[Line]:
    kinds = [count(number, *_KINDS.get(kind, (kind, kind))) for kind, number in sorted(members.kinds.items())]
    span = f", from {members.span[0]:%Y-%m-%d} to {members.span[1]:%Y-%m-%d}" if members.span else ""
    yield fact(f"holds {' and '.join(kinds)}{span}" if kinds else "holds nothing now")
    if row.published:
        return
    if Scope(row.scope) in _NAMED and row.members < site.min_articles:
        least = count(site.min_articles, "article")
        yield fact(f"It is not written: a new feed waits until it has {least} (output.min_articles in sources.yaml).")
    else:
        yield fact("It was not written yet: the next feeds rebuild does that.")


def _window(site: Site, row: Row[Any]) -> Iterator[Line]:
    publication = site.publication
    shown = min(row.members, publication.limit)
    yield fact(f"subscription document: {count(shown, 'item')}, of {publication.limit} at most (output.limit)")
    if Scope(row.scope) not in publication.archived_scopes:
        left = row.members - shown
        yield fact(
            f"no archives (output.archives): {count(left, 'older item')} in none"
            if left
            else "no archives (output.archives)"
        )
        return
    pages = publication.archives(Scope(row.scope), row.members)
    size = count(publication.page, "item")
    yield fact(
        f"archive pages: {pages} (RFC 5005) of {size} each, counted from the oldest"
        if pages
        else f"archive pages: none yet, as one document holds all (then of {size} each)"
    )


def _files(connection: Connection, site: Site, row: Row[Any]) -> Iterator[Line]:
    dirty = why_rows.dirty_of(connection, row.id)
    names = ["the subscription document" if number == 0 else f"archive {number}" for number in dirty]
    if names:
        yield fact(f"to be brought up to date by the next feeds rebuild: {', '.join(names)}")
    elif row.published:
        yield fact("up to date: nothing that it holds has changed since it was written")
    files = why_rows.files_of(connection, row.id)
    lines = [
        fact(f"{_shown(site, one.path)}: {one.size:,} bytes, {_written(site, one.path)}")
        for one in files
        if not one.archive
    ]
    yield from headed(f"{count(len(files), 'file')} of ours:", [*lines, *_archived(len(files) - len(lines))])


def _archived(number: int) -> list[Line]:
    return [fact(f"and {count(number, 'file')} of archives")] if number else []


def _written(site: Site, path: str) -> str:
    try:
        moment = datetime.fromtimestamp(Path(site.output, path).stat().st_mtime, UTC)
    except OSError as error:
        return f"but it is not there: {error.strerror}"
    return f"last written {when(moment)}"


def _withdrawn(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    stones = feed_rows.tombstones_of(connection, {row.id}, limit=_SHOWN).get(row.id, ())
    lines = [fact(f"{when(stone.when)}: {stone.ref}") for stone in stones]
    yield from headed("withdrawn from it last (RFC 6721):", lines)


# -- a term without a feed ---------------------------------------------------------------------------------------------


def tell_term(connection: Connection, site: Site, name: str) -> Account | None:
    """Why a term that is known has no feed; None for one that nobody knows."""
    for scope, said in _terms(name):
        lines = list(_missing(connection, site, scope, said))
        if lines:
            return account(f"{scope} {said}", lines)
    return None


def _missing(connection: Connection, site: Site, scope: Scope, name: str) -> Iterator[Line]:
    key, closed = _key(site, scope, name), site.rules.closed_topics
    if scope is Scope.TOPIC and closed is not None and key not in closed:
        # As ``rebuild/prepare.py`` says it of each article.
        paths = why_rows.articles_with_problem(connection, f"{name!r} is not in the list of topics")
        if paths:
            yield fact("It has no feed: sources.yaml lists the topics that may have one, and it is not among them.")
            yield from headed(f"{count(len(paths), 'article names', 'articles name')} it:", _some(paths))
    elif scope is Scope.TOPIC and closed is not None:
        yield fact("It has no feed: sources.yaml lists it, and no article that is published has it.")
    elif scope is Scope.SOURCE and _own_name(site, scope, name):
        yield fact("It has no feed of ours: no article that is published cites it or covers what it publishes.")
    elif scope is Scope.TAG and _own_name(site, scope, name):
        yield fact(
            f"It has no feed: sources.yaml names it for “{_own_name(site, scope, name)}”, and no article has that."
        )


def _some(paths: Collection[str]) -> list[Line]:
    shown = [fact(path) for path in sorted(paths)[: 2 * _SHOWN]]
    return shown + ([fact(f"and {len(paths) - len(shown)} more")] if len(paths) > len(shown) else [])
