"""What both pages share: the frame, how moments are told, the style sheet and the script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from feeds.desk.texts import Speech
from feeds.desk.values import Front

AUDIT, STATUS = "audit.html", "status.html"
#: Written beside the pages, under names that do not change.
ASSETS = ("desk.css", "desk.js")
#: Loads nothing but its own style sheet and script; ``data:`` is the empty icon, without which browsers ask for one.
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    loader = PackageLoader("feeds.desk")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def template(name: str) -> Template:
    """One of our templates."""
    return _environment().get_template(name)


@cache
def asset(name: str) -> bytes:
    """The style sheet or the script."""
    environment = _environment()
    assert environment.loader is not None  # noqa: S101 (given just above; tells mypy)
    return environment.loader.get_source(environment, name)[0].encode()


class Voice:
    """How a page speaks: its language, and moments in the zone of the site."""

    def __init__(self, front: Front) -> None:
        self._zone = front.zone
        self.speech = Speech(front.language)
        self.say = self.speech.say
        self.rule = self.speech.rule

    def when(self, moment: datetime | None) -> Markup:
        """A moment to the minute; machines read it in UTC."""
        if moment is None:
            return escape(self.say("never"))
        utc = moment.astimezone(UTC)
        shown = moment.astimezone(self._zone)
        return Markup('<time datetime="{}">{}</time>').format(f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{shown:%Y-%m-%d %H:%M}")

    def day(self, day: date | datetime) -> Markup:
        """A day; of a moment the one that the site has then."""
        shown = day.astimezone(self._zone).date() if isinstance(day, datetime) else day
        return Markup('<time datetime="{0}">{0}</time>').format(shown.isoformat())

    def told(self, english: str) -> Markup:
        """A sentence of another room."""
        said, language = self.speech.sentence(english)
        return Markup('<span lang="{}">{}</span>').format(language, said) if language else escape(said)

    def joined(self, words: Sequence[str]) -> str:
        """In one line."""
        return self.say("comma").join(words)


def write_page(name: str, front: Front, voice: Voice, *, beside: str, **values: Any) -> bytes:
    """A whole page; ``beside`` is the file that it is part of, for the navigation."""
    frame: Mapping[str, Any] = {
        "front": front,
        "voice": voice,
        "say": voice.say,
        "policy": POLICY,
        "beside": beside,
        "pages": ((AUDIT, voice.say("audit")), (STATUS, voice.say("status"))),
    }
    return template(name).render(**frame, **values).encode()


def is_safe(url: str | None) -> bool:
    """Whether an address may be a link: citations hold anything, ``javascript:`` too."""
    return url is not None and url.lower().startswith(("https://", "http://"))
