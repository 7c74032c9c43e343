"""The values that travel through the house: frozen, without behaviour of their own, without imports of ours.

*Entry comes in, Item goes out. A Source is a feed we poll, a Citation is a page an article names.* What the world
said, what we learnt of it, and what we want are different types. All datetimes are aware.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct, field


class Scope(StrEnum):
    """What a feed is about. The value is the word used in URLs, tables and messages."""

    SITE = "site"
    TAG = "tag"
    TOPIC = "topic"
    SOURCE = "source"
    COMBINED = "combined"
    #: For the editor: entries of cited sources that no article covers.
    GAPS = "gaps"
    #: For the editor: entries that articles cite and that are not any more what they were.
    CHANGES = "changes"


class Severity(StrEnum):
    """How bad a problem is."""

    #: The article (or key) is not used until somebody mends it.
    ERROR = "error"
    #: It is used, but something was lost or guessed that the author would want to know.
    WARNING = "warning"
    #: It is used as it was meant; something was decided that is worth saying (a date taken from a file name).
    NOTE = "note"


class Problem(Struct, frozen=True, kw_only=True):
    """One thing to mend, printed as ``file:line: what: why (what to do)``."""

    #: Path as the user would type it, relative to the folder of sources.yaml.
    path: str
    #: 1-based line in that file; None when the whole file is meant.
    line: int | None = None
    severity: Severity = Severity.ERROR
    #: A few words: ``front matter``, ``date``, ``tags`` ...
    what: str
    #: One sentence: what is there, and what was expected.
    why: str
    #: What to do; empty when it goes without saying.
    fix: str = ""

    def __str__(self) -> str:
        """One line, the shape that editors and CI annotate."""
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.what}: {self.why}" + (f" ({self.fix})" if self.fix else "")


class Person(Struct, frozen=True, kw_only=True):
    """An author. RFC 4287 §3.2; JSON Feed 1.1 ``authors``; RSS ``dc:creator`` or ``author``."""

    name: str
    #: addr-spec, or None. Never part of ``name``.
    email: str | None = None
    #: Absolute http(s) URL, or None.
    url: str | None = None


class Image(Struct, frozen=True, kw_only=True):
    """The lead image of an article: media:content and media:thumbnail in RSS and Atom, JSON image."""

    #: Absolute, ASCII.
    url: str
    #: MIME type, from the file's magic bytes when it is at hand, else from the URL's extension.
    type: str
    #: Size of the file in bytes; None when the file is not at hand.
    length: int | None = None
    alt: str = ""
    #: Pixels; None when the file is not at hand or its kind is unknown.
    width: int | None = None
    height: int | None = None


class Enclosure(Struct, frozen=True, kw_only=True):
    """A file that an item comes with (audio, video, a document): enclosure in RSS and Atom, attachment in JSON Feed."""

    #: Absolute, ASCII.
    url: str
    #: MIME type; never empty.
    type: str
    #: Bytes; None when it is not known.
    length: int | None = None
    #: Seconds of playing time; None when it is not known.
    duration: int | None = None
    #: In JSON Feed, files of one title are the same in several formats.
    title: str | None = None


#: An ISO 8601 date of reduced precision, as claimed: ``2024``, ``2024-08`` or ``2024-08-01``.
PartialDate = str


class Citation(Struct, frozen=True, kw_only=True):
    """A page that an article names. Facts first, then claims, which the text makes and which are often untrue."""

    #: Footnote label as written between ``[^`` and ``]``; None for a line of a source list.
    label: str | None
    #: ``footnote`` (a ``[^n]:`` definition) or ``source-list`` (the URL line of a daily report).
    kind: str = "footnote"
    #: 1-based first line in the file.
    line: int = 1
    #: The definition as written, continuation lines joined by ``\n``, without the ``[^n]:``.
    raw: str = ""
    #: Without Markdown, escapes and the quotes that wrap an APA title; None when the text has none.
    title: str | None = None
    #: As written (entities and escapes undone); None for 30 % of real citations.
    url: str | None = None
    #: ``feeds.urls.canonical(url)``; None without url.
    key: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: PartialDate | None = None
    accessed: PartialDate | None = None
    #: Some marker in the body cites the label (``[^2, ^3]`` and ``[1]`` included).
    referenced: bool = False


class Note(Struct, frozen=True, kw_only=True):
    """A footnote definition made ready for a reader: its label and its inline HTML (absolute links, sanitised)."""

    label: str
    html: str


#: The moment of an article that names none: the same everywhere, and before all that are named. Nobody is shown it.
UNDATED = datetime(1000, 1, 1, tzinfo=UTC)
#: Where it comes from (``Article.date_from``).
NOWHERE = "nowhere"


class Article(Struct, frozen=True, kw_only=True):
    """One Markdown file that we wrote, as read: everything an item needs, nothing that we learnt elsewhere."""

    #: POSIX path relative to the folder of sources.yaml.
    path: str
    #: The HTML page of the article: absolute, ASCII. Its id is minted from this once and stored elsewhere.
    url: str
    #: ``id`` of the front matter, verbatim; None when the author names none.
    named_id: str | None = None
    title: str
    #: ``UNDATED`` where there is none.
    published: datetime
    #: ``lastmod``, else ``published``; never before ``published``.
    updated: datetime
    #: Where ``published`` comes from: ``front matter``, ``file name``, ``git``, ``file time`` or ``nowhere``.
    date_from: str = "front matter"
    #: When it was probably written, for matching alone: the time of the file where ``published`` is from nowhere.
    guessed: datetime | None = None
    #: From when on it may appear (``publishDate``, else ``published``).
    appears: datetime
    #: From when on it may no longer appear (``expiryDate``); None for ever.
    expires: datetime | None = None
    draft: bool = False
    #: Plain text, one line; from the front matter, else the beginning of the text cut on a grapheme boundary.
    summary: str = ""
    #: Sanitised HTML of the body without its footnote definitions; links absolute; markers link to the page's anchors.
    html: str = ""
    #: The footnote definitions in the order of the text, for the list of sources at the end.
    notes: tuple[Note, ...] = ()
    authors: tuple[Person, ...] = ()
    #: As spelt by the author, without repetitions (folding happens in publish/select.py).
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    #: For each of them, which key of the front matter names it, folded.
    tag_keys: tuple[str, ...] = ()
    topic_keys: tuple[str, ...] = ()
    #: Name of its section, e.g. ``insights``.
    section: str = ""
    #: Key of its language on a site of several, in lower case; empty on a site of one.
    edition: str = ""
    #: BCP 47.
    language: str = ""
    image: Image | None = None
    #: In the author's order, each address once; RSS takes the first for its enclosure.
    enclosures: tuple[Enclosure, ...] = ()
    citations: tuple[Citation, ...] = ()
    #: Labels that the text cites and nothing defines: label, 1-based line in the file of the first use.
    undefined: tuple[tuple[str, int], ...] = ()
    #: Labels that are defined again: label, 1-based line in the file of each further definition.
    repeated: tuple[tuple[str, int], ...] = ()
    #: URLs (absolute) of earlier addresses: Hugo's ``aliases``.
    aliases: tuple[str, ...] = ()
    #: The visible text, for inferring terms and for matching.
    text: str = ""
    #: True when front matter names no tags and no topics at all.
    termless: bool = False
    #: Other articles that the text refers to: the reference as it is written, and the address that it was rendered
    #: with (None when no such article was known).
    references: tuple[tuple[str, str | None], ...] = ()


class Category(Struct, frozen=True, kw_only=True):
    """A term on an item: Atom ``term`` and ``scheme``, RSS ``category domain=``, JSON ``tags``."""

    #: What people read, as the author spelt it; NFC.
    term: str
    #: Absolute IRI: says whether it is a tag or a topic.
    scheme: str


class CitedSource(Struct, frozen=True, kw_only=True):
    """A citation as an item names it: Atom link via/related, RSS atom:link, JSON ``_feeds.citations``."""

    #: Absolute, ASCII; None when the article names no page.
    url: str | None
    title: str
    publisher: str | None = None
    author: str | None = None
    published: PartialDate | None = None
    accessed: PartialDate | None = None
    #: ``via`` for what the item is chiefly about (its first linked citation), ``related`` for the others.
    rel: str = "related"
    #: True once the source's own feed confirms the page; title, address, author and date are then the feed's.
    verified: bool = False
    #: Name of the source whose feed confirms it; None unless ``verified``.
    source: str | None = None
    #: What the article calls it, where the feed says otherwise; None where they agree.
    cited_title: str | None = None
    #: Label of the footnote that it is; None for a line of a source list, and for what the article covers uncited.
    label: str | None = None
    #: The article tells it without citing it.
    covered: bool = False


class Met(Struct, frozen=True, kw_only=True):
    """What a source's own feed says of a page that an article cites, or of a story that it covers uncited."""

    #: Index in the article's ``citations``; None when the article covers it without citing it.
    citation: int | None
    #: Name of the source.
    source: str
    title: str
    #: The entry's own link, absolute; None when it has none.
    url: str | None
    author: str | None = None
    published: datetime | None = None
    #: By which rule they met.
    rule: str


class Origin(Struct, frozen=True, kw_only=True):
    """Where an entry was published first: atom:source, RSS ``<source>``. Empty texts where it does not say."""

    title: str = ""
    #: Address of its feed.
    url: str = ""
    #: The feed's own id.
    id: str = ""


class Item(Struct, frozen=True, kw_only=True):
    """What goes out: one article, or an entry of a source, as it stands in every feed that carries it."""

    #: ``tag:`` URI, minted once. Atom id, RSS guid (isPermaLink=false), JSON id: the same string.
    id: str
    url: str
    title: str
    summary: str
    #: Full HTML including the visible list of sources at its end.
    html: str
    #: None for an article without a date: no document gives it one.
    published: datetime | None
    #: Never before ``published``; ``UNDATED`` where nobody knows.
    updated: datetime
    authors: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()
    language: str = ""
    image: Image | None = None
    #: Each address once; RSS takes the first for its enclosure.
    enclosures: tuple[Enclosure, ...] = ()
    #: In the order of the text, without repetitions of one URL; what it covers uncited comes last.
    citations: tuple[CitedSource, ...] = ()
    #: Whose feed it comes from; None for articles of our own.
    origin: Origin | None = None


class Tombstone(Struct, frozen=True, kw_only=True):
    """A withdrawn item: RFC 6721 ``at:deleted-entry``."""

    #: The item's id.
    ref: str
    when: datetime


class FeedLinks(Struct, frozen=True, kw_only=True):
    """Paging and archiving of one document (RFC 5005). All absolute URLs, per format; None when absent."""

    #: The subscription document, in archives only.
    current: str | None = None
    prev_archive: str | None = None
    next_archive: str | None = None

    @property
    def is_archive(self) -> bool:
        """Archives, and only they, point to the current document."""
        return self.current is not None


class Alternate(Struct, frozen=True, kw_only=True):
    """The same feed in another language of the site."""

    #: BCP 47.
    language: str
    title: str
    #: In the same format: absolute, ASCII.
    url: str


class Feed(Struct, frozen=True, kw_only=True):
    """One document that goes out, without its entries (they are rendered once each and spliced in)."""

    #: Stable IRI, shared by all formats and archives of the feed; differs from every item id.
    id: str
    title: str
    #: RSS description, Atom subtitle, JSON description. Never blank.
    description: str
    #: The HTML page that this feed is about (RSS channel link, Atom alternate, JSON home_page_url).
    home_url: str
    #: Where this document is served (rel=self, feed_url).
    self_url: str
    #: Newest ``updated`` of its items; never the clock.
    updated: datetime
    language: str
    author: Person
    icon: str | None = None
    #: WebSub hub, absolute; None when there is none.
    hub: str | None = None
    #: Minutes a reader may wait between two requests.
    ttl: int = 60
    links: FeedLinks = field(default_factory=FeedLinks)
    tombstones: tuple[Tombstone, ...] = ()
    alternates: tuple[Alternate, ...] = ()


class SourceSpec(Struct, frozen=True, kw_only=True):
    """What sources.yaml says of one source: whose pages the articles cite, and which feeds it has."""

    name: str
    #: Absolute feed URLs; empty when it has none (``feed: none``).
    feeds: tuple[str, ...] = ()
    site: str | None = None
    #: Other names under which articles cite it (publisher claims).
    aliases: tuple[str, ...] = ()
    #: ``adaptive`` or a duration, as written.
    every: str = "adaptive"
