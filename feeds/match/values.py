"""What the matcher takes and gives: articles and entries as it needs them, and what it found between them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from feeds.model import NOWHERE, Article, Citation
from feeds.polled import Entry


class Rule(StrEnum):
    """By what an article and an entry met, the surest first. The value is the word in tables and in ``--json``."""

    #: A citation leads to the entry's page.
    PAGE = "same page"
    #: A citation names the same video, paper or DOI.
    IDENTITY = "known ids"
    #: A citation bears the entry's title.
    TITLE = "same title"
    #: No citation of it, but the article tells what the entry tells.
    COVERS = "covers"


class Standing(StrEnum):
    """What is done with it."""

    #: It is published.
    MATCH = "match"
    #: It is listed for the editor, and nothing else.
    SUGGESTION = "suggestion"


class Piece(Struct, frozen=True, kw_only=True):
    """One of our articles, as the matcher needs it."""

    #: POSIX path relative to the folder of sources.yaml.
    path: str
    title: str
    summary: str = ""
    #: Tags and topics.
    terms: tuple[str, ...] = ()
    #: The visible text; not needed when ``imprint`` is given.
    text: str = ""
    #: Aware.
    published: datetime
    #: True when ``published`` is only the time of the file.
    guessed_date: bool = False
    citations: tuple[Citation, ...] = ()
    #: Markers without a definition, and labels defined twice: (label, 1-based line). Only kept, for the audit.
    undefined: tuple[tuple[str, int], ...] = ()
    repeated: tuple[tuple[str, int], ...] = ()
    #: What ``Matcher.imprint_of`` gave for this very text and these citations before; None to have it computed.
    imprint: bytes | None = None


class Story(Struct, frozen=True, kw_only=True):
    """One entry of a source, as the matcher needs it."""

    id: str
    #: All titles it ever had, the present one first.
    titles: tuple[str, ...]
    #: All addresses it ever had: link, alternates, permalink guid, where redirects led.
    urls: tuple[str, ...] = ()
    #: Plain text: the summary, or the beginning of the content. Only its first 400 characters count.
    summary: str = ""
    #: Aware; None when the feed does not say.
    published: datetime | None = None
    #: Names under which articles may cite its source: name, aliases, title of the feed.
    sources: tuple[str, ...] = ()
    #: Host of the source's site, for entries whose links lead elsewhere.
    host: str = ""
    #: YouTube's id of its video.
    video: str | None = None


class Found(Struct, frozen=True, kw_only=True):
    """An article that has to do with an entry."""

    entry_id: str
    article_path: str
    rule: Rule
    standing: Standing
    #: 0 to 1. Of PAGE and IDENTITY 1; of TITLE how alike; of COVERS how much of the entry the article tells, times the
    #: nearness of their dates. Only scores of one rule compare.
    score: float
    #: What was compared and what came of it, one text for each thing.
    evidence: tuple[str, ...]
    #: The citation that it is, as its place in ``Piece.citations``; None for COVERS.
    citation: int | None = None
    #: Its label; None for a line of a source list.
    citation_label: str | None = None
    #: 1-based, in the article's file.
    citation_line: int | None = None


def piece_of(article: Article) -> Piece:
    """An article as the matcher needs it."""
    return Piece(
        path=article.path,
        title=article.title,
        summary=article.summary,
        terms=(*article.tags, *article.topics),
        text=article.text,
        published=article.guessed or article.published,
        guessed_date=article.date_from in {"file time", NOWHERE},
        citations=article.citations,
        undefined=article.undefined,
        repeated=article.repeated,
    )


def story_of_entry(
    entry: Entry, *, sources: tuple[str, ...] = (), host: str = "", titles: tuple[str, ...] = ()
) -> Story:
    """A polled entry as the matcher needs it; ``titles`` are those that it had before."""
    return Story(
        id=entry.id,
        titles=tuple(dict.fromkeys((entry.title, *titles))),
        urls=(*((entry.url,) if entry.url else ()), *entry.links),
        summary=entry.summary,
        published=entry.published,
        sources=sources,
        host=host,
        video=entry.video,
    )
