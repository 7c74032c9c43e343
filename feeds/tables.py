"""Tables for people on a terminal; on anything else the same as plain lines."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from feeds.poll.seek import Findings
from feeds.poll.status import FeedStatus, Status

_COLOURS = {"ok": "green", "new": "cyan", "failing": "yellow", "stopped": "red"}
#: Where nobody looks at the width, lines are not cut.
_UNLIMITED = 10_000


def print_status(status: Status, *, now: datetime, is_verbose: bool) -> None:
    """Print each feed, then what they have in common."""
    console = Console(width=None if Console().is_terminal else _UNLIMITED)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "state", "last", "next", "entries", "rule"):
        table.add_column(name, justify="right" if name == "entries" else "left", overflow="fold")
    for feed in status.feeds:
        table.add_row(*_cells(feed, now=now, is_verbose=is_verbose))
    if status.feeds:
        console.print(table)
    for name in status.without_feed if is_verbose else ():
        console.print(Text(f"{name}: has no feed"))
    console.print(Text(_summary(status)))


def print_discoveries(found: Findings) -> None:
    """Print each host, then how far the feeds go."""
    console = Console(width=None if Console().is_terminal else _UNLIMITED)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("citations", "host", "name", "found", "feed"):
        table.add_column(name, justify="right" if name == "citations" else "left", overflow="fold")
    for one in found.discoveries:
        feeds = "\n".join(one.feeds) or one.said
        table.add_row(f"{one.citations:,}", Text(one.host), Text(one.name), Text(str(one.how)), Text(feeds))
    if found.discoveries:
        console.print(table)
    covered = found.covered(one.host for one in found.discoveries if one.feeds)
    share = f" ({100 * covered / found.citations:.0f} %)" if found.citations else ""
    console.print(Text(f"feeds for {covered:,} of {found.citations:,} citations of these hosts{share}"))


def _cells(feed: FeedStatus, *, now: datetime, is_verbose: bool) -> list[Text]:
    state = feed.state
    source = Text(feed.source)
    if is_verbose:
        source.append(f"\n{feed.url}", style="dim")
    said = Text(state.rule_said)
    if feed.remark and feed.remark != state.rule_said:
        said.append(f"\n{feed.remark}", style=_COLOURS.get(feed.word, ""))
    return [
        source,
        Text(feed.word, style=_COLOURS[feed.word]),
        Text(_ago(state.last_attempt, now)),
        Text(_until(feed.due, now)),
        Text(f"{feed.entries:,}"),
        said,
    ]


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_length(now - moment)} ago"


def _until(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "-"
    return "now" if moment <= now else f"in {_length(moment - now)}"


def _length(span: timedelta) -> str:
    """In its two largest units at most: ``3 d``, ``1 h 20 min``."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "1 min"
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:
        return f"{days} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _summary(status: Status) -> str:
    entries = sum(feed.entries for feed in status.feeds)
    politeness = status.politeness
    feeds, others = len(status.feeds), len(status.without_feed)
    line = f"{feeds:,} feed{_s(feeds)}, {status.failing:,} not well, {entries:,} entr{'y' if entries == 1 else 'ies'}"
    if others:
        line += f"; {others:,} source{_s(others)} without a feed"
    if not politeness.requests:
        return line
    line += f"; politeness {politeness.score:.1f} of 100 over {politeness.requests:,} requests"
    broken = [f"{count} {name}" for name, count in politeness.offences.items() if count]
    return line + (f" ({', '.join(broken)})" if broken else "")


def _s(number: int) -> str:
    return "" if number == 1 else "s"
