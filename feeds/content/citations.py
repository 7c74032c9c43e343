"""Find the pages that an article names: footnote definitions, source lists of daily reports, and who cites them.

Markdown engines show only footnotes that are referenced, and only links that they can parse; that loses a third of
real citations. So definitions are read line by line here, cited or not; ``claims.py`` takes each apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct

from feeds.content.cited_links import find_links, strip_zero_width
from feeds.content.claim_words import is_name
from feeds.content.claims import Claims, name_of_source, name_outside_links, read_claims
from feeds.content.markers import (
    Marker,
    bare_labels,
    defines_links,
    fold_label,
    footnote_labels,
    footnote_markers,
    mask_code,
    without_blocks_of_code,
)
from feeds.model import Citation
from feeds.urls import canonical


class Extraction(Struct, frozen=True):
    """What the body of one article says of its sources."""

    #: In the order of the text; one per label and canonical URL.
    citations: tuple[Citation, ...] = ()
    #: Half-open 0-based line spans of ``body`` that are footnote definitions: ``lines[start:end]``.
    definition_lines: tuple[tuple[int, int], ...] = ()
    #: Labels cited without a definition, and the line in the file of their first use.
    dangling: tuple[tuple[str, int], ...] = ()
    #: Labels defined again, and the line in the file of each further definition.
    repeated: tuple[tuple[str, int], ...] = ()


class _Definition(NamedTuple):
    label: str
    #: The label as ``fold_label`` compares it.
    folded: str
    #: 0-based half-open line span in the body.
    start: int
    end: int
    raw: str


class _SourceLine(NamedTuple):
    """The address line of a daily report, and the name in the line before it; or a line of sources with links."""

    start: int
    raw: str
    publisher: str | None
    #: Its links lead from names (``**来源**: [36氪](…)``), not from titles.
    links_are_names: bool = False


class _Labelled(NamedTuple):
    """What one line says behind the labels of source and links; None without the label."""

    source: str | None
    links: str | None


#: Also in a quotation or a list, and with a full-width colon.
_DEFINITION = re.compile(r" {0,3}(?:>[ \t]?|[*+-][ \t]+)?\[\^([^\[\]]{1,200})\][:：][ \t]*")
_TOPIC = r"(?:原文|信息|相关|参考|文章|新闻|来源)?"
_LIST_ITEM = r"[ \t]*(?:[*+-][ \t]+|\d{1,3}[.)][ \t]+)?"
_LABEL = re.compile(
    r"\*\*[ \t]*"
    + _TOPIC
    + r"(?:(?P<links>链接|网址|Links?|URLs?)|(?P<source>来源|出处|媒体|Sources?))"
    + r"[ \t]*(?:\*\*[ \t]*[:：]|[:：][ \t]*\*\*)[ \t]*",
    re.IGNORECASE,
)
_BEGINS_ITEM = re.compile(_LIST_ITEM + r"(?=\*\*)")
#: What stands between two labels of one line: ``**来源**: 36氪 | **链接**: https://…``.
_BETWEEN_LABELS = " \t|｜"
#: Labels of other things end the names too.
_OTHER_LABEL = re.compile(r"[|｜][ \t]*\*\*")
#: Each definition holds the first, each address line the second. In three kilobytes of text they cost 10 µs, a choice
#: between them in one pattern 40 µs.
_DEFINES = re.compile(r"\][:：]")
_LABELS = re.compile(
    r"\*\*[ \t]*(?=[原信相参文新来链网出媒lus])" + _TOPIC + r"(?:链接|网址|Link|URL|来源|出处|媒体|Source)",
    re.IGNORECASE,
)
#: Several outlets in one line; the author of one outlet follows it after ``·`` and ``、``.
_SEVERAL_SOURCES = re.compile(r"[,，;；/]")
#: A daily report lists a handful of addresses; beyond this nobody reads them.
_MOST_SOURCE_CHARACTERS = 20_000
#: A source line names the links that follow it within so many lines.
_NEARBY_LINES = 3

#: What ends a definition although no blank line stands before it.
_INTERRUPTS = re.compile(
    r" {0,3}(?:#{1,6}(?:\s|$)|</|(?:[-*_][ \t]*){3,}$|```|~~~|[*+-][ \t]|\d{1,3}[.)][ \t]|>|\|"
    r"|<(?:div|p|h\d|hr|article|section|ul|ol|table)\b"
    r"|\**(?:主要)?(?:关键词|标签|Tags\b|Keywords\b))",
    re.IGNORECASE,
)
_QUOTE_MARK = re.compile(r" {0,3}>[ \t]?")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*\S")
_CLOSING_TAG = re.compile(r"</(?:article|div|section|main|body|html)\s*>.*", re.IGNORECASE | re.DOTALL)
_ACCESSED = re.compile(r"检索|访问日期|Retrieved|Accessed", re.IGNORECASE)


def extract_citations(body: str, *, first_line: int = 1) -> Extraction:
    """Read the citations of the text after the front matter, whose first line is line ``first_line`` of the file."""
    if "[^" not in body and "**" not in body:
        return Extraction()
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    masked = mask_code(body)
    begin = _begin_of_sources(masked)
    masked_lines = masked[begin:].split("\n")
    lines = masked_lines if masked == body else body[begin:].split("\n")
    skipped = masked.count("\n", 0, begin)
    found = tuple(_read_lines(lines, masked_lines, skipped))
    definitions = [each for each in found if isinstance(each, _Definition)]
    defined = {each.folded for each in definitions}
    text = masked[:begin] + _without_definitions(masked_lines, definitions, skipped)
    cited = footnote_labels(text)
    bare = set() if defined <= cited else set(bare_labels(text))
    referenced = cited | bare if bare and not defines_links(masked) else cited
    return Extraction(
        citations=tuple(_without_repetitions(_cite(found, referenced, first_line))),
        definition_lines=tuple((each.start, each.end) for each in definitions),
        dangling=() if cited <= defined else _first_uses(footnote_markers(text), defined, first_line),
        repeated=_repeated(definitions, first_line) if len(defined) < len(definitions) else (),
    )


# --- lines -----------------------------------------------------------------------------------------------------------


def _begin_of_sources(masked: str) -> int:
    """Where the first line begins that may be a definition or an address line: in most articles near the end."""
    definition = _DEFINES.search(masked)
    end = len(masked) if definition is None else definition.start()
    label = _LABELS.search(masked, 0, end)
    if label is None and definition is None:
        return end
    return masked.rfind("\n", 0, end if label is None else label.start()) + 1


def _without_definitions(lines: list[str], definitions: Iterable[_Definition], skipped: int) -> str:
    """The text with the lines of definitions emptied; every other line stays where it is."""
    lines = lines.copy()
    for each in definitions:
        lines[each.start - skipped : each.end - skipped] = [""] * (each.end - each.start)
    return "\n".join(lines)


def _read_lines(lines: list[str], masked: list[str], skipped: int) -> Iterator[_Definition | _SourceLine]:
    """Definitions and address lines in the order of the text. ``masked`` decides, ``lines`` is what is read.

    ``skipped`` lines stand before them.
    """
    source, source_line, number = "", -_NEARBY_LINES, 0
    while number < len(masked):
        line, start = masked[number], number
        number += 1
        if ("]:" in line or "]：" in line) and (definition := _DEFINITION.match(line)):
            number = _end_of_definition(lines, masked, number, line)
            raw = "\n".join((lines[start][definition.end() :], *lines[start + 1 : number])).strip()
            label = definition[1].strip()
            yield _Definition(label, fold_label(label), skipped + start, skipped + number, raw)
        elif "**" in line[:_LATEST_LABEL] and (labelled := _read_labels(lines[start], line)):
            if labelled.source is not None:
                source, source_line = labelled.source[:_MOST_SOURCE_CHARACTERS], start
            if labelled.links is not None:
                raw, number = _with_list(labelled.links, lines, masked, number)
                publisher = source if start - source_line <= _NEARBY_LINES else ""
                yield _SourceLine(skipped + start, raw, name_of_source(publisher))
            elif "http" in source and not _are_links_near(lines, masked, number):
                yield _linked_source(skipped + start, source)


#: Where the bold label of a list item has begun at the latest: ``    1.  **``.
_LATEST_LABEL = 16


def _end_of_definition(lines: list[str], masked: list[str], number: int, first: str) -> int:
    """The line after the definition that began on the line before ``number``.

    Blocks that are indented belong to it (code among them, which ``masked`` does not show), whatever stands between.
    """
    read, end = first, number
    is_quoted = first.lstrip()[:1] == ">"
    while number < len(masked):
        line = _QUOTE_MARK.sub("", lines[number], count=1) if is_quoted else lines[number]
        if not line.strip():
            number += 1
            continue
        if _INDENTED.match(line) is None and (number > end or not _continues(masked[number], read)):
            return end
        read, end = f"{read[-_MOST_READ:]}\n{line}", number + 1
        number += 1
    return end


#: Enough of a definition to see whether it has an address and an accessed date.
_MOST_READ = 2_000


def _continues(line: str, read: str) -> bool:
    """May the line, glued to the definition ``read`` without a blank line, be a part of it?"""
    if not line.strip() or _DEFINITION.match(line) or _INTERRUPTS.match(line):
        return False
    if line.lstrip()[0] == "·" or _ACCESSED.search(line):
        return True
    return "http" not in read and ("http" in line or not _ACCESSED.search(read))


def _read_labels(line: str, masked: str) -> _Labelled | None:
    begin = _BEGINS_ITEM.match(masked)
    first = _LABEL.match(masked, begin.end()) if begin is not None else None
    if first is None:
        return None
    labels = [first, *_LABEL.finditer(masked, first.end())]
    ends = [label.start() for label in labels[1:]] + [len(line)]
    sources: list[str] = []
    links: list[str] = []
    for label, end in zip(labels, ends, strict=True):
        words = line[label.end() : end].strip(_BETWEEN_LABELS)
        if label["links"]:
            links.append(words)
        else:
            sources.append(_OTHER_LABEL.split(words, maxsplit=1)[0].rstrip())
    return _Labelled(", ".join(sources) if sources else None, " ".join(links) if links else None)


def _with_list(links: str, lines: list[str], masked: list[str], number: int) -> tuple[str, int]:
    """The words behind the label of links with those indented under it, and the line after them."""
    end = _end_of_list(masked, number)
    if end == number < len(masked) and "http" not in links and not masked[number].strip():
        # A blank line may stand between a label and its list.
        end = _end_of_list(masked, number + 1)
        end = end if end > number + 1 else number
    return "\n".join((links, *lines[number:end])), end


def _end_of_list(lines: list[str], number: int) -> int:
    """The line after the links that follow an address line, indented under it."""
    while number < len(lines) and "http" in lines[number] and lines[number][:2].isspace():
        number += 1
    return number


def _linked_source(start: int, source: str) -> _SourceLine:
    """A line of sources that is its own address line: it begins with a linked name, or has a title behind the name."""
    first = next(iter(find_links(source)), None)
    if first is not None and first.start == 0 and is_name(first.text):
        return _SourceLine(start, source, name_of_source(source), links_are_names=True)
    return _SourceLine(start, source, name_outside_links(source))


def _are_links_near(lines: list[str], masked: list[str], number: int) -> bool:
    """Does a line of addresses follow? Then a link in the line of sources leads to the outlet, not to the page."""
    for later in range(number, min(number + _NEARBY_LINES, len(masked))):
        labelled = _read_labels(lines[later], masked[later]) if "**" in masked[later][:_LATEST_LABEL] else None
        if labelled is not None and labelled.links is not None:
            return "http" in _with_list(labelled.links, lines, masked, later + 1)[0]
    return False


# --- citations -------------------------------------------------------------------------------------------------------


def _cite(found: Iterable[_Definition | _SourceLine], referenced: set[str], first_line: int) -> Iterator[Citation]:
    for each in found:
        if isinstance(each, _SourceLine):
            yield from _cite_source_line(each, first_line)
        else:
            raw = _CLOSING_TAG.sub("", each.raw).strip() if "</" in each.raw else each.raw
            claims = read_claims(without_blocks_of_code(raw))
            yield _citation(
                claims,
                label=each.label,
                line=first_line + each.start,
                raw=raw,
                referenced=each.folded in referenced,
            )


def _cite_source_line(source: _SourceLine, first_line: int) -> Iterator[Citation]:
    """One citation per address. Names and addresses of one line pair only when there is one of each."""
    text = strip_zero_width(re.sub(r"\s+", " ", source.raw))
    links = [link for link in find_links(text[:_MOST_SOURCE_CHARACTERS]) if link.url is not None]
    alone = len({link.url for link in links}) == 1 and not _SEVERAL_SOURCES.search(source.publisher or "")
    for link in links:
        publisher = source.publisher if alone else None
        claims = Claims(url=link.url, title=link.text or None, publisher=publisher)
        if source.links_are_names and is_name(link.text):
            claims = Claims(url=link.url, publisher=publisher or link.text)
        yield _citation(claims, label=None, line=first_line + source.start, raw=source.raw.strip(), referenced=True)


def _citation(claims: Claims, *, label: str | None, line: int, raw: str, referenced: bool) -> Citation:
    return Citation(
        label=label,
        kind="source-list" if label is None else "footnote",
        line=line,
        raw=raw,
        title=claims.title,
        url=claims.url,
        key=canonical(claims.url) if claims.url is not None else None,
        publisher=claims.publisher,
        author=claims.author,
        published=claims.published,
        accessed=claims.accessed,
        referenced=referenced,
    )


def _without_repetitions(citations: Iterable[Citation]) -> Iterator[Citation]:
    """One per label and canonical URL; of definitions without a URL, one per label and text."""
    seen: set[tuple[str | None, str]] = set()
    for citation in citations:
        identity = (fold_label(citation.label) if citation.label else None, citation.key or citation.raw)
        if identity not in seen:
            seen.add(identity)
            yield citation


def _first_uses(cited: Iterable[Marker], defined: set[str], first_line: int) -> tuple[tuple[str, int], ...]:
    uses: dict[str, tuple[str, int]] = {}
    for marker in cited:
        folded = fold_label(marker.label)
        if folded not in defined:
            uses.setdefault(folded, (marker.label, first_line + marker.line))
    return tuple(uses.values())


def _repeated(definitions: Iterable[_Definition], first_line: int) -> tuple[tuple[str, int], ...]:
    seen: set[str] = set()
    again = []
    for each in definitions:
        if each.folded in seen:
            again.append((each.label, first_line + each.start))
        seen.add(each.folded)
    return tuple(again)
