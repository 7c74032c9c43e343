"""Servers as they are met: when they publish, what they say of caching, how they fail. Made up, and seeded."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zlib import crc32

from feeds.polled import Failed, FailureKind, FeedHints, Fetched, Hints, NotModified, Redirect, Validators

START = datetime(2025, 6, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: So long before the start they have published already.
BEFORE = 60 * DAY

Outcome = Fetched | NotModified | Failed
Trouble = Callable[[datetime], Failed | None]


@dataclass(slots=True, kw_only=True)
class Server:
    """One feed, and how its server behaves."""

    kind: str
    url: str
    #: When its entries appear, in order.
    times: list[datetime]
    window: int = 20
    #: both, etag, date, none, changing (another ETag each time, same body) or ignored (full answers to all).
    style: str = "both"
    fresh_for: timedelta | None = None
    hints: FeedHints = field(default_factory=FeedHints)
    trouble: Trouble = lambda _: None
    redirect: Redirect | None = None
    #: The last version with its two answers, lest they be made a million times.
    latest: tuple[tuple[int, str], Fetched, NotModified] | None = None

    def answer(self, address: str, sent: Validators, at: datetime) -> Outcome:
        """Answer one request."""
        failure = self.trouble(at)
        if failure is not None:
            return failure
        version = bisect_right(self.times, at)
        if self.latest is None or self.latest[0] != (version, address) or self.style == "changing":
            self.latest = ((version, address), *self._answers(version, address, at))
        _, full, short = self.latest
        is_known = self.style != "ignored" and sent == full.validators and sent
        return short if is_known else full

    def _answers(self, version: int, address: str, at: datetime) -> tuple[Fetched, NotModified]:
        hops = (self.redirect,) if self.redirect and address == self.url else ()
        held, hints = self._validators(version, at), Hints(fresh_for=self.fresh_for)
        body = str(version).encode()
        full = Fetched(url=address, status=200, body=body, validators=held, hints=hints, redirects=hops)
        return full, NotModified(url=address, hints=hints, redirects=hops)

    def _validators(self, version: int, at: datetime) -> Validators:
        etag = f'"{at.timestamp()}"' if self.style == "changing" else f'W/"v{version}"'
        date = f"version {version}, exactly as the server writes it"
        return Validators(
            etag=None if self.style in {"none", "date"} else etag,
            last_modified=None if self.style in {"none", "etag"} else date,
        )


def failing(status: int, kind: FailureKind = FailureKind.HTTP_STATUS, wait: timedelta | None = None) -> Failed:
    """An answer that is no document."""
    return Failed(kind=kind, sentence=f"HTTP {status}", status=status, hints=Hints(retry_after=wait))


# -- when they publish -----------------------------------------------------------------------------------------------

Rhythm = Callable[[random.Random, timedelta], list[datetime]]


def about_every(gap: timedelta) -> Rhythm:
    """Some rhythm with this mean gap and no rule in it."""

    def times(rng: random.Random, span: timedelta) -> list[datetime]:
        moment, found = START - BEFORE, []
        while moment < START + span:
            moment += gap * min(rng.lognormvariate(-0.32, 0.8), 6)  # mean 1
            found.append(moment)
        return found

    return times


def exactly_every(gap: timedelta) -> Rhythm:
    """A show with a slot: always at the same hour."""

    def times(rng: random.Random, span: timedelta) -> list[datetime]:
        first = START - BEFORE + gap * rng.random()
        return [first + gap * number for number in range(int((span + BEFORE) / gap) + 1)]

    return times


def newsroom(per_hour: float) -> Rhythm:
    """Busy by day (13 to 24 GMT), almost silent by night, half as much at weekends."""

    def times(rng: random.Random, span: timedelta) -> list[datetime]:
        moment, found = START - BEFORE / 10, []
        while moment < START + span:
            moment += HOUR / per_hour * rng.expovariate(1)
            share = (1 if moment.hour >= 13 else 0.12) * (1 if moment.weekday() < 5 else 0.5)
            if rng.random() < share:
                found.append(moment)
        return found

    return times


def silent_since(days: int) -> Rhythm:
    """A blog given up long ago."""

    def times(rng: random.Random, _: timedelta) -> list[datetime]:
        last = START - timedelta(days=days * (0.5 + rng.random()))
        return [last - 6 * DAY * number for number in range(20, -1, -1)]

    return times


# -- how they fail ---------------------------------------------------------------------------------------------------


def always(failure: Failed) -> Trouble:
    """It was so and stays so."""
    return lambda _: failure


def between(first: float, last: float, failure: Failed) -> Trouble:
    """From one day of the run to another."""
    return lambda at: failure if first * DAY <= at - START < last * DAY else None


def now_and_then(share: float, length: timedelta, failure: Failed) -> Trouble:
    """In a share of all stretches of this length, each decided by chance and for good."""

    def trouble(at: datetime) -> Failed | None:
        stretch = f"{(at - START) // length} {failure.sentence}"
        return failure if crc32(stretch.encode()) < share * 2**32 else None

    return trouble


# -- the town --------------------------------------------------------------------------------------------------------

LIMITED = FailureKind.RATE_LIMITED
MOVED_URL = "https://new-home.example.net/{}/feed"

#: Kind, how many of 200 (blogs fill the rest), rhythm, and what is special. ``{}`` in an address is the number.
Row = tuple[str, int, Rhythm, dict[str, object]]
TOWN: tuple[Row, ...] = (
    ("weekly blog", 24, about_every(7 * DAY), {"style": "date"}),
    ("weekly podcast", 15, exactly_every(7 * DAY), {"style": "etag"}),
    ("hourly news, window of 4 h", 8, newsroom(5), {}),
    ("busy news", 12, newsroom(1.5), {}),
    ("dormant", 15, silent_since(300), {}),
    ("dead: no such host", 6, silent_since(300), {"trouble": always(Failed(kind=FailureKind.DNS, sentence="DNS"))}),
    ("dead: 404", 5, silent_since(300), {"trouble": always(failing(404))}),
    ("forbidden: 403", 3, silent_since(300), {"trouble": always(failing(403))}),
    ("410 from day 5", 4, about_every(DAY), {"trouble": between(5, 1e6, failing(410, FailureKind.GONE))}),
    ("max-age 2 h", 8, about_every(3 * HOUR), {"fresh_for": 2 * HOUR}),
    ("Expires 6 h", 5, about_every(3 * HOUR), {"fresh_for": 6 * HOUR}),
    ("max-age 16 years", 2, about_every(DAY), {"fresh_for": 16 * 365 * DAY}),
    ("ttl 12 h", 6, about_every(6 * HOUR), {"hints": FeedHints(interval=12 * HOUR)}),
    ("sy weekly", 2, about_every(DAY), {"hints": FeedHints(interval=7 * DAY)}),
    ("skipHours 0-8", 4, about_every(4 * HOUR), {"hints": FeedHints(skip_hours=frozenset(range(9)))}),
    ("skipDays Sat, Sun", 4, about_every(8 * HOUR), {"hints": FeedHints(skip_days=frozenset({5, 6}))}),
    (
        "429, Retry-After a week",
        4,
        about_every(6 * HOUR),
        {
            "url": "https://blog{}.strict.example.org/feed",
            "trouble": now_and_then(0.1, DAY, failing(429, LIMITED, 7 * DAY)),
        },
    ),
    ("429, no Retry-After", 2, about_every(6 * HOUR), {"trouble": now_and_then(0.3, DAY, failing(429, LIMITED))}),
    (
        "503, Retry-After 3 h",
        2,
        about_every(6 * HOUR),
        {"trouble": now_and_then(0.2, DAY / 4, failing(503, LIMITED, 3 * HOUR))},
    ),
    ("flapping 500", 6, about_every(DAY), {"trouble": now_and_then(0.3, 2 * HOUR, failing(500))}),
    ("301", 4, about_every(DAY), {"redirect": Redirect(status=301, target=MOVED_URL)}),
    ("302", 2, about_every(DAY), {"redirect": Redirect(status=302, target=MOVED_URL)}),
    ("301 to a private host", 1, about_every(DAY), {"redirect": Redirect(status=301, target="https://10.0.0.{}/feed")}),
    ("no validators", 8, about_every(12 * HOUR), {"style": "none"}),
    ("another ETag each time", 4, about_every(DAY), {"style": "changing"}),
    ("ignores conditional GET", 4, about_every(DAY), {"style": "ignored"}),
    (
        "YouTube, 404 now and then",
        8,
        about_every(5 * DAY),
        {
            "url": "https://www.youtube.com/feeds/videos.xml?channel_id=UC{}",
            "window": 15,
            "style": "etag",
            "fresh_for": 15 * MINUTE,
            "trouble": now_and_then(0.2, 6 * HOUR, failing(404)),
        },
    ),
    ("Reddit", 6, about_every(2 * HOUR), {"url": "https://www.reddit.com/r/sub{}/.rss", "window": 25}),
)
FILLER: Row = ("daily blog", 1, about_every(DAY), {})


def town(sources: int, *, days: int, seed: int) -> list[Server]:
    """Make the servers: each kind in its share of ``sources`` but at least once, then daily blogs."""
    rng = random.Random(seed)
    rows = [row for row in TOWN for _ in range(max(1, round(row[1] * sources / 200)))]
    rows += [FILLER] * max(1, sources - len(rows))
    return [_server(row, number, rng, days * DAY) for number, row in enumerate(rows)]


def _server(row: Row, number: int, rng: random.Random, span: timedelta) -> Server:
    kind, _, rhythm, special = row
    more = {"url": "https://site{}.example/feed", **special}
    redirect = more.get("redirect")
    if isinstance(redirect, Redirect):
        more["redirect"] = Redirect(status=redirect.status, target=redirect.target.format(number))
    more["url"] = str(more["url"]).replace("site{}.example", f"site{number}.com").format(number)
    return Server(kind=kind, times=rhythm(rng, span), **more)  # type: ignore[arg-type] # a table of keywords
