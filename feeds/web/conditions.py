"""Read what a request says of what it has and takes: entity tags, dates, codings (RFC 9110 §12, §13; RFC 3229)."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

#: RFC 9110 §8.8.3, without the mark of weakness: If-None-Match compares weakly.
_TAG = re.compile(rb'"([\x21\x23-\x7e\x80-\xff]*)"')
#: A header longer than that is not worth reading: our tags have 24 characters.
_LONGEST = 4096


@lru_cache(maxsize=4096)
def tags_of(if_none_match: bytes) -> frozenset[bytes]:
    """The opaque tags that it lists, without quotes; ``*`` among them where it says so.

    Some readers drop the quotes; what has none at all is taken for one tag.
    """
    value = if_none_match[:_LONGEST].strip()
    if b'"' not in value:
        return frozenset({value.removeprefix(b"W/")}) - {b""}
    # A quoted star is a tag like any other, and none of ours.
    return frozenset(_TAG.findall(value)) - {b"*"}


@lru_cache(maxsize=4096)
def seconds_of(date: bytes) -> int | None:
    """Seconds since 1970 of an HTTP date in any of its three spellings; None when it is none."""
    try:
        moment = parsedate_to_datetime(date[:64].decode("ascii"))
        # asctime names no zone, and means GMT (RFC 9110 §5.6.7).
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def is_current(if_none_match: bytes | None, if_modified_since: bytes | None, *, tag: bytes, modified: int) -> bool:
    """Whether the client has this very representation (RFC 9110 §13.2.2: a tag makes the date void)."""
    if if_none_match is not None:
        known = tags_of(if_none_match)
        return tag in known or b"*" in known
    since = None if if_modified_since is None else seconds_of(if_modified_since)
    return since is not None and modified <= since


#: Best first; gzip is the one that we make ourselves.
CODINGS = ("br", "zstd", "gzip")
_SAME = {"x-gzip": "gzip"}


@lru_cache(maxsize=1024)
def codings_of(accept_encoding: bytes) -> tuple[str, ...]:
    """Those of ``CODINGS`` that may be sent, most wanted first; empty for a client that takes none."""
    weights = _weights(accept_encoding)
    rest = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, rest) for coding in CODINGS}
    floor = weights.get("identity", 0.0)
    taken = [coding for coding in CODINGS if wanted[coding] > 0 and wanted[coding] >= floor]
    return tuple(sorted(taken, key=lambda coding: -wanted[coding]))


@lru_cache(maxsize=64)
def wants_delta(a_im: bytes) -> bool:
    """Whether ``A-IM`` names ``feed`` (RFC 3229 §10.5.3)."""
    return _weights(a_im).get("feed", 0.0) > 0


def _weights(value: bytes) -> dict[str, float]:
    """Member of a list -> its q, 1 when it names none (RFC 9110 §12.4.2)."""
    found: dict[str, float] = {}
    for part in value[:_LONGEST].decode("latin-1").lower().split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        found[_SAME.get(name, name)] = min([_weight(p) for p in parameters if p.startswith("q=")], default=1.0)
    return found


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0
