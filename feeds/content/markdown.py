"""Turn the Markdown of an article into HTML that survives a feed reader, into notes, and into plain text.

In this order: take out the footnote definitions, expand shortcodes and the like, let the Markdown engine render,
sanitise, then link the markers and bare addresses in what is text, and put back the formulas. The definitions are
rendered apart: an engine's footnotes would lose those that nothing refers to, a quarter of them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from msgspec import Struct

from feeds.content.definitions import NoteText, blank_wrapper, read_definition, take_out
from feeds.content.engine import EMOJI, ESCAPED, TABLES, render
from feeds.content.expansion import DIVIDER, MARKS, Expanded, expand, may_hold_any, restore_formulas
from feeds.content.lazy_images import load_lazy
from feeds.content.mathml import text_of_formulas
from feeds.content.page_addresses import Addresses
from feeds.content.page_links import PageLinks
from feeds.content.plaintext import plain_text as plain_text  # noqa: PLC0414 - this room's face has all four functions
from feeds.content.plaintext import summarise as summarise  # noqa: PLC0414 - likewise
from feeds.content.references import References
from feeds.content.rules import PageFacts
from feeds.content.sanitise import (
    as_it_stands,
    clean_bare,
    clean_blocks,
    clean_inline,
    is_excessive,
    link_frames,
    mend_images,
    report_losses,
    report_lost_addresses,
)
from feeds.content.shortcodes import Tools
from feeds.model import Note

#: Sixty times the longest of 1,012 real articles; what is longer than this is cut at the end of a paragraph.
_LONGEST = 1_000_000
#: GFM fills every row of a table to the width of its head: bounds columns times lines.
_MOST_CELLS = 500_000
#: One footnote of a real article has at most 1,300 characters.
_LONGEST_NOTE = 20_000
#: More than this nobody reads; the last one says how many there were.
_MOST_PROBLEMS = 50

#: What XML or the W3C validator refuses: C0 and C1 controls but TAB and LF (CR has gone before), U+FFFD,
#: noncharacters, lone surrogates.
_REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)

#: (0-based line of the body, or None; one sentence).
_Problems = list[tuple[int | None, str]]


class Rendered(Struct, frozen=True):
    """An article's body, ready to publish. ``html`` is sanitised, its addresses are absolute."""

    html: str
    #: The footnote definitions in the order of the text, for the list of sources at the end.
    notes: tuple[Note, ...]
    #: (0-based line of the body, or None; one sentence).
    problems: tuple[tuple[int | None, str], ...]
    #: The other articles that the text refers to: (reference, where it led or None), sorted.
    references: tuple[tuple[str, str | None], ...] = ()
    #: Where ``<!--more-->`` stood in ``html``; 0 without one.
    divided_at: int = 0

    @property
    def text(self) -> str:
        """What a person reads, made when somebody asks (0.1 ms, and few do)."""
        return plain_text(self.html)

    @property
    def intro(self) -> str:
        """What a person reads before ``<!--more-->``; empty without one."""
        return plain_text(self.html[: self.divided_at]) if self.divided_at else ""


def render_markdown(
    body: str, page: PageFacts, *, definition_lines: Sequence[tuple[int, int]], labels: Sequence[str]
) -> Rendered:
    """Render the text after the front matter.

    Args:
        body: Markdown; any newlines.
        page: The page that it stands on, and the rules of its site.
        definition_lines: Half-open 0-based line spans of the footnote definitions, in order.
        labels: The labels that markers may name.
    """
    problems: _Problems = []
    lines = _readable(body, problems)
    notes = [read_definition(lines[start:end], start) for start, end in definition_lines]
    problems += [
        (note.line, f"the text of a footnote after the first {_LONGEST_NOTE:,} characters was left out")
        for note in notes
        if len(note.markdown) > _LONGEST_NOTE
    ]
    writer = _Writer(page, labels, expands=may_hold_any(body, page))
    if "<article" in body or "</article" in body:
        blank_wrapper(lines)
    take_out(lines, definition_lines)
    content = writer.blocks(_bounded("\n".join(lines), problems), problems)
    content, divided_at = _undivided(content)
    made = writer.notes(notes, problems)
    return Rendered(content, made, tuple(_few(problems)), writer.references.made, divided_at)


def render_inline(markdown: str, page_url: str) -> str:
    """Sanitised HTML of one line of Markdown, without blocks; bare addresses become links."""
    return _Writer(PageFacts(page_url), (), expands=False).lines(["\n".join(_readable(markdown, []))])[0]


# --- before the engine -----------------------------------------------------------------------------------------------


def _readable(body: str, problems: list[tuple[int | None, str]]) -> list[str]:
    """The lines, without characters that a feed may not hold."""
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    lines = body.split("\n")
    for number, line in enumerate(lines) if not all(map(str.isprintable, lines)) else ():
        # All refused characters are unprintable, and asking costs a twentieth of searching.
        if not line.isprintable() and (found := _REFUSED.search(line)):
            lines[number] = _REFUSED.sub("", line)
            problems.append((number, f"a character that no feed may hold (U+{ord(found[0]):04X}) was removed"))
    return lines


def _bounded(source: str, problems: list[tuple[int | None, str]]) -> str:
    if len(source) <= _LONGEST:
        return source
    end = max(source.rfind("\n\n", _LONGEST // 2, _LONGEST), 0) or _LONGEST
    problems.append((source.count("\n", 0, end), f"the text after the first {end:,} characters was left out"))
    return source[:end]


# --- blocks and lines ------------------------------------------------------------------------------------------------

#: One search for three (10 µs): few articles have such lists.
_BOX = re.compile(r"\[[ xX]\]")
_TASK = re.compile(r"(<li>(?:\n<p>)?)\[([ xX])\](?=\s)")
#: ``## 标题 {#id .class}``: goldmark's heading attributes.
#: Where Python-Markdown and GitLab put a table of contents, which a feed reader does not need.
_CONTENTS = re.compile(r"<p>\[(?:TOC|\[(?:<em>)?TOC(?:</em>)?\])\]</p>\n?", re.IGNORECASE)
_HEADING_ATTRIBUTES = re.compile(r" ?\{[#.][^{}<>\n]{1,200}\}(?=</h[1-6]>)")
#: ``> [!note]- Title``: a callout of Obsidian, an alert of GitHub.
_CALLOUT = re.compile(r"(<blockquote>\n<p>)\[!([A-Za-z][\w-]{0,30})\][+-]?[ \t]*+([^\n]{0,500}?)(\n|</p>)")
_PARAGRAPH = re.compile(r"<p>(.*)</p>\s*", re.DOTALL)
#: A note whose first block is a paragraph goes on behind its label.
_FIRST_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>)(?s:.))*+)</p>")


_WITHOUT_EMOJI = frozenset({TABLES})
_WITH_EMOJI = frozenset({TABLES, EMOJI})


class _Writer:
    """Writes the HTML of one page: its content, and its notes."""

    def __init__(self, page: PageFacts, labels: Sequence[str], *, expands: bool) -> None:
        self._expands = expands
        self.references = References(page.known)
        self._page = page
        self._extras = _WITH_EMOJI if page.rules.emoji else _WITHOUT_EMOJI
        self._addresses = Addresses(page.url, self.references)
        self._links = PageLinks(self._addresses, labels)
        self._tools = Tools(self._inline, self.references.address, self.references.title)

    def blocks(self, source: str, problems: _Problems, *, first_line: int = 0) -> str:
        """HTML of what may hold blocks, ``DIVIDER`` included. ``first_line``: of the body, on which it begins."""
        expanded = self._expanded(source)
        said: _Problems = [*expanded.problems]
        html = self._cleaned(expanded.body, said, source)
        if self._addresses.has_lost:
            report_lost_addresses(self._addresses, source, said)
        problems += [(None if line is None else first_line + line, why) for line, why in said]
        return restore_formulas(html, expanded.formulas) if expanded.formulas else html

    def _expanded(self, source: str) -> Expanded:
        return expand(source, self._page, self._tools) if self._expands else Expanded(source)

    def _cleaned(self, source: str, said: _Problems, written: str) -> str:
        """HTML of ``source``; problems are placed in ``written``, which it was expanded from."""
        rendered = source if self._page.markup == "html" else self._rendered(source, said)
        if is_excessive(rendered):
            said.append((None, "the text is nested too deeply, or all special characters, and is shown as it stands"))
            rendered = as_it_stands(source)
        has_html = "<" in source
        if has_html:
            rendered = load_lazy(rendered)
            report_losses(rendered, written, said)
            rendered = text_of_formulas(link_frames(rendered))
        if _BOX.search(source):
            rendered = _TASK.sub(lambda task: f"{task[1]}{'☐' if task[2] == ' ' else '☑'}", rendered)
        if "[!" in source:
            rendered = _CALLOUT.sub(_callout_title, rendered)
        if "[" in source and self._page.rules.dialect != "hugo":
            rendered = _CONTENTS.sub("", rendered)
        if "{" in source:
            rendered = _HEADING_ATTRIBUTES.sub("", rendered)
        if _is_plain(source) and (bare := clean_bare(rendered, self._addresses)) is not None:
            return self._links.link(bare, bare=True).strip()
        self._addresses.look_for_lost(rendered)
        linked = self._links.link(_finished(clean_blocks(rendered, self._addresses), source))
        # Without its unknown elements, or with a link in a link, HTML may no longer nest as the standard wants;
        # parsing it once more mends that.
        return (clean_blocks(linked, self._addresses) if has_html else linked).strip()

    def _rendered(self, source: str, said: _Problems) -> str:
        return render(source, self._extras if _may_have_tables(source, said) else self._extras - {TABLES})

    def notes(self, notes: Sequence[NoteText], problems: _Problems) -> tuple[Note, ...]:
        """Those of one paragraph all in one call of the engine, those with blocks each by itself."""
        lines = iter(self._note_lines([note for note in notes if not note.has_blocks], problems))
        return tuple(
            Note(label=note.label, html=self._blocks_of(note, problems) if note.has_blocks else next(lines))
            for note in notes
        )

    def _blocks_of(self, note: NoteText, problems: _Problems) -> str:
        html = self.blocks(note.markdown[:_LONGEST_NOTE], problems, first_line=note.line)
        return _FIRST_PARAGRAPH.sub(r"\1", _undivided(html)[0], count=1) if html.startswith("<p>") else html

    def _note_lines(self, notes: Sequence[NoteText], problems: _Problems) -> list[str]:
        if not notes:
            return []
        texts = [note.markdown[:_LONGEST_NOTE] for note in notes]
        if not self._expands:
            lines = self.lines(texts)
        else:
            expanded = [self._expanded(text) for text in texts]
            lines = self.lines([each.body for each in expanded])
            for note, each in zip(notes, expanded, strict=True):
                problems += [(note.line + line, why) for line, why in each.problems]
            lines = [
                restore_formulas(_undivided(line)[0], each.formulas) for line, each in zip(lines, expanded, strict=True)
            ]
        if self._addresses.has_lost:
            for raw, why in self._addresses.take_lost():
                written = (raw, unquote(raw))
                line = next((note.line for note in notes if any(each in note.markdown for each in written)), None)
                problems.append((line, why))
        return lines

    def lines(self, texts: Sequence[str]) -> list[str]:
        """HTML without blocks of texts that are one line each."""
        rendered = _rendered_lines(list(map(_one_line, texts)), self._extras)
        return [self._line(line, text) for line, text in zip(rendered, texts, strict=True)]

    def _line(self, rendered: str, text: str) -> str:
        if _is_plain(text) and (bare := clean_bare(rendered, self._addresses)) is not None:
            return self._links.link(bare.strip().removeprefix("<p>x").removesuffix("</p>").strip(), bare=True)
        if "<" in text:
            rendered = load_lazy(rendered)
        self._addresses.look_for_lost(rendered)
        cleaned = clean_inline(rendered, self._addresses).strip().removeprefix("x").strip()
        linked = self._links.link(_finished(cleaned, text))
        return clean_inline(linked, self._addresses) if "<" in text else linked

    def _inline(self, markdown: str) -> str:
        """One line of Markdown as HTML without its paragraph, not yet safe."""
        rendered = render(" ".join(markdown.split()), self._extras)
        paragraph = _PARAGRAPH.fullmatch(rendered)
        return " ".join((paragraph[1] if paragraph else rendered).split())


def _callout_title(found: re.Match[str]) -> str:
    """Its title in bold, or its kind."""
    title = f"{found[1]}<strong>{found[3].strip() or found[2].capitalize()}</strong>"
    return f"{title}</p>" if found[4] == "</p>" else f"{title}<br />\n"


def _undivided(html: str) -> tuple[str, int]:
    """Without the dividers, and where the first of them stood; 0 without one."""
    at = html.find(DIVIDER)
    if at < 0:
        return html, 0
    before, after = html[:at], html[at + 1 :].replace(f"<p>{DIVIDER}</p>", "").replace(DIVIDER, "")
    if before.endswith("<p>") and after.startswith("</p>"):
        before, after = before.removesuffix("<p>"), after.removeprefix("</p>").removeprefix("\n")
    return f"{before}{after}".strip(), len(before)


def _is_plain(source: str) -> bool:
    """Holds no HTML, and no reference to a character that a feed may not hold: see ``clean_bare``."""
    return "<" not in source and ("&" not in source or "&#" not in source)


def _one_line(markdown: str) -> str:
    """What the engine can make nothing of but a paragraph: one line that begins with a letter (taken away later)."""
    lines = markdown[:_LONGEST_NOTE].split("\n")
    words = " ".join(line[bullet.end() :] if (bullet := _BULLET.match(line)) else line for line in lines)
    return f"x {words.strip()}"


_PARAGRAPH_END = "</p>\n"
_BULLET = re.compile(r"[ \t]*[*+-][ \t]+|[ \t]+")


def _rendered_lines(lines: Sequence[str], extras: frozenset[str]) -> list[str]:
    """Each line by itself, all in one call: each call costs 3 µs, and an article has four footnotes."""
    *paragraphs, _ = render("\n\n".join(lines), extras).split(_PARAGRAPH_END)
    if len(paragraphs) != len(lines):  # ``</p>&#10;`` writes another such end
        return [render(line, extras) for line in lines]
    return [paragraph + _PARAGRAPH_END for paragraph in paragraphs]


def _finished(cleaned: str, source: str) -> str:
    if "&#" in source:
        cleaned = _REFUSED.sub(lambda found: found[0] if found[0] == ESCAPED or found[0] in MARKS else "", cleaned)
    return mend_images(cleaned)


def _may_have_tables(source: str, problems: list[tuple[int | None, str]]) -> bool:
    if "|" not in source or source.count("|") * source.count("\n") <= _MOST_CELLS:
        return True
    lines = source.split("\n")
    if max(line.count("|") for line in lines) * len(lines) <= _MOST_CELLS:
        return True
    problems.append((None, "a table is too wide or too long and is shown as text"))
    return False


def _few(problems: list[tuple[int | None, str]]) -> list[tuple[int | None, str]]:
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    return [*problems[:_MOST_PROBLEMS], (None, f"{len(problems) - _MOST_PROBLEMS} more problems of these kinds")]
