"""One event for each request, and nothing in it that is a secret."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

#: How readers that fetch once for many people say so: "12 subscribers", "3 readers".
_SUBSCRIBERS = re.compile(r"\b(\d{1,9}) (?:subscriber|reader)s?\b", re.IGNORECASE)
_LONGEST_PATH = 400
_LONGEST_AGENT = 200
#: What could forge a line or colour a terminal.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@lru_cache(maxsize=4096)
def agent_fields(user_agent: bytes) -> dict[str, Any]:
    """Who asks, and for how many people."""
    agent = plain(user_agent)[:_LONGEST_AGENT]
    found = _SUBSCRIBERS.search(agent)
    return {"agent": agent} | ({"subscribers": int(found[1])} if found else {})


def plain(text: bytes) -> str:
    """Bytes of a stranger as one harmless line."""
    return _CONTROLS.sub("�", text.decode("utf-8", "replace"))


def path_field(raw_path: bytes, *, is_secret: bool) -> str:
    """The path as it is logged: never the query, and of a path that is a secret in itself only where it begins."""
    if is_secret:
        first = plain(raw_path).split("/")[1]
        return f"/{first}/…"
    return plain(raw_path.partition(b"?")[0])[:_LONGEST_PATH]
