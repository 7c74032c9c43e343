"""Connect to checked addresses only, and let no answer outlast its deadline: what is put beneath requests."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from ssl import SSLContext
from typing import Any

import requests
import requests.adapters
from msgspec import Struct
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from feeds.sources.addresses import Address, Guard, Resolver, find_endpoints

#: Hosts to which a thread keeps a connection open, so that a daemon with 16 workers holds at most 320.
_KEPT_HOSTS = 20
#: Addresses of one host that are tried; more only cost time.
_TRIED_ADDRESSES = 4


class Exchange:
    """The one request under way on a thread; all its connections look here for their deadline and exact target."""

    def __init__(self) -> None:
        self.deadline = 0.0
        self.connect_seconds = 0.0
        self.address: Address | None = None
        #: A connection was begun for this request, so it did not come out of the pool.
        self.is_dialling = False
        #: ... and stands.
        self.is_dialled = False

    def begin(self, *, total: timedelta, connect: timedelta) -> None:
        """Start the clock for a request with all its redirects."""
        self.deadline = time.monotonic() + total.total_seconds()
        self.connect_seconds = connect.total_seconds()
        self.address = None

    def ask(self, address: Address) -> None:
        """Turn to the next hop."""
        self.address = address
        self.is_dialling = self.is_dialled = False

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            TimeoutError: none are.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    @property
    def is_connected(self) -> bool:
        """Whether the host was reached."""
        return self.is_dialled or not self.is_dialling


class Dialler(Struct, frozen=True, kw_only=True):
    """Opens sockets for one thread."""

    exchange: Exchange
    resolver: Resolver
    #: None where every address may be asked: private ones allowed, or a proxy of the owner's.
    guard: Guard | None

    def dial(self, host: str, port: int, options: Any) -> socket.socket:
        """Resolve, check and connect to what was checked; the name is not looked up again (DNS rebinding)."""
        exchange = self.exchange
        exchange.is_dialling = True
        until = time.monotonic() + min(exchange.connect_seconds, exchange.remaining())
        endpoints = find_endpoints(
            host.strip("[]"), port, resolver=self.resolver, guard=self.guard, seconds=until - time.monotonic()
        )[:_TRIED_ADDRESSES]
        failure: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for tried, (family, kind, protocol, _, place) in enumerate(endpoints):
            sock = socket.socket(family, kind, protocol)
            try:
                # A fair share for each address: one that swallows packets must not eat the time of the next.
                sock.settimeout(max(until - time.monotonic(), 0.001) / (len(endpoints) - tried))
                for option in options or ():
                    sock.setsockopt(*option)
                sock.connect(place)
                sock.settimeout(min(exchange.connect_seconds, exchange.remaining()))  # the TLS handshake's
            except BaseException as error:
                sock.close()
                if not isinstance(error, OSError):
                    raise
                failure = error
            else:
                exchange.is_dialled = True
                return sock
        raise failure


class _Timed(io.RawIOBase):
    """A socket's reading end whose every wait ends at the deadline, so bytes that drip in do not prolong it."""

    def __init__(self, exchange: Exchange, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._exchange = exchange
        self._socket = sock
        self._raw = raw
        #: The other side has closed.
        self.is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._exchange.remaining())
        count = self._raw.readinto(buffer)
        self.is_at_end = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """Reads status line, headers and body under the deadline."""

    def __init__(self, exchange: Exchange, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._timed = _Timed(exchange, sock, self.fp.detach())
        self.fp = io.BufferedReader(self._timed)

    def begin(self) -> None:
        """Read the head; http.client would take one that breaks off for a whole."""
        super().begin()
        if self._timed.is_at_end:
            raise http.client.IncompleteRead(b"")


class _Dialled:
    """What both kinds of connections of urllib3 get: our socket, our reader, the exact target."""

    def __init__(self, *args: Any, dialler: Dialler, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dialler = dialler
        self.response_class: Any = partial(_Answer, dialler.exchange)

    def _new_conn(self: Any) -> socket.socket:
        # _dns_host still has the final dot of a name, which tells the resolver not to try search domains.
        dialler: Dialler = self._dialler
        return dialler.dial(self._dns_host, self.port, self.socket_options)

    def putrequest(self, method: str, url: str, *args: Any, **options: Any) -> None:
        """Send the target as written: urllib3 turns ``%e4`` into ``%E4``, and some servers answer by a redirect."""
        address = self._dialler.exchange.address
        if address is not None:
            url = address.target if url.startswith("/") else address.url  # whole for a proxy
        super().putrequest(method, url, *args, **options)  # type: ignore[misc] # of the class beside


class _Connection(_Dialled, HTTPConnection):
    pass


class _SecureConnection(_Dialled, HTTPSConnection):
    pass


def _pool_classes(dialler: Dialler) -> dict[str, Callable[..., HTTPConnectionPool]]:
    """What a PoolManager makes its pools with."""

    def plain(*args: Any, **options: Any) -> HTTPConnectionPool:
        pool = HTTPConnectionPool(*args, **options)
        pool.ConnectionCls = partial(_Connection, dialler=dialler)  # type: ignore[assignment] # called, no more
        return pool

    def secure(*args: Any, **options: Any) -> HTTPConnectionPool:
        pool = HTTPSConnectionPool(*args, **options)
        pool.ConnectionCls = partial(_SecureConnection, dialler=dialler)  # type: ignore[assignment] # called, no more
        return pool

    return {"http": plain, "https": secure}


class _Adapter(requests.adapters.HTTPAdapter):
    """requests' way to urllib3, with our connections and one TLS context for all."""

    def __init__(self, dialler: Dialler, context: SSLContext) -> None:
        self._dialler = dialler
        self._context = context
        super().__init__(pool_connections=_KEPT_HOSTS, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002 (requests' signature)
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._dialler)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The proxy's own address is not guarded: the owner chose it. SOCKS keeps urllib3's connections."""
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **options)
        if not is_known and not proxy.lower().startswith("socks"):
            exempt = Dialler(exchange=self._dialler.exchange, resolver=self._dialler.resolver, guard=None)
            manager.pool_classes_by_scheme = _pool_classes(exempt)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to do: the context verifies, and need not read its certificates again for every connection."""


class Line(requests.Session):
    """One thread's session: no cookies, no netrc, no redirects of its own."""

    def __init__(self, dialler: Dialler, context: SSLContext) -> None:
        super().__init__()
        self.exchange = dialler.exchange
        self.trust_env = False  # netrc, and a look at the environment for every request
        self.headers.clear()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        adapter = _Adapter(dialler, context)
        self.adapters.clear()
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 (requests' signature)
        """None: we follow by hand. requests would read a redirect's body, however long, to prepare the next hop."""
        return None
