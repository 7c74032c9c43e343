"""Turn the Markdown of an article into HTML that survives a feed reader, into notes, and into plain text.

The road: take out the footnote definitions, expand shortcodes, let the Markdown engine render, sanitise, then link the
markers and bare addresses in what is text. The definitions are rendered apart: an engine's footnotes would lose those
that nothing refers to, a quarter of them all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from urllib.parse import quote

from msgspec import Struct

from feeds.content.markers import fold_label, mask_code, split_marker
from feeds.content.plaintext import plain_text as plain_text  # noqa: PLC0414 - this room's face has all four functions
from feeds.content.plaintext import summarise as summarise  # noqa: PLC0414 - likewise
from feeds.content.sanitise import (
    Addresses,
    as_it_stands,
    clean_bare,
    clean_blocks,
    clean_inline,
    is_excessive,
    link_frames,
    mend_images,
    report_losses,
)
from feeds.content.shortcodes import expand_shortcodes
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
#: Two noncharacters, which no text holds once it has passed ``_REFUSED``: marks that survive engine and sanitiser.
_ESCAPED = "\ufdd0"
_TILDE = "\ufdd1"


class Rendered(Struct, frozen=True):
    """An article's body, ready to publish. ``html`` is sanitised, its addresses are absolute."""

    html: str
    #: The footnote definitions in the order of the text, for the list of sources at the end.
    notes: tuple[Note, ...]
    #: (0-based line of the body, or None; one sentence).
    problems: tuple[tuple[int | None, str], ...]

    @property
    def text(self) -> str:
        """What a person reads, made when somebody asks (0.1 ms, and few do)."""
        return plain_text(self.html)


def render_markdown(
    body: str, *, page_url: str, definition_lines: Sequence[tuple[int, int]], labels: Sequence[str]
) -> Rendered:
    """Render the text after the front matter.

    Args:
        body: Markdown; any newlines.
        page_url: The article's HTML page, absolute; relative addresses and anchors are relative to it.
        definition_lines: Half-open 0-based line spans of the footnote definitions, in order.
        labels: The labels that markers may name.
    """
    problems: list[tuple[int | None, str]] = []
    lines = _readable(body, problems)
    raw_notes = ["\n".join(lines[start:end]) for start, end in definition_lines]
    problems += [
        (start, f"the text of a footnote after the first {_LONGEST_NOTE:,} characters was left out")
        for (start, _), raw in zip(definition_lines, raw_notes, strict=True)
        if len(raw) > _LONGEST_NOTE
    ]
    page = _Page(page_url, labels)
    if "<article" in body or "</article" in body:
        _blank_wrapper(lines)
    _take_out(lines, definition_lines)
    source = _bounded("\n".join(lines), problems)
    expanded = expand_shortcodes(source)
    problems += expanded.problems
    content = _blocks(expanded.body, page, problems)
    return Rendered(content, page.notes(raw_notes), tuple(_few(problems)))


def render_inline(markdown: str, page_url: str) -> str:
    """Sanitised HTML of one line of Markdown, without blocks; bare addresses become links."""
    return _Page(page_url, ()).lines(["\n".join(_readable(markdown, []))])[0]


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


_DEFINITION = re.compile(r"[ \t]*(?:>[ \t]?|[*+-][ \t]+)?\[\^([^\[\]]{1,200})\][:：][ \t]*")
_ARTICLE_TAG = re.compile(r" {0,3}</?article(?:\s[^<>]*)?>[ \t]*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|\Z)")
#: Also the underline of a heading.
_RULE = re.compile(r" {0,3}(?:=+|([-*_])(?:[ \t]*\1)+)[ \t]*")
_SOURCES = re.compile(
    r"[#*_\s]*(?:[一二三四五六七八九十\d]{1,3}[、.．]\s*)?"
    r"(?:引用|引文|参考|參考|文献|文獻|信息|資訊|资料|資料|数据|链接|來源|来源|出处|注释|註釋|脚注|列表|部分|与|和|及|"
    r"references?|sources?|citations?|footnotes?|notes?|bibliography|works cited|and|[ &/])+"
    r"[#*_:：\s]*",
    re.IGNORECASE,
)
#: A heading is not longer; bounds what ``_SOURCES`` looks at.
_LONGEST_HEADING = 60


def _take_out(lines: list[str], definition_lines: Sequence[tuple[int, int]]) -> None:
    """Blank the definitions and the headings that then stand over nothing; line numbers stay."""
    for start, end in definition_lines:
        lines[start:end] = [""] * (end - start)
    previous_end = 0
    for start, end in definition_lines:
        above = _filled_before(lines, start, previous_end)
        if above is not None and _heads_nothing(lines, above, end):
            lines[above] = ""
        previous_end = end
    while (last := _filled_before(lines, len(lines), 0)) is not None and _is_hollow_end(lines, last, definition_lines):
        lines[last] = ""


def _blank_wrapper(lines: list[str]) -> None:
    """``<article>`` in a line of its own starts an HTML block and takes the heading below for text."""
    for number, line in enumerate(mask_code("\n".join(lines)).split("\n")):
        if _ARTICLE_TAG.fullmatch(line):
            lines[number] = ""


def _filled_before(lines: list[str], number: int, stop: int) -> int | None:
    """The last line before ``number``, not before ``stop``, that is not blank."""
    return next((each for each in range(number - 1, stop - 1, -1) if lines[each].strip()), None)


def _heads_nothing(lines: list[str], above: int, end: int) -> bool:
    """Is this line a heading whose section held only the definitions that ended at ``end``?"""
    if _names_sources(lines[above]):
        return True
    following = next((line for line in lines[end:] if line.strip()), None)
    return _HEADING.match(lines[above]) is not None and (following is None or _HEADING.match(following) is not None)


def _is_hollow_end(lines: list[str], last: int, definition_lines: Sequence[tuple[int, int]]) -> bool:
    if _names_sources(lines[last]):
        return True
    return bool(definition_lines) and bool(_HEADING.match(lines[last]) or _RULE.fullmatch(lines[last]))


def _names_sources(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and _SOURCES.fullmatch(line) is not None


# --- the engine ------------------------------------------------------------------------------------------------------

_Engine = Callable[[str], str]


@cache
def _engine(*, tables: bool) -> _Engine:
    """Comrak, or markdown-it-py where comrak has no wheel (Windows)."""
    try:
        return _comrak(tables=tables)
    except ImportError:
        return _markdown_it(tables=tables)


def _comrak(*, tables: bool) -> _Engine:
    """CommonMark with what Hugo's goldmark adds, and emphasis that works beside Chinese punctuation."""
    import comrak  # noqa: PLC0415 - not on every platform

    extensions = comrak.ExtensionOptions()
    extensions.cjk_friendly_emphasis = True
    extensions.description_lists = True
    extensions.strikethrough = True
    extensions.table = tables
    parsing, rendering = comrak.ParseOptions(), comrak.RenderOptions()
    rendering.unsafe_ = True  # raw HTML passes; it is sanitised afterwards
    return lambda source: comrak.render_markdown(source, extensions, parsing, rendering)


def _markdown_it(*, tables: bool) -> _Engine:
    """Limits: ``**粗体：**文字`` stays unmarked (CommonMark's rule), no definition lists, 20 levels of nesting."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not on every platform

    engine = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")
    if tables:
        engine.enable("table")
    return engine.render


#: A backslash before a bracket, itself not escaped.
_ESCAPED_BRACKET = re.compile(r"(?<!\\)((?:\\\\)*\\\[)")
#: ``10~20万，30~40万`` is two ranges; GFM would strike out what stands between.
_SINGLE_TILDE = re.compile(r"(?<![~\\])~(?!~)")


def _rendered(source: str, *, tables: bool = True) -> str:
    """What the engine makes of it, with ``_ESCAPED`` after each escaped bracket."""
    if "\\" in source:
        source = _ESCAPED_BRACKET.sub(rf"\1{_ESCAPED}", source)
    if "~" not in source:
        return _engine(tables=tables)(source)
    rendered = _engine(tables=tables)(_SINGLE_TILDE.sub(_TILDE, source))
    return rendered.replace(_TILDE, "~").replace(quote(_TILDE), "~")


# --- blocks and lines ------------------------------------------------------------------------------------------------

#: One search for three (10 µs): few articles have such lists.
_BOX = re.compile(r"\[[ xX]\]")
_TASK = re.compile(r"(<li>(?:\n<p>)?)\[([ xX])\](?=\s)")
#: ``## 标题 {#id .class}``: goldmark's heading attributes.
_HEADING_ATTRIBUTES = re.compile(r" ?\{[#.][^{}<>\n]{1,200}\}(?=</h[1-6]>)")


def _blocks(source: str, page: _Page, problems: list[tuple[int | None, str]]) -> str:
    rendered = _rendered(source, tables=_may_have_tables(source, problems))
    if is_excessive(rendered):
        problems.append((None, "the text is nested too deeply, or all special characters, and is shown as it stands"))
        rendered = as_it_stands(source)
    has_html = "<" in source
    if has_html:
        report_losses(rendered, source, problems)
        rendered = link_frames(rendered)
    if _BOX.search(source):
        rendered = _TASK.sub(lambda task: f"{task[1]}{'☐' if task[2] == ' ' else '☑'}", rendered)
    if "{" in source:
        rendered = _HEADING_ATTRIBUTES.sub("", rendered)
    if _is_plain(source) and (bare := clean_bare(rendered, page.addresses)) is not None:
        return page.link(bare, bare=True).strip()
    linked = page.link(_finished(clean_blocks(rendered, page.addresses), source))
    # Without its unknown elements, or with a link in a link, HTML may no longer nest as the standard wants; parsing it
    # once more mends that.
    return (clean_blocks(linked, page.addresses) if has_html else linked).strip()


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


def _rendered_lines(lines: Sequence[str]) -> list[str]:
    """Each line by itself, all in one call: each call costs 3 µs, and an article has four footnotes."""
    *paragraphs, _ = _rendered("\n\n".join(lines)).split(_PARAGRAPH_END)
    if len(paragraphs) != len(lines):  # ``</p>&#10;`` writes another such end
        return list(map(_rendered, lines))
    return [paragraph + _PARAGRAPH_END for paragraph in paragraphs]


def _finished(cleaned: str, source: str) -> str:
    if "&#" in source:
        cleaned = _REFUSED.sub(lambda found: _ESCAPED * (found[0] == _ESCAPED), cleaned)
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


# --- markers and bare addresses --------------------------------------------------------------------------------------

#: Code, links and attributes are passed over; ``[^1]`` and bare addresses elsewhere are text. An address is ASCII: in
#: Chinese sentences the next word follows without a space.
_ADDRESS = r"(?:[A-Za-z0-9\-._~:/?#@!$'()*+,;=%]|&amp;)+"
_MARKER = (
    r"\[(?P<caret>[ \t]*\^[^\[\]<>\n]{1,1000})\]"
    r"|\[(?P<bare>\d{1,3}(?:[ \t]*[,，、][ \t]*\d{1,3}){0,9})\](?![(:])"
)
#: For text without links, code and attributes: three quarters of the articles, and in an eighth of the time.
_MARKERS = re.compile(_MARKER)
#: Each alternative begins with a character of its own: so the search skips from one to the next ten times as fast.
_LINKABLE = re.compile(
    r"<(?:(?P<tag>pre|code|a)[ >](?s:.*?)</(?P=tag)>|\w+ [^<>]*>)"
    rf"|{_MARKER}"
    rf"|https?://(?P<http>{_ADDRESS})"
    rf"|www\.(?P<www>(?<![A-Za-z0-9./-]www\.)(?=[A-Za-z0-9-]{{1,63}}\.){_ADDRESS})"
)
_AFTER_ADDRESS = ".,;:!?'*~_"


class _Page:
    """One page: what its addresses mean, and which labels its markers may name."""

    def __init__(self, page_url: str, labels: Sequence[str]) -> None:
        self.addresses = Addresses(page_url)
        self._anchor = html.escape(self.addresses.page)
        self._labels = {fold_label(label): label for label in reversed(labels)}
        #: The order in which plain markers name their labels first: goldmark's number of the footnote.
        self._numbers: dict[str, int] = {}
        self._markers: dict[str, str] = {}
        #: Markers as written -> what stands in their place: two in three are written like an earlier one.
        self._replaced: dict[str, str] = {}

    def notes(self, definitions: Sequence[str]) -> tuple[Note, ...]:
        """Definitions with their ``[^label]:``."""
        heads = [_DEFINITION.match(raw) for raw in definitions]
        texts = [raw[head.end() :] if head else raw for head, raw in zip(heads, definitions, strict=True)]
        labels = [head[1].strip() if head else "" for head in heads]
        return tuple(Note(label=label, html=line) for label, line in zip(labels, self.lines(texts), strict=True))

    def lines(self, texts: Sequence[str]) -> list[str]:
        """HTML without blocks of texts that are one line each."""
        rendered = _rendered_lines(list(map(_one_line, texts)))
        return [self._line(line, text) for line, text in zip(rendered, texts, strict=True)]

    def _line(self, rendered: str, text: str) -> str:
        if _is_plain(text) and (bare := clean_bare(rendered, self.addresses)) is not None:
            return self.link(bare.strip().removeprefix("<p>x").removesuffix("</p>").strip(), bare=True)
        cleaned = clean_inline(rendered, self.addresses).strip().removeprefix("x").strip()
        linked = self.link(_finished(cleaned, text))
        return clean_inline(linked, self.addresses) if "<" in text else linked

    def link(self, cleaned: str, *, bare: bool = False) -> str:
        """Sanitised HTML with its markers and bare addresses linked. ``bare``: from ``clean_bare``."""
        addressed = "http" in cleaned or "www." in cleaned
        if "[" in cleaned or (addressed and _has_bare_address(cleaned)):
            only_text = bare and not addressed and "<a" not in cleaned and "<code" not in cleaned
            pattern = _MARKERS if only_text else _LINKABLE
            if "[^" in cleaned:
                self._number(dict.fromkeys(match["caret"] for match in pattern.finditer(cleaned)))
            cleaned = pattern.sub(self._replacement, cleaned)
        if _ESCAPED in cleaned:
            cleaned = cleaned.replace(_ESCAPED, "").replace(quote(_ESCAPED), "")
        return cleaned

    def _number(self, carets: Iterable[str | None]) -> None:
        """Count the plain ``[^label]`` as goldmark does; combined and bare markers are no footnotes to it."""
        for caret in carets:
            label = fold_label(html.unescape(caret[1:])) if caret and caret[0] == "^" else ""
            if label in self._labels:
                self._numbers.setdefault(label, len(self._numbers) + 1)

    def _replacement(self, match: re.Match[str]) -> str:
        written = match[0]
        if written[0] != "[":
            return self._bare_link(written) if match.lastgroup in {"http", "www"} else written
        if written not in self._replaced:
            self._replaced[written] = self._linked(written) or written
        return self._replaced[written]

    def _linked(self, written: str) -> str:
        """A marker in its brackets as links; nothing when it names no label, or without a caret an unknown one."""
        inner = html.unescape(written[1:-1].strip())
        labels = split_marker(inner)
        known = inner[:1] == "^" or all(fold_label(label) in self._labels for label in labels)
        return "".join(map(self._marker, labels)) if known else ""

    def _marker(self, label: str) -> str:
        return self._markers.get(label) or self._markers.setdefault(label, self._new_marker(label))

    def _new_marker(self, label: str) -> str:
        """A link to the page's own anchor, or, when nothing defines the label, its bare text.

        goldmark calls the anchor ``#fn:1``, ``#fn:2`` … in the order in which the text names the footnotes first,
        whatever their labels; one that no plain marker names has no anchor.
        """
        defined = self._labels.get(fold_label(label))
        if defined is None:
            return f"<sup>[{html.escape(label, quote=False)}]</sup>"
        number = self._numbers.get(fold_label(label))
        anchor = f"#fn:{number}" if number else ""
        return f'<sup><a href="{self._anchor}{anchor}">[{html.escape(defined, quote=False)}]</a></sup>'

    def _bare_link(self, written: str) -> str:
        address = _without_punctuation(written)
        url = self.addresses.resolve(html.unescape(address if address[0] != "w" else f"http://{address}"))
        if url is None:
            return written
        return f'<a href="{html.escape(url)}">{address}</a>{written[len(address) :]}'


def _has_bare_address(cleaned: str) -> bool:
    """Most footnotes have none but in the link that the author made."""
    in_links = cleaned.count('<a href="http'), cleaned.count("://www.")
    return (cleaned.count("http"), cleaned.count("www.")) != in_links


def _without_punctuation(address: str) -> str:
    """A sentence's punctuation and a bracket that was not opened inside are no part of the address."""
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while end and not address.endswith("&amp;", 0, end):
        if address[end - 1] == ")" and unopened > 0:
            unopened -= 1
        elif address[end - 1] not in _AFTER_ADDRESS:
            break
        end -= 1
    return address[:end]
