"""What depends on the moment of a run: whether an article may be seen, and whether it may count as modified."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from feeds.model import Article, Problem, Severity


def is_public(article: Article, now: datetime) -> bool:
    """No draft, has appeared, and has not expired."""
    return not article.draft and article.appears <= now and (article.expires is None or article.expires > now)


def as_of(article: Article, now: datetime) -> Article:
    """The article without a modification that lies in the future: it counts when its time has come."""
    is_ahead = article.updated > now and article.updated > article.published
    return replace(article, updated=article.published) if is_ahead else article


def said_of_moments(article: Article, now: datetime) -> list[Problem]:
    """A warning of a modification that lies in the future."""
    if as_of(article, now) is article or not is_public(article, now):
        return []
    why = f"{article.updated.isoformat()} lies in the future; until then the article counts as unmodified"
    fix = "write the day of the last edit"
    return [Problem(path=article.path, severity=Severity.WARNING, what="lastmod", why=why, fix=fix)]
