"""Tell in words what is known of a page, and why an entry and an article have to do with each other or not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from feeds.match import Standing
from feeds.meet.link import load_matcher
from feeds.meet.pieces import followed, story_of_stored
from feeds.model import Citation, SourceSpec
from feeds.store import link_rows, match_rows, why_rows
from feeds.store.match_rows import CONFIRMED, DENIED
from feeds.store.why_rows import Pair
from feeds.urls import canonical, strip_tracking

# -- what is told ------------------------------------------------------------------------------------------------------


class Line(Struct, frozen=True):
    """One fact."""

    #: How far it stands below a heading; 0 for what belongs to the title.
    indent: int
    text: str


class Account(Struct, frozen=True, kw_only=True):
    """What is known of one thing and why it is so, one fact a line."""

    title: str
    lines: tuple[Line, ...]


def account(title: str, lines: Iterable[Line]) -> Account:
    """Put one together; what strangers wrote can neither break a line nor steer a terminal."""
    return Account(title=_printable(title), lines=tuple(Line(line.indent, _printable(line.text)) for line in lines))


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def fact(text: str) -> Line:
    """A fact that belongs to the title."""
    return Line(0, text)


def headed(heading: str, lines: Iterable[Line], *, otherwise: str = "") -> Iterator[Line]:
    """Facts below a heading; where there are none ``otherwise`` alone, or nothing."""
    below = [Line(line.indent + 1, line.text) for line in lines]
    if below:
        yield fact(heading)
        yield from below
    elif otherwise:
        yield fact(otherwise)


def account_values(told: Account) -> dict[str, Any]:
    """For ``--json``: each fact is a list of its text and of the facts below it."""
    top: list[Any] = []
    levels = [top]
    for line in told.lines:
        below: list[Any] = []
        del levels[line.indent + 1 :]
        levels[-1].append([line.text, below])
        levels.append(below)
    return {"title": told.title, "facts": top}


def when(moment: datetime) -> str:
    """A moment, in the zone that it has."""
    offset = f"{moment:%z}"
    zone = "UTC" if moment.tzinfo is UTC or offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return f"{moment:%Y-%m-%d %H:%M} {zone}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 article``, ``1,234 articles``."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {many or f'{one}s'}"


def entry_name(row: Row[Any], sources: Mapping[str, str]) -> str:
    """An entry as people call it; ``sources`` has the names of the sources by the addresses of their feeds."""
    return f"#{row.id} “{row.title or row.url or row.key}” ({sources.get(row.feed_url, row.source)})"


def source_names(specs: Iterable[SourceSpec]) -> dict[str, str]:
    """Address of a feed -> name of its source."""
    return {url: feed.spec.name for url, feed in followed(specs).items()}


# -- a page ------------------------------------------------------------------------------------------------------------


class _Citing(Struct, frozen=True):
    """What a piece says of its citations."""

    citations: tuple[Citation, ...] = ()


_citing = msgspec.json.Decoder(_Citing)


def tell_page(connection: Connection, specs: Sequence[SourceSpec], url: str) -> Account:
    """A page that is none of ours: its key, who has it, who cites it, whether it is still there."""
    key = canonical(url)
    lines = [*key_lines(url), *_entries_at(connection, specs, key), *_citing_lines(connection, key)]
    return account(url, [*lines, *link_lines(connection, key)])


def key_lines(url: str) -> Iterator[Line]:
    """By what an address is compared, and how that differs from the address."""
    key = canonical(url)
    if key == url:
        yield fact("Its key, by which addresses are compared, is the address as it stands.")
    else:
        yield from headed(f"Its key, by which addresses are compared, is {key}", _differences(url, key))


_PARTS = ("scheme", "host", "path", "query", "fragment")


def _differences(url: str, key: str) -> Iterator[Line]:
    """What the rules of urls.py changed, part by part."""
    before, after = _split(url), _split(key)
    if not (before and after):
        return
    measured = _split(strip_tracking(url))
    if measured and measured.query != before.query:
        kept = measured.query.split("&")
        gone = ", ".join(pair for pair in before.query.split("&") if pair not in kept)
        yield fact(f"only measures who came from where, and does not count: {gone}")
    for name, one, two in zip(_PARTS, _parts(measured or before), _parts(after), strict=True):
        if one != two:
            yield fact(f"{name}: {one or 'none'} -> {two or 'none'}")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _parts(split: SplitResult) -> tuple[str, ...]:
    return split.scheme, split.netloc, split.path, split.query, split.fragment


def _entries_at(connection: Connection, specs: Sequence[SourceSpec], key: str) -> Iterator[Line]:
    rows = why_rows.entries_by_id(connection, match_rows.entries_with_keys(connection, {key}))
    names = source_names(specs)
    lines = [fact(entry_name(row, names) + ("" if row.url_key == key else ", once")) for row in rows.values()]
    return headed("Entries that have it:", lines, otherwise="No entry of a source has it, or ever had it.")


def _citing_lines(connection: Connection, key: str) -> Iterator[Line]:
    if not match_rows.has_entries(connection):
        yield fact("Nobody knows yet which articles cite it: that is kept from the first poll on.")
        return
    found = []
    for row in why_rows.citing(connection, f'"key":{json.dumps(key, ensure_ascii=False)}'):
        # Databases look for it in either case.
        for citation in _citing.decode(row.said).citations:
            found += [fact(f"{row.path}: {citation_name(citation)}")] if citation.key == key else []
    yield from headed("Articles that cite it:", found, otherwise="No article cites it.")


def citation_name(citation: Citation) -> str:
    """A citation as people find it again."""
    label = f"[^{citation.label}] in line {citation.line}" if citation.label else f"line {citation.line}"
    said = citation.title or citation.url or citation.publisher
    return f"{label}: “{said}”" if said else label


def link_lines(connection: Connection, key: str) -> Iterator[Line]:
    """Whether the page is still there, as the last look has shown."""
    row = link_rows.link_rows(connection, {key}).get(key)
    if row is None:
        yield fact("Nobody has looked yet whether it is still there (feeds audit --links does).")
        return
    moved = f", now at {row.moved_to}" if row.moved_to else ""
    yield fact(f"The look for it on {row.checked:%Y-%m-%d} found it {row.word}{moved}: {row.sentence}.")


# -- an entry and an article -------------------------------------------------------------------------------------------


def pair_lines(pair: Pair) -> Iterator[Line]:
    """What was found of the two, by which rule, what people say of it, and what comes of that."""
    if pair.rule:
        found = f"{pair.standing} by the rule “{pair.rule}”, score {pair.score:.2f}"
        yield from headed(found, [fact(said) for said in json.loads(pair.evidence)])
    else:
        yield fact("no rule finds it")
    yield fact(_outcome(pair))


def _outcome(pair: Pair) -> str:
    day = f"{pair.judged:%Y-%m-%d}" if pair.judged else ""
    if pair.verdict == DENIED:
        return f"A person denied it on {day}: nothing of it is published, whatever the rules find."
    if pair.verdict == CONFIRMED:
        return f"A person confirmed it on {day}: it is published, whatever the rules find."
    if pair.standing == Standing.MATCH:
        return "It is published: the article shows what the source's own feed says."
    return f"It is listed for the editor, and not published (feeds match confirm '#{pair.entry_id}' {pair.path} does)."


def tell_pair(
    connection: Connection,
    specs: Sequence[SourceSpec],
    words: Mapping[str, Sequence[str]],
    entry: Row[Any],
    article: Row[Any],
) -> Account:
    """Why this entry and this article meet, or do not: each rule in order, and what would have to differ."""
    names = source_names(specs)
    stored = [one for one in match_rows.stored_entries(connection, {entry.id}) if one.feed in names]
    lines = [fact(f"entry {entry_name(entry, names)}"), fact(f"article {article.path}: “{article.title}”")]
    found = [
        line
        for pair in why_rows.pairs(connection, entry_id=entry.id, article_id=article.id)
        for line in pair_lines(pair)
    ]
    lines += headed("What is stored of the two:", found, otherwise=_nothing_stored(connection, entry, article))
    if not stored:
        lines.append(fact("sources.yaml does not name the entry's feed any more: it is compared with nothing."))
    elif why_rows.is_compared(connection, article.id) is not None:
        story = story_of_stored(stored[0], followed(specs)[stored[0].feed])
        rules = load_matcher(connection, words).why(story, str(article.id))
        lines += headed("The rules, in order, the first that holds wins:", map(fact, rules))
    return account(f"#{entry.id} and {article.path}", lines)


def _nothing_stored(connection: Connection, entry: Row[Any], article: Row[Any]) -> str:
    compared = why_rows.is_compared(connection, article.id)
    if compared is None:
        return "Nothing is kept of the article to compare it with (the next feeds rebuild does that)."
    if not (compared and entry.matched):
        return "They were not compared yet since one of them came or changed (the next feeds rebuild does that)."
    return "They were compared, and no rule found that they have to do with each other."
