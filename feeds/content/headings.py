"""Find a title for an article whose front matter has none. Pure.

In this order: a heading of the first level that begins the text; the name of the file, if it tells anything (notes and
posts are named after what they say); the first line of text (names such as ``2024-01-01-1.md`` say nothing, and a name
in ASCII of a text in other letters is but its slug). Headings further down name a part of the article. Markup is never
a title.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: How far a title is looked for, and how long it may be: a first line may be a whole paragraph.
_MAX_LINES = 200
_MAX_LINE_CHARS = 2_000
_MAX_TITLE_CHARS = 60

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}|\${2,}(?!.*\$))")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(\S.*)|[ \t]*$)")
#: Attributes of a heading: ``# Title {#id .class}``.
_ATTRIBUTES = re.compile(r"[ \t]*+\{:?[ ]?[#.][^{}\n]{1,200}\}[ \t]*$")
_CLOSING_MARKS = re.compile(r"[ \t]+#+[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_HTML_HEADING = re.compile(r"<h1\b[^<>]{0,500}>(.{1,500}?)</h1>", re.IGNORECASE)
_BLOCK_MARK = re.compile(r"\s*(?:(?:>|[*+-]|\d{1,3}[.)])\s+|>)*+(?:\[[ xX]\]\s+)?")
#: Every inline mark holds one of these, and most lines of text hold none (0.002 ms instead of 0.015).
_MARK = re.compile(r"[\[`*_~<]")
#: Links, images and code become their text; emphasis and HTML tags go.
_INLINE = (
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)"), r"\1"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"(\*\*|__|~~|\*)(?=\S)([^*_~]+)(?<=\S)\1"), r"\2"),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
    (re.compile(r"\[\^[^\[\]]*\]"), ""),
)
_SENTENCE_END = re.compile(r"[。！？!?]|\.(?=\s|$)")
#: Headings that name a part of any article, not this one.
_PARTS = frozenset({
    "引用", "引文", "引文部分", "参考", "参考文献", "参考资料", "来源", "目录", "摘要", "正文",
    "references", "sources", "content", "contents", "abstract", "table of contents",
})  # fmt: skip

#: What is no text by itself: images, shortcodes and template code, comments of Obsidian, attributes of kramdown.
_NO_TEXT = (
    (re.compile(r"\[?!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])(?:\]\([^()\s]*\))?"), ""),
    (re.compile(r"!\[\[[^\[\]]*\]\]"), ""),
    (re.compile(r"\{\{[^{}]{0,300}\}\}|\{%[^{}%]{0,300}%\}|%%[^%]{0,300}%%|\{:[^{}]{0,300}\}"), ""),
)
_HAS_NO_TEXT = re.compile(r"!\[|\{[{%:]|%%")
#: Lines that are no text: rules, tables, definitions, marks of a table of contents, callouts, imports of MDX, tags.
_NO_LINE = re.compile(
    r"\s{0,3}(?:(?:[-*_=~+]\s*){3,}+$|\||\[\^?[^\[\]]{1,100}\]:|\[{0,2}_?toc_?\]{0,2}\s*$|[*-]\s+toc\s*$|:{3}|!{3}|\\\w"
    r"|(?:import|export)\s.{0,500}(?:['\";{(]|=)|(?:#[^\s#]+\s*)+$)",
    re.IGNORECASE,
)
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-*:?\s*)+$")
#: Elements that hold no text.
_RAW = re.compile(r"\s{0,3}<(script|style|svg|pre|template|math|iframe|video|audio|table)\b", re.IGNORECASE)
_TAG = re.compile(r"\s{0,3}</?[a-zA-Z]")
_MARKUP = re.compile(r"</?[a-zA-Z!?]|\{[{%]|[}%]\}")
_WORDS = re.compile(r"\w")

#: Stands for a line of code or of a table.
_NO_PROSE = "\0"

#: Names of files that say nothing of what they hold.
_EMPTY_WORDS = frozenset({
    "index", "readme", "post", "posts", "article", "articles", "note", "notes", "page", "draft", "drafts", "untitled",
    "new", "copy", "document", "doc", "file", "entry", "item", "blog", "test", "md", "markdown", "txt", "text", "of",
    "未命名", "无标题", "无标题文档", "新建", "新建文档", "文章", "笔记", "文档", "随笔", "日记", "副本", "草稿",
})  # fmt: skip
_NAME_DATE = (
    r"(?:19|20)\d{2}(?:[-_. ]?\d{1,2}[-_. ]?\d{1,2}|年\d{1,2}月\d{1,2}[日号])"
    r"(?:[T _-]\d{2}[-:.]?\d{2}(?:[-:.]?\d{2})?)?"
)
#: A date, a stamp or a number with zeros in front of a name: ``2024-01-01-``, ``20240101120000 ``, ``01-``, ``3. ``.
_BEFORE_NAME = re.compile(rf"[-_]*(?:{_NAME_DATE}|\d{{8,17}}|0\d{{1,3}}|\d{{1,3}}(?=[._)] ?\D))(?![^\W_])[-_.) ]*")
#: A date, a stamp or an id behind it: ``-2024-01-01``, ``-20250701202025079-22``, ``-9f86d081``, a UUID.
_BEHIND_NAME = re.compile(
    rf"[-_. ]+(?:{_NAME_DATE}|\d{{8,17}}(?:[-_]\d{{1,3}})?|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}"
    r"|(?=[a-f]*+\d)[0-9a-f]{7,40})$"
)
_ONLY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[a-f]*+\d)[0-9a-f]{7,40}|\d+", re.IGNORECASE)
#: A language behind a name: ``about.zh-cn``.
_NAME_LANGUAGE = re.compile(r"\.[a-z]{2}(?:-[a-zA-Z]{2,4})?$")
_JOINTS = re.compile(r"[-_]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def find_title(body: str, name: str) -> tuple[str, str]:
    """A title, and where it is from: ``its text`` or ``the file name``; ``…`` when nothing tells anything.

    ``name`` is the file's without its extension; of an article that is a folder the folder's.
    """
    if title := leading_heading(body):
        return title, "its text"
    named = title_in_name(name)
    line = "" if named and not named.isascii() else first_line(body)
    if named and not (named.isascii() and _is_in_other_letters(line)):
        return named, "the file name"
    if line:
        return line, "its text"
    return " ".join(name.split()) or "…", "the file name"


def _is_in_other_letters(text: str) -> bool:
    """Chinese, Russian, … with a few Latin words in it perhaps."""
    letters = "".join(_LETTERS.findall(text))
    return sum(not char.isascii() and "LATIN" not in unicodedata.name(char, "") for char in letters) * 3 > len(letters)


def leading_heading(body: str) -> str:
    """The heading of the first level with which the text begins; empty when it begins otherwise."""
    for line, following in _blocks(body):
        if line is _NO_PROSE:
            return ""
        if found := _HEADING.match(line):
            is_title = len(found[1]) == 1 and found[2]
            return _as_heading(_CLOSING_MARKS.sub("", _ATTRIBUTES.sub("", found[2]))) if is_title else ""
        if found := _HTML_HEADING.search(line):
            return _as_heading(found[1])
        if text := _text_of(line):
            return _as_heading(text) if following.lstrip(" ").startswith("=") and _UNDERLINE.match(following) else ""
    return ""


def title_in_name(name: str) -> str:
    """The words of a file name, without dates, numbers and ids around them; empty when they tell nothing.

    Where no blank stands in it, hyphens and underscores stand for blanks.
    """
    name = _NAME_LANGUAGE.sub("", " ".join(name.split()))
    if _ONLY_ID.fullmatch(name) or _ONLY_ID.fullmatch(name := _BEHIND_NAME.sub("", _without_date(name))):
        return ""
    title = name.strip("-_. ") if " " in name else " ".join(_JOINTS.sub(" ", name).split())
    words = _LETTERS.findall(title.lower())
    tells = any(len(word) > 1 and word not in _EMPTY_WORDS for word in words)
    return title if tells and (len("".join(words)) > 2 or not title.isascii()) else ""  # ``ai`` may be an id


def _without_date(name: str) -> str:
    found = _BEFORE_NAME.match(name)
    return name[found.end() :] if found else name


def first_line(body: str) -> str:
    """The first line of text that is no heading, shortened; empty when there is none."""
    for line, following in _blocks(body):
        is_heading = _HEADING.match(line) or (_UNDERLINE.match(following) and not _UNDERLINE.match(line))
        if not is_heading and (text := _text_of(line)):
            return _shortened(text)
    return ""


def plain(text: str) -> str:
    """A line of Markdown without its inline marks, white space folded."""
    if _MARK.search(text):
        for pattern, kept in _INLINE:
            text = pattern.sub(kept, text)
    return " ".join(text.split())


def _blocks(body: str) -> Iterator[tuple[str, str]]:
    """Each line that may be text, without comments, and the one below it; what HTML hides is left out.

    _NO_PROSE stands for code and tables.
    """
    body = _without_comments(body[: _MAX_LINES * _MAX_LINE_CHARS]) if "<!--" in body else body
    lines = [line[:_MAX_LINE_CHARS] for line in body.split("\n", _MAX_LINES)[:_MAX_LINES]]
    fence, hidden, is_table, before = "", "", False, ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_indented = line.startswith(("    ", "\t")) and not before.strip()
        is_table = bool(line.strip()) and (is_table or ("|" in line and bool(_TABLE_RULE.match(following))))
        before = line
        if found := None if hidden else _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
            yield _NO_PROSE, ""
        elif not fence and (raw := hidden or _opened(line)):
            hidden = "" if raw in line.lower() else raw
        elif not fence and line.strip():
            yield (_NO_PROSE, "") if is_indented or is_table else (line, following)


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*kept, text[at:]])


def _opened(line: str) -> str:
    """What closes the element that begins on the line and is no text, or the tag that goes on; empty without one."""
    if raw := _RAW.match(line):
        return f"</{raw[1].lower()}>"
    return ">" if _TAG.match(line) and ">" not in line else ""


def _as_heading(text: str) -> str:
    title = plain(_without_no_text(text))
    is_title = title.lower() not in _PARTS and _WORDS.search(title) and not _MARKUP.search(title)
    return title if is_title else ""


def _text_of(line: str) -> str:
    """The text of a line; empty when it is none."""
    if line is _NO_PROSE or _NO_LINE.match(line):
        return ""
    text = plain(_BLOCK_MARK.sub("", _without_no_text(line), count=1))
    return text if _WORDS.search(text) and not _MARKUP.search(text) else ""


def _without_no_text(line: str) -> str:
    if _HAS_NO_TEXT.search(line):
        for pattern, kept in _NO_TEXT:
            line = pattern.sub(kept, line)
    return line


def _shortened(text: str) -> str:
    """The line if it is one short sentence, else its first sentence, else what fits, cut at a blank or comma."""
    end = _SENTENCE_END.search(text)
    sentence = text[: end.end()] if end else text
    if end and end[0] in ".。" and sentence != text:
        sentence = sentence[:-1]
    sentence = sentence.rstrip("：: ")
    if len(sentence) <= _MAX_TITLE_CHARS:
        return sentence
    start = sentence[:_MAX_TITLE_CHARS]
    cut = max(start.rfind(mark) for mark in " ，,、；;")
    return start[: cut if cut > _MAX_TITLE_CHARS // 2 else None].rstrip() + "…"
