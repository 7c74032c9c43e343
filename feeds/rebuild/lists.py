"""Write the lists of all feeds, for programs and for people, and what the pages of the site are made with."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection

from feeds.publish.opml import render_opml
from feeds.publish.output import Known, Outcome, Output
from feeds.publish.page_items import SCRIPT, STYLE
from feeds.publish.pages import INDEX, XML_STYLE, list_feeds, opml_groups, render_assets, render_index
from feeds.rebuild.upkeep import newest_text
from feeds.rebuild.values import Site, spec_of
from feeds.store import article_rows, feed_rows, file_rows
from feeds.store.sql import write_meta

#: The list of all feeds, for programs.
OPML_PAGE = "feeds.opml"
#: The list of all feeds for people, and what their pages are made with.
_PAGES = frozenset({INDEX, STYLE, SCRIPT, XML_STYLE})


def pages_of(site: Site) -> frozenset[str]:
    """What ``write_pages`` writes."""
    return frozenset({OPML_PAGE}) | (_PAGES if site.publication.has_pages else frozenset())


def write_pages(connection: Connection, site: Site, output: Output, *, is_dry: bool) -> dict[str, Outcome]:
    """Write the lists of all feeds, for programs and for people, and what the pages are made with."""
    rows = feed_rows.feed_rows(connection).values()
    published = [(spec_of(row), row.members) for row in rows if row.published]
    listed = list_feeds(site.publication, published)
    documents = {OPML_PAGE: render_opml(site.publication.title, opml_groups(site.publication, listed))}
    if site.publication.has_pages:
        date = article_rows.newest_published(connection)
        newest = date.astimezone(site.facts.zone) if date else None
        documents |= {INDEX: render_index(site.publication, listed, opml=OPML_PAGE, newest=newest), **render_assets()}
        write_meta(connection, "newest", newest_text(connection))
    return {path: _write_page(connection, output, path, data, is_dry) for path, data in documents.items()}


def _write_page(connection: Connection, output: Output, path: str, data: bytes, is_dry: bool) -> Outcome:  # noqa: FBT001 (private)
    row = file_rows.file_of(connection, path)
    known = None if row is None else Known(*row)
    outcome = (output.compare if is_dry else output.write)(path, data, known=known)
    if outcome is not Outcome.FOREIGN:
        digest = blake2b(data, digest_size=16).hexdigest()
        file_rows.record_files(connection, [(path, None, 0, digest, len(data))], known={path})
    return outcome
