"""The pages that a site's generator makes of its tags and topics: where they are, and what they are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct

from feeds.content.generator import Generator
from feeds.content.sheet import fold_key
from feeds.sites.description import SectionPages, SiteDescription, Taxonomy, TermPage
from feeds.urls import encode_path, slugify


@runtime_checkable
class MakesTerms(Protocol):
    """A generator with rules of its own for the pages of terms."""

    def term_page(self, taxonomy: Taxonomy, term: str, edition: str, sections: SectionPages) -> TermPage:
        """The page of a term."""


@runtime_checkable
class SlugsTerms(Protocol):
    """A generator with a rule of its own for the names of terms in addresses."""

    def term_slug(self, term: str) -> str:
        """The slug of a term."""


class TermPages(Struct, frozen=True, kw_only=True):
    """Which terms have a page, and which."""

    #: Key of the front matter, folded -> its taxonomy; those whose terms have no page are missing.
    taxonomies: Mapping[str, Taxonomy]
    generator: Generator
    #: Edition -> address that its pages are below, absolute, with a trailing slash; "" on a site of one language.
    urls: Mapping[str, str]

    def named(self, key: str, term: str) -> str | None:
        """What ``page`` knows a term by, as it stands at a key of the front matter; None where it has no page."""
        return f"{key}:{term}" if key in self.taxonomies else None

    def page(self, named: str, edition: str, sections: SectionPages) -> TermPage:
        """The page of a term that ``named`` gave."""
        key, _, term = named.partition(":")
        taxonomy = self.taxonomies.get(key)
        if taxonomy is None:
            return TermPage("")
        if isinstance(self.generator, MakesTerms):
            return self.generator.term_page(taxonomy, term, edition, sections)
        slug = self.generator.term_slug(term) if isinstance(self.generator, SlugsTerms) else slugify(term)
        path = taxonomy.page.replace(":slug", slug).lstrip("/")
        return TermPage(self.urls.get(edition, self.urls[""]) + encode_path(path))


def term_pages_of(
    says: SiteDescription, generator: Generator, site_url: str, urls: Mapping[str, str]
) -> TermPages | None:
    """Those of a site; None for a folder of texts, which has none.

    Args:
        says: Its description.
        generator: How its content tree is read.
        site_url: Its address.
        urls: Edition -> its address, where there are several.
    """
    if not says.kind:
        return None
    found = (one for one in (*says.tags, *says.topics) if one.page)
    return TermPages(
        taxonomies={fold_key(one.key): one for one in found}, generator=generator, urls={"": site_url, **urls}
    )
