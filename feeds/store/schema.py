"""The tables of the state database, the same in SQLite and PostgreSQL; migrations/ holds their history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: exact, sortable, and the same in every database."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of ``to_micros``."""
    return _EPOCH + timedelta(microseconds=micros)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime kept as microseconds since 1970: SQLite has no zones, and drops them silently."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Refuse nothing but naive datetimes (the subtraction raises TypeError)."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Always UTC."""
        return None if value is None else from_micros(value)


metadata = MetaData()

#: Single facts by name: ``fingerprint`` (settings and versions that shaped the output), ``generation`` (of the packs).
meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: One row for each Markdown file that we know, published or not, and for each item that we make of sources' entries.
article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    # "article" for a file of ours, else what the item is made of: "entry", "gap", "change".
    Column("kind", Text, nullable=False, server_default="article"),
    # Of a file, relative to the folder of sources.yaml; else the kind and a number, "entry:12".
    Column("path", Text, nullable=False, unique=True),
    # What the file looked like when it was last read. mtime_ns is 0 when the file was too young to be trusted.
    Column("mtime_ns", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    # Errors, warnings and notes of that reading, as a JSON list.
    Column("problems", Text, nullable=False, default="[]"),
    # True while the file cannot be read; the columns below then hold its last good state, if it ever had one.
    Column("quarantined", Boolean, nullable=False, default=False),
    # null if the file was never readable
    Column("uid", Text, unique=True),
    # ``id:`` as its author wrote it; null without one.
    Column("named_id", Text),
    Column("url", Text),
    Column("title", Text),
    Column("published", UtcDateTime),
    Column("updated", UtcDateTime),
    Column("appears", UtcDateTime),
    # null if it never expires
    Column("expires", UtcDateTime),
    # When the modification is reached that the front matter claims and that lies in the future; null for all others
    Column("renews", UtcDateTime),
    Column("draft", Boolean, nullable=False, default=False),
    # True while it stands in feeds.
    Column("live", Boolean, nullable=False, default=False),
    # What its text is recognised by (rebuild/likeness.py); null if it was never read since this is kept.
    Column("sketch", LargeBinary),
    # RFC 6721: a republished entry is updated after its tombstone; null if it was never withdrawn.
    Column("revived", UtcDateTime),
    # True if its terms were inferred from its text.
    Column("termless", Boolean, nullable=False, default=False),
    # Hash of the rendered entries, and where they lie; null if never rendered.
    Column("entry_hash", Text),
    Column("pack", Text),
    Column("pack_offset", BigInteger),
    Column("pack_lengths", Text),
    # True while what sources say of it is another thing than what it was rendered with.
    Column("stale", Boolean, nullable=False, server_default=false()),
    # Other articles that it refers to, as JSON {reference: address that it was rendered with, or null}; null if none.
    Column("references", Text),
    Index("ix_article_digest", "digest"),
    Index("ix_article_url", "url"),
    Index("ix_article_stale", "id", sqlite_where=text("stale"), postgresql_where=text("stale")),
    Index(
        "ix_article_references",
        "id",
        sqlite_where=text('"references" IS NOT NULL'),
        postgresql_where=text('"references" IS NOT NULL'),
    ),
)

#: What we know of articles whose files are gone: one that comes back gets its id again, and no other ever does.
former_article = Table(
    "former_article",
    metadata,
    Column("uid", Text, primary_key=True),
    # These as in ``article``.
    Column("path", Text, nullable=False, index=True),
    Column("digest", Text, nullable=False, index=True),
    Column("named_id", Text, index=True),
    Column("url", Text, index=True),
    Column("title", Text, index=True),
    Column("published", UtcDateTime),
    Column("sketch", LargeBinary),
)

#: One row for each feed that exists or once existed.
feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    # Of a site of several languages, the one that it is in; empty on a site of one.
    Column("edition", Text, nullable=False, server_default=""),
    Column("scope", Text, nullable=False),
    # The folded term; what makes two spellings one.
    Column("key", Text, nullable=False),
    # The most used spelling.
    Column("name", Text, nullable=False),
    # What the site's own page of the term is called, and its address; empty where it has none, or says nothing.
    Column("title", Text, nullable=False, server_default=""),
    Column("home", Text, nullable=False, server_default=""),
    # Given once, so that the address of a feed never moves by itself.
    Column("slug", Text, nullable=False),
    Column("members", Integer, nullable=False, default=0),
    # True once a document of it was written; it then stays, even empty, until it is pruned.
    Column("published", Boolean, nullable=False, default=False),
    UniqueConstraint("edition", "scope", "key", name="uq_feed_key"),
    UniqueConstraint("edition", "scope", "slug", name="uq_feed_slug"),
)

#: Which live article stands in which feed.
membership = Table(
    "membership",
    metadata,
    Column("feed_id", ForeignKey("feed.id"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    # When the article appeared there: its date or its publishDate, whichever is later.
    Column("appeared", UtcDateTime, nullable=False),
    Column("spelling", Text, nullable=False),
    # Where the site's generator has a page of the term: the key of the front matter, a colon, and what stands there.
    Column("named", Text),
    Index("ix_membership_window", "feed_id", "appeared"),
    Index("ix_membership_article", "article_id"),
    sqlite_with_rowid=False,
)

#: Documents to bring up to date: archive 0 is the subscription document. One that its feed has no longer is removed.
dirty = Table(
    "dirty",
    metadata,
    Column("feed_id", ForeignKey("feed.id"), primary_key=True),
    Column("archive", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

#: Withdrawn items (RFC 6721), per feed that they stood in.
tombstone = Table(
    "tombstone",
    metadata,
    Column("feed_id", ForeignKey("feed.id"), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_tombstone_ref", "ref"),
    sqlite_with_rowid=False,
)

#: Every file of ours under output/, with what it was made from.
manifest = Table(
    "manifest",
    metadata,
    Column("path", Text, primary_key=True),
    # null for pages that belong to no single feed
    Column("feed_id", ForeignKey("feed.id"), index=True),
    Column("archive", Integer, nullable=False, default=0),
    # Hash of the values that the document was rendered from.
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: One row for each feed of a source. What we learnt of it travels as one value; the columns beside it are searched for.
source_feed = Table(
    "source_feed",
    metadata,
    Column("id", Integer, primary_key=True),
    # As sources.yaml has it.
    Column("url", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    # False once sources.yaml no longer names it; its entries stay.
    Column("active", Boolean, nullable=False, default=True),
    # Whom a request burdens: the registrable domain.
    Column("domain", Text, nullable=False),
    # null when never asked, and when stopped
    Column("next_poll", UtcDateTime, index=True),
    Column("stopped", Boolean, nullable=False, default=False),
    # When its domain may be asked again after what this feed's last poll met.
    Column("domain_free", UtcDateTime),
    # Whoever polls it now, and until when nobody else does.
    Column("claimed_by", Text),
    Column("claimed_until", UtcDateTime),
    # All that we learnt, as JSON (sources/state.py, FeedState).
    Column("learnt", Text, nullable=False),
    # What the next document need not be parsed for (sources/delta.py, Known).
    Column("slices", LargeBinary),
    Index("ix_source_feed_domain", "domain"),
)

#: One row for each entry that a source's feed ever held: the version that came last.
entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("source_feed.id"), nullable=False),
    # The id within its feed.
    Column("key", Text, nullable=False),
    Column("url", Text),
    # feeds.urls.canonical(url), what citations are compared with.
    Column("url_key", Text, index=True),
    Column("title", Text, nullable=False),
    # What it is sorted by: when it was published if the feed says so believably, else when it was first seen.
    Column("at", UtcDateTime, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    # When this version came.
    Column("changed", UtcDateTime, nullable=False),
    Column("hash", Text, nullable=False),
    Column("updated", UtcDateTime),
    # Versions in a row without another ``updated``.
    Column("updates", Integer, nullable=False, default=0),
    # The whole entry as JSON (feeds/polled.py, Entry), but for its content.
    Column("said", Text, nullable=False),
    # Sanitised HTML; emptied when it has grown old.
    Column("content", Text, nullable=False),
    # False until it was compared with the articles.
    Column("matched", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("feed_id", "key"),
    Index("ix_entry_newest", "feed_id", "at"),
    Index("ix_entry_unmatched", "id", sqlite_where=text("not matched"), postgresql_where=text("not matched")),
)

#: Titles and addresses that an entry once had: citations may name any of them.
entry_past = Table(
    "entry_past",
    metadata,
    Column("entry_id", ForeignKey("entry.id"), primary_key=True),
    # Until when it had them.
    Column("until", UtcDateTime, primary_key=True),
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("url_key", Text, index=True),
)

#: One row for each request, for the self-score and for people.
poll = Table(
    "poll",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("source_feed.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("ended", UtcDateTime, nullable=False),
    # The domain that was asked.
    Column("domain", Text, nullable=False),
    # fetched, not-modified, or the kind of failure
    Column("outcome", Text, nullable=False),
    # null when no server answered
    Column("status", Integer),
    Column("conditional", Boolean, nullable=False),
    Column("had_validators", Boolean, nullable=False),
    # Seconds; null when the answer had none.
    Column("retry_after", BigInteger),
    Column("fresh_for", BigInteger),
    # Of the body, on the wire.
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
)

#: What matching needs of each article (match/values.py, Piece).
piece = Table(
    "piece",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    # As JSON, without text and imprint.
    Column("said", Text, nullable=False),
    # What the matcher keeps of its text, compressed.
    Column("imprint", LargeBinary, nullable=False),
    # False until it was compared with the entries.
    Column("matched", Boolean, nullable=False, server_default=false()),
    Index("ix_piece_unmatched", "article_id", sqlite_where=text("not matched"), postgresql_where=text("not matched")),
)

#: Which entry has to do with which article (match/values.py, Found).
match = Table(
    "match",
    metadata,
    Column("entry_id", ForeignKey("entry.id"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("rule", Text, nullable=False),
    # "match" or "suggestion", as the rules have it; a person's verdict stands elsewhere.
    Column("standing", Text, nullable=False),
    Column("score", Float, nullable=False),
    # A JSON list of texts.
    Column("evidence", Text, nullable=False),
    # Index in the article's citations; null when it covers the entry without citing it.
    Column("citation", Integer),
    Index("ix_match_article", "article_id"),
)

#: What people have said of a match. It outlives the match, the article's row and every rebuild.
verdict = Table(
    "verdict",
    metadata,
    Column("entry_id", ForeignKey("entry.id"), primary_key=True),
    Column("article_uid", Text, primary_key=True),
    # "confirmed" or "denied"
    Column("verdict", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_verdict_article", "article_uid"),
)

#: What happened to an entry after it was published (sources/alterations.py).
entry_change = Table(
    "entry_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry_id", ForeignKey("entry.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    # A word of Alteration (sources/alterations.py).
    Column("kind", Text, nullable=False),
    # What it was and what it is: titles, addresses; of an edit, what is gone and what is new.
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

#: What looking for a cited page has shown (sources/links.py, LinkState).
link_check = Table(
    "link_check",
    metadata,
    Column("url", Text, primary_key=True),
    Column("checked", UtcDateTime, nullable=False),
    # Until then nobody need look again.
    Column("fresh_until", UtcDateTime, nullable=False),
    Column("word", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("status", Integer),
    Column("moved_to", Text),
    # Since when every look has shown the same.
    Column("since", UtcDateTime, nullable=False),
)

#: Feed documents whose bytes changed and whose hub does not know it yet.
ping = Table(
    "ping",
    metadata,
    # The document's own address.
    Column("topic", Text, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("first_due", UtcDateTime, nullable=False),
    # How often the document changed since it is here: another number, and the hub is to be told once more.
    Column("changes", Integer, nullable=False, default=1),
    # Requests in a row that came to nothing.
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try", UtcDateTime, nullable=False, index=True),
    Column("last_error", Text, nullable=False, default=""),
)

#: What a feed's documents say of WebSub, and what became of our asking its hub to tell us of changes.
subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("source_feed.id"), nullable=False, index=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    # The part of our callback's address that nobody can guess, and what the hub signs with.
    Column("token", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    # A word of State (sources/websub.py).
    Column("state", Text, nullable=False),
    # When the hub was last asked; null before.
    Column("asked", UtcDateTime),
    # Requests in a row that came to nothing.
    Column("attempts", Integer, nullable=False, default=0),
    # When the hub is to be asked (again).
    Column("next_try", UtcDateTime, nullable=False, index=True),
    # Until when the hub has promised to tell; null before it did.
    Column("lease_until", UtcDateTime),
    Column("last_push", UtcDateTime),
    # True after a push that told us something, until a poll finds what no push has told.
    Column("works", Boolean, nullable=False, default=False),
    Column("last_error", Text, nullable=False, default=""),
)
