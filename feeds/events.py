"""What a poll and a rebuild are in a log: the same events whoever runs them, the daemon or cron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.log import Log

if TYPE_CHECKING:
    from feeds.poll.record import Polled
    from feeds.rebuild.run import Report


def log_poll(log: Log, polled: Polled) -> None:
    """One event a poll; a warning while its feed is not well."""
    from feeds.poll.words import poll_values  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)

    say = log.warning if polled.state.failures else log.info
    say("poll", **{name: value for name, value in poll_values(polled).items() if value not in (None, "", 0)})


def log_rebuild(log: Log, report: Report, *, seconds: float) -> None:
    """One event a rebuild, after one for each article that could not be published."""
    for problem in report.problems:
        if problem.severity == "error":
            log.warning("problem", problem=str(problem))
    log.info(
        "rebuild",
        read=report.read,
        written=report.written,
        removed=report.removed,
        quarantined=len(report.quarantined),
        seconds=round(seconds, 3),
    )
    if report.failure:
        log.error("failed", job="rebuild", error=report.failure)
