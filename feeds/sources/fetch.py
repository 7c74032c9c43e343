"""Fetch one feed politely: a conditional GET under caps and one deadline; whatever happens is a value.

Also look whether a page is there, by HEAD or by a GET whose body stays unread.
"""

from __future__ import annotations

import base64
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes, urljoin
from urllib.request import getproxies

import requests
from msgspec import Struct
from requests import Response
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, Hints, NotModified, Outcome, Redirect
from feeds.sources.addresses import Address, Guard, Resolver, check_name, read_address, refusal
from feeds.sources.answers import judge, read_hints, read_links, read_validators
from feeds.sources.bodies import accept_encoding, read_body, too_large
from feeds.sources.connections import Dialler, Exchange, Line
from feeds.sources.failures import Trouble, explain, is_stale
from feeds.sources.tls import certificates, tls_context

#: Feeds first; the last one because servers that know no feed types answer 406 to a list without it.
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
#: What browsers send, without the pictures: some servers answer 406 or another page to less.
_ACCEPT_PAGES = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
#: requests' own; shared between requests and never changed once made.
_Headers = CaseInsensitiveDict[str]
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: 203 is a 200 that a proxy changed on its way.
_WHOLE = frozenset({200, 203})
_CHUNK = 1 << 16


class Caps(Struct, frozen=True, kw_only=True):
    """What one fetch may cost at most."""

    #: Name, connection and TLS handshake, each.
    connect: timedelta = timedelta(seconds=10)
    #: Everything, redirects included, by the clock on the wall.
    total: timedelta = timedelta(seconds=30)
    redirects: int = 5
    #: Decoded; the largest real feed seen has 2.7 MB.
    body_bytes: int = 8 << 20
    #: Decoded to received; feeds compress 3 to 20 times, bombs 1,000.
    ratio: int = 200
    #: Below this a ratio says nothing.
    ratio_from_bytes: int = 1 << 20


class _Hop(Struct, frozen=True, kw_only=True):
    """One request of an exchange, and its answer."""

    request: FeedRequest
    address: Address
    headers: _Headers
    response: Response

    @property
    def has_wanted_body(self) -> bool:
        """Whether there is more to read than its head."""
        return self.request.method != "HEAD" and not self.request.is_probe

    @property
    def is_conditional(self) -> bool:
        """Whether 304 is an answer to it."""
        return "If-None-Match" in self.headers or "If-Modified-Since" in self.headers


class Fetcher:
    """Makes requests; may be used by many threads at once, each of which keeps its own connections."""

    def __init__(self, *, user_agent: str, caps: Caps | None = None, resolver: Resolver | None = None) -> None:
        """Take proxies and certificates from the environment as it is now; ``resolver`` stands for getaddrinfo."""
        self._caps = caps or Caps()
        self._resolver: Resolver = resolver or socket.getaddrinfo
        self._guard: Guard = refusal
        self._common = CaseInsensitiveDict(
            {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": accept_encoding()}
        )
        self._has_proxies = bool(getproxies())
        self._local = threading.local()
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._certificates = certificates()

    def fetch(self, request: FeedRequest, *, now: datetime) -> Outcome:
        """Ask once. Never raises for what the world does: a fault has a kind and a sentence without credentials.

        Neither the URL of an outcome nor a redirect's target carries user and password.
        """
        trail: list[Redirect] = []
        exchange: Exchange | None = None
        try:
            first = read_address(request.url)
            line = self._line(allow_private=request.allow_private)
            exchange = line.exchange
            exchange.begin(total=self._caps.total, connect=self._caps.connect)
            hop = self._follow(line, request, first, trail)
            try:
                return self._outcome(hop, exchange, now, tuple(trail))
            finally:
                _let_go(hop.response)
        except Exception as error:  # noqa: BLE001 (all that can happen to a request is an outcome)
            kind, sentence = _explain(error, exchange)
            return Failed(kind=kind, sentence=sentence, redirects=tuple(trail))

    def close(self) -> None:
        """Close all connections that are kept; the next fetch opens new ones."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.close()

    def _line(self, *, allow_private: bool) -> Line:
        """This thread's; those for private addresses stand apart, so that no kept connection gets round the guard."""
        name = "private" if allow_private else "public"
        line: Line | None = getattr(self._local, name, None)
        if line is None:
            guard = None if allow_private else self._guard
            with self._lock:
                context = tls_context(self._certificates)
                line = Line(Dialler(exchange=Exchange(), resolver=self._resolver, guard=guard), context)
                self._lines.add(line)
            setattr(self._local, name, line)
        return line

    def _follow(self, line: Line, request: FeedRequest, first: Address, trail: list[Redirect]) -> _Hop:
        """The answer at the end of all redirects; each of them is noted in ``trail``."""
        address = first
        while True:
            hop = self._ask(line, request, address, is_origin=address.origin == first.origin)
            if hop.response.status_code not in _REDIRECTS:
                return hop
            _let_go(hop.response)
            address = _next_address(hop)
            seen = {first.url, *(redirect.target for redirect in trail)}
            trail.append(Redirect(status=hop.response.status_code, target=address.url))
            if address.url in seen:
                raise Trouble(FailureKind.REDIRECT, "{host} redirects in a circle (it may want cookies)")
            if len(trail) > self._caps.redirects:
                raise Trouble(FailureKind.REDIRECT, "{host} redirects on and on")

    def _ask(self, line: Line, request: FeedRequest, address: Address, *, is_origin: bool) -> _Hop:
        headers = self._headers_of(request, with_secrets=is_origin)
        line.exchange.ask(address)
        proxies = get_environ_proxies(address.base) if self._has_proxies else {}
        if proxies and not request.allow_private:
            check_name(address.host, self._guard)
        try:
            response = self._send(line, request.method, address, headers, proxies)
        except requests.ConnectionError as error:
            if line.exchange.is_dialling or not is_stale(error):
                raise
            response = self._send(
                line, request.method, address, headers, proxies
            )  # the kept connection had ended meanwhile
        return _Hop(request=request, address=address, headers=headers, response=response)

    def _headers_of(self, request: FeedRequest, *, with_secrets: bool) -> _Headers:
        """What is sent; secrets to the host of ``request`` itself only.

        Validators go along with redirects, as browsers send them: it was the last host on the way that gave them, and
        without them a feed that moved from http to https would be a full download each time.
        """
        headers = self._common.copy()
        if request.is_probe:
            headers["Accept"] = _ACCEPT_PAGES
        if with_secrets:
            userinfo = read_address(request.url).userinfo
            if userinfo:
                headers["Authorization"] = _basic(userinfo)
            headers.update(request.headers)
        if request.validators.etag is not None:
            headers["If-None-Match"] = request.validators.etag
            headers["A-IM"] = "feed"  # RFC 3229; means nothing without an ETag
        if request.validators.last_modified is not None:
            headers["If-Modified-Since"] = request.validators.last_modified
        return headers

    def _send(self, line: Line, method: str, address: Address, headers: _Headers, proxies: dict[str, str]) -> Response:
        # Filled in by hand: prepare() would quote the URL anew, and costs half as much as the rest of a 304.
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.headers = method, address.url, headers
        timeout = (self._caps.connect.total_seconds(), line.exchange.remaining())
        return line.send(prepared, stream=True, timeout=timeout, proxies=proxies, allow_redirects=False)

    def _outcome(self, hop: _Hop, exchange: Exchange, now: datetime, redirects: tuple[Redirect, ...]) -> Outcome:
        status, headers = hop.response.status_code, hop.response.headers
        hints = read_hints(headers, now)
        if status in _WHOLE or (status == 226 and "A-IM" in hop.headers):
            try:
                return self._fetched(hop, hints, redirects)
            except Exception as error:  # noqa: BLE001 (as in fetch, but here the status is known)
                kind, sentence = _explain(error, exchange)
        elif status == 304 and hop.is_conditional:
            validators = read_validators(headers) or None
            return NotModified(url=hop.address.url, validators=validators, hints=hints, redirects=redirects)
        else:
            kind, words = judge(status, headers, hints)
            sentence = f"{hop.address.shown} {words}"
        return Failed(kind=kind, sentence=sentence, status=status, hints=hints, redirects=redirects)

    def _fetched(self, hop: _Hop, hints: Hints, redirects: tuple[Redirect, ...]) -> Fetched:
        response = hop.response
        return Fetched(
            url=hop.address.url,
            status=response.status_code,
            body=self._body(response) if hop.has_wanted_body else b"",
            content_type=response.headers.get("Content-Type", ""),
            validators=read_validators(response.headers),
            hints=hints,
            redirects=redirects,
            bytes_received=response.raw.tell(),
            links=read_links(response.headers, hop.address.url),
        )

    def _body(self, response: Response) -> bytes:
        caps = self._caps
        return read_body(
            _chunks(response, caps.body_bytes),
            response.headers.get("Content-Encoding", ""),
            limit=caps.body_bytes,
            ratio=caps.ratio,
            ratio_from=caps.ratio_from_bytes,
        )


def _chunks(response: Response, limit: int) -> Iterator[bytes]:
    """The body as it comes; one that says beforehand that it is too large is not begun."""
    if (response.raw.length_remaining or 0) > limit:
        raise too_large(limit)
    while chunk := response.raw.read(_CHUNK, decode_content=False):
        yield chunk


def _let_go(response: Response) -> None:
    """Keep the connection if nothing is left to read, else close it: a body that nobody wants is not paid for."""
    if response.raw.length_remaining == 0 and response.status_code >= 200:
        response.raw.drain_conn()
    response.close()


def _next_address(hop: _Hop) -> Address:
    location = hop.response.headers.get("Location", "")
    with suppress(UnicodeError):  # http.client reads headers as Latin-1, servers write them in UTF-8 if at all
        location = location.encode("latin-1").decode()
    if not location:
        raise Trouble(FailureKind.REDIRECT, "{host} redirects to nowhere")
    try:
        return read_address(urljoin(hop.address.url, location))
    except (Trouble, ValueError) as error:
        raise Trouble(FailureKind.REDIRECT, "{host} redirects to what is no http or https address") from error


def _explain(error: Exception, exchange: Exchange | None) -> tuple[FailureKind, str]:
    host = exchange.address.shown if exchange and exchange.address else "the server"
    return explain(error, host, is_connected=exchange is None or exchange.is_connected)


def _basic(userinfo: str) -> str:
    """``Authorization`` for ``user:password`` as written in a URL (RFC 7617, UTF-8)."""
    user, _, password = userinfo.partition(":")
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return f"Basic {base64.b64encode(pair).decode()}"
