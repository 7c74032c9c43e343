"""Look whether a cited page is still there: HEAD, and GET where HEAD tells too little; robots.txt is obeyed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from msgspec import Struct

from feeds.polled import Failed, FailureKind, Fetched, Outcome
from feeds.sources import timing
from feeds.sources.decide import UNSENT
from feeds.sources.robots import Robots, read_robots, robots_url
from feeds.urls import canonical

#: Status and final address of an answer, or why there is none.
Answer = tuple[int, str] | Failed
#: One request, redirects followed.
Ask = Callable[[str], Answer]


class LinkWord(StrEnum):
    """What is known of a page. The value is the word in tables and in ``--json``."""

    ALIVE = "alive"
    #: Alive, at another address.
    REDIRECTED = "redirected"
    #: HEAD and GET both say so.
    GONE = "gone"
    #: It may be there: the server does not let programs see it.
    BLOCKED = "blocked"
    #: It may be there: its site forbids programs to look (robots.txt).
    FORBIDDEN = "forbidden"
    #: It may be there: no server answers, or one in trouble.
    UNREACHABLE = "unreachable"


class LinkState(Struct, frozen=True, kw_only=True):
    """What asking for a page has shown."""

    url: str
    word: LinkWord
    #: One sentence for a person.
    sentence: str
    #: HTTP status, when there was an answer.
    status: int | None = None
    #: Where it is now, if elsewhere.
    moved_to: str | None = None
    #: Why there was no answer; None when there was one.
    failed: Failed | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the page is no more."""
        return self.word is LinkWord.GONE

    @property
    def fresh_for(self) -> timedelta:
        """How long nobody need ask again."""
        return self.closed_for or _FRESH_FOR[self.word]

    @property
    def closed_for(self) -> timedelta | None:
        """How long its server asks to be left alone; None when it does not."""
        if self.failed is None or self.failed.kind is not FailureKind.RATE_LIMITED:
            return None
        asked = self.failed.hints.retry_after or _CLOSED_FOR
        return min(max(asked, _CLOSED_FOR), timing.LONGEST_RETRY_AFTER)

    @property
    def is_unreached(self) -> bool:
        """Whether no server was heard of, so that it may be we who are offline."""
        if self.failed is None:
            return False
        return self.failed.kind in _UNASKED or (self.failed.is_unreached and not self.failed.redirects)


#: Pages of the press stay where they are for years; what may be a mishap of today is asked again sooner.
_FRESH_FOR = {
    LinkWord.ALIVE: timedelta(weeks=4),
    LinkWord.REDIRECTED: timedelta(weeks=4),
    LinkWord.GONE: timedelta(weeks=1),
    LinkWord.BLOCKED: timedelta(weeks=2),
    LinkWord.FORBIDDEN: timedelta(weeks=4),
    LinkWord.UNREACHABLE: timedelta(days=2),
}

_GONE = frozenset({404, 410})
#: A server that asks to be left alone is, for so long at least.
_CLOSED_FOR = timing.HOUR
#: Such an address is never asked.
_UNASKED = frozenset({FailureKind.URL, FailureKind.BLOCKED})
#: The page may be there, for others: paid, logged in, in other countries, later.
_CLOSED = frozenset({401, 402, 403, 407, 429, 451})
#: Failures of a feed that are nothing but a status.
_PLAIN = frozenset({FailureKind.HTTP_STATUS, FailureKind.GONE})
_WALLS = frozenset({FailureKind.CHALLENGE, FailureKind.RATE_LIMITED})
#: Where those are sent who are to log in or to prove that they are people.
_GATE = re.compile(
    r"/(?:login|log-in|signin|sign-in|signup|authwall|captcha|verify|challenge|passport|consent|wappoc_appmsgcaptcha)\b",
    re.IGNORECASE,
)


def check_link(url: str, *, head: Ask, get: Ask, gate: Callable[[str], LinkState | None]) -> LinkState:
    """Ask for a page, at most twice; the pause between requests to one host is the caller's.

    ``gate`` says why the page is not to be opened (``Gatekeeper.refusal``). GET follows where HEAD brings no page: many
    servers answer HEAD with 403, 404, 405 or 500 for pages that they have.
    """
    refusal = gate(url)
    if refusal is not None:
        return refusal
    answer = head(url)
    if not _is_page(answer) and not _is_hopeless(answer):
        answer = get(url)
    return _judge(url, answer)


class Gatekeeper:
    """Remembers the robots.txt of each site, so that it is asked for once.

    May be used by several threads, as long as no two ask for pages of one site at the same time.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Robots | None, Outcome]] = {}

    def refusal(self, url: str, ask: Callable[[str], Outcome]) -> LinkState | None:
        """Why the page is not to be opened; None when it may be."""
        address = robots_url(url)
        if address not in self._known:
            outcome = ask(address)
            self._known[address] = read_robots(outcome), outcome
        robots, outcome = self._known[address]
        if robots is None and isinstance(outcome, Failed):
            # A mishap of today forbids as much as a rule does (RFC 9309 §2.3.1.4), but not for as long.
            word = LinkWord.BLOCKED if outcome.kind in _WALLS else LinkWord.UNREACHABLE
            words = f"its robots.txt cannot be read: {outcome.sentence}"
            return LinkState(url=url, word=word, sentence=words, status=outcome.status, failed=outcome)
        if robots is None or not robots.allows(url):
            host = urlsplit(url).hostname or url
            return LinkState(url=url, word=LinkWord.FORBIDDEN, sentence=f"{host} asks programs not to open this page")
        return None


def answer_of(url: str, outcome: Outcome) -> Answer:
    """What came of a request for ``url``, as far as a page is concerned: a status is an answer, a wall is none."""
    final = outcome.redirects[-1].target if outcome.redirects else url
    if isinstance(outcome, Failed):
        return (outcome.status, final) if outcome.status is not None and outcome.kind in _PLAIN else outcome
    return (outcome.status if isinstance(outcome, Fetched) else HTTPStatus.NOT_MODIFIED), final


def _is_page(answer: Answer) -> bool:
    return not isinstance(answer, Failed) and 200 <= answer[0] < 300


#: Whoever is not there for HEAD is not there for GET, and who wants to be left alone is.
_HOPELESS = UNSENT | {FailureKind.TIMEOUT, FailureKind.RATE_LIMITED}


def _is_hopeless(answer: Answer) -> bool:
    if isinstance(answer, Failed):
        return answer.kind in _HOPELESS
    return answer[0] == HTTPStatus.TOO_MANY_REQUESTS


def _judge(url: str, answer: Answer) -> LinkState:
    if isinstance(answer, Failed):
        word = _word_of_failure(answer)
        return LinkState(url=url, word=word, sentence=answer.sentence, status=answer.status, failed=answer)
    status, final = answer
    word = _word_of(status)
    if word is not LinkWord.ALIVE or canonical(final) == canonical(url):
        return LinkState(url=url, word=word, sentence=_sentence(url, word, status), status=status)
    if _GATE.search(urlsplit(final).path):
        return LinkState(url=url, word=LinkWord.BLOCKED, sentence=f"it leads to a gate: {final}", status=status)
    what = "the home page" if _is_home(final) and not _is_home(url) else "another page"
    return LinkState(
        url=url, word=LinkWord.REDIRECTED, sentence=f"it leads to {what} now: {final}", status=status, moved_to=final
    )


def _word_of(status: int) -> LinkWord:
    if 200 <= status < 300:
        return LinkWord.ALIVE
    if status in _GONE:
        return LinkWord.GONE
    return LinkWord.BLOCKED if status in _CLOSED else LinkWord.UNREACHABLE


def _word_of_failure(failed: Failed) -> LinkWord:
    if failed.kind is FailureKind.GONE:
        return LinkWord.GONE
    if failed.kind in _WALLS:
        return LinkWord.BLOCKED
    if failed.kind is FailureKind.TOO_LARGE:
        return LinkWord.ALIVE
    if failed.kind is FailureKind.HTTP_STATUS and failed.status is not None and failed.status >= 400:
        return _word_of(failed.status)
    return LinkWord.UNREACHABLE


_SENTENCES = {
    LinkWord.ALIVE: "{host} has it",
    LinkWord.GONE: "{host} does not have it any more ({status})",
    LinkWord.BLOCKED: "{host} does not show it to programs ({status})",
    LinkWord.UNREACHABLE: "{host} is in trouble ({status})",
}


def _sentence(url: str, word: LinkWord, status: int) -> str:
    return _SENTENCES[word].format(host=urlsplit(url).hostname or url, status=status)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query
