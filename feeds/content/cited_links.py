"""Find the links in the text of one citation: Markdown, ``<a href>``, ``<https://…>`` and bare addresses.

Markdown engines see fewer: real citations write addresses bare, glued to a ``·``, in full-width parentheses, or behind
brackets that do not balance. Each link is taken out of the text and leaves one private-use character in its place, so
that whoever splits the text afterwards cannot cut a title in two.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

#: Stands for an address without words of its own (bare, or a link whose text is its address again).
URL_MARK = "\uf8ff"
_FIRST_MARK = 0xE000
#: More links than this in one citation are left as text; the private-use area has room for 6,399.
_MOST_LINKS = 64

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
#: Either case for the whole pattern would take 30 ms to compile, since each of 30,000 CJK letters is looked at.
_HTTP = "(?i:https?)://"
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"

#: A bare address ends at white space, quotes, brackets, CJK punctuation and the ``·`` that separates claims. A CJK
#: letter belongs to it only after a delimiter of URLs or another such letter (``/wiki/人工智能``, not ``/p/1检索``), a
#: comma only when no other address follows (``/1,https://b.example/2``).
_BARE = (
    _HTTP
    + r"(?:[^\s<>\"\\^`{}|\[\],;·・，。；：、！？（）【】「」『』《》〈〉“”‘’…"
    + _CJK
    + rf"\ue000-\uf8ff]|(?<=[/\-_=%+{_CJK}])[{_CJK}]|[,;](?!{_HTTP}))+"
)
_TOKEN = re.compile(
    rf"""
    (?P<escape>\\.)
  | (?P<open>!?\[)
  | (?P<close>\](?:\((?P<target>[^()]*(?:\([^()]*\)[^()]*)*)\))?)
  | <(?P<auto>{_HTTP}[^\s<>]*)>
  | (?P<anchor><[aA]\s[^<>]*>)
  | (?P<bare>{_BARE})
    """,
    re.VERBOSE,
)
#: Where a token may begin. A choice is searched for fast only when each pattern begins with one plain character.
_CANDIDATE = re.compile(r"\\|\[|\]|!\[|<[hHaA]|h[tT][tT][pP]|H[tT][tT][pP]")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ANCHOR_END = re.compile(r"</a\s*>", re.IGNORECASE)
#: ``(url "title")`` of CommonMark.
_TARGET_TITLE = re.compile(r"\s+[\"'(].*$")
#: What follows a bare address in a sentence, and is none of its own.
_TRAILING = ".,;:!?'*_~"
#: Invisible, and pasted along with names and titles; the joiners stay before emoji, and letters of Persian or Hindi.
_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]|[\u200c\u200d](?![\u0590-\u1fff\u2190-\u2bff\U0001f000-\U0001ffff])")
#: An address names a host with a dot in it (💩.la is one): ``https://…`` and ``https://链接`` are placeholders.
_ADDRESS = re.compile(r"https?://[^\s/?#]*[^\s/?#.:…]\.\w", re.IGNORECASE)


class Link(NamedTuple):
    """One link: where it stood, its words (Markdown undone; empty when they only repeat the address), its address."""

    start: int
    end: int
    text: str
    #: None when the target is a placeholder, or not on the web.
    url: str | None


def find_links(text: str) -> list[Link]:
    """All links in the order of the text; an inner link of a link is dropped."""
    found: list[Link] = []
    if "](" not in text and "http" not in text and "href" not in text:
        return found
    opened: list[int] = []
    position = 0
    while (candidate := _CANDIDATE.search(text, position)) is not None:
        position = candidate.start()
        token = _TOKEN.match(text, position)
        kind = token.lastgroup if token is not None else None
        if token is None:
            position += 1
        elif kind == "open":
            opened.append(position)
            position = token.end()
        elif kind == "close":
            position = _close(text, token, opened, found)
        elif kind == "anchor":
            position = _read_anchor(text, token, found)
        elif kind == "escape":
            position = token.end()
        else:
            position = _read_bare(token, found)
    return found


def take_links(text: str) -> tuple[str, list[Link]]:
    """The text with one mark per link (see ``link_of``), and the links. Private-use characters of its own vanish."""
    if _PRIVATE.search(text) is not None:
        text = _PRIVATE.sub("", text)
    links = find_links(text)[:_MOST_LINKS]
    if not links:
        return text, links
    pieces: list[str] = []
    position = 0
    for number, link in enumerate(links):
        pieces += (text[position : link.start], chr(_FIRST_MARK + number) if link.text else URL_MARK)
        position = link.end
    pieces.append(text[position:])
    return "".join(pieces), links


def mark_of(number: int) -> str:
    """The character that stands for the link of that number."""
    return chr(_FIRST_MARK + number)


def undo_markup(text: str) -> str:
    """Escapes, entities and HTML tags undone; other text as it is."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        # Only with the semicolon: ``?a=1&copy=2`` is an address, not a copyright sign.
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def strip_zero_width(text: str) -> str:
    """The text without characters that nobody sees."""
    # Five plain searches take 1 µs, the pattern 6 µs.
    for character in "\u200b\u200c\u200d\u2060\ufeff":
        if character in text:
            return _ZERO_WIDTH.sub("", text)
    return text


def is_address(text: str) -> bool:
    """Does the text look like an address and nothing else?"""
    return text[:8].casefold().startswith(("http://", "https://", "www.")) and " " not in text


def real_url(target: str) -> str | None:
    """The address in a link's target, escapes and entities undone; None for placeholders and other schemes."""
    target = target.strip()
    if " " in target:
        target = _TARGET_TITLE.sub("", target)
    url = undo_markup(target.strip("<>"))
    return url if _ADDRESS.match(url) is not None else None


def _close(text: str, token: re.Match[str], opened: list[int], found: list[Link]) -> int:
    """A ``]``: the end of a link when a target follows and some ``[`` is open."""
    if not opened:
        # Brackets that do not balance, ``[a]b](https://…)``: no link in CommonMark, but the address is one.
        return token.start() + 1 if token["target"] is None else _read_stray_target(token, found)
    start = opened.pop()
    if token["target"] is None:
        return token.end()
    while found and found[-1].start >= start:
        found.pop()
    if text[start] == "!":
        return token.end()
    found.append(_link(start, token.end(), text[start + 1 : token.start()], token["target"]))
    return token.end()


def _read_stray_target(token: re.Match[str], found: list[Link]) -> int:
    url = real_url(token["target"])
    if url is None:
        return token.start() + 1
    found.append(Link(token.start(), token.end(), "", url))
    return token.end()


def _read_anchor(text: str, token: re.Match[str], found: list[Link]) -> int:
    href = _HREF.search(token[0])
    end = _ANCHOR_END.search(text, token.end())
    if href is None or end is None:
        return token.end()
    target = href[1] or href[2] or href[3] or ""
    found.append(_link(token.start(), end.end(), text[token.end() : end.start()], target))
    return end.end()


def _read_bare(token: re.Match[str], found: list[Link]) -> int:
    """An address in angle brackets or bare; a bare one gives back the punctuation of the sentence around it."""
    written = token["auto"] or _trim(token["bare"])
    end = token.end() if token["auto"] else token.start() + len(written)
    url = real_url(written)
    if url is not None:
        found.append(Link(token.start(), end, "", url))
    return end


def _trim(bare: str) -> str:
    """Take off what ends a sentence, and a parenthesis that was opened before the address."""
    surplus = bare.count(")") - bare.count("(")
    while bare and (bare[-1] in _TRAILING or (bare[-1] == ")" and surplus > 0)):
        surplus -= bare[-1] == ")"
        bare = bare[:-1]
    return bare


def _link(start: int, end: int, words: str, target: str) -> Link:
    words = undo_markup(words).strip()
    url = real_url(target)
    if is_address(words):
        return Link(start, end, "", url or real_url(words))
    return Link(start, end, words, url)
