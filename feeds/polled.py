"""The values of polling: what is asked, what came, what it says. Frozen; all datetimes are aware."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import asdict

from feeds.model import Origin, Person


def shown_without(value: Struct, hidden: str) -> str:
    """``repr`` of a value, but for one field that is secret or long."""
    told = ", ".join(f"{name}={field!r}" for name, field in asdict(value).items() if name != hidden)
    return f"{type(value).__name__}({told})"


class Validators(Struct, frozen=True, kw_only=True):
    """What a server gave to recognise a document by (RFC 9110 §8.8), byte for byte; sent back as it came."""

    #: ``ETag``, quotes and ``W/`` included; None when the last full answer had none.
    etag: str | None = None
    #: ``Last-Modified`` as written; never parsed, never made up.
    last_modified: str | None = None

    def __bool__(self) -> bool:
        """Whether a request can be conditional."""
        return self.etag is not None or self.last_modified is not None


class Hints(Struct, frozen=True, kw_only=True):
    """What an answer says of the next request. All are lengths of time, measured from the answer's own ``Date``."""

    #: ``Cache-Control: max-age``, else ``Expires`` - ``Date`` (RFC 9111); None when absent, zero, or no-cache/no-store.
    fresh_for: timedelta | None = None
    #: ``Retry-After`` (RFC 9110 §10.2.3), as seconds or as a date; None when absent or unreadable.
    retry_after: timedelta | None = None


class Redirect(Struct, frozen=True, kw_only=True):
    """One hop on the way to an answer."""

    #: 301, 302, 303, 307 or 308.
    status: int
    #: Absolute.
    target: str


class Link(Struct, frozen=True, kw_only=True):
    """A ``Link`` header of an answer (RFC 8288), as far as WebSub wants it."""

    #: ``hub`` or ``self``.
    rel: str
    #: Absolute http(s).
    url: str


class FeedRequest(Struct, frozen=True, kw_only=True):
    """One request to be made for a feed, or to see whether a page is there."""

    #: Exactly as it is to be asked for.
    url: str
    #: ``GET`` or ``HEAD``.
    method: str = "GET"
    #: Whether the page is there is all that is wanted: any type will do, and its body is left unread.
    is_probe: bool = False
    validators: Validators = field(default_factory=Validators)
    #: Sent to the host of ``url`` alone; may hold secrets, so they are never printed.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Addresses of private networks and of this machine may be asked.
    allow_private: bool = False

    def __repr__(self) -> str:
        """Without the headers."""
        return shown_without(self, "headers")


class Fetched(Struct, frozen=True, kw_only=True):
    """A document came: 200, or 226 with a part of it."""

    #: Where it came from in the end.
    url: str
    status: int
    #: Decoded (gzip, br ...), within the caps.
    body: bytes
    #: ``Content-Type`` as written; empty when absent.
    content_type: str = ""
    #: They replace the stored ones, both: one that the server stopped sending is dropped.
    validators: Validators
    hints: Hints = field(default_factory=Hints)
    redirects: tuple[Redirect, ...] = ()
    #: On the wire, body only.
    bytes_received: int = 0
    #: In the order of the headers.
    links: tuple[Link, ...] = ()

    def __repr__(self) -> str:
        """Without the body, which may have megabytes."""
        return shown_without(self, "body")

    @property
    def is_partial(self) -> bool:
        """226 (RFC 3229, ``A-IM: feed``): entries that are missing are not gone."""
        return self.status == 226


class NotModified(Struct, frozen=True, kw_only=True):
    """304: nothing new."""

    url: str
    #: Those that the answer carries; None when it carries neither, and the stored ones stay.
    validators: Validators | None = None
    hints: Hints = field(default_factory=Hints)
    redirects: tuple[Redirect, ...] = ()


class FailureKind(StrEnum):
    """Why a feed could not be had or read. The value is the word in tables and in ``--json``."""

    #: The address itself is none that may be asked: scheme, syntax.
    URL = "url"
    #: It leads to a private network or to this machine.
    BLOCKED = "blocked"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    PROXY = "proxy"
    #: No answer, or not all of it, within the time allowed.
    TIMEOUT = "timeout"
    #: The connection ended before the answer did.
    CUT_OFF = "cut-off"
    TOO_LARGE = "too-large"
    #: Too many hops, a loop, a hop without a target.
    REDIRECT = "redirect"
    #: ``Content-Encoding`` that cannot be undone.
    ENCODING = "encoding"
    #: 429, or 503 with Retry-After: the server asks to be left alone.
    RATE_LIMITED = "rate-limited"
    #: 410.
    GONE = "gone"
    #: Any other status that is no success.
    HTTP_STATUS = "http-status"
    #: A page that asks for a browser or a person (Cloudflare and its like).
    CHALLENGE = "challenge"
    #: An answer, but HTML, an image, nothing.
    NOT_A_FEED = "not-a-feed"
    #: A feed once, but nothing of it can be read.
    MALFORMED = "malformed"
    #: Reading it took more time or memory than any honest feed needs.
    TOO_COSTLY = "too-costly"


class Failed(Struct, frozen=True, kw_only=True):
    """No document came, or none that can be used."""

    kind: FailureKind
    #: One sentence for a person, without credentials: what happened and, if known, why.
    sentence: str
    #: HTTP status, when there was an answer.
    status: int | None = None
    hints: Hints = field(default_factory=Hints)
    redirects: tuple[Redirect, ...] = ()

    @property
    def is_unreached(self) -> bool:
        """No server answered at all, so it may be we who are offline."""
        return self.kind in {FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.PROXY}


#: What came of a request.
Outcome = Fetched | NotModified | Failed


class Enclosure(Struct, frozen=True, kw_only=True):
    """A file that an entry comes with: RSS enclosure, Atom rel=enclosure, JSON attachment, media:content."""

    #: Absolute http(s).
    url: str
    #: MIME type; empty when not said.
    type: str = ""
    #: Bytes; None when not said or not believable.
    length: int | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """What came in: one entry of a source's feed, cleaned. Texts are plain, on one line, unless they say otherwise."""

    #: Unique within its feed: guid, atom:id or JSON id, else the link's key, else a hash. Byte for byte.
    id: str
    #: Where the id comes from: ``id``, ``link`` or ``hash``, or ``repaired`` when the feed gave one id to several.
    id_from: str = "id"
    #: Absolute http(s); None without a link.
    url: str | None = None
    title: str = ""
    #: None when not said or not believable; the store then uses the time it was first seen.
    published: datetime | None = None
    updated: datetime | None = None
    #: The dates as written, for people and for better readers to come.
    published_raw: str = ""
    updated_raw: str = ""
    #: Plain text.
    summary: str = ""
    #: Sanitised HTML with absolute addresses; empty when the feed has none beside the summary.
    content: str = ""
    authors: tuple[Person, ...] = ()
    #: As written, each once.
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    #: Other absolute http(s) addresses of the same entry (permalink guid, alternates), without ``url``.
    links: tuple[str, ...] = ()
    #: Absolute http(s); the picture shown beside it.
    image: str | None = None
    language: str = ""
    #: ``yt:videoId``.
    video: str | None = None
    #: ``itunes:duration`` and its like; None when not said.
    duration: timedelta | None = None
    #: ``itunes:season`` and ``itunes:episode``.
    season: int | None = None
    episode: int | None = None
    origin: Origin | None = None
    #: Hash of all above that a reader would notice: another hash is another version.
    hash: str = ""


class FeedHints(Struct, frozen=True, kw_only=True):
    """What a document says of how often it changes (RSS 2.0 ttl, skipHours, skipDays; sy:*)."""

    #: The longer of ``ttl`` and ``sy:updatePeriod / sy:updateFrequency``; None when neither is given.
    interval: timedelta | None = None
    #: Hours of the day, 0-23 GMT, in which not to ask; 24 hours of them are no statement and left empty.
    skip_hours: frozenset[int] = frozenset()
    #: Days of the week, Monday 0, GMT; seven of them are left empty.
    skip_days: frozenset[int] = frozenset()


class ParsedFeed(Struct, frozen=True, kw_only=True):
    """A document of a source, read."""

    #: As feedparser names it: ``rss20``, ``atom10``, ``rss090`` ...; ``json11`` and ``json1`` for JSON Feed.
    version: str
    title: str = ""
    #: The page that it is about: absolute http(s), or None.
    url: str | None = None
    language: str = ""
    hints: FeedHints = field(default_factory=FeedHints)
    #: WebSub hubs, absolute http(s).
    hubs: tuple[str, ...] = ()
    #: ``rel=self``: a claim, often wrong (DeepMind names example.com); never followed unasked.
    self_url: str | None = None
    #: In the order of the document, each id once.
    entries: tuple[Entry, ...] = ()
    #: How many entries the document holds, those not read because they were known included.
    count: int = 0
    #: Id of the entry within which the document breaks off, so that it says too little; empty when it does not.
    cut: str = ""
    #: What is wrong with it although it could be read; empty when nothing is.
    warning: str = ""


class Subscription(Struct, frozen=True, kw_only=True):
    """What sources.yaml says of one feed to be polled."""

    #: Name of the source.
    source: str
    url: str
    #: A fixed interval; None for the adaptive one.
    every: timedelta | None = None
    #: Sent with each request; may hold secrets, so they are never printed.
    headers: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False

    def __repr__(self) -> str:
        """Without the headers."""
        return shown_without(self, "headers")
