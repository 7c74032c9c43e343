"""Decide which feeds there are, where each lives and what each says; turn an article into the item it goes out as."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct, field
from msgspec.structs import replace

from feeds.model import NOWHERE, Alternate, Article, Category, Feed, FeedLinks, Item, Met, Person, Scope, Tombstone
from feeds.publish.cited import cited_sources, sources_html
from feeds.publish.terms import Term
from feeds.urls import encode_path, slugify

#: Scopes whose terms stand on the item itself as categories, and the path of their scheme.
_CATEGORY_SCHEMES = {Scope.TAG: "tags/", Scope.TOPIC: "topics/"}

#: Title and description of a feed, by primary language subtag and scope; ``{name}`` and ``{site}`` are filled in.
_PHRASES: dict[str, dict[Scope, tuple[str, str]]] = {
    "zh": {
        Scope.SITE: ("{site}", "{site}的全部文章"),
        Scope.TAG: ("{name} · {site}", "{site}中标签为“{name}”的文章"),
        Scope.TOPIC: ("{name} · {site}", "{site}中主题为“{name}”的文章"),
        Scope.SOURCE: ("引用{name}的文章 · {site}", "{site}中引用“{name}”的文章"),
        Scope.COMBINED: ("{name} · {site}", "{site}的组合订阅：{name}"),
        Scope.GAPS: ("尚未报道 · {site}", "引用来源已发布、{site}还没有文章涉及的内容"),
        Scope.CHANGES: ("来源变动 · {site}", "{site}引用过的内容后来的改动"),
    },
    "en": {
        Scope.SITE: ("{site}", "All articles of {site}"),
        Scope.TAG: ("{name} · {site}", "Articles of {site} tagged {name}"),
        Scope.TOPIC: ("{name} · {site}", "Articles of {site} on {name}"),
        Scope.SOURCE: ("Citing {name} · {site}", "Articles of {site} that cite {name}"),
        Scope.COMBINED: ("{name} · {site}", "A combined feed of {site}: {name}"),
        Scope.GAPS: ("Not covered yet · {site}", "What cited sources published and no article of {site} covers"),
        Scope.CHANGES: ("Changed sources · {site}", "What became of pages that {site} cites"),
    },
}


#: What people look at, among the formats.
PAGE_NAME = "page"
#: Format -> what its documents are called, in the folder of their feed; what they are made of stands in render.py.
FILENAMES = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json", PAGE_NAME: "index.html"}


class Edition(Struct, frozen=True, kw_only=True):
    """One language of a site of several: what its feeds have of their own."""

    #: The language in lower case, as articles name their edition: ``zh-cn``.
    key: str
    title: str
    #: Its home page, absolute, with a trailing slash.
    url: str
    #: Its folder under output/: empty, or with a trailing slash.
    folder: str
    #: Where that folder is served, absolute, with a trailing slash.
    base_url: str
    description: str
    #: BCP 47.
    language: str
    author: Person


class Publication(Struct, frozen=True, kw_only=True):
    """What every feed of the site has in common; of a site of several languages, every feed of one of them."""

    title: str
    #: Home page of the site, absolute, with a trailing slash.
    url: str
    #: Where the output folder is served, absolute, with a trailing slash.
    base_url: str
    description: str
    language: str
    author: Person
    icon: str | None = None
    hub: str | None = None
    #: Scope -> path pattern under output/, with ``:slug``.
    layout: Mapping[Scope, str]
    #: Format name -> file name, in the order they are written.
    filenames: Mapping[str, str]
    limit: int
    archived_scopes: frozenset[Scope]
    #: The site's generator makes the pages of tags and topics, or leaves them out.
    has_own_terms: bool = False
    #: (scope, key) -> description, where a person wrote one.
    descriptions: Mapping[tuple[Scope, str], str] = field(default_factory=dict)
    #: Folder of its feeds under output/: empty, or with a trailing slash. ``base_url`` is where it is served.
    folder: str = ""
    #: Of a site of several languages: key -> the publication in that language, the default one first.
    editions: Mapping[str, Publication] = field(default_factory=dict)

    @property
    def default(self) -> str:
        """Key of the default edition; empty on a site of one language."""
        return next(iter(self.editions), "")

    def of(self, edition: str) -> Publication:
        """The publication in one language; the whole where there is but one."""
        return self.editions.get(edition, self)

    def own_edition(self, edition: str) -> str:
        """The edition that an article stands in: its own, or the default one where the site has none of that name."""
        return edition if edition in self.editions else self.default

    def address(self, path: str) -> str:
        """Where a file under output/ is served."""
        folders = [own for own in self.editions.values() if own.folder and path.startswith(own.folder)]
        own = max(folders, key=lambda one: len(one.folder), default=self)
        return own.base_url + _served(path[len(own.folder) :])

    @property
    def has_pages(self) -> bool:
        """Whether there are pages for people."""
        return PAGE_NAME in self.filenames

    @property
    def page(self) -> int:
        """Items of one archive page: a third of the limit, so that there are several as soon as there is one.

        W3C's validator warns of an archive without a neighbour (ArchiveIncomplete).
        """
        return max(1, self.limit // 3)

    def archives(self, scope: Scope, members: int) -> int:
        """How many archive pages a feed of so many items has: full ones only, and none while one document holds all.

        What is left over stands in the subscription document, which the newest page overlaps: page <= limit.
        """
        is_paged = scope in self.archived_scopes and members > self.limit
        return members // self.page if is_paged else 0


def _served(path: str) -> str:
    """A path under output/ in an address, in the one spelling that servers, readers and validators give it.

    All that is not unreserved (RFC 3986 §2.3) is escaped: Amazon S3, for one, takes a plus sign for a blank.
    """
    return encode_path(path).translate(_RESERVED)


_RESERVED = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "!$&'()*+,;=:@"})


def with_editions(publication: Publication, editions: Sequence[Edition]) -> Publication:
    """A site in several languages, the default one first."""
    own = {
        one.key: replace(
            publication,
            title=one.title,
            url=one.url,
            base_url=one.base_url,
            folder=one.folder,
            description=one.description,
            language=one.language,
            author=one.author,
        )
        for one in editions
    }
    return replace(publication, editions=own)


class FeedSpec(Struct, frozen=True):
    """One feed: what it is about and where it lives."""

    scope: Scope
    #: The folded term; empty for the site.
    key: str
    name: str
    slug: str
    #: Key of its language on a site of several.
    edition: str = ""
    #: Address of the page that the site itself has of the term, absolute; empty when it has none.
    home: str = ""


SITE = FeedSpec(Scope.SITE, "", "", "")


def site_spec(edition: str) -> FeedSpec:
    """The feed of all articles in one language."""
    return replace(SITE, edition=edition)


def folder_of(publication: Publication, spec: FeedSpec, archive: int = 0) -> str:
    """Folder of a feed's documents under output/: empty, or with a trailing slash."""
    own = publication.of(spec.edition)
    pattern = own.layout[spec.scope].replace(":slug", spec.slug).strip("/")
    folder = f"{own.folder}{pattern}/" if pattern else own.folder
    return f"{folder}archive/{archive}/" if archive else folder


def feed_id(publication: Publication, spec: FeedSpec) -> str:
    """The same for all documents and formats of the feed, wherever it moves under the site.

    Those of the default language are the same as if the site had but one: a second one may come later.
    """
    edition = "" if spec.edition == publication.default else f"{spec.edition}/"
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{publication.url}#{edition}{spec.scope}:{spec.key}')}"


class Contents(Struct, frozen=True, kw_only=True):
    """What the store knows of one document."""

    #: 0 for the subscription document.
    archive: int
    #: Number of the feed's newest archive; 0 without any.
    newest_archive: int
    updated: datetime
    tombstones: tuple[Tombstone, ...] = ()
    #: Editions whose feed of all articles is published; those of the site name each other.
    editions: Sequence[str] = ()


def describe_feeds(publication: Publication, spec: FeedSpec, contents: Contents) -> dict[str, Feed]:
    """The head of one document in each format; the formats differ in their addresses alone."""
    own = publication.of(spec.edition)
    title, description = _phrases(own, spec)
    archives = {contents.archive, 0, *_neighbours(contents)}
    folders = {n: folder_url(publication, spec, n) for n in archives}
    identity = feed_id(publication, spec)
    return {
        name: Feed(
            id=identity,
            title=title,
            description=description,
            home_url=home_url(publication, spec, folders[0]),
            self_url=folders[contents.archive] + filename,
            updated=contents.updated,
            language=own.language,
            author=own.author,
            icon=own.icon,
            hub=own.hub,
            links=_links(contents, {n: folder + filename for n, folder in folders.items()}),
            tombstones=contents.tombstones if contents.archive == 0 else (),
            alternates=alternates_of(publication, spec, filename, contents.editions) if contents.archive == 0 else (),
        )
        for name, filename in publication.filenames.items()
    }


def alternates_of(
    publication: Publication, spec: FeedSpec, filename: str, editions: Sequence[str]
) -> tuple[Alternate, ...]:
    """The feeds of all articles in the other languages, for that of one."""
    others = [site_spec(key) for key in editions if key != spec.edition] if spec.scope is Scope.SITE else []
    return tuple(
        Alternate(
            language=publication.of(other.edition).language,
            title=title_of(publication, other),
            url=folder_url(publication, other) + filename,
        )
        for other in others
    )


def _neighbours(contents: Contents) -> tuple[int, int]:
    """The archives before and after a document; 0 where there is none."""
    if contents.archive == 0:
        return contents.newest_archive, 0
    after = contents.archive + 1
    return contents.archive - 1, after if after <= contents.newest_archive else 0


def _links(contents: Contents, addresses: Mapping[int, str]) -> FeedLinks:
    before, after = _neighbours(contents)
    return FeedLinks(
        current=addresses[0] if contents.archive else None,
        prev_archive=addresses[before] if before else None,
        next_archive=addresses[after] if after else None,
    )


def folder_url(publication: Publication, spec: FeedSpec, archive: int = 0) -> str:
    """Address of ``folder_of``."""
    own = publication.of(spec.edition)
    return own.base_url + _served(folder_of(publication, spec, archive)[len(own.folder) :])


def home_url(publication: Publication, spec: FeedSpec, folder: str) -> str:
    """The HTML page that a feed is about, which always is one that there is; ``folder`` is the feed's ``folder_url``.

    Of a term it is the site's own page, else the front page; of a site that has none of its own, our page of the feed.
    """
    if spec.home:
        return spec.home
    is_term = publication.has_own_terms and spec.scope in _CATEGORY_SCHEMES
    is_ours = spec.scope is not Scope.SITE and publication.has_pages and not is_term
    return folder if is_ours else publication.of(spec.edition).url


def _phrases(publication: Publication, spec: FeedSpec) -> tuple[str, str]:
    language = publication.language.partition("-")[0].lower()
    title, description = _PHRASES.get(language, _PHRASES["en"])[spec.scope]
    names = {"name": spec.name, "site": publication.title}
    written = (
        publication.description if spec.scope is Scope.SITE else publication.descriptions.get((spec.scope, spec.key))
    )
    return _filled(title, names), written or _filled(description, names)


def _filled(pattern: str, names: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda match: names[match[1]], pattern)


#: A place for a name; unlike str.format, a name with braces does no harm.
_FIELD = re.compile(r"\{(name|site)\}")


def title_of(publication: Publication, spec: FeedSpec) -> str:
    """The feed's title, for lists of feeds."""
    return _phrases(publication.of(spec.edition), spec)[0]


def named_iri(article: Article) -> str | None:
    """The id that the author gives as a whole IRI, verbatim; None when there is none."""
    named = (article.named_id or "").strip()
    return named if is_iri(named) else None


def mint_id(publication: Publication, article: Article) -> str:
    """A ``tag:`` URI (RFC 4151) for an article seen for the first time: its host, its date and its path.

    A file without a date of its own (``date_from`` is the file's time, which a copy changes) gets a UUID of its URL,
    so that a rebuild from nothing gives the same id again.
    """
    named = (article.named_id or "").strip()
    if article.date_from in {"file time", NOWHERE}:
        return f"urn:uuid:{uuid5(NAMESPACE_URL, named or article.url)}"
    host = urlsplit(publication.url).hostname or "localhost"
    specific = encode_path(named) if named else urlsplit(article.url).path
    return f"tag:{host},{article.published.date().isoformat()}:{specific or '/'}"


#: RFC 3987: a scheme, then characters that need no escape anywhere (no controls, no lone surrogates). A URN names its
#: kind in 2 to 32 letters (RFC 8141 §2), a tag: its authority and date (RFC 4151 §2.1); validators hold to that.
_ABSOLUTE_IRI = re.compile(
    r"(?:https?://|urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:|tag:[\w.@-]+,\d{4}(?:-\d\d){0,2}:)[^\s\x00-\x20\x7f-\x9f\ud800-\udfff<>\"{}|\\^`]+"
)


def is_iri(text: str) -> bool:
    """Whether it may be the id of an item as it stands."""
    return _ABSOLUTE_IRI.fullmatch(text) is not None


def distinguish_id(uid: str, path: str) -> str:
    """Another id for a second article at one address."""
    return f"{uid}~{short_hash(path)}"


def short_hash(text: str) -> str:
    """Eight hexadecimal digits that stay the same for the same text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def make_item(  # noqa: PLR0913 (an article, and what is known of it besides)
    publication: Publication,
    article: Article,
    terms: Sequence[Term],
    *,
    uid: str,
    revived: datetime | None,
    met: Sequence[Met] = (),
) -> Item:
    """The article as it goes out.

    Args:
        publication: The site.
        article: What it says.
        terms: Its terms; tags and topics become categories.
        uid: Its id.
        revived: When it was withdrawn, if it has come back since.
        met: What the sources' own feeds say of what it cites or covers.
    """
    sources = cited_sources(article.citations, met)
    updated = max(article.updated, article.published)
    language = article.language or publication.language
    return Item(
        id=uid,
        url=article.url,
        title=article.title,
        summary=article.summary,
        html=article.html + sources_html(article.notes, sources, language=language),
        published=None if article.date_from == NOWHERE else article.published,
        updated=updated if revived is None else max(updated, revived + _AFTER),
        authors=article.authors or (publication.author,),
        categories=categories_of(publication, terms),
        language=language,
        image=article.image,
        enclosures=article.enclosures,
        citations=sources,
    )


#: RFC 6721 §3: a republished entry is newer than its tombstone; dates are written in seconds.
_AFTER = timedelta(seconds=1)


def categories_of(publication: Publication, terms: Sequence[Term]) -> tuple[Category, ...]:
    """The tags and topics among the terms, as an item carries them: each once, however it is spelt the second time."""
    distinct: dict[tuple[Scope, str], str] = {}
    for term in terms:
        if term.scope in _CATEGORY_SCHEMES:
            distinct.setdefault((term.scope, term.key), term.label)
    return tuple(_category(publication.url + _CATEGORY_SCHEMES[scope], name) for (scope, _), name in distinct.items())


@lru_cache(maxsize=8192)
def _category(scheme: str, name: str) -> Category:
    """Cached: an article has ten terms, and shares them with others."""
    return Category(term=unicodedata.normalize("NFC", name), scheme=scheme)


def new_slug(name: str, key: str, taken: set[str]) -> str:
    """The slug of a new feed; a second term on one slug gets a suffix that its key decides."""
    slug = base = slugify(name)
    while slug in taken:
        key = short_hash(key)
        slug = f"{base}-{key}"
    return slug


def with_terms(article: Article, terms: Sequence[Term]) -> Article:
    """The article as if its author had named these terms."""
    return replace(
        article,
        tags=tuple(term.label for term in terms if term.scope is Scope.TAG),
        topics=tuple(term.label for term in terms if term.scope is Scope.TOPIC),
    )
