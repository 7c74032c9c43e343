"""The application: files of output/ by a short road of their own, everything else through Starlette."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from ipaddress import ip_address
from typing import Any, Literal

from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from feeds.web import conditions, guard
from feeds.web.delta import Versions
from feeds.web.files import SHARED, Bodies, ChangedError, Document, Files, Headers, clock, packed
from feeds.web.log import agent_fields, path_field
from feeds.web.metrics import HttpFigures
from feeds.web.paths import Elsewhere, names_of, reference

#: Path relative to output/ -> None when it was never there, "gone" when it was and will not be again, or its new path.
Retired = Callable[[str], str | None]

_MINUTE, _DAY = b"public, max-age=60", b"public, max-age=86400"
#: RFC 3229 §10.8.3: caches that do not know of it must not store it; ``im`` is for those that do.
_DELTA_ONLY = (b"cache-control", b"no-store, im")
_DELTA_VARY = (b"vary", b"A-IM, If-None-Match, Accept-Encoding")
_DELTA = "delta"
#: How often a file may be replaced while it is read before we say that we are busy.
_TRIES = 5
#: Seconds after which to ask again when we could not answer.
_RETRY = b"30"

_WANTED = frozenset(
    b"if-none-match if-modified-since accept-encoding a-im user-agent content-length transfer-encoding origin "
    b"access-control-request-method".split()
)
_PHRASES = {
    400: b"Bad Request\n",
    403: b"Forbidden: only from this machine or a private network (serve: {metrics: public} opens it)\n",
    404: b"Not Found\n",
    405: b"Method Not Allowed\n",
    408: b"Request Timeout\n",
    410: b"Gone\n",
    413: b"Content Too Large\n",
    500: b"Internal Server Error\n",
    503: b"Service Unavailable\n",
}


class Answer(Struct, frozen=True):
    """What goes back."""

    status: int
    headers: Headers
    body: bytes = b""


class Tally:
    """What was sent of an answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        #: 500 as long as there is none: that is what the server says when we say nothing.
        self.status = 500
        self.size = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += len(message.get("body", b""))
        await self._send(message)


class Web(Starlette):
    """Starlette, with a road before it: 304s, which are nine answers in ten, must cost next to nothing."""

    files: Files
    bodies: Bodies
    versions: Versions
    figures: HttpFigures
    retired: Retired
    #: First names of paths that belong to routes; those whose rest is a secret.
    reserved: frozenset[bytes]
    secret: frozenset[bytes]
    log: Any

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or what Starlette does besides."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        started = time.perf_counter()
        asked = asked_for(scope)
        first = scope["raw_path"].split(b"/", 2)[1:2]
        tally = Tally(send)
        try:
            if first and first[0] in self.reserved:
                await guard.bounded(super().__call__, scope, receive, tally.send)
            else:
                await _send(await self._answer(scope, asked), scope, tally.send)
        finally:
            self._note(scope, asked, (tally.status, tally.size, time.perf_counter() - started))

    def _note(self, scope: Scope, asked: dict[bytes, bytes], outcome: tuple[int, int, float]) -> None:
        status, size, seconds = outcome
        self.figures.count(scope["method"], status, size, seconds)
        if self.log is not None:
            raw_path = scope["raw_path"]
            self.log.info(
                "request",
                method=scope["method"],
                path=path_field(raw_path, is_secret=raw_path.split(b"/", 2)[1:2] in ([one] for one in self.secret)),
                status=status,
                bytes=size,
                ms=round(seconds * 1000, 2),
                **agent_fields(asked.get(b"user-agent", b"")),
            )

    async def _answer(self, scope: Scope, asked: dict[bytes, bytes]) -> Answer:
        if scope["method"] not in {"GET", "HEAD"} or b"content-length" in asked or b"transfer-encoding" in asked:
            unwanted = _unwanted(scope["method"], asked)
            if unwanted is not None:
                return unwanted
        try:
            for _ in range(_TRIES):
                with contextlib.suppress(ChangedError):
                    return await self._answer_for(scope["raw_path"], asked)
                self.files.forget(scope["raw_path"])
        except PermissionError:
            return refusal(404, (b"cache-control", _MINUTE))
        except OSError:
            pass
        return refusal(503, (b"retry-after", _RETRY), (b"cache-control", b"no-store"))

    async def _answer_for(self, raw_path: bytes, asked: dict[bytes, bytes]) -> Answer:
        document = self.files.known(raw_path)
        if document is None:
            found = await asyncio.to_thread(self.files.find, raw_path)
            if not isinstance(found, Document):
                return await self._elsewhere(raw_path, found)
            self.files.keep(raw_path, found)
            document = found
        return await self._represent(document, asked)

    async def _represent(self, document: Document, asked: dict[bytes, bytes]) -> Answer:
        accepted = asked.get(b"accept-encoding")
        coding = document.coding(conditions.codings_of(accepted)) if accepted else ""
        head, tags = document.head(coding), asked.get(b"if-none-match")
        since = asked.get(b"if-modified-since")
        if (tags or since) and conditions.is_current(tags, since, tag=head.tag, modified=document.modified):
            return Answer(304, head.unchanged)
        if tags and document.is_known and conditions.wants_delta(asked.get(b"a-im", b"")):
            answer = await self._news(document, coding, tags)
            if answer is not None:
                return answer
        key = (document.version, coding)
        body = self.bodies.get(key)
        if body is None:
            body = await asyncio.to_thread(self.files.body, document, coding)
            self.bodies.put(key, body)
        return Answer(200, [*head.full, (b"content-length", b"%d" % len(body))], body)

    async def _news(self, document: Document, coding: str, tags: bytes) -> Answer | None:
        """What is new to a client that has versions that we know; None when it has none."""
        named = sorted({tag.partition(b"-")[0].decode("latin-1") for tag in conditions.tags_of(tags)})
        bases = [(name, known) for name in named if (known := await self._hashes(name)) is not None]
        if not bases:
            return None
        head = document.head(coding)
        key = (_DELTA, document.version, coding, *(name for name, _ in bases))
        body = self.bodies.get(key)
        if body is None:
            known = frozenset().union(*(hashes for _, hashes in bases))
            body = await asyncio.to_thread(self.files.news, document, known) or b""
            if body and coding:
                body, coding = await asyncio.to_thread(packed, body), "gzip"
            self.bodies.put(key, body)
        if not body:
            return Answer(304, _uncached(head.unchanged))
        headers = [one for one in _uncached(head.full) if one[0] != b"content-encoding"]
        coded = [(b"content-encoding", b"gzip")] if coding else []
        return Answer(226, [*headers, *coded, (b"im", b"feed"), (b"content-length", b"%d" % len(body))], body)

    async def _hashes(self, version: str) -> frozenset[bytes] | None:
        return await asyncio.to_thread(self.versions.known, version)

    async def _elsewhere(self, raw_path: bytes, found: Elsewhere | None) -> Answer:
        names = names_of(raw_path)
        if names is None:
            return refusal(404, (b"cache-control", _MINUTE))
        fate = await asyncio.to_thread(self.retired, "/".join(names))
        if fate == "gone":
            return refusal(410, (b"cache-control", _DAY))
        target = fate if fate is not None else found.name if found is not None else None
        if target is None:
            return refusal(404, (b"cache-control", _MINUTE))
        # For an hour, as the feeds themselves: a redirect that browsers keep for ever cannot be taken back.
        headers = [(b"location", reference(names, target)), (b"cache-control", b"public, max-age=3600")]
        return Answer(301, [*SHARED, *headers, (b"content-length", b"0")])


def asked_for(scope: Scope) -> dict[bytes, bytes]:
    """The headers that matter; several of one name are one list (RFC 9110 §5.3)."""
    asked: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _WANTED:
            asked[name] = asked[name] + b", " + value if name in asked else value
    return asked


def _unwanted(method: str, asked: dict[bytes, bytes]) -> Answer | None:
    """What a request for a file that is no plain GET or HEAD gets; None when it is one after all."""
    has_body = asked.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in asked
    # What is left of the body must not be taken for the next request, nor be waited for.
    closing = [(b"connection", b"close")] if has_body else []
    if method == "OPTIONS" and b"origin" in asked and b"access-control-request-method" in asked:
        return Answer(204, [*SHARED, *_PREFLIGHT, *closing])
    if method not in {"GET", "HEAD"}:
        return refusal(405, (b"allow", b"GET, HEAD"), *closing)
    return refusal(413, *closing) if has_body else None


#: A reader in a browser must ask before it may send If-None-Match (Fetch §3.3).
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, A-IM"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD"),
]


def refusal(status: int, *headers: tuple[bytes, bytes]) -> Answer:
    """An error: plain words, so that nobody takes it for a feed."""
    body = _PHRASES[status]
    said = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    policy = (b"content-security-policy", b"default-src 'none'; sandbox")
    return Answer(status, [*SHARED, policy, *said, *headers], body)


def _uncached(headers: Headers) -> Headers:
    return [one for one in headers if one[0] not in {b"cache-control", b"vary"}] + [_DELTA_ONLY, _DELTA_VARY]


async def _send(answer: Answer, scope: Scope, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


def is_near(scope: Scope) -> bool:
    """Whether it comes from this machine or a private network, and no proxy hands it on from farther away."""
    hops = [value for name, value in scope["headers"] if name in {b"x-forwarded-for", b"x-real-ip"}]
    if any(name == b"forwarded" for name, _ in scope["headers"]):
        return False
    client = [scope["client"][0]] if scope.get("client") else []
    addresses = [*client, *(part.strip() for hop in hops for part in hop.decode("latin-1").split(","))]
    return all(map(_is_private, addresses))


def _is_private(address: str) -> bool:
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(known, "ipv4_mapped", None)
    return bool((mapped or known).is_private or (mapped or known).is_loopback)


def make_app(  # noqa: PLR0913 (what a site has; all by name)
    *,
    output: str,
    address: Callable[[str], str],
    hub: str | None = None,
    memory: str | None = None,
    retired: Retired = lambda _: None,
    health: Callable[[], list[str]] = list,
    figures: HttpFigures | None = None,
    metrics: Literal["private", "public"] = "private",
    routes: Sequence[BaseRoute] = (),
    log: Any = None,
    now: Callable[[], float] = clock,
) -> Web:
    """The application that serves one site.

    Args:
        output: The folder to serve.
        address: Where a file of it is served (``publish.select.Publication.address``).
        hub: WebSub hub of the site.
        memory: File that remembers which versions were served; None: they are forgotten when the process ends.
        retired: What has become of a path under which there is no file; asked in a thread.
        health: What is wrong with the site, in words; asked in a thread.
        figures: What is counted, and what /metrics shows besides.
        metrics: Who may read /metrics and /healthz.
        routes: Routes of others (WebSub callbacks). They may take bodies; of their paths the first name is logged.
        log: A structlog logger; None: no access log.
        now: The clock, in seconds since 1970.
    """
    counted = figures or HttpFigures()
    ours = [
        Route("/healthz", _guarded(_healthz(health), metrics), methods=["GET"]),
        Route("/metrics", _guarded(_metrics(counted), metrics), methods=["GET"]),
    ]
    versions = Versions(memory)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        versions.close()

    web = Web(routes=[*ours, *routes], lifespan=lifespan)
    web.versions, web.figures, web.retired, web.log = versions, counted, retired, log
    web.files = Files(output, address=address, hub=hub, versions=versions, clock=now)
    web.bodies = Bodies()
    web.secret = frozenset(map(_first_name, routes))
    web.reserved = web.secret | {b"healthz", b"metrics"}
    return web


def _first_name(route: BaseRoute) -> bytes:
    return str(getattr(route, "path", "/")).split("/", 2)[1].encode()


_Endpoint = Callable[[Request], Awaitable[Response]]


def _guarded(endpoint: _Endpoint, audience: Literal["private", "public"]) -> _Endpoint:
    async def guarded(request: Request) -> Response:
        if audience == "public" or is_near(request.scope):
            return await endpoint(request)
        return Response(_PHRASES[403], 403, {"cache-control": "no-store"}, "text/plain")

    return guarded


def _healthz(health: Callable[[], list[str]]) -> _Endpoint:
    async def healthz(_: Request) -> Response:
        reasons = await asyncio.to_thread(health)
        body = {"status": "failing" if reasons else "ok", "reasons": reasons}
        headers = {"cache-control": "no-store"} | ({"retry-after": _RETRY.decode()} if reasons else {})
        return JSONResponse(body, 503 if reasons else 200, headers)

    return healthz


def _metrics(figures: HttpFigures) -> _Endpoint:
    async def metrics(_: Request) -> Response:
        body = await asyncio.to_thread(figures.text)
        return Response(body, 200, {"cache-control": "no-store"}, figures.media_type)

    return metrics
