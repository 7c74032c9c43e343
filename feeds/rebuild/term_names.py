"""What the site itself calls the terms of its feeds, and where its pages of them are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from feeds.content.branches import BranchIndex
from feeds.model import Scope
from feeds.publish.terms import display_name
from feeds.rebuild.upkeep import documents_of
from feeds.rebuild.values import Site
from feeds.sites.description import TermPage
from feeds.store import feed_rows
from feeds.urlpaths import logical

#: Scopes whose feeds are about a term that articles name.
TERM_SCOPES = (Scope.TAG, Scope.TOPIC)
_NO_PAGE = TermPage("")


class TermNames:
    """The names and pages of terms in one run."""

    def __init__(self, site: Site, sections: BranchIndex) -> None:
        """``sections`` are the section pages of the site: some are those of terms."""
        self._pages = site.term_pages
        self._sections = sections

    @property
    def are_ours(self) -> bool:
        """Nothing but what articles say names a term, and no page but ours is about it."""
        return self._pages is None

    def page(self, edition: str, counts: Mapping[str, int]) -> TermPage:
        """The page of a feed, by how many articles name which term of the generator: that which most of them name."""
        if self._pages is None or not counts:
            return _NO_PAGE
        return self._pages.page(
            display_name(counts), edition, lambda path: self._by_path.get((edition, path), _NOTHING)
        )

    @cached_property
    def _by_path(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        branches = self._sections.branches.items()
        return {(edition, "/" + "/".join(map(logical, names))): one.values for (edition, names), one in branches}

    def changes(self, connection: Connection, rows: Mapping[int, Row[Any]]) -> dict[int, dict[str, str]]:
        """Feed id -> its ``title`` and ``home``, of those of some feeds in which either differs."""
        # A site that has lost its generator has lost its pages, too.
        terms = [id_ for id_, r in rows.items() if r.home or r.title or (r.scope in TERM_SCOPES and not self.are_ours)]
        counts = feed_rows.named_counts(connection, terms)
        found = {}
        for id_ in terms:
            page = self.page(rows[id_].edition, counts.get(id_, {}))
            if (page.title, page.url) != (rows[id_].title, rows[id_].home):
                found[id_] = {"title": page.title, "home": page.url}
        return found


_NOTHING: Mapping[str, Any] = {}


def follow_sections(connection: Connection, site: Site, sections: BranchIndex) -> bool:
    """Bring the names and pages of all terms in step with the section pages; returns whether that changed any.

    What is said of a feed stands in each of its documents: they are dirty then.
    """
    rows = feed_rows.feed_rows(connection)
    changes = TermNames(site, sections).changes(connection, rows)
    feed_rows.update_feeds(connection, [{"id": id_, **values} for id_, values in changes.items()])
    feed_rows.mark_dirty(connection, documents_of(site, {id_: rows[id_] for id_ in changes}))
    return bool(changes)
