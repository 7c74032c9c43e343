"""The sources of a made-up world: feeds on loopback that change, fail or push, and what they were asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from tests.hub import Hub
from tests.servers import Client, Server

#: What a source does when it is asked -> how many of fifty do so.
BEHAVIOURS = {
    "well": 26,
    "pushes": 12,
    "500": 3,
    "429": 2,
    "silent": 1,
    "sloppy": 2,
    "a page": 2,
    "truncated": 2,
}
FORMS = ("rss", "atom", "json")
#: How the title of every entry ends.
ENTRY_TITLE = " 号消息"
#: Entries at the beginning, and the most that a document holds.
_ENTRIES, _WINDOW = 5, 15
#: Seconds after which what an entry said was seen.
_CALM = 8.0
#: Seconds until a server that says nothing hangs up; a request is given up before.
_SILENCE = 35.0


@dataclass
class Entry:
    """One entry; ``mark`` is a word that stands nowhere else in the world."""

    number: int
    mark: str
    at: datetime
    text: str
    #: When it was published or edited, by the monotonic clock.
    touched: float = field(default_factory=time.monotonic)

    def url(self, host: str) -> str:
        """Where people read it."""
        return f"https://{host}/story/{self.number}/"


@dataclass(frozen=True)
class Asked:
    """A request as the server of a source saw it."""

    at: datetime
    #: Seconds of the monotonic clock when the answer had gone out.
    answered: float
    path: str
    is_conditional: bool
    status: int


@dataclass
class Source:
    """One source with one feed."""

    number: int
    form: str
    behaviour: str
    say: Callable[[], str]
    hub: str = ""
    #: Its feed's address, without the server.
    path: str = ""
    entries: list[Entry] = field(default_factory=list)
    #: Marks that no answer and no push has carried yet.
    untold: list[str] = field(default_factory=list)
    #: It does what its behaviour says; before, it does well.
    is_awake: bool = False
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Give it a place and its first entries."""
        self.path = f"/s{self.number}/feed"
        long_ago = datetime.now(UTC) - timedelta(days=9)
        for place in range(_ENTRIES):
            self.publish(long_ago + timedelta(hours=7 * place))
        self.untold.clear()

    @property
    def name(self) -> str:
        """As articles cite it."""
        return f"Station{self.number:03}"

    @property
    def host(self) -> str:
        """Of its pages; nobody asks for them."""
        return f"{self.name.lower()}.example"

    def publish(self, at: datetime | None = None) -> str:
        """Add an entry; gives its mark."""
        with self._lock:
            self._count += 1
            mark = f"q{self.number}n{self._count}z"
            moment = at or datetime.now(UTC).replace(microsecond=0)
            self.entries.insert(0, Entry(self._count, mark, moment, self.say()))
            del self.entries[_WINDOW:]
            self.untold.append(mark)
            return mark

    def edit(self) -> str:
        """Give the newest entry another title; gives its new mark."""
        with self._lock:
            self._count += 1
            entry = self.entries[0]
            if entry.mark in self.untold:
                self.untold.remove(entry.mark)
            entry.mark = f"q{self.number}n{self._count}z"
            entry.touched = time.monotonic()
            self.untold.append(entry.mark)
            return entry.mark

    @property
    def is_calm(self) -> bool:
        """Its newest entry was seen by now; another version would hide one that was not."""
        return self.entries[0].touched < time.monotonic() - _CALM

    def document(self, *, newest: int = _WINDOW) -> tuple[bytes, str]:
        """(document, its type)."""
        return _RENDER[self.form](self, self.entries[:newest])

    def take_untold(self) -> list[str]:
        """What somebody is about to learn."""
        with self._lock:
            told, self.untold = self.untold, []
            return told

    def push(self, hub: Hub, topic: str) -> tuple[list[str], bool]:
        """Have the hub tell of what is new; (marks, whether it was accepted)."""
        marks = self.take_untold()
        body, content_type = self.document(newest=max(2, len(marks)))
        answers = hub.distribute(topic, body, content_type)
        return marks, bool(answers) and all(200 <= status < 300 for status in answers)


# -- documents -------------------------------------------------------------------------------------------------------


def _rss(source: Source, entries: Sequence[Entry]) -> tuple[bytes, str]:
    items = "".join(
        f"<item><guid isPermaLink='false'>{source.number}-{one.number}</guid><title>{one.mark}{ENTRY_TITLE}</title>"
        f"<link>{one.url(source.host)}</link><description>{one.text}</description>"
        f"<pubDate>{format_datetime(one.at)}</pubDate></item>"
        for one in entries
    )
    hub = f"<atom:link rel='hub' href='{source.hub}'/>" if source.hub else ""
    head = f"<title>{source.name}</title><link>https://{source.host}/</link><description>电台</description>{hub}"
    start = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'>"
    return f"{start}<channel>{head}{items}</channel></rss>".encode(), "application/rss+xml"


def _atom(source: Source, entries: Sequence[Entry]) -> tuple[bytes, str]:
    items = "".join(
        f"<entry><id>urn:world:{source.number}-{one.number}</id><title>{one.mark}{ENTRY_TITLE}</title>"
        f"<link href='{one.url(source.host)}'/><summary>{one.text}</summary>"
        f"<published>{one.at.isoformat()}</published><updated>{one.at.isoformat()}</updated></entry>"
        for one in entries
    )
    hub = f"<link rel='hub' href='{source.hub}'/>" if source.hub else ""
    head = (
        f"<id>urn:world:{source.number}</id><title>{source.name}</title><updated>{entries[0].at.isoformat()}</updated>"
    )
    start = "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
    return f"{start}{head}<author><name>台</name></author>{hub}{items}</feed>".encode(), "application/atom+xml"


def _json(source: Source, entries: Sequence[Entry]) -> tuple[bytes, str]:
    items = [
        {
            "id": f"{source.number}-{one.number}",
            "url": one.url(source.host),
            "title": f"{one.mark}{ENTRY_TITLE}",
            "content_text": one.text,
            "date_published": one.at.isoformat(),
        }
        for one in entries
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": source.name, "items": items}
    if source.hub:
        feed["hubs"] = [{"type": "WebSub", "url": source.hub}]
    return json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json"


_RENDER = {"rss": _rss, "atom": _atom, "json": _json}

# -- their server ----------------------------------------------------------------------------------------------------

#: Hears of an answer: the source, the marks that it carried, when it was out.
Told = Callable[[Source, list[str], float], None]


class World:
    """All sources behind one server, and the log of what it was asked."""

    def __init__(self, server: Server, sources: Sequence[Source], told: Told) -> None:
        self.server = server
        self.sources = {source.path: source for source in sources}
        self.asked: list[Asked] = []
        self._told = told
        server.plays("*", self._answer)

    def topic(self, source: Source) -> str:
        """The address of its feed."""
        return self.server.url(source.path)

    def _answer(self, client: Client) -> None:
        path, headers, at = client.request.target, client.request.headers, datetime.now(UTC)
        source = self.sources.get(path)
        if source is None:
            client.answer(404)
            return
        marks, status = _answer_as(source, client, source.behaviour if source.is_awake else "well")
        answered = time.monotonic()
        is_conditional = bool({"if-none-match", "if-modified-since"} & headers.keys())
        self.asked.append(Asked(at, answered, path, is_conditional, status))
        self._told(source, marks, answered)


def _answer_as(source: Source, client: Client, behaviour: str) -> tuple[list[str], int]:
    """Answer; (marks that were told, status)."""
    failure = _FAILURES.get(behaviour)
    if failure is not None:
        return [], failure(client)
    body, content_type = source.document()
    if behaviour == "truncated":
        client.send(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body[: len(body) // 2]
        )
        client.hang_up()
        return [], 200
    if behaviour == "sloppy":
        # An ampersand that nobody escaped, as in one feed in thirty.
        body = body.replace("电台".encode(), "电台 & 报纸".encode(), 1).replace(b"</summary>", b" & c</summary>", 1)
    etag = f'"{sha256(body).hexdigest()[:16]}"'
    if client.request.headers.get("if-none-match") == etag:
        client.answer(304, headers={"ETag": etag})
        return [], 304
    marks = source.take_untold()
    client.answer(200, body, {"ETag": etag, "Content-Type": content_type})
    return marks, 200


def _fail(client: Client) -> int:
    client.answer(500, b"oops")
    return 500


def _refuse(client: Client) -> int:
    client.answer(429, headers={"Retry-After": "7200"})
    return 429


def _say_nothing(client: Client) -> int:
    time.sleep(_SILENCE)
    client.reset()
    return 0


def _show_page(client: Client) -> int:
    client.answer(200, b"<!doctype html><title>Sorry</title><p>We will be back.", {"Content-Type": "text/html"})
    return 200


_FAILURES = {"500": _fail, "429": _refuse, "silent": _say_nothing, "a page": _show_page}


def make_sources(
    count: int, say: Callable[[], str], hub: str, behaviours: Mapping[str, int] = BEHAVIOURS
) -> list[Source]:
    """So many sources; of each behaviour as many as its share, and one at least."""
    whole = sum(behaviours.values())
    shares = [[behaviour] * max(1, round(share * count / whole)) for behaviour, share in behaviours.items()]
    chosen = [behaviour for some in shares for behaviour in some]
    return [
        Source(
            number=number,
            # What is broken must be XML to be so, and not JSON, which nobody reads when it is.
            form="rss" if behaviour in {"sloppy", "truncated"} else FORMS[number % 3],
            behaviour=behaviour,
            say=say,
            hub=hub if behaviour == "pushes" else "",
        )
        for number, behaviour in enumerate((chosen + ["well"] * count)[:count])
    ]
