"""Answer hubs: verify what we asked for, and take what they push; quickly, since all else is done later.

Nothing here writes to the state: a message is checked against a view of it and put into the spool.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from feeds.app import App
from feeds.poll.hubs import CALLBACK_PATH, known_of
from feeds.poll.spool import SPOOL, Message, Spool
from feeds.sources import websub
from feeds.sources.websub import Subscribed
from feeds.store import websub_rows
from feeds.store.sql import Store, has_state

#: As much as is fetched of a feed.
MOST_BYTES = 8 << 20
#: A hub that takes longer to send is not well.
_SECONDS_TO_READ = 30
#: For each callback: so many at once, and then so many a second. A busy feed has one a minute.
_BURST, _PER_SECOND = 60, 1.0
#: Callbacks of which the rate is remembered; those that were quiet longest are forgotten.
_MOST_REMEMBERED = 10_000
#: Tokens that are looked up; ours have 43 characters.
_LONGEST_TOKEN = 100
#: When a hub is to come again.
_AGAIN = {"Retry-After": "120"}

#: Finds the subscription that has a callback; None when there is none.
Find = Callable[[str], Subscribed | None]


class Received(Struct):
    """Counts since the start, for the figures."""

    verified: int = 0
    #: Questions that we did not agree to.
    refused: int = 0
    pushed: int = 0
    #: Signature absent or wrong.
    ignored: int = 0
    too_large: int = 0
    too_many: int = 0


class Rate:
    """How often each callback is called: a bucket for each, which fills again with time."""

    def __init__(self, *, burst: float = _BURST, per_second: float = _PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        #: Token -> (what is left, when that was).
        self._left: dict[str, tuple[float, float]] = {}

    def allows(self, token: str, now: float) -> bool:
        """Count one call at ``now``, in seconds of any clock that only goes forward."""
        left, then = self._left.pop(token, (self._burst, now))
        left = min(left + (now - then) * self._per_second, self._burst)
        self._left[token] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > _MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        return left >= 1


class Callbacks:
    """The callbacks of all subscriptions, below ``/websub/``."""

    def __init__(self, find: Find, spool: Spool, *, clock: Callable[[], datetime], rate: Rate | None = None) -> None:
        self._find = find
        self._spool = spool
        self._clock = clock
        self._rate = rate or Rate()
        self.received = Received()

    def routes(self) -> list[Route]:
        """To be put before the routes of files."""
        return [Route(f"/{CALLBACK_PATH}{{token}}", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """A hub's request. Starlette lets HEAD in with GET: nobody may verify by it, as no challenge would be seen."""
        if request.method == "HEAD":
            return Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, POST"})
        token = request.path_params["token"]
        sub = await run_in_threadpool(self._find, token) if len(token) <= _LONGEST_TOKEN else None
        if request.method == "GET":
            return await self._verify(request, sub)
        return await self._take(request, sub)

    # -- WebSub §5.2, §5.3 -------------------------------------------------------------------------------------------

    async def _verify(self, request: Request, sub: Subscribed | None) -> Response:
        intent = websub.read_intent(request.query_params)
        if sub is None or intent is None or not websub.agrees(sub, intent):
            self.received.refused += 1
            return Response(status_code=HTTPStatus.NOT_FOUND)
        message = Message(
            token=sub.token,
            at=self._clock(),
            kind=intent.mode,
            topic=intent.topic,
            lease_seconds=None if intent.lease is None else int(intent.lease.total_seconds()),
        )
        if not await run_in_threadpool(self._spool.put, message):
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers=_AGAIN)
        self.received.verified += 1
        # As plain text that no browser takes for a page: the challenge is whatever the asker likes.
        return PlainTextResponse(intent.challenge, headers={"X-Content-Type-Options": "nosniff"})

    # -- WebSub §5.4, §7 ---------------------------------------------------------------------------------------------

    async def _take(self, request: Request, sub: Subscribed | None) -> Response:
        if sub is None or not websub.is_open(sub):
            # §7: a hub may end the subscription, which it has of a state that is lost, or past its end.
            return Response(status_code=HTTPStatus.GONE)
        if not self._rate.allows(sub.token, time.monotonic()):
            self.received.too_many += 1
            return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers=_AGAIN)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Response(status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Encoding": "identity"})
        body = await self._body(request)
        if isinstance(body, Response):
            return body
        return await run_in_threadpool(self._keep, sub, request, body)

    async def _body(self, request: Request) -> bytes | Response:
        too_large = Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})
        said = request.headers.get("Content-Length", "0")
        parts: list[bytes] = []
        size = int(said) if said.isdecimal() and len(said) < 20 else MOST_BYTES + 1
        try:
            async with asyncio.timeout(_SECONDS_TO_READ):
                if size <= MOST_BYTES:
                    size = 0
                    async for part in request.stream():
                        size += len(part)
                        parts.append(part)
                        if size > MOST_BYTES:
                            break
        except (TimeoutError, ClientDisconnect):
            return Response(status_code=HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"})
        if size > MOST_BYTES:
            self.received.too_large += 1
            return too_large
        return b"".join(parts)

    def _keep(self, sub: Subscribed, request: Request, body: bytes) -> Response:
        """Whoever does not know the secret is told what everybody is told (§7.1), so that nothing can be tried out."""
        accepted = Response(status_code=HTTPStatus.ACCEPTED)
        if not websub.is_signed(body, request.headers.get("X-Hub-Signature", ""), secret=sub.secret):
            self.received.ignored += 1
            return accepted
        content_type = request.headers.get("Content-Type", "")[:200]
        message = Message(token=sub.token, at=self._clock(), kind="push", content_type=content_type, body=body)
        if not self._spool.put(message):
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers=_AGAIN)
        self.received.pushed += 1
        return accepted


def finder(open_store: Callable[[], Store | None]) -> Find:
    """Look subscriptions up in the state, from many threads; a Store belongs to one at a time.

    ``open_store`` is asked again as long as there is no state: serving must not create it.
    """
    lock = threading.Lock()
    opened: list[Store] = []

    def find(token: str) -> Subscribed | None:
        with lock:
            store = opened[0] if opened else open_store()
            if store is None:
                return None
            opened[:] = [store]
            with store.snapshot() as connection:
                row = websub_rows.subscription_by_token(connection, token)
        return None if row is None else known_of(row)

    return find


def routes_of(app: App) -> list[Route]:
    """The callbacks of a site, for ``make_app``."""
    state, folder = app.config.state, app.config.folder

    def open_store() -> Store | None:
        return Store(state, folder=folder) if has_state(state, folder=folder) else None

    spool = Spool(str(app.config.locate(SPOOL)))
    return Callbacks(finder(open_store), spool, clock=lambda: datetime.now(UTC)).routes()
