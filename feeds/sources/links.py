"""Look whether a cited page is still there: HEAD, and GET where HEAD tells too little; robots.txt is obeyed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from feeds.polled import Failed, FailureKind, Outcome
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """What asking for a page has shown."""

    url: str
    word: LinkWord
    #: One sentence for a person.
    sentence: str
    #: HTTP status, when there was an answer.
    status: int | None = None
    #: Where it is now, if elsewhere.
    moved_to: str | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the page is no more."""
        return self.word is LinkWord.GONE

    @property
    def fresh_for(self) -> timedelta:
        """How long nobody need ask again."""
        return _FRESH_FOR[self.word]


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
#: The page may be there, for others: paid, logged in, in other countries, later.
_CLOSED = frozenset({401, 402, 403, 407, 429, 451})
_WALLS = frozenset({FailureKind.CHALLENGE, FailureKind.RATE_LIMITED})
#: Where those are sent who are to log in or to prove that they are people.
_GATE = re.compile(
    r"/(?:login|log-in|signin|sign-in|signup|authwall|captcha|verify|challenge|passport|consent|wappoc_appmsgcaptcha)\b",
    re.IGNORECASE,
)


def check_link(url: str, *, head: Ask, get: Ask, allows: Callable[[str], bool]) -> LinkState:
    """Ask for a page, at most twice; the pause between requests to one host is the caller's.

    GET follows where HEAD brings no page: many servers answer HEAD with 403, 404, 405 or 500 for pages that they have.
    """
    if not allows(url):
        host = urlsplit(url).hostname or url
        return LinkState(url=url, word=LinkWord.FORBIDDEN, sentence=f"{host} asks programs not to open this page")
    answer = head(url)
    if not _is_page(answer) and not _is_hopeless(answer):
        answer = get(url)
    return _judge(url, answer)


class Gatekeeper:
    """Remembers the robots.txt of each site; asks for each once."""

    def __init__(self, ask: Callable[[str], Outcome]) -> None:
        self._ask = ask
        self._known: dict[str, Robots | None] = {}

    def allows(self, url: str) -> bool:
        """Whether the page may be opened."""
        address = robots_url(url)
        if address not in self._known:
            self._known[address] = read_robots(self._ask(address))
        robots = self._known[address]
        return robots is not None and robots.allows(url)


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
        return LinkState(url=url, word=_word_of_failure(answer), sentence=answer.sentence, status=answer.status)
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
