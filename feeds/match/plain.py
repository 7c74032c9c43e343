"""Entries from JSON, and what was found as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from feeds.match.values import Found, Standing, Story


def story_of(values: Mapping[str, Any]) -> Story:
    """An entry from one JSON object: ``title`` or ``url``, and if known ``summary``, ``published``, ``feed``, ``id``.

    Raises ValueError when it has no title and no address, or a date that is none.
    """
    title, url, feed = (str(values.get(name) or "").strip() for name in ("title", "url", "feed"))
    if not title and not url:
        raise ValueError("an entry needs a title or a url")
    return Story(
        id=str(values.get("id") or url or title),
        titles=(title,) if title else (),
        urls=(url,) if url else (),
        summary=str(values.get("summary") or ""),
        published=_moment(values.get("published")),
        sources=(feed,) if feed else (),
    )


def _moment(value: object) -> datetime | None:
    """ISO 8601; what names no zone is UTC."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"published: {value!r} is no date (write 2025-07-01 or 2025-07-01T12:00:00Z)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def found_values(found: Found) -> dict[str, Any]:
    """What was found, ready for JSON."""
    return {
        "article": found.article_path,
        "rule": str(found.rule),
        "score": found.score,
        "citation": found.citation_label,
        "line": found.citation_line,
        "evidence": list(found.evidence),
    }


def entry_values(entry: Mapping[str, Any], found: Iterable[Found]) -> dict[str, Any]:
    """One entry with its matches and suggestions, the best first."""
    lists: dict[Standing, list[dict[str, Any]]] = {Standing.MATCH: [], Standing.SUGGESTION: []}
    for one in found:
        lists[one.standing].append(found_values(one))
    return {"entry": dict(entry), "matches": lists[Standing.MATCH], "suggestions": lists[Standing.SUGGESTION]}
