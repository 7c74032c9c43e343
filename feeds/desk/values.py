"""What the editor's pages are made of: plain values, as the state has them. All datetimes are aware."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from msgspec import Struct

# -- both pages --------------------------------------------------------------------------------------------------------


class Front(Struct, frozen=True, kw_only=True):
    """What both pages say of the site."""

    title: str
    #: Address of its front page.
    url: str
    #: BCP 47: the language of the pages.
    language: str
    #: Times are told in it.
    zone: tzinfo


class Page(Struct, frozen=True, kw_only=True):
    """An article of ours."""

    #: As ``feeds check`` prints it.
    path: str
    title: str
    #: Of its page; None when it has none.
    url: str | None = None
    day: date | None = None


# -- audit.html --------------------------------------------------------------------------------------------------------


class Compared(Struct, frozen=True, kw_only=True):
    """A claim of a citation beside what is so."""

    #: A word of ``audit.values.Field``.
    field: str
    claimed: str
    found: str
    #: Of dates days, else 0 (alike) to 1; None when they cannot be compared.
    distance: float | None
    is_contradiction: bool


class Noted(Struct, frozen=True, kw_only=True):
    """One rule that fired."""

    #: Words of ``audit.values.Rule`` and ``Level``.
    rule: str
    level: str
    #: One sentence.
    why: str


class Cited(Struct, frozen=True, kw_only=True):
    """What came of one citation, or of a marker without one."""

    article: Page
    line: int
    #: None for a line of a source list.
    label: str | None
    #: As the article has it; empty when it names none.
    title: str
    url: str | None
    #: Name of its source; of none of ours the host; empty when it names no page either.
    source: str
    #: A word of ``audit.values.Verdict``, and of ``Level``; empty when nothing is wrong.
    verdict: str
    level: str
    #: One sentence.
    why: str
    compared: tuple[Compared, ...] = ()
    noted: tuple[Noted, ...] = ()
    #: The footnote as it should be; None when it cannot be told.
    correction: str | None = None


class Uncovered(Struct, frozen=True, kw_only=True):
    """An entry of a cited source that no article covers."""

    title: str
    url: str | None
    source: str
    at: datetime
    #: In the language of the site.
    reasons: tuple[str, ...]


class Suggested(Struct, frozen=True, kw_only=True):
    """An article that may cite or cover an entry."""

    #: Of the entry, as ``feeds match confirm`` takes it.
    number: int
    title: str
    url: str | None
    source: str
    at: datetime
    article: Page
    rule: str
    score: float
    evidence: tuple[str, ...]


class Became(Struct, frozen=True, kw_only=True):
    """What became of an entry that articles cite or cover, or of its page."""

    at: datetime
    #: retitled, moved, edited, withdrawn, returned or dead
    kind: str
    source: str
    title: str
    url: str | None
    before: str
    after: str
    articles: tuple[Page, ...]


class Audit(Struct, frozen=True, kw_only=True):
    """All that audit.html shows."""

    cited: tuple[Cited, ...]
    uncovered: tuple[Uncovered, ...] = ()
    suggested: tuple[Suggested, ...] = ()
    became: tuple[Became, ...] = ()
    #: When an entry of a source came or changed last; None before.
    newest: datetime | None = None


# -- status.html -------------------------------------------------------------------------------------------------------


class Followed(Struct, frozen=True, kw_only=True):
    """One feed of a source."""

    source: str
    url: str
    #: ok, new, failing or stopped
    word: str
    asked: datetime | None
    answered: datetime | None
    #: None when never; in the past, or unknown, when it is due.
    due: datetime | None
    #: A word of ``sources.state.Rule``, and its sentence.
    rule: str
    rule_said: str
    failures: int
    entries: int
    newest: datetime | None
    #: What its owner should know; empty when nothing.
    remark: str


class DayOfPolls(Struct, frozen=True, kw_only=True):
    """The requests of one day."""

    day: date
    #: A document came; it had not changed; nothing came.
    fetched: int = 0
    unchanged: int = 0
    failed: int = 0
    #: Entries that came for the first time.
    new: int = 0

    @property
    def polls(self) -> int:
        """All requests."""
        return self.fetched + self.unchanged + self.failed


class Broken(Struct, frozen=True, kw_only=True):
    """Why an article is quarantined."""

    path: str
    line: int | None
    what: str
    why: str
    #: What to do; empty when it goes without saying.
    fix: str
    #: Title of its last good state, which stays in the feeds; empty when it never had one.
    last_good: str


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What the last rebuild that changed anything did, and what there is since."""

    at: datetime
    seconds: float
    written: int
    removed: int
    articles: int
    files: int
    bytes: int


class Manners(Struct, frozen=True, kw_only=True):
    """How polite we were in the days of the chart."""

    requests: int
    #: 0 to 100.
    score: float
    #: 0 to 1: of the requests that could be conditional, those that were.
    conditional_share: float
    #: Rule -> requests that broke it.
    offences: Mapping[str, int]


class Health(Struct, frozen=True, kw_only=True):
    """All that status.html shows."""

    feeds: tuple[Followed, ...]
    #: When a source was asked last; None before.
    asked: datetime | None
    #: Names of sources that have no feed.
    without_feed: tuple[str, ...]
    #: Without gaps, oldest first; empty when nobody was asked.
    days: tuple[DayOfPolls, ...]
    manners: Manners
    broken: tuple[Broken, ...]
    rebuilt: Rebuilt | None
