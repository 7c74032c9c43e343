"""Read the headers of an answer: validators, hints, what kind of no it is (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from feeds.polled import FailureKind, Hints, Link, Validators
from feeds.sources.timing import say_length
from feeds.urls import clean_url

#: Headers with case-insensitive names.
_Headers = Mapping[str, str]

#: Longer ones mean "for ever" or are mistakes; keeps every sum with ``now`` within the calendar.
_LONGEST = timedelta(days=3650)
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]+)\"?\s*(?=,|$)", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|,)\s*no-(?:cache|store)\s*(?=,|$)", re.IGNORECASE)

#: Headers by which walls say that they want a browser or a person: name, and the word in it.
_CHALLENGES = {
    "cf-mitigated": "challenge",  # Cloudflare
    "x-amzn-waf-action": "c",  # AWS: challenge or captcha
    "x-vercel-mitigated": "challenge",
}


def read_validators(headers: _Headers) -> Validators:
    """Byte for byte; empty ones are none."""
    return Validators(etag=headers.get("ETag") or None, last_modified=headers.get("Last-Modified") or None)


def read_hints(headers: _Headers, now: datetime) -> Hints:
    """Lengths of time from the answer's own ``Date``, or from ``now`` when it has none."""
    sent = _read_date(headers.get("Date", "")) or now
    return Hints(fresh_for=_fresh_for(headers, sent), retry_after=_retry_after(headers.get("Retry-After", ""), sent))


def _fresh_for(headers: _Headers, sent: datetime) -> timedelta | None:
    cache_control = headers.get("Cache-Control", "")
    if _UNCACHED.search(cache_control):
        return None
    max_age = _MAX_AGE.search(cache_control)
    if max_age:  # wins over Expires, even as zero (RFC 9111 §5.3)
        return _seconds(max_age[1])
    return _until(headers.get("Expires", ""), sent)


def _retry_after(written: str, sent: datetime) -> timedelta | None:
    written = written.strip()
    if written.isdecimal() and written.isascii():
        return _seconds(written)
    return _until(written, sent)


def _seconds(digits: str) -> timedelta | None:
    digits = digits.lstrip("0")
    if len(digits) > 9:  # 30 years
        return _LONGEST
    return min(timedelta(seconds=int(digits)), _LONGEST) if digits else None


def _until(written: str, sent: datetime) -> timedelta | None:
    moment = _read_date(written)
    return min(moment - sent, _LONGEST) if moment and moment > sent else None


def _read_date(written: str) -> datetime | None:
    """An HTTP date in any of its three forms (RFC 9110 §5.6.7)."""
    if not written or len(written) > 64:
        return None
    try:
        moment = parsedate_to_datetime(written)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


#: RFC 8288 §3. A target, and its parameters; possessive, so that no header takes more than one pass.
_LINK = re.compile(r'<([^<>]{0,4096})>((?:\s*+;\s*+[\w!#$%&*+.^`|~-]++(?:\s*+=\s*+(?:"[^"]*+"|[^",;\s]*+))?+)*+)')
_PARAMETER = re.compile(r';\s*+([\w*-]++)\s*+=\s*+(?:"([^"]*+)"|([^",;\s]*+))')
_LONGEST_LINKS, _MOST_LINKS = 16_384, 20


def read_links(headers: _Headers, url: str) -> tuple[Link, ...]:
    """``Link`` headers with ``rel=hub`` or ``rel=self`` of the document at ``url`` (WebSub §4)."""
    found = []
    for target, written in _LINK.findall(headers.get("Link", "")[:_LONGEST_LINKS]):
        parameters = {name.lower(): quoted or bare for name, quoted, bare in reversed(_PARAMETER.findall(written))}
        address = clean_url(target, url)
        # With an anchor it is said of another document (RFC 8288 §3.2).
        if address and "anchor" not in parameters:
            rels = parameters.get("rel", "").lower().split()
            found += [Link(rel=rel, url=address) for rel in ("hub", "self") if rel in rels]
    return tuple(dict.fromkeys(found))[:_MOST_LINKS]


def judge(status: int, headers: _Headers, hints: Hints) -> tuple[FailureKind, str]:
    """What an answer that is no success means, and in words what ``host`` does: to follow its name."""
    if any(word in headers.get(name, "").lower() for name, word in _CHALLENGES.items()):
        return FailureKind.CHALLENGE, f"asks for a browser or a person ({_named(status)})"
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and hints.retry_after):
        return FailureKind.RATE_LIMITED, f"asks to be left alone{_for_how_long(hints)} ({_named(status)})"
    if status == HTTPStatus.GONE:
        return FailureKind.GONE, f"says that the feed is gone for good ({_named(status)})"
    return FailureKind.HTTP_STATUS, _WORDS.get(status, "answered {status}").format(status=_named(status))


#: What is no plain "answered 404": 2xx that bring no document, and answers to what was not asked.
_WORDS = {
    202: "has no document yet ({status})",
    204: "has nothing to say ({status})",
    205: "has nothing to say ({status})",
    206: "sent a part although the whole was asked for ({status})",
    226: "sent a part although the whole was asked for ({status})",
    304: "says that nothing is new although nothing is known ({status})",
}


def _named(status: int) -> str:
    """``404 Not Found``; the phrase is the standard's, not the server's."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _for_how_long(hints: Hints) -> str:
    return f" for {say_length(hints.retry_after)}" if hints.retry_after else ""
