"""What happened, as events: one line each, key=value for people or JSON for machines; no secret in any of them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Protocol

#: A name and a password in an address.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
#: Parameters of addresses, and keys of events, that hold secrets.
_SECRET_WORDS = "token|key|secret|password|passwd|auth|authorization|signature|sig"  # noqa: S105 (words, no secret)
_SECRET_PARAMETER = re.compile(rf"(?i)([?&](?:[\w-]*[_-])?(?:{_SECRET_WORDS})=)[^&\s\"']+")
_SECRET_KEY = re.compile(rf"(?i)(?:.*_)?(?:{_SECRET_WORDS}|cookie|headers)")
_HIDDEN = "***"


class Log(Protocol):
    """Where events go: structlog's bound logger, or a list in a test."""

    def info(self, event: str, **fields: Any) -> Any:
        """Something happened as it should."""

    def warning(self, event: str, **fields: Any) -> Any:
        """Something did not, and goes on."""

    def error(self, event: str, **fields: Any) -> Any:
        """Something did not, and is left undone."""


def open_log(*, as_json: bool, verbosity: int) -> Log:
    """Events on standard error from now on: problems only when quiet (below 0), all of them else."""
    import structlog  # noqa: PLC0415 (60 ms, and most commands log nothing)

    level = logging.WARNING if verbosity < 0 else logging.INFO
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], repr_native_str=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log: Log = structlog.get_logger()
    return log


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Credentials in addresses, parameters that hold tokens, and fields that are named like secrets."""
    for key, value in event.items():
        if _SECRET_KEY.fullmatch(key):
            event[key] = _HIDDEN
        elif isinstance(value, str):
            event[key] = without_secrets(value)
    return event


def without_secrets(text: str) -> str:
    """The text with what may be a secret in its addresses blotted out."""
    return _SECRET_PARAMETER.sub(rf"\1{_HIDDEN}", _CREDENTIALS.sub(f"{_HIDDEN}@", text))
