"""Read robots.txt: which pages of a site a program may open that nobody sent there (RFC 9309)."""

from __future__ import annotations

from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from feeds.polled import Failed, FailureKind, Fetched, Outcome

#: Our product token; a group for it goes before the one for ``*``.
TOKEN = "feeds"  # noqa: S105 - a name, not a secret
#: RFC 9309 §2.5 asks for 500 KiB at least.
_MOST_READ = 512 * 1024
#: The site wants to be left alone, or nobody answered: then RFC 9309 §2.3.1.4 forbids everything.
_CLOSED = frozenset({FailureKind.RATE_LIMITED, FailureKind.CHALLENGE})


class Robots:
    """What one site allows."""

    def __init__(self, lines: list[str]) -> None:
        self._rules = RobotFileParser()
        self._rules.parse(lines)

    def allows(self, url: str) -> bool:
        """Say whether the page may be opened; one whose address cannot be understood may not."""
        try:
            return self._rules.can_fetch(TOKEN, url)
        except ValueError:
            return False


def robots_url(page: str) -> str:
    """Give the address of the robots.txt that speaks for a page."""
    return urljoin(page, "/robots.txt")


def read_robots(outcome: Outcome) -> Robots | None:
    """Read the answer to a request for robots.txt; None when it forbids to go on at all.

    A site without one (4xx) allows everything; a server in trouble or a wall in front of it allows nothing.
    """
    if isinstance(outcome, Fetched):
        return _parsed(outcome.body[:_MOST_READ])
    if isinstance(outcome, Failed) and outcome.kind not in _CLOSED and 400 <= (outcome.status or 0) < 500:
        return Robots([])
    # An answer that is no text at all (a page, an image) is no robots.txt: there is none.
    if isinstance(outcome, Failed) and outcome.kind is FailureKind.NOT_A_FEED:
        return Robots([])
    return None


def _parsed(body: bytes) -> Robots | None:
    try:
        return Robots(body.decode("utf-8-sig", "replace").splitlines())
    except ValueError:  # a rule that is no path: RobotFileParser takes it for a URL and fails
        return None
