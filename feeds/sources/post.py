"""Send a form or JSON, once: guarded like a fetch, under one deadline; whatever happens is a value."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin
from urllib.request import getproxies

import requests
from msgspec import Struct
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from feeds.polled import FailureKind
from feeds.sources.addresses import Address, Resolver, check_name, read_address, refusal
from feeds.sources.answers import read_hints
from feeds.sources.connections import Dialler, Exchange, Line
from feeds.sources.failures import Trouble, explain, is_stale
from feeds.sources.tls import certificates, tls_context

#: WebSub §5.1.1: a hub may send us on, with the same request.
_REDIRECTS = frozenset({307, 308})
_MOST_REDIRECTS = 3
#: Hubs explain a refusal in a line or two.
_MOST_READ, _MOST_SAID = 4_096, 200
_CONNECT = timedelta(seconds=10)
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


class Posted(Struct, frozen=True, kw_only=True):
    """What came of a request to a hub."""

    #: None when no answer came.
    status: int | None = None
    #: For a person, without credentials: what went wrong; empty when nothing did.
    sentence: str = ""
    retry_after: timedelta | None = None

    @property
    def is_accepted(self) -> bool:
        """2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_about_us(self) -> bool:
        """The hub is well, and does not like this one request."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in {408, 425, 429}


class Posts(Protocol):
    """What posts: ``Poster``, or what stands for it."""

    def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:
        """Send once; never raises for what the world does."""
        ...


class Poster:
    """Posts forms and JSON. Belongs to one thread."""

    def __init__(
        self, *, user_agent: str, total: timedelta = timedelta(seconds=20), resolver: Resolver | None = None
    ) -> None:
        """Take proxies and certificates from the environment as it is now; ``resolver`` stands for getaddrinfo."""
        self._total = total
        self._resolver: Resolver = resolver or socket.getaddrinfo
        self._headers = CaseInsensitiveDict(
            {
                "User-Agent": user_agent,
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            }
        )
        self._has_proxies = bool(getproxies())
        self._lines: dict[bool, Line] = {}

    def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:
        """Send once, to where 307 and 308 lead. Never raises for what the world does."""
        return self._post(url, urlencode(form).encode(), _FORM, allow_private=allow_private, now=now)

    def post_json(self, url: str, values: Mapping[str, Any], *, allow_private: bool, now: datetime) -> Posted:
        """Likewise, as a JSON object."""
        return self._post(url, json.dumps(values).encode(), _JSON, allow_private=allow_private, now=now)

    def _post(self, url: str, body: bytes, kind: str, *, allow_private: bool, now: datetime) -> Posted:
        self._headers["Content-Type"] = kind
        line = self._line(allow_private=allow_private)
        exchange = line.exchange
        exchange.begin(total=self._total, connect=_CONNECT)
        try:
            response = self._follow(line, read_address(url), body, is_guarded=not allow_private)
            with response:
                return _posted(response, exchange, now)
        except Exception as error:  # noqa: BLE001 (all that can happen to a request is an outcome)
            host = exchange.address.shown if exchange.address else "the hub"
            return Posted(sentence=explain(error, host, is_connected=exchange.is_connected)[1])

    def close(self) -> None:
        """Close all connections that are kept."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _line(self, *, allow_private: bool) -> Line:
        if allow_private not in self._lines:
            guard = None if allow_private else refusal
            dialler = Dialler(exchange=Exchange(), resolver=self._resolver, guard=guard)
            self._lines[allow_private] = Line(dialler, tls_context(certificates()))
        return self._lines[allow_private]

    def _follow(self, line: Line, first: Address, body: bytes, *, is_guarded: bool) -> requests.Response:
        address = first
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._ask(line, address, body, is_guarded=is_guarded)
            if response.status_code not in _REDIRECTS:
                return response
            response.close()
            address = read_address(urljoin(address.url, response.headers.get("Location", "")))
        raise Trouble(FailureKind.REDIRECT, "{host} redirects on and on")

    def _ask(self, line: Line, address: Address, body: bytes, *, is_guarded: bool) -> requests.Response:
        line.exchange.ask(address)
        proxies = get_environ_proxies(address.base) if self._has_proxies else {}
        if proxies and is_guarded:
            check_name(address.host, refusal)
        try:
            return self._send(line, address, body, proxies)
        except requests.ConnectionError as error:
            if line.exchange.is_dialling or not is_stale(error):
                raise
            return self._send(line, address, body, proxies)  # the kept connection had ended meanwhile

    def _send(self, line: Line, address: Address, body: bytes, proxies: dict[str, str]) -> requests.Response:
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = "POST", address.url, body
        prepared.headers = self._headers.copy()
        prepared.headers["Content-Length"] = str(len(body))
        timeout = (_CONNECT.total_seconds(), line.exchange.remaining())
        return line.send(prepared, stream=True, timeout=timeout, proxies=proxies, allow_redirects=False)


def _posted(response: requests.Response, exchange: Exchange, now: datetime) -> Posted:
    status = response.status_code
    said = b""
    with suppress(Exception):  # the answer is there; why it is so would only be nice to know
        said = response.raw.read(_MOST_READ, decode_content=False) or b""
    if 200 <= status < 300:
        return Posted(status=status)
    host = exchange.address.shown if exchange.address else "the hub"
    why = " ".join("".join(c if c.isprintable() else " " for c in said.decode("utf-8", "replace")).split())
    is_prose = bool(why) and not why.startswith("<")
    return Posted(
        status=status,
        sentence=f"{host} answered {status}" + (f": {why[:_MOST_SAID]}" if is_prose else ""),
        retry_after=read_hints(response.headers, now).retry_after,
    )
