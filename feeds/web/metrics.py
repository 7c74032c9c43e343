"""What Prometheus reads: requests that were answered, and what the state says of polls, entries and files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from feeds.store.metric_rows import Figures

#: Set by serve.py when there are several processes: prometheus-client then counts in files that all of them see.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Seconds; a 304 takes 0.1 ms, a document that must be compressed 10 ms.
_BUCKETS = (0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5)
#: Seconds for which the state's figures are kept: counting 100,000 entries takes 10 ms.
_KEPT = 10.0
#: Any other method is a stranger's word, and each new one would be a new time series.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


class HttpFigures:
    """Counters of one process, and the text that Prometheus reads."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, read_state: Callable[[], Figures | None] | None = None) -> None:
        """``read_state`` reads what the state says, None without a state; it may wait, and may raise any error."""
        self.registry = CollectorRegistry()
        is_shared = SHARED_FOLDER in os.environ
        own: dict[str, Any] = {"registry": None if is_shared else self.registry}
        self._requests = Counter("feeds_http_requests", "Requests answered.", ["method", "status"], **own)
        self._bytes = Counter("feeds_http_response_bytes", "Bytes of bodies sent.", **own)
        self._seconds = Histogram("feeds_http_request_seconds", "Time to answer.", buckets=_BUCKETS, **own)
        self._counts: dict[tuple[str, int], Any] = {}
        if is_shared:
            from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 (only with workers)

            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        if read_state is not None:
            self.registry.register(StateCollector(read_state))

    def count(self, method: str, status: int, size: int, seconds: float) -> None:
        """One request was answered."""
        key = (method, status)
        child = self._counts.get(key)
        if child is None:
            child = self._requests.labels(method if method in _METHODS else "other", str(status))
            if len(self._counts) < 1000:  # a stranger may send any word as a method
                self._counts[key] = child
        child.inc()
        self._seconds.observe(seconds)
        if size:
            self._bytes.inc(size)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)


class StateCollector:
    """What the state says, at most every ten seconds anew."""

    def __init__(self, read: Callable[[], Figures | None], *, timer: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._timer = timer
        self._lock = threading.Lock()
        self._kept: Figures | None = None
        self._read_at = float("-inf")

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: prometheus-client would read the state when it is registered."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Whether the state can be read, and what it says."""
        with self._lock:
            is_up = self._refresh()
            figures = self._kept
        yield _gauge("feeds_state_up", "Whether the state could be read.", is_up)
        if figures is not None and is_up:
            yield from families(figures)

    def _refresh(self) -> bool:
        now = self._timer()
        if now - self._read_at >= _KEPT:
            try:
                self._kept = self._read()
            except Exception:  # noqa: BLE001 (whatever it is, the other figures are still worth reading)
                self._kept = None
            self._read_at = now
        return self._kept is not None


def families(figures: Figures) -> Iterator[GaugeMetricFamily]:
    """The state's figures as Prometheus knows them: gauges, since old rows are removed one day."""
    yield _family("feeds_polls_day", "Polls of the last 24 hours by outcome.", "outcome", figures.polls)
    yield _family("feeds_poll_seconds_day", "Seconds that they took, all together.", "outcome", figures.poll_seconds)
    yield _gauge("feeds_poll_slowest_seconds_day", "Seconds that the slowest took.", figures.slowest)
    yield _gauge("feeds_poll_not_modified_ratio", "304s among the answers to conditional polls.", figures.ratio_304)
    yield _gauge("feeds_due_lag_seconds", "How long the most overdue feed has waited.", figures.due_lag)
    yield _gauge("feeds_due", "Feeds that are due now.", figures.due)
    yield _gauge("feeds_sources", "Feeds of sources that are followed.", figures.sources)
    yield _gauge("feeds_sources_stopped", "... of which are gone for good.", figures.stopped)
    yield _gauge("feeds_entries", "Entries of sources that are kept.", figures.entries)
    yield _family("feeds_matches", "Pairs of an entry and an article.", "standing", figures.matches)
    yield _gauge("feeds_articles", "Articles that stand in feeds.", figures.articles)
    yield _gauge("feeds_quarantined", "Articles that cannot be read.", figures.quarantined)
    yield _gauge("feeds_files", "Files written to output/ and kept there.", figures.files)
    yield _gauge("feeds_file_bytes", "Their bytes.", figures.file_bytes)
    yield _gauge("feeds_dirty", "Documents that wait to be written.", figures.dirty)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def _family(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family
