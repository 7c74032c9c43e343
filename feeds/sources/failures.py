"""Name what went wrong: whatever a library raised becomes a kind and a sentence without secrets."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple

import requests
import urllib3.exceptions

from feeds.polled import FailureKind

#: How a connection ends that the server had closed, perhaps while it lay idle in the pool.
_ENDED = (
    http.client.RemoteDisconnected,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


class Trouble(Exception):  # noqa: N818 (the world's error, not ours; it becomes a value and leaves the room never)
    """A fetch ends here; becomes ``Failed``."""

    def __init__(self, kind: FailureKind, sentence: str) -> None:
        """``sentence`` is shown to people: no credentials; ``{host}`` in it is whoever was asked."""
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


class _Rule(NamedTuple):
    errors: tuple[type[BaseException], ...]
    kind: FailureKind
    #: With ``{host}``, ``{why}``, ``{type}``.
    sentence: str


#: The first rule of which any cause is an instance holds. Causes are looked through for each rule in turn, because the
#: libraries wrap a certificate's error in three of their own, and a proxy's error holds the timeout that caused it.
_RULES = (
    _Rule(
        (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError, requests.exceptions.InvalidProxyURL),
        FailureKind.PROXY,
        "The proxy on the way to {host} failed{why}",
    ),
    _Rule(
        (requests.exceptions.InvalidSchema,),
        FailureKind.PROXY,
        "The proxy on the way to {host} is of a kind that cannot be used (SOCKS needs PySocks)",
    ),
    _Rule((socket.gaierror,), FailureKind.DNS, "The name {host} could not be resolved{why}"),
    _Rule(
        (ssl.SSLCertVerificationError, ssl.CertificateError), FailureKind.TLS, "{host} has no valid certificate{why}"
    ),
    _Rule(
        (TimeoutError, urllib3.exceptions.TimeoutError), FailureKind.TIMEOUT, "{host} did not answer in full in time"
    ),
    _Rule(
        (*_ENDED, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead),
        FailureKind.CUT_OFF,
        "{host} ended the connection before its answer was whole",
    ),
    _Rule(
        (ssl.SSLError, urllib3.exceptions.SSLError), FailureKind.TLS, "No secure connection to {host} came about{why}"
    ),
    _Rule(
        (http.client.HTTPException, urllib3.exceptions.InvalidHeader),
        FailureKind.NOT_A_FEED,
        "{host} answered, but not in HTTP",
    ),
    _Rule((urllib3.exceptions.ProtocolError,), FailureKind.CUT_OFF, "The answer of {host} broke off"),
    _Rule((OSError,), FailureKind.CUT_OFF, "The connection to {host} broke{why}"),
    # The text of an unknown error may hold anything, a header with a password included; its type does not.
    _Rule((Exception,), FailureKind.CUT_OFF, "Asking {host} failed for an unforeseen reason ({type})"),
)
_NO_CONNECTION = _Rule((), FailureKind.CONNECT, "No connection to {host} came about{why}")


def explain(error: Exception, host: str, *, is_connected: bool) -> tuple[FailureKind, str]:
    """What ``error`` stands for; any error has a meaning. ``host`` carries no credentials."""
    causes = list(_causes(error))
    for trouble in causes:  # ours may have been raised below the libraries and wrapped by them
        if isinstance(trouble, Trouble):
            return trouble.kind, trouble.sentence.replace("{host}", host)
    rule = next(rule for rule in _RULES if any(isinstance(cause, rule.errors) for cause in causes))
    if rule.kind is FailureKind.CUT_OFF and not is_connected:
        rule = _NO_CONNECTION
    why = next(filter(None, map(_why, reversed(causes))), "")  # the innermost knows best
    return rule.kind, rule.sentence.format(host=host, why=why, type=type(error).__name__)


def is_stale(error: Exception) -> bool:
    """Whether a connection ended without an answer: no fault if it had been idle, then one asks again."""
    return any(isinstance(cause, _ENDED) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and all that it wraps: chained, as its ``reason``, or among its arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inside = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting.extend(item for item in inside if isinstance(item, BaseException))


def _why(cause: BaseException) -> str:
    """`` (reason)``, of the system's and OpenSSL's own fixed words only: nothing that a server or a user wrote."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f" ({cause.verify_message})" if cause.verify_message else ""
    if isinstance(cause, ssl.SSLError):
        return f" ({cause.reason.lower().replace('_', ' ')})" if cause.reason else ""
    if isinstance(cause, OSError) and cause.errno is not None and cause.strerror:
        return f" ({cause.strerror.lower()})"
    return ""
