"""A poll and a round in words and as values."""

from __future__ import annotations

from collections import Counter
from typing import Any

from feeds.poll.record import Polled, outcome_word
from feeds.poll.run import Round
from feeds.polled import Failed, Fetched


def poll_line(polled: Polled, *, is_verbose: bool) -> str:
    """One line of a poll; with the next one and its rule where that is asked for, or where something went wrong."""
    next_poll = polled.state.next_poll
    when = f"; next {next_poll.isoformat(timespec='minutes')}: {polled.state.rule_said}" if next_poll else ""
    return f"{_name(polled)}: {_what_came(polled)}" + (when if is_verbose or polled.state.failures else "")


def _name(polled: Polled) -> str:
    subscription = polled.job.subscription
    return f"{subscription.source} <{subscription.url}>"


def _what_came(polled: Polled) -> str:
    outcome = polled.asked.outcome
    if isinstance(outcome, Failed):
        return f"failed: {outcome.kind}: {outcome.sentence}"
    if not isinstance(outcome, Fetched):
        return "not modified"
    counts = [(polled.new, "new"), (polled.changed, "changed")]
    said = [f"{count:,} {word}" for count, word in counts if count]
    if polled.difference:
        said.append(f"read in full from now on ({polled.difference}; please report it)")
    if polled.asked.reading and polled.asked.reading.feed.warning:
        said.append(f"not well-formed: {polled.asked.reading.feed.warning}")
    return ", ".join(said) or "nothing new"


def round_line(found: Round) -> str:
    """The round in one line."""
    words = Counter("failed" if one.state.failures else outcome_word(one.asked.outcome) for one in found.polled)
    feeds = f"{len(found.polled):,} feed" + ("" if len(found.polled) == 1 else "s")
    new, changed = sum(one.new for one in found.polled), sum(one.changed for one in found.polled)
    line = (
        f"{feeds} asked: {words['fetched']:,} read, {words['not-modified']:,} not modified, {words['failed']:,} failed"
    )
    line += f"; {new:,} new, {changed:,} changed"
    if found.waiting:
        line += f"; {len(found.waiting):,} left for the next round"
    return line + ("; no host could be reached: we seem to be offline" if found.is_offline else "")


def round_values(found: Round) -> dict[str, Any]:
    """For ``--json``."""
    return {
        "feeds": [poll_values(polled) for polled in found.polled],
        "declined": [{"url": url, "why": why} for url, why in found.declined],
        "waiting": found.waiting,
        "offline": found.is_offline,
    }


def poll_values(polled: Polled) -> dict[str, Any]:
    """One poll, for ``--json`` and for the log."""
    outcome, state = polled.asked.outcome, polled.state
    return {
        "source": polled.job.subscription.source,
        "url": polled.job.subscription.url,
        "outcome": outcome_word(outcome),
        "status": state.last_status,
        "said": outcome.sentence if isinstance(outcome, Failed) else "",
        "new": polled.new,
        "changed": polled.changed,
        "failures": state.failures,
        "next_poll": state.next_poll.isoformat() if state.next_poll else None,
        "rule": str(state.rule),
        "rule_said": state.rule_said,
    }
