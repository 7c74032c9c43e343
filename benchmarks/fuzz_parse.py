"""Fuzz the reading of feeds with atheris: any bytes end in entries or in a ParseError, and a delta says what all says.

    pip install atheris                       # 3.0 or later; Linux and macOS
    python benchmarks/fuzz_parse.py [CORPUS_FOLDER] -max_len=20000 -timeout=25 -max_total_time=600

Arguments are libFuzzer's. Give it a copy of a folder of feeds: it adds what it finds. A crash is written to
``crash-*``, and is reproduced by naming that file instead of the folder.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import atheris
from msgspec.structs import replace

with atheris.instrument_imports(include=["feedparser", "feeds"]):
    from feeds.errors import ParseError
    from feeds.polled import ParsedFeed
    from feeds.sources.delta import dump, load, read_feed
    from feeds.sources.parse import parse_feed

_URL = "https://example.org/feed"
_NOW = datetime(2027, 1, 1, tzinfo=UTC)


def read_one(data: bytes) -> None:
    """Parse bytes; then read them again as if a third of their entries were new."""
    try:
        feed = parse_feed(data, url=_URL, now=_NOW)
    except ParseError:
        return
    _check_delta(data, feed)


def _check_delta(data: bytes, feed: ParsedFeed) -> None:
    known = read_feed(data, url=_URL, content_type="", now=_NOW, known=None, shadow=False).known
    if load(dump(known)) != known:
        raise AssertionError("known does not survive the store")
    older = replace(known, slices={digest: i for digest, i in known.slices.items() if digest[0] % 3})
    reading = read_feed(data, url=_URL, content_type="", now=_NOW, known=older, shadow=True)
    if reading.difference or reading.feed != feed:
        raise AssertionError(f"the delta differs: {reading.difference}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()
