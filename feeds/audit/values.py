"""What an audit takes and gives: what a source says of a page, what a citation claims, what came of comparing them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from feeds.model import Citation


class Verdict(StrEnum):
    """What is known of one citation, the most telling first. The value is the word in tables and in ``--json``."""

    #: Something that it claims is not so.
    CONTRADICTED = "contradicted"
    #: The page is gone.
    DEAD = "dead"
    #: The source's own feed has the page, and contradicts nothing.
    VERIFIED = "verified"
    #: It leads to no page: nothing that it says can be looked up.
    UNRESOLVABLE = "unresolvable"
    #: It may be as it says: nobody asked the source, or its feed does not reach so far.
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How bad a remark is; the words are SARIF's (2.1.0 §3.27.10)."""

    #: It cannot be so.
    ERROR = "error"
    #: It is hardly so.
    WARNING = "warning"
    #: Worth knowing.
    NOTE = "note"


class Field(StrEnum):
    """What a citation claims."""

    TITLE = "title"
    AUTHOR = "author"
    DATE = "date"
    PUBLISHER = "publisher"
    URL = "url"


class Rule(StrEnum):
    """What can be wrong with a citation. The value is the word in tables, in ``--json`` and the rule's id in SARIF."""

    ACCESSED_BEFORE_PUBLISHED = "accessed-before-published"
    ACCESSED_BEFORE_PAGE = "accessed-before-page"
    ACCESSED_AFTER_ARTICLE = "accessed-after-article"
    ACCESSED_LONG_BEFORE_ARTICLE = "accessed-long-before-article"
    PUBLISHED_AFTER_ARTICLE = "published-after-article"
    PUBLISHED_BEFORE_SITE = "published-before-site"
    PUBLISHED_LONG_BEFORE_PAGE = "published-long-before-page"
    PUBLISHED_UNLIKE_ADDRESS = "published-unlike-address"
    PAGE_AFTER_ARTICLE = "page-after-article"
    IMPOSSIBLE_DATE = "impossible-date"
    PLACEHOLDER = "placeholder"
    IMPOSSIBLE_ID = "impossible-id"
    PRIVATE_ADDRESS = "private-address"
    PICTURE = "picture"
    HOME_PAGE = "home-page"
    SEARCH_PAGE = "search-page"
    SEVERAL_TITLES = "several-titles"
    UNDEFINED = "undefined"
    DEFINED_TWICE = "defined-twice"
    UNREFERENCED = "unreferenced"
    PAGE_GONE = "page-gone"
    PAGE_MOVED = "page-moved"
    OTHER_ADDRESS = "other-address"
    SOURCE_DISAGREES = "source-disagrees"


class Stance(NamedTuple):
    """What a rule means when it fires."""

    level: Level
    #: One sentence for people who meet the rule's word for the first time.
    meaning: str
    #: It proves a claim of the citation false.
    refutes: bool = False


RULES: dict[Rule, Stance] = {
    Rule.SOURCE_DISAGREES: Stance(Level.ERROR, "The source's own feed says otherwise.", True),
    Rule.ACCESSED_BEFORE_PUBLISHED: Stance(Level.ERROR, "It claims to have been read before it was published.", True),
    Rule.ACCESSED_BEFORE_PAGE: Stance(Level.ERROR, "It claims to have been read before the page existed.", True),
    Rule.ACCESSED_AFTER_ARTICLE: Stance(
        Level.ERROR, "It claims to have been read after the article was written.", True
    ),
    Rule.ACCESSED_LONG_BEFORE_ARTICLE: Stance(
        Level.WARNING,
        "It claims to have been read long before the article was written; such dates tend to be invented.",
    ),
    Rule.PUBLISHED_AFTER_ARTICLE: Stance(
        Level.ERROR, "It claims to have been published after the article that cites it.", True
    ),
    Rule.PUBLISHED_BEFORE_SITE: Stance(Level.ERROR, "It claims to be older than the site that it stands on.", True),
    Rule.PUBLISHED_LONG_BEFORE_PAGE: Stance(
        Level.ERROR, "It claims a date long before the one that the page's source gives.", True
    ),
    Rule.PUBLISHED_UNLIKE_ADDRESS: Stance(Level.ERROR, "The address of the page holds another date.", True),
    Rule.PAGE_AFTER_ARTICLE: Stance(Level.ERROR, "By its address the page is younger than the article.", True),
    Rule.IMPOSSIBLE_DATE: Stance(Level.ERROR, "No calendar has this date.", True),
    Rule.PLACEHOLDER: Stance(Level.ERROR, "The address is a placeholder."),
    Rule.IMPOSSIBLE_ID: Stance(Level.ERROR, "The site gives no page such an id."),
    Rule.PRIVATE_ADDRESS: Stance(Level.ERROR, "The address leads into a private network."),
    Rule.PICTURE: Stance(Level.WARNING, "The address is that of a picture or a part of a page."),
    Rule.HOME_PAGE: Stance(Level.WARNING, "The address is that of a home page, which shows other things every day."),
    Rule.SEARCH_PAGE: Stance(Level.WARNING, "The address is that of search results."),
    Rule.SEVERAL_TITLES: Stance(Level.WARNING, "One address is cited under several titles."),
    Rule.UNDEFINED: Stance(Level.ERROR, "The text refers to a footnote that is not there."),
    Rule.DEFINED_TWICE: Stance(Level.WARNING, "Two footnotes have one label."),
    Rule.UNREFERENCED: Stance(Level.NOTE, "Nothing in the text refers to the footnote."),
    Rule.PAGE_GONE: Stance(Level.ERROR, "The page is gone."),
    Rule.PAGE_MOVED: Stance(Level.NOTE, "The page has another address now."),
    Rule.OTHER_ADDRESS: Stance(Level.NOTE, "The source's own feed has this title at another address."),
}


class Said(Struct, frozen=True, kw_only=True):
    """What a source's own feed says of a page."""

    #: All that it ever had, newest first.
    titles: tuple[str, ...]
    #: Absolute; None when the entry has no link.
    url: str | None = None
    #: Names, as the feed has them.
    authors: tuple[str, ...] = ()
    #: Aware; None when the feed does not say.
    published: datetime | None = None
    #: Name of the source.
    source: str
    #: Other names of the source.
    aliases: tuple[str, ...] = ()
    #: Known by the title that the citation bears, not by its address: that may be another page's.
    is_by_title: bool = False
    #: Title of what the source whose page it is has at the cited address; None when that is unknown, or the same story.
    elsewhere: str | None = None


class Coverage(Struct, frozen=True, kw_only=True):
    """How much is known of the source that a citation belongs to."""

    #: None when it belongs to none of ours.
    source: str | None = None
    is_polled: bool = False
    #: Day of the oldest entry that we hold; None when we hold none.
    since: date | None = None


class PageState(Protocol):
    """What asking for a page itself has shown."""

    @property
    def is_gone(self) -> bool:
        """Whether the page is no more."""
        ...

    @property
    def moved_to(self) -> str | None:
        """Where it is now, if it is elsewhere."""
        ...

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        ...


class Difference(Struct, frozen=True, kw_only=True):
    """A claim beside what is so."""

    field: Field
    claimed: str
    found: str
    #: Of dates days, of everything else 0 (alike) to 1 (nothing in common); None when they cannot be compared.
    distance: float | None
    #: False for what may well be meant: a paraphrase, a translation, a nearby date.
    is_contradiction: bool


class Remark(Struct, frozen=True, kw_only=True):
    """One rule that fired."""

    rule: Rule
    #: One sentence with the values.
    why: str
    #: 1-based, in the article's file.
    line: int


class Finding(Struct, frozen=True, kw_only=True):
    """What came of one citation, or of a marker without one."""

    #: Of the article.
    path: str
    line: int
    #: None for a line of a source list.
    label: str | None
    #: None for a marker without a definition.
    citation: Citation | None
    verdict: Verdict
    #: One sentence.
    why: str
    differences: tuple[Difference, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def contradictions(self) -> tuple[Difference, ...]:
        """The differences that cannot be meant."""
        return tuple(difference for difference in self.differences if difference.is_contradiction)

    @property
    def level(self) -> Level | None:
        """The worst of what was found; None when nothing was."""
        levels = {RULES[remark.rule].level for remark in self.remarks}
        if self.verdict in {Verdict.CONTRADICTED, Verdict.DEAD}:
            return Level.ERROR
        return next((level for level in Level if level in levels), None)


_CLAIMS = ("title", "url", "publisher", "author", "published", "accessed")


def finding_values(finding: Finding) -> dict[str, object]:
    """A finding as JSON-ready values."""
    citation = finding.citation
    return {
        "path": finding.path,
        "line": finding.line,
        "label": finding.label,
        "verdict": finding.verdict.value,
        "why": finding.why,
        "claims": {name: getattr(citation, name) for name in _CLAIMS} if citation else None,
        "differences": [
            {
                "field": difference.field.value,
                "claimed": difference.claimed,
                "found": difference.found,
                "distance": difference.distance,
                "is_contradiction": difference.is_contradiction,
            }
            for difference in finding.differences
        ],
        "remarks": [
            {"rule": remark.rule.value, "level": RULES[remark.rule].level.value, "why": remark.why, "line": remark.line}
            for remark in finding.remarks
        ],
    }
