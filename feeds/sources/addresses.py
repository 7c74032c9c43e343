"""Take an address apart, and let nobody lead us into a private network (SSRF guard)."""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct

from feeds.polled import FailureKind
from feeds.sources.failures import Trouble

#: Called like ``socket.getaddrinfo``, answers like it.
Resolver = Callable[..., list[Any]]
#: Says why an IP address is not to be asked; None when it may be.
Guard = Callable[[str], str | None]

_PORTS = {"http": 80, "https": 443}
#: RFC 3986 allows these in a target, and browsers send the rest of them raw; ``%`` stays, so nothing is quoted twice.
_AS_WRITTEN = "!$&'()*+,-./:;=?@_~%[]|\\^"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")  # urlsplit would silently drop some
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?")


class Address(Struct, frozen=True, kw_only=True):
    """A web address, split once; everything sent and checked comes from here, so no second parser can disagree."""

    scheme: str
    #: ASCII, lower case; IPv6 without brackets.
    host: str
    port: int
    #: Path and query as written, what HTTP cannot carry percent-encoded.
    target: str
    #: ``user:password`` as written, None without.
    userinfo: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom credentials for this address may be shown to."""
        return self.scheme, self.host, self.port

    @property
    def shown(self) -> str:
        """Host, and port if unusual: for sentences and URLs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def base(self) -> str:
        """``scheme://host[:port]``."""
        return f"{self.scheme}://{self.shown}"

    @property
    def url(self) -> str:
        """The whole without user and password."""
        return self.base + self.target


@lru_cache(maxsize=4096)  # the same few thousand feeds, again and again
def read_address(url: str) -> Address:
    """Split ``url`` into what is asked, of whom.

    Raises:
        Trouble: it is no http(s) address.
    """
    try:
        if _CONTROLS.search(url):
            raise _no_address()
        parts = urlsplit(url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        host = _ascii_host(parts.hostname or "")
    except (ValueError, KeyError) as error:
        raise _no_address() from error
    # Cut out, not put together again: urlsplit would lose the question mark of an empty query.
    target = url.strip().partition("#")[0][len(f"{parts.scheme}://{parts.netloc}") :]
    target = quote(target if target.startswith("/") else f"/{target}", safe=_AS_WRITTEN)
    userinfo = parts.netloc.rpartition("@")[0] or None
    return Address(scheme=parts.scheme, host=host, port=port, target=target, userinfo=userinfo)


def _no_address() -> Trouble:
    return Trouble(FailureKind.URL, "The address is no http or https address that can be asked for")


def _ascii_host(host: str) -> str:
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    if not host.isascii():
        import idna  # noqa: PLC0415 (tables of 200 KB for the few hosts that need them)

        host = idna.encode(host, uts46=True).decode("ascii")  # its errors are ValueErrors
    if not _HOST.fullmatch(host) or ".." in host:
        raise ValueError
    return host


#: What is not the public Internet, and what it is instead (IANA special-purpose registries; RFC 6890).
_CLOSED_4 = {
    "0.0.0.0/8": "this machine",
    "10.0.0.0/8": "a private network",
    "100.64.0.0/10": "a carrier's inner network",  # also Alibaba's metadata service, 100.100.100.200
    "127.0.0.0/8": "this machine",
    "168.63.129.16/32": "Azure's inner service",  # public by number, but it answers from inside only
    "169.254.0.0/16": "this link",  # the metadata service of most clouds is 169.254.169.254
    "172.16.0.0/12": "a private network",
    "192.0.0.0/24": "a reserved range",
    "192.0.2.0/24": "a range for documentation",
    "192.88.99.0/24": "a reserved range",
    "192.168.0.0/16": "a private network",
    "198.18.0.0/15": "a range for benchmarks",
    "198.51.100.0/24": "a range for documentation",
    "203.0.113.0/24": "a range for documentation",
    "224.0.0.0/4": "a multicast group",
    "240.0.0.0/4": "a reserved range",
}
#: Checked in order; what is outside 2000::/3 and not named here is closed as well.
_CLOSED_6 = {
    "::1/128": "this machine",
    "::/128": "this machine",
    "64:ff9b:1::/48": "a private network",  # NAT64 for local use (RFC 8215)
    "fc00::/7": "a private network",
    "fe80::/10": "this link",
    "fec0::/10": "a private network",
    "ff00::/8": "a multicast group",
    "2001::/23": "a reserved range",  # Teredo is taken apart before
    "2001:db8::/32": "a range for documentation",
    "3fff::/20": "a range for documentation",
}
_NETWORKS_4 = [(ipaddress.IPv4Network(text), word) for text, word in _CLOSED_4.items()]
_NETWORKS_6 = [(ipaddress.IPv6Network(text), word) for text, word in _CLOSED_6.items()]
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291 §2.5.5.1, long dead


def refusal(ip: str) -> str | None:
    """What ``ip`` belongs to instead of the public Internet, as words; None when it may be asked."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv4Address):
        return next((word for network, word in _NETWORKS_4 if address in network), None)
    for word in (word for network, word in _NETWORKS_6[:2] if address in network):
        return word
    inner = _embedded(address)
    if inner:
        return next((word for word in map(refusal, inner) if word), None)
    closed = next((word for network, word in _NETWORKS_6 if address in network), None)
    return closed or (None if address in _GLOBAL_6 else "a reserved range")


def _embedded(address: ipaddress.IPv6Address) -> tuple[str, ...]:
    """IPv4 addresses that this one leads to: mapped, compatible, NAT64, 6to4, Teredo (server and client)."""
    if address.ipv4_mapped:
        return (str(address.ipv4_mapped),)
    if address in _NAT64 or address in _COMPATIBLE:
        return (str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)),)
    if address.sixtofour:
        return (str(address.sixtofour),)
    return tuple(str(inner) for inner in address.teredo or ())


#: Names of this machine and of the local network (RFC 6761, 6762, 8375, ICANN's ``internal``).
_LOCAL_NAME = re.compile(r"(?:.*\.)?(?:localhost|local|localdomain|internal|home\.arpa)\.?")


def check_name(host: str, guard: Guard) -> None:
    """Refuse what shows by the name alone: for hosts that a proxy resolves.

    Raises:
        Trouble: a literal address (decimal, octal and hexadecimal ones too) or name of a closed network.
    """
    if _LOCAL_NAME.fullmatch(host):
        raise _blocked(host, "the local network")
    ip = _literal(host)
    word = guard(ip) if ip else None
    if word:
        raise _blocked(host, word)


def _literal(host: str) -> str | None:
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(
            socket.inet_aton(host)
        )  # reads 127.1, 0x7f.0.0.1, 017700000001, 2130706433 as connect does
    except OSError:
        return None


def find_endpoints(host: str, port: int, *, resolver: Resolver, guard: Guard | None, seconds: float) -> list[Any]:
    """Resolve ``host`` once; the entries of getaddrinfo that may be connected to, in its order.

    Raises:
        Trouble: none may.
        OSError: the name does not exist, or nobody told in time.
    """
    entries = [entry for entry in _resolve(host, port, resolver, seconds) if entry[0] in _FAMILIES]
    if guard is None:
        return entries
    words = {entry[4][0]: guard(entry[4][0]) for entry in entries}
    open_ones = [entry for entry in entries if words[entry[4][0]] is None]
    if entries and not open_ones:
        raise _blocked(host, str(words[entries[0][4][0]]))
    return open_ones


_FAMILIES = {socket.AF_INET, socket.AF_INET6}


def _resolve(host: str, port: int, resolver: Resolver, seconds: float) -> list[Any]:
    """Ask in a thread of its own, since the system's resolver cannot be told a time: it may take 30 s and more."""
    if _literal(host):
        return list(resolver(host, port, type=socket.SOCK_STREAM))  # nothing to wait for
    answers: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 (raised again by whoever waits)
            answers.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _blocked(host: str, word: str) -> Trouble:
    return Trouble(FailureKind.BLOCKED, f"{host} leads to {word}, which is not asked (allow_private allows it)")
