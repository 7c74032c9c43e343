"""What a made-up world sees on the wire: documents, proven whole; changes, with the time they took; subscribers."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from feeds.publish.render import FORMATS

#: What is to be seen on the wire is looked for so often (s), and given up after so long.
_GLANCE, _GIVEN_UP = 0.05, 60.0
#: A subscriber comes so often.
_EVERY = 1.0


@dataclass
class Change:
    """Something was changed; what is to be seen of it, and when all of it was."""

    kind: str
    what: str
    #: Monotonic.
    since: float
    #: (path, text that is to stand there, text that no longer is), either may be empty.
    wanted: tuple[tuple[str, str, str], ...]
    seen: float | None = None
    #: The paths that do not show it yet.
    missing: set[str] = field(default_factory=set)

    @property
    def took(self) -> float:
        """Seconds; infinite when it was never seen."""
        return float("inf") if self.seen is None else self.seen - self.since


@dataclass(frozen=True)
class Reply:
    """One answer, without its coding."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def form_of(path: str) -> str:
    """The format that a document of ours must have."""
    names = {one.filename: one.name for one in FORMATS.values()}
    return names.get(path.rpartition("/")[2], "")


def fault_of(path: str, data: bytes) -> str:
    """What is wrong with a document, read by expat or json and by the product's own gate; empty when nothing is."""
    form = form_of(path)
    if not form:
        return ""
    try:
        if form == "json":
            json.loads(data)
        else:
            expat.ParserCreate().Parse(data, True)
        ids = FORMATS[form].read_ids(data)
    except (ValueError, KeyError, TypeError, expat.ExpatError) as error:
        return f"{path}: {error!r} ({len(data)} bytes)"
    twice = [one for one, times in Counter(ids).items() if times > 1]
    return f"{path}: names {twice} twice" if twice else ""


class Reader:
    """A connection that is kept, and a record of what came over it. Belongs to one thread."""

    def __init__(self, port: int, faults: list[str], statuses: Counter[int], *, may_fail: bool = False) -> None:
        """With ``may_fail`` the server may be dead, for which the answer is None."""
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._faults = faults
        self._statuses = statuses
        self._may_fail = may_fail
        #: Bytes that were read already and are proven.
        self._proven: dict[str, int] = {}

    def get(self, path: str, **headers: str) -> Reply | None:
        """Ask; a document is proven whole. None when nobody answers, or not to the end."""
        shown = {"User-Agent": "world/1", "Accept-Encoding": "gzip"}
        shown |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            reply = self._ask(path, shown)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not self._may_fail:
                self._faults.append(f"{path}: {error!r}")
            return None
        self._statuses[reply.status] += 1
        if reply.status in {200, 226} and self._proven.get(path) != hash(reply.body):
            fault = fault_of(path, reply.body)
            if fault:
                self._faults.append(f"{reply.status} {fault}")
            self._proven[path] = hash(reply.body)
        elif reply.status >= 500:
            self._faults.append(f"{path}: answered {reply.status}")
        return reply

    def _ask(self, path: str, headers: Mapping[str, str]) -> Reply:
        for is_last in (False, True):
            is_old = self._connection is not None
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            try:
                self._connection.request("GET", path, headers=dict(headers))
                answer = self._connection.getresponse()
                raw = answer.read()
                break
            except (ConnectionError, http.client.BadStatusLine):
                # Kept for too long: every client tries once more.
                self.close()
                if is_last or not is_old:
                    raise
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, said, gzip.decompress(raw) if said.get("content-encoding") == "gzip" else raw)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Thread:
    """Something that goes on until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self.turn())

    def turn(self) -> float:
        """Do it once; gives the seconds until the next time."""
        raise NotImplementedError


class Watch(Thread):
    """Looks for changes on the wire until they are seen."""

    def __init__(self, reader: Reader, *, patience: float = _GIVEN_UP) -> None:
        super().__init__()
        self._reader = reader
        self._patience = patience
        self._lock = threading.Lock()
        self._pending: list[Change] = []
        self.done: list[Change] = []
        #: Path -> (entity tag, text).
        self._known: dict[str, tuple[str, str]] = {}

    def expect(self, change: Change) -> None:
        """Look for it from now on."""
        change.missing = {path for path, _, _ in change.wanted}
        with self._lock:
            self._pending.append(change)

    @property
    def waiting(self) -> list[Change]:
        """What was not seen yet."""
        with self._lock:
            return list(self._pending)

    def turn(self) -> float:
        """Look at each path that something hangs on."""
        pending = self.waiting
        now = time.monotonic()
        # An article of the future is looked for before its time as well: it must not be there.
        for path in sorted({path for change in pending for path in change.missing}):
            self._look(path, [change for change in pending if path in change.missing])
        over = [one for one in pending if not one.missing or now > one.since + self._patience]
        with self._lock:
            self._pending = [one for one in self._pending if one not in over]
        self.done += over
        return _GLANCE

    def _look(self, path: str, changes: list[Change]) -> None:
        tag, text = self._known.get(path, ("", ""))
        reply = self._reader.get(path, **({"If_None_Match": tag} if tag else {}))
        if reply is None:
            return
        if reply.status == 200:
            text = reply.body.decode("utf-8", "replace")
            self._known[path] = reply.headers.get("etag", ""), text
        elif reply.status in {404, 410}:
            text = ""
        now = time.monotonic()
        for change in changes:
            if all(_stands(text, there, gone) for at, there, gone in change.wanted if at == path):
                change.missing.discard(path)
                if not change.missing:
                    change.seen = now


def _stands(text: str, there: str, gone: str) -> bool:
    return there in text and not (gone and gone in text)


_ITEM = {
    "rss": re.compile(r"<item>.*?</item>", re.DOTALL),
    "atom": re.compile(r"<entry[ >].*?</entry>", re.DOTALL),
}
_IDENT = {
    "rss": re.compile(r"<guid[^>]*>(.*?)</guid>"),
    "atom": re.compile(r"<id>(.*?)</id>"),
}


def items_of(path: str, body: bytes) -> Iterator[tuple[str, str]]:
    """(id, all of the item) of a document."""
    form, text = form_of(path), body.decode()
    if form == "json":
        for item in json.loads(text)["items"]:
            yield item["id"], json.dumps(item, ensure_ascii=False, sort_keys=True)
        return
    for item in _ITEM[form].findall(text):
        found = _IDENT[form].search(item)
        yield (found[1] if found else ""), item


class Subscriber(Thread):
    """A reader that honours 304 and 226, and is to be given each version of each item once."""

    def __init__(self, reader: Reader, path: str, *, every: float = _EVERY) -> None:
        super().__init__()
        self.path = path
        self._reader = reader
        self._every = every
        self._tag = ""
        #: Id -> the version that came last.
        self.have: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        #: How many versions of items came.
        self.came = 0
        #: Items that came although they were there.
        self.repeated: list[str] = []
        #: All that came, for marks to be looked for.
        self.texts: list[str] = []

    def turn(self) -> float:
        """Come once."""
        asked = {"A_IM": "feed"} | ({"If_None_Match": self._tag} if self._tag else {})
        reply = self._reader.get(self.path, **asked)
        if reply is not None:
            self.statuses[reply.status] += 1
            if reply.status in {200, 226}:
                self._take(reply)
        return self._every

    def _take(self, reply: Reply) -> None:
        self._tag = reply.headers.get("etag", "")
        for ident, item in items_of(self.path, reply.body):
            if self.have.get(ident) == item:
                self.repeated.append(ident)
            else:
                self.came += 1
                self.have[ident] = item
                self.texts.append(item)

    def missed(self) -> list[str]:
        """Items of the document as it stands that did not come, or not in this version. After ``stop``."""
        self.turn()
        reply = self._reader.get(self.path)
        if reply is None or reply.status != 200:
            return ["the document itself"]
        return [ident for ident, item in items_of(self.path, reply.body) if self.have.get(ident) != item]


def quantile(values: list[float], share: float) -> float:
    """Of the values, or 0 without any."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class Crawler(Thread):
    """Fetches every document of the output folder, one after another, for ever."""

    def __init__(self, reader: Reader, paths: Iterator[str], *, every: float) -> None:
        super().__init__()
        self._reader = reader
        self._paths = paths
        self._every = every
        self.fetched = 0

    def turn(self) -> float:
        """One document."""
        with suppress(StopIteration):
            self._reader.get(next(self._paths))
            self.fetched += 1
        return self._every
