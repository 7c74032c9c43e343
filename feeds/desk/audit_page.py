"""Write audit.html: every citation with its verdict, what awaits a verdict, what no article covers."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from markupsafe import Markup
from msgspec import Struct, field

from feeds.desk.layout import AUDIT, Voice, is_safe, template, write_page
from feeds.desk.values import Audit, Cited, Front, Suggested

#: In the order in which an editor cares.
VERDICTS = ("contradicted", "dead", "unresolvable", "unknown", "verified")
#: What is written out; the rest is a line within <details>.
_REMARKABLE = frozenset({"error", "warning"})
#: Bytes of citations on one page: a browser shows and filters them at once. The rest goes to audit-2.html and on.
PART_BYTES = 800_000
#: Suggestions and changes on the page; the commands list them all.
_MOST = 200
#: Sources in the table and in the filter; articles in theirs.
_MOST_SOURCES, _MOST_ARTICLES = 100, 500


class _Group(Struct):
    """The citations of one verdict that stand on one page."""

    verdict: str
    #: Of this verdict on all pages.
    count: int
    cards: list[Markup] = field(default_factory=list)
    lines: list[Markup] = field(default_factory=list)


def render_audit(front: Front, audit: Audit, *, part_bytes: int = PART_BYTES) -> dict[str, bytes]:
    """File name -> page; the first is audit.html, long lists of citations go on in others."""
    voice = Voice(front)
    counts = Counter(one.verdict for one in audit.cited)
    parts = _parts(audit, voice, counts, part_bytes) or [[]]
    files = [part_name(number) for number in range(1, len(parts) + 1)]
    places = _first_places(parts, files)
    sources = _by_count(one.source for one in audit.cited if one.source)[:_MOST_SOURCES]
    shared = {
        "audit": audit,
        "total": len(audit.cited),
        "articles": len({one.article.path for one in audit.cited}),
        "tiles": [(verdict, counts[verdict], places.get(verdict, "")) for verdict in VERDICTS],
        "parts": len(parts),
        "pager": list(enumerate(files, 1)),
        "contents": _contents(audit, voice),
        "sources": sorted(sources, key=str.casefold),
        "filter_name": voice.say("filter" if len(parts) == 1 else "filter_here"),
        "shown": voice.speech.words["shown"],
        "verdicts": VERDICTS,
        "most": _MOST,
        "is_safe": is_safe,
        "command": command,
    }
    tables = [_table_of_sources(audit, voice, sources), _table_of_articles(audit, voice)]
    return {
        file: write_page(
            "audit.html",
            front,
            voice,
            beside=AUDIT,
            part=number,
            groups=groups,
            tables=tables,
            **shared,
        )
        for number, (file, groups) in enumerate(zip(files, parts, strict=True), 1)
    }


def part_name(number: int) -> str:
    """The file of a part of the list, from 1."""
    return AUDIT if number == 1 else f"audit-{number}.html"


def command(word: str, one: Suggested) -> str:
    """What confirms or denies a suggestion, as a shell takes it."""
    return f"feeds match {word} {one.number} {shlex.quote(one.article.path)}"


# -- the list of citations ---------------------------------------------------------------------------------------------


def is_remarkable(one: Cited) -> bool:
    """Whether somebody should look at it."""
    return one.verdict in {"contradicted", "dead"} or one.level in _REMARKABLE


def _parts(audit: Audit, voice: Voice, counts: Counter[str], part_bytes: int) -> list[list[_Group]]:
    """The citations by verdict, those to be looked at first, cut into pages."""
    module = template("finding.html").module
    parts: list[list[_Group]] = []
    room = 0
    for one in sorted(audit.cited, key=_order):
        is_card = is_remarkable(one)
        macro = module.card if is_card else module.line  # type: ignore[attr-defined] # Jinja makes them
        text: Markup = macro(one, voice, is_safe, _days_apart(one))
        size = len(text.encode())
        if not parts or room < size:
            parts.append([])
            room = part_bytes
        room -= size
        if not parts[-1] or parts[-1][-1].verdict != one.verdict:
            parts[-1].append(_Group(one.verdict, counts[one.verdict]))
        (parts[-1][-1].cards if is_card else parts[-1][-1].lines).append(text)
    return parts


def _days_apart(one: Cited) -> str:
    """By how many days its date is wrong; empty when it is not known to be."""
    return next((f"{two.distance:.0f}" for two in one.compared if two.field == "date" and two.distance is not None), "")


def _order(one: Cited) -> tuple[int, bool, bool, int, str, int]:
    """By verdict; what is remarkable first, and of that what can be compared; the newest article first."""
    is_quiet = not is_remarkable(one)
    is_bare = not one.compared and one.correction is None
    day = one.article.day or date.min
    return VERDICTS.index(one.verdict), is_quiet, is_bare and not is_quiet, -day.toordinal(), one.article.path, one.line


def _first_places(parts: Sequence[Sequence[_Group]], files: Sequence[str]) -> dict[str, str]:
    """Verdict -> the page on which its citations begin."""
    places: dict[str, str] = {}
    for file, groups in zip(files, parts, strict=True):
        for group in groups:
            places.setdefault(group.verdict, file)
    return places


def _contents(audit: Audit, voice: Voice) -> list[tuple[str, str, int | None]]:
    """What stands below the citations; the numbers at the top lead to those."""
    desk = {"suggestions": audit.suggested, "gaps": audit.uncovered, "became": audit.became}
    found: list[tuple[str, str, int | None]] = [(anchor, voice.say(anchor), len(some)) for anchor, some in desk.items()]
    return [*found, *((anchor, voice.say(anchor), None) for anchor in ("counts_by_source", "counts_by_article"))]


# -- counts ------------------------------------------------------------------------------------------------------------

#: Name, path of the file, counts by verdict and the sum.
_Counted = tuple[str, str, list[int]]
#: Id, heading of the first column, rows, a sentence below.
_Table = tuple[str, str, list[_Counted], str]


def _table_of_sources(audit: Audit, voice: Voice, names: Sequence[str]) -> _Table:
    counted = Counter((one.source, one.verdict) for one in audit.cited)
    rows = [(name, "", _counts(counted, name)) for name in names]
    others = len({one.source for one in audit.cited if one.source}) - len(names)
    return "counts_by_source", "source", rows, voice.say("sources_told", count=others) if others else ""


def _table_of_articles(audit: Audit, voice: Voice) -> _Table:
    """Only those in which somebody should look at something; worst first."""
    counted = Counter((one.article.path, one.verdict) for one in audit.cited)
    pages = {one.article.path: one.article for one in audit.cited}
    remarkable = Counter(one.article.path for one in audit.cited if is_remarkable(one))
    paths = sorted(remarkable, key=lambda path: (-remarkable[path], path))
    rows = [(pages[path].title, path, _counts(counted, path)) for path in paths[:_MOST_ARTICLES]]
    told = voice.say("articles_told", count=len(pages) - len(paths))
    if len(paths) > len(rows):
        told = f"{told} {voice.say('articles_left', count=len(paths) - len(rows))}"
    return "counts_by_article", "article", rows, told


def _counts(counted: Counter[tuple[str, str]], name: str) -> list[int]:
    counts = [counted[name, verdict] for verdict in VERDICTS]
    return [*counts, sum(counts)]


def _by_count(names: Iterable[str]) -> list[str]:
    """Each once, the most frequent first."""

    def ranked() -> Iterator[tuple[int, str]]:
        for name, count in Counter(names).items():
            yield -count, name

    return [name for _, name in sorted(ranked())]
