"""/healthz and /metrics: what they say, and to whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, insert

from feeds.errors import StoreError
from feeds.store import schema
from feeds.store.metric_rows import Figures, read_figures
from feeds.web.app import make_app
from feeds.web.health import Health, reasons
from feeds.web.metrics import HttpFigures, StateCollector
from tests.web_site import address_of, ask, put

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)

EMPTY = Figures(
    polls={},
    poll_seconds={},
    slowest=0.0,
    ratio_304=0.0,
    due_lag=0.0,
    due=0,
    sources=0,
    stopped=0,
    entries=0,
    matches={},
    articles=0,
    quarantined=0,
    files=0,
    file_bytes=0,
    dirty=0,
)


def test_an_empty_state_counts_nothing(connection: Connection) -> None:
    assert read_figures(connection, now=NOON) == EMPTY


def source(id_: int, **changes: Any) -> dict[str, Any]:
    values = {"id": id_, "url": f"https://{id_}.example/", "source": "S", "domain": "d", "learnt": "{}"}
    defaults = {"active": True, "stopped": False, "next_poll": NOON + HOUR, "domain_free": None}
    return values | defaults | changes


def polled(feed_id: int, outcome: str, *, seconds: float = 1, ago: timedelta = HOUR, **changes: Any) -> dict[str, Any]:
    at = NOON - ago
    values = {"feed_id": feed_id, "at": at, "ended": at + seconds * SECOND, "domain": "d", "outcome": outcome}
    return (
        values
        | {"status": 200, "conditional": True, "had_validators": True, "bytes": 1, "new": 0, "changed": 0}
        | changes
    )


@pytest.fixture
def filled(connection: Connection) -> Connection:
    """A state with something of everything."""
    feeds = [
        source(1, next_poll=NOON - 2 * HOUR),
        source(2, next_poll=NOON - HOUR),
        source(3),
        source(4, stopped=True, next_poll=None),
        source(5, active=False, next_poll=NOON - 99 * HOUR),
        source(6, next_poll=None),
    ]
    connection.execute(insert(schema.source_feed), feeds)
    polls = [
        polled(1, "fetched", seconds=2.5),
        polled(1, "fetched", seconds=0.5, conditional=False),
        polled(2, "not-modified", status=304),
        polled(2, "timeout", seconds=30, status=None),
        polled(2, "fetched", ago=25 * HOUR, seconds=999),
    ]
    connection.execute(insert(schema.poll), polls)
    told = {"at": NOON, "first_seen": NOON, "changed": NOON, "hash": "h", "said": "{}", "content": "", "updates": 0}
    entries = [{"id": n, "feed_id": 1, "key": str(n), "title": "t", "matched": False, **told} for n in (1, 2, 3)]
    connection.execute(insert(schema.entry), entries)
    file = {
        "mtime_ns": 0,
        "size": 0,
        "digest": "",
        "draft": False,
        "live": True,
        "quarantined": False,
        "kind": "article",
    }
    articles = [
        {"id": 1, "path": "a.md", **file},
        {"id": 2, "path": "b.md", **file, "quarantined": True},
        {"id": 3, "path": "c.md", **file, "live": False},
        {"id": 4, "path": "entry:1", **file, "kind": "entry"},
    ]
    connection.execute(insert(schema.article), articles)
    pair = {"rule": "r", "score": 1.0, "evidence": "[]"}
    matches = [
        {"entry_id": 1, "article_id": 1, "standing": "match", **pair},
        {"entry_id": 2, "article_id": 1, "standing": "suggestion", **pair},
        {"entry_id": 3, "article_id": 2, "standing": "suggestion", **pair},
    ]
    connection.execute(insert(schema.match), matches)
    files = [
        {"path": name, "archive": 0, "digest": "d", "size": size} for name, size in (("a", 7), ("b", 5_000_000_000))
    ]
    connection.execute(insert(schema.manifest), files)
    return connection


def test_everything_is_counted(filled: Connection) -> None:
    found = read_figures(filled, now=NOON)
    assert found == Figures(
        polls={"fetched": 2, "not-modified": 1, "timeout": 1},
        poll_seconds={"fetched": 3.0, "not-modified": 1.0, "timeout": 30.0},
        slowest=30.0,
        # Of the two conditional requests that a server answered, one by 304.
        ratio_304=0.5,
        due_lag=7200.0,
        due=2,
        sources=5,
        stopped=1,
        entries=3,
        matches={"match": 1, "suggestion": 2},
        articles=2,
        quarantined=1,
        files=2,
        file_bytes=5_000_000_007,
        dirty=0,
    )


# -- /metrics -------------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one feed."""
    put(tmp_path / "output", "rss.xml", b"<rss/>" * 100)
    return tmp_path / "output"


def app_for(root: Path, **options: Any) -> Any:
    return make_app(output=str(root), address=address_of, **options)


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    """Name and values of the labels -> value; parsing it proves the format."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def test_metrics_tell_requests_and_state(root: Path) -> None:
    figures = HttpFigures(lambda: replace(EMPTY, polls={"fetched": 2}, poll_seconds={"fetched": 3.5}, due_lag=60.0))
    app = app_for(root, figures=figures)
    tag = ask(app).headers["etag"]
    ask(app, if_none_match=tag)
    ask(app, "/nothing")
    reply = ask(app, "/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    found = samples(reply.body)
    assert found["feeds_http_requests_total", "200", "GET"] == 1
    assert found["feeds_http_requests_total", "304", "GET"] == 1
    assert found["feeds_http_requests_total", "404", "GET"] == 1
    assert found["feeds_http_response_bytes_total",] == 600 + len("Not Found\n")
    assert found["feeds_http_request_seconds_count",] == 3
    assert found["feeds_polls_day", "fetched"] == 2
    assert found["feeds_poll_seconds_day", "fetched"] == 3.5
    assert found["feeds_due_lag_seconds",] == 60
    assert found["feeds_state_up",] == 1
    names = {name for name, *_ in found}
    assert {"feeds_entries", "feeds_matches", "feeds_files", "feeds_quarantined", "feeds_poll_not_modified_ratio"} <= (
        names | {"feeds_matches"}
    )


def test_matches_are_told_by_standing(root: Path) -> None:
    app = app_for(root, figures=HttpFigures(lambda: replace(EMPTY, matches={"match": 3, "suggestion": 4})))
    found = samples(ask(app, "/metrics").body)
    assert (found["feeds_matches", "match"], found["feeds_matches", "suggestion"]) == (3, 4)


def test_a_state_that_cannot_be_read_leaves_the_other_figures(root: Path) -> None:
    def fail() -> Figures:
        raise StoreError("state: x: is damaged")

    found = samples(ask(app_for(root, figures=HttpFigures(fail)), "/metrics").body)
    assert found["feeds_state_up",] == 0
    assert ("feeds_entries",) not in found


def test_words_of_strangers_make_no_time_series(root: Path) -> None:
    app = app_for(root)
    for number in range(50):
        ask(app, method=f"BREW{number}")
    found = samples(ask(app, "/metrics").body)
    assert found["feeds_http_requests_total", "405", "other"] == 50


def test_the_state_is_read_at_most_every_ten_seconds() -> None:
    moment, reads = [0.0], []

    def read() -> Figures:
        reads.append(moment[0])
        return EMPTY

    collector = StateCollector(read, timer=lambda: moment[0])
    for moment[0] in (0.0, 5.0, 9.9, 10.0, 12.0):
        list(collector.collect())
    assert reads == [0.0, 10.0]


# -- /healthz -------------------------------------------------------------------------------------------------------


def test_health_is_200_or_503_with_reasons(root: Path) -> None:
    found: list[str] = []
    app = app_for(root, health=lambda: found)
    well = ask(app, "/healthz")
    assert (well.status, json.loads(well.body)) == (200, {"status": "ok", "reasons": []})
    found.append("output: is not there")
    ill = ask(app, "/healthz")
    assert (ill.status, json.loads(ill.body)) == (503, {"status": "failing", "reasons": ["output: is not there"]})
    assert ill.headers["cache-control"] == "no-store"
    assert "retry-after" in ill.headers


def test_reasons_name_what_is_wrong(root: Path, tmp_path: Path) -> None:
    assert reasons(str(root), lambda: None) == []
    assert reasons(str(root), lambda: replace(EMPTY, due_lag=3600.0)) == []
    (missing,) = reasons(str(tmp_path / "none"), lambda: EMPTY)
    assert missing.startswith("output: none: ")
    (late,) = reasons(str(root), lambda: replace(EMPTY, due_lag=90_000.0))
    assert "25 hours" in late

    def fail() -> Figures:
        raise StoreError("state: x: is damaged")

    assert reasons(str(root), fail) == ["state: x: is damaged"]


def test_health_is_looked_up_at_most_every_five_seconds(root: Path) -> None:
    moment, reads = [0.0], []

    def read() -> Figures:
        reads.append(moment[0])
        return EMPTY

    health = Health(str(root), read, timer=lambda: moment[0])
    for moment[0] in (0.0, 1.0, 4.9, 5.0):
        assert health() == []
    assert reads == [0.0, 5.0]


# -- to whom --------------------------------------------------------------------------------------------------------

NEAR: list[tuple[str, dict[str, Any]]] = [
    ("127.0.0.1", {}),
    ("::1", {}),
    ("10.1.2.3", {}),
    ("192.168.1.1", {}),
    ("::ffff:192.168.1.1", {}),
    ("fe80::1%eth0", {}),
    ("127.0.0.1", {"x_forwarded_for": "10.0.0.7"}),
]
FAR: list[tuple[str, dict[str, Any]]] = [
    ("8.8.8.8", {}),
    ("2001:4860:4860::8888", {}),
    ("::ffff:8.8.8.8", {}),
    # A proxy on this machine speaks for somebody else.
    ("127.0.0.1", {"x_forwarded_for": "8.8.8.8"}),
    ("127.0.0.1", {"x_forwarded_for": "8.8.8.8, 10.0.0.1"}),
    ("127.0.0.1", {"x_real_ip": "8.8.8.8"}),
    ("127.0.0.1", {"forwarded": "for=8.8.8.8"}),
    ("127.0.0.1", {"x_forwarded_for": "unknown"}),
    # Nobody can make himself near from afar.
    ("8.8.8.8", {"x_forwarded_for": "127.0.0.1"}),
]


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_figures_are_for_those_who_are_near(root: Path, path: str) -> None:
    app = app_for(root)
    for address, headers in NEAR:
        assert ask(app, path, client=(address, 1), **headers).status == 200, address
    assert ask(app, path, client=None).status == 200
    for address, headers in FAR:
        assert ask(app, path, client=(address, 1), **headers).status == 403, (address, headers)
        assert ask(app_for(root, metrics="public"), path, client=(address, 1), **headers).status == 200
    assert ask(app, path, method="POST").status == 405
