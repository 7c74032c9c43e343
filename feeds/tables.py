"""Tables for people on a terminal; on anything else the same as plain lines."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from feeds import terminal
from feeds.terminal import Piece, show

if TYPE_CHECKING:
    from feeds.audit.values import Finding
    from feeds.meet.audit import Audited
    from feeds.poll.seek import Findings
    from feeds.poll.status import FeedStatus, Status

_STATES = {"ok": "green", "new": "cyan", "failing": "yellow", "stopped": "red"}
_VERDICTS = {"contradicted": "red", "dead": "magenta", "verified": "green", "unresolvable": "yellow", "unknown": "dim"}
#: Between two columns.
_GAP = 2
#: A longer name stands on a line of its own.
_LONGEST_NAME = 26
#: What is said at length stands beside its row if so much of the line is left for it, else below.
_ENOUGH = 45
#: A table may be wider than a text.
_WIDEST = 240


class _Row(Struct, frozen=True, kw_only=True):
    cells: Sequence[Piece]
    #: What is said at length; each on a line of its own where somebody looks.
    said: Sequence[Piece]


def print_status(status: Status, *, now: datetime, is_verbose: bool) -> None:
    """Print each feed, then what they have in common."""
    rows = [_Row(cells=_cells(feed, now), said=_said(feed, is_verbose=is_verbose)) for feed in status.feeds]
    _print_rows(("source", "state", "last", "next", "entries", "rule"), rows, right={4})
    for name in status.without_feed if is_verbose else ():
        show([(f"{name}: has no feed", "")])
    show([(_summary(status), "")])


def print_discoveries(found: Findings) -> None:
    """Print each host, then how far the feeds go."""
    rows = [
        _Row(
            cells=[(one.host, ""), (f"{one.citations:,}", ""), (one.name, ""), (str(one.how), "")],
            said=[(feed, "green") for feed in one.feeds] or [(one.said, "dim")],
        )
        for one in found.discoveries
    ]
    _print_rows(("host", "citations", "name", "found", "feed"), rows, right={1})
    covered = found.covered(one.host for one in found.discoveries if one.feeds)
    share = f" ({100 * covered / found.citations:.0f} %)" if found.citations else ""
    show([(f"feeds for {covered:,} of {found.citations:,} citations of these hosts{share}", "")])


def print_findings(findings: Sequence[Finding], audited: Audited, *, with_corrections: bool) -> None:
    """Print citations, on a terminal below the article that they stand in, else each with its file and line."""
    is_terminal = terminal.is_terminal(sys.stdout)
    for path, some in groupby(findings, key=lambda finding: finding.path):
        if is_terminal:
            show([(path, "bold")])
        for finding in some:
            label = f"[^{finding.label}]" if finding.label else "source"
            said = "; ".join(dict.fromkeys((finding.why, *(remark.why for remark in finding.remarks))))
            verdict = (str(finding.verdict), _VERDICTS[finding.verdict])
            if is_terminal:
                place = f"{finding.line:5}  {label:8}  "
                show([(place, ""), verdict, (": ", ""), (said, "")], hang=9)
            else:
                show([(f"{path}:{finding.line}: {label}: ", ""), verdict, (": ", ""), (said, "")])
            if with_corrections and finding in audited.corrections:
                # To be copied, so it is one line whatever the width.
                show([(audited.corrections[finding], "cyan")], indent=4, widest=terminal.UNLIMITED)


def print_matches(one: dict[str, Any], kinds: dict[str, str]) -> None:
    """Print an entry and the articles that it meets; ``kinds`` has the word for each list of them."""
    entry = one["entry"]
    number = f"#{entry['number']} " if "number" in entry else ""
    address = f" <{entry.get('url') or 'no address'}>"
    show([(number, "cyan"), (str(entry.get("title")), "bold"), (address, "")])
    for kind, word in kinds.items():
        for met in one.get(kind, ()):
            evidence = [*met["evidence"], *(["a person says so"] if met.get("verdict") else [])]
            is_told = bool(evidence) and evidence[0].startswith(met["rule"] or "")
            rule = "" if is_told else f"{met['rule']}: "
            said = f": {met['article']}: {rule}{'; '.join(evidence)}"
            show([(word, _KINDS.get(kind, "")), (said, "")], indent=4, hang=8)


_KINDS = {"matches": "green", "suggestions": "yellow", "denied": "red"}


def _print_rows(heads: Sequence[str], rows: Sequence[_Row], *, right: Collection[int]) -> None:
    """Print cells below each other, and what is said at length beside them or, where that is narrow, below."""
    from rich.cells import cell_len  # noqa: PLC0415 (beside its only use)

    if not rows:
        return
    is_terminal = terminal.is_terminal(sys.stdout)
    longest = _LONGEST_NAME if is_terminal else terminal.UNLIMITED
    titles = [(head, "bold") for head in heads]
    table = [titles[:-1], *(row.cells for row in rows)]
    widths = [max(cell_len(cells[n][0]) for cells in table) for n in range(len(heads) - 1)]
    widths[0] = max(size for cells in table if (size := cell_len(cells[0][0])) <= longest)
    offset = sum(widths) + _GAP * len(widths)
    is_beside = terminal.columns(sys.stdout) - offset >= _ENOUGH

    def line(cells: Sequence[Piece]) -> list[Piece]:
        pieces: list[Piece] = []
        for number, ((text, style), width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - cell_len(text))
            pieces += [(blanks, ""), (text, style)] if number in right else [(text, style), (blanks, "")]
            pieces.append((" " * _GAP, ""))
        return pieces

    show([*line(titles[:-1]), *(titles[-1:] if is_beside else [])], widest=_WIDEST)
    for row in rows:
        cells = row.cells
        if cell_len(cells[0][0]) > widths[0]:
            show(cells[:1])
            cells = [("", ""), *cells[1:]]
        said = list(row.said)
        if not is_terminal:
            said = [("; ".join(text for text, _ in said), "")]
        show([*line(cells), *(said[:1] if is_beside else [])], hang=offset, widest=_WIDEST)
        indent = offset if is_beside else _GAP
        for piece in said[1:] if is_beside else said:
            show([piece], indent=indent, hang=indent, widest=_WIDEST)


def _cells(feed: FeedStatus, now: datetime) -> list[Piece]:
    state = feed.state
    return [
        (feed.source, ""),
        (feed.word, _STATES[feed.word]),
        (_ago(state.last_attempt, now), ""),
        (_until(feed.due, now), ""),
        (f"{feed.entries:,}", ""),
    ]


def _said(feed: FeedStatus, *, is_verbose: bool) -> list[Piece]:
    said = [(feed.state.rule_said, "dim")]
    if feed.remark and feed.remark != feed.state.rule_said:
        said.append((feed.remark, _STATES.get(feed.word, "")))
    if is_verbose:
        said.append((feed.url, "dim"))
    return said


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
