"""Take the text of one citation apart: title, address, publisher, author, and the two dates that it claims.

Two families of form are in use, and mixtures of them::

    title·publisher·author（date）·检索日期D        segments, split at the middle dot
    Author (date). "title". Publisher. Retrieved D.  sentences, split at full stops, in English or Chinese

In each the title may be a link, hold the link, stand before or after it, or have none. The order of the steps matters:
links go first (a title may hold every separator), then the accessed date, then the dates in parentheses, then the rest.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from feeds.content.cited_links import (
    URL_MARK,
    Link,
    is_address,
    mark_of,
    real_url,
    strip_zero_width,
    take_links,
    undo_markup,
)
from feeds.content.claim_segments import is_one_name, read_segments
from feeds.content.claim_sentences import read_sentences
from feeds.content.claim_words import (
    DASHES,
    DATE_MARK,
    EDGES,
    LINK_MARKS,
    Names,
    Reading,
    is_person,
    is_spent,
    put_back,
    strip_marks,
    strip_stop,
)
from feeds.content.partial_dates import is_unknown, parse_date, parse_date_with_words, read_date, read_plain_date

#: Longer texts are no citations; the rest is ignored, so that hostile input costs no more than this.
_MOST_CHARACTERS = 8_000
#: One, and one more in a note; beyond that the text is hostile.
_MOST_ACCESSED = 10
_DIGIT = re.compile(r"\d")

_ACCESSED = re.compile(
    r"(?P<han>检索(?:日期|时间|于)|(?:访问|获取|查阅|查询|浏览|存取|取用|擷取|檢索)(?:日期|时间|時間|于|於))"
    r"|\b(?:Retrieved|(?:Last |Date )?Accessed|Access date)(?: on| at)?\b",
    re.IGNORECASE,
)
_ACCESSED_GAP = re.compile(r"\s*(?:[:：]\s*)?[\[（(【]?\s*")
_ACCESSED_BLANK = re.compile(r"[ :：]*(?:\[[^\]]*\]|from\b|[。.）)]*\s*$)", re.IGNORECASE)

_PLAIN_DATE = r"(?:19|20)\d\d/\d{1,2}/\d{1,2}"
#: Marks, and what nobody sees.
_HIDDEN = r"\u200b-\u200d\u2060\ufeff\ue000-\uf8ff"
_OPEN = rf"（）()\[\]<>&\\{_HIDDEN}"
_PLAIN = rf"·（）()\[\]<>&\\*_`{_HIDDEN}"
_PLAIN_TITLE = rf"[^\s\[\]\\<>&*_`{_HIDDEN}][^\[\]\\<>&*_`{_HIDDEN}]*"
_PLAIN_URL = rf"https?://[^\s()<>\\{_HIDDEN}]+"
_PLAIN_NAME = rf"[^\s{_PLAIN}](?:[^{_PLAIN}]*[^\s{_PLAIN}])?"
#: ``[title](https://…)·publisher·author（2025/7/2）·检索日期2025/7/2``, the author and the spaces being optional; where
#: nobody knows the date or a name, words say so.
_COMMONEST = re.compile(
    rf"\[(?P<title>{_PLAIN_TITLE})\]\((?P<url>{_PLAIN_URL})\)"
    rf" ?· ?(?P<publisher>{_PLAIN_NAME})(?: ?· ?(?P<author>{_PLAIN_NAME}))?(?: ?·)?"
    rf" ?[（(](?P<group>[^{_OPEN}]*)[)）] ?· ?检索日期(?P<accessed>{_PLAIN_DATE})",
)
#: ``<a href="https://…" target="_blank">title</a>``: the same link in HTML.
_ANCHOR = re.compile(r'<a href="(https?://[^\s()<>\\"]+)"(?: target="_blank")?>([^<>]+)</a>')

#: ``title·publisher·author（2025/7/2）·检索日期2025/7/2``,
#: ``Author（2025/7/2）。[title](https://…)。Publisher。检索日期2025/7/2。`` and
#: ``Author. (2025/7/2). "[title](https://…)". Publisher. Retrieved 2025/7/2.``
_DATED = re.compile(
    rf"(?P<head>[^{_OPEN}]*)[（(](?P<group>[^{_OPEN}]*)[)）](?: ?·|"
    rf"[.。] ?(?P<quote>\"?)\[(?P<title>{_PLAIN_TITLE})\]\((?P<url>{_PLAIN_URL})\)(?P=quote)(?:。|\. )"
    rf"(?P<publisher>[^{_OPEN}。\"“]+)(?P<stop>[.。])) ?(?:检索日期|(?P<english>Retrieved) )"
    rf"(?P<accessed>{_PLAIN_DATE}|[A-Z][a-z]{{2,8}} \d\d?, 20\d\d)[.。]?",
)

_GROUP = re.compile(r"[（(]([^（()）]*)[)）]")
_DOUBLED = re.compile(r"[（(]\s*(（[^（）]*）)\s*[)）]")
_MARKED_URL = re.compile(rf"[（(\[]\s*{URL_MARK}\s*[)）\]]")
#: After this a date in parentheses ends the claims of a segment, so that even a lone year there is a date.
_ENDS_CLAIM = re.compile(rf"[\s{URL_MARK}{DATE_MARK}]*(?:$|[.。])")
#: ``Publisher, 2025-08-01`` at the end, without parentheses; full dates only (``iOS 26.1`` is none).
_TRAILING_DATE = re.compile(
    r"[\s,，|—–]((?:19|20)\d\d[/.\-年]\d{1,2}[/.\-月]\d{1,2}日?|[A-Z][a-z]{2,8}\.? \d{1,2}, (?:19|20)\d\d)[\s.。]*$",
)

_APA_DATE = re.compile(rf"{DATE_MARK}[\s{DATE_MARK}]*[.。]\s*(?=\S)")
_APA_LINK = re.compile('[\ue000-\uf7ff]["”]?\\s*[.。](?:\\s|\\S)')
#: Where people write posts without titles.
_POST_HOSTS = re.compile(
    r"https?://(?:(?:www|m|mobile)\.)?(?:x|twitter|weibo|linkedin|threads|facebook|bsky|mastodon|reddit)\.(?:com|net|app|social|cn)\b",
)

#: Words of a link that name no title.
_POINTERS = frozenset(
    ["链接", "网址", "原文", "原文链接", "全文", "来源", "来源链接", "查看原文", "阅读原文", "点击查看"],
).union(["link", "url", "source", "original", "here", "full text"])
#: ``September 30th, 2025`` and a word before it.
_LONGEST_DATE = 32

_SOURCE_WORD = re.compile(r"(?:来源|出处|发布方|平台|媒体|Source|Publisher)\s*[:：]\s*", re.IGNORECASE)
_WRAPPERS = {'"': '"', "“": "”", "《": "》", "[": "]"}


class Claims(NamedTuple):
    """What one citation says of a page; a field is None when the text has none."""

    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    accessed: str | None = None


def read_claims(text: str) -> Claims:
    """Take one citation apart. Never fails: what cannot be told apart stays in the title."""
    line = _one_line(text[:_MOST_CHARACTERS])
    if line.startswith("<a "):
        quick = _read_commonest(_ANCHOR.sub(r"[\2](\1)", line, count=1))
    else:
        quick = _read_commonest(line) if line.startswith("[") else _read_dated(line)
    return quick or _read_at_length(line)


def name_of_source(text: str) -> str | None:
    """The names in a line of sources, linked or not."""
    rest, links = take_links(strip_zero_width(text))
    return _clean_name(_MARKED_URL.sub("", rest), links)


def name_outside_links(text: str) -> str | None:
    """The names in a line of sources, without the words of its links."""
    rest, _links = take_links(strip_zero_width(text))
    return _clean_name(_MARKED_URL.sub("", LINK_MARKS.sub(URL_MARK, rest)), [])


def _read_commonest(text: str) -> Claims | None:
    """The form of every third citation in one pattern, ten times faster; None for any other form.

    It must agree with ``_read_at_length``, and leaves to it whatever is not plain.
    """
    match = _COMMONEST.fullmatch(text)
    if match is None or text.count("检索日期") > 1 or text.count("://") > 1:
        return None
    if is_address(match["title"]) or _words_of(match["title"]) is not None:
        return None
    group = match["group"].strip()
    published = parse_date(group)
    if published is None and not is_unknown(group):
        return None
    names = [name for name in (match["publisher"], match["author"]) if name and not is_unknown(name.strip("【】 "))]
    if any(name[-1] in "0123456789日月年" or name != name.strip(EDGES) for name in names):
        return None
    if len(names) > 1 and is_one_name(*names):
        return None
    return Claims(
        title=_clean_title(match["title"], []),
        url=real_url(match["url"]),
        publisher=_clean_name(names[0], []) if names else None,
        author=_clean_name(names[1], []) if len(names) > 1 else None,
        published=published,
        accessed=parse_date(match["accessed"]),
    )


def _read_dated(text: str) -> Claims | None:
    """Three more forms, half of all citations, two to three times faster; None for any other form.

    Like ``_read_commonest`` it must agree with ``_read_at_length``.
    """
    match = _DATED.fullmatch(text)
    if match is None or text.count("检索日期") > 1 or text.count("://") != (match["url"] is not None):
        return None
    first = _ACCESSED.search(text) if match["english"] else None
    if first is not None and first.start() != match.start("english"):
        return None
    group = match["group"].strip()
    published = parse_date(group)
    if published is None and not is_unknown(group):
        return None
    under = Reading(match["head"] + DATE_MARK, [], published, parse_date(match["accessed"]))
    names = _names_of_sentences(under, match) if match["url"] else _names_of_segments(under)
    if names is None:
        return None
    return Claims(
        title=_clean_title(names.title, []),
        url=real_url(match["url"]) if match["url"] else None,
        publisher=_clean_name(names.publisher, []),
        author=_clean_name(names.author, []),
        published=under.published,
        accessed=under.accessed,
    )


def _names_of_segments(under: Reading) -> Names | None:
    return read_segments(under) if "·" in under.rest else None


def _names_of_sentences(under: Reading, match: re.Match[str]) -> Names | None:
    """None where the title is no title, or the publisher no publisher but several sentences, a date, or unknown."""
    title, publisher = match["title"], match["publisher"]
    if is_address(title) or _words_of(title) is not None or ". " in publisher:
        return None
    if under.published is None and publisher.rstrip(" .。")[-1:] in "0123456789日":
        return None
    publisher = strip_marks(publisher + match["stop"].rstrip("。"))
    if is_spent(publisher.rstrip("."), under):
        return None
    return Names(title, publisher, strip_stop(strip_marks(match["head"])))


def _read_at_length(text: str) -> Claims:
    rest, links = take_links(strip_zero_width(text))
    under = Reading(rest, links)
    _place_links(under)
    under.rest = undo_markup(under.rest)
    _take_accessed(under)
    _take_published(under)
    names = _split(under)
    return Claims(
        title=_clean_title(names.title, under.links),
        url=next((link.url for link in under.links if link.url is not None), None),
        publisher=_clean_name(names.publisher, under.links),
        author=_clean_name(names.author, under.links),
        published=under.published,
        accessed=under.accessed,
    )


def _one_line(text: str) -> str:
    """White space collapsed, and the other dots that separate segments made one. ``・`` stands in names only."""
    text = " ".join(text.split())
    for bullet in (" • ", " ‧ ", " ∙ "):
        text = text.replace(bullet, " · ")
    return text


def _place_links(under: Reading) -> None:
    """Put back the words of links that are no title: a date, a word like “link”, or the whole citation."""
    for number, link in enumerate(under.links):
        words = _words_of(link.text) if link.text else None
        if words is not None:
            under.rest = _DOUBLED.sub(r"\1", under.rest.replace(mark_of(number), words, 1))
    if URL_MARK in under.rest:
        under.rest = _MARKED_URL.sub(URL_MARK, under.rest)


def _words_of(text: str) -> str | None:
    """What to put in place of a link with these words; None when they are a title or a name."""
    if len(text) <= _LONGEST_DATE:
        if text.strip("[]（）() ").casefold() in _POINTERS:
            return URL_MARK
        if parse_date(text) is not None:
            return f"（{text}）"
    return text if "·" in text and _ACCESSED.search(text) is not None else None


def _take_accessed(under: Reading) -> None:
    """Cut the text before the accessed date; what follows it are notes."""
    blank: tuple[int, int] | None = None
    # Nine in ten are spelt alike, and a plain search is ten times faster than the pattern.
    first = under.rest.find("检索日期")
    date = read_plain_date(under.rest, first + len("检索日期")) if first >= 0 else None
    if date is not None:
        under.accessed, end = date
        _cut_accessed(under, first, end)
        return
    for match in islice(_ACCESSED.finditer(under.rest, max(first, 0)), _MOST_ACCESSED):
        gap = _ACCESSED_GAP.match(under.rest, match.end())
        date = read_date(under.rest, gap.end() if gap else match.end())
        if date is not None:
            under.accessed, end = date
            _cut_accessed(under, match.start(), end)
            return
        if blank is None and (match["han"] or _ACCESSED_BLANK.match(under.rest, match.end())):
            blank = match.span()
    if blank is not None:
        _cut_accessed(under, *blank)


def _cut_accessed(under: Reading, start: int, end: int) -> None:
    head, tail = under.rest[:start], under.rest[end:]
    if "·" in tail and not head.strip(_BEFORE_ACCESSED):
        under.rest = tail.lstrip(_AFTER_ACCESSED)
    else:
        under.rest = head.rstrip(_AROUND_ACCESSED)


_BEFORE_ACCESSED = EDGES + URL_MARK + "（("
_AFTER_ACCESSED = EDGES + "）)]】"
_AROUND_ACCESSED = EDGES + "（(["


def _take_published(under: Reading) -> None:
    _take_groups(under)
    dated = under.published or under.rest.rstrip(" .。")[-1:] not in "0123456789日"
    trailing = None if dated else _TRAILING_DATE.search(under.rest)
    if trailing is not None and under.rest[: trailing.start()].strip():
        under.published = parse_date(trailing[1])
        under.rest = under.rest[: trailing.start()].rstrip(EDGES + DASHES)


def _take_groups(under: Reading) -> None:
    """Mark the parentheses that hold a date, or say that date or author are unknown; keep the last date."""
    for _nesting in range(2):
        text = under.rest
        if "(" not in text and "（" not in text:
            return
        pieces: list[str] = []
        position = 0
        for group in _GROUP.finditer(text):
            words = group[1].strip()
            date = _date_in(words, text, group.end())
            if date is None and not is_unknown(words):
                continue
            before = text[position : group.start()]
            if _is_vaguer(date, under.published):
                if not _stands_alone(before.rstrip()[-1:]):
                    continue
                date = None
            under.published = date or under.published
            pieces += (before, DATE_MARK)
            position = group.end()
        if not pieces:
            return
        under.rest = "".join(pieces) + text[position:]


def _is_vaguer(date: str | None, other: str | None) -> bool:
    """Is the date a lone year, and the other more than that? Then it dates the report in the title, not the page."""
    return date is not None and other is not None and len(date) == len("2024") < len(other)


def _stands_alone(before: str) -> bool:
    """Does the year after this character stand for itself, and not for a part of a title?"""
    return before in _BEGINS_CLAIM or LINK_MARKS.match(before) is not None


_BEGINS_CLAIM = frozenset(["", *EDGES, *".。（(", URL_MARK, DATE_MARK])


def _date_in(words: str, text: str, end: int) -> str | None:
    """The date in parentheses. A lone year within a title (``报告（2019）·…``) is a part of the title."""
    date = parse_date(words)
    if date is not None and len(date) > len("2024"):
        return date
    if date is None and (is_unknown(words) or not _DIGIT.search(words)):
        return None
    ends_claim = _ENDS_CLAIM.match(text, end) is not None
    return date if date and ends_claim else parse_date_with_words(words, ends_claim=ends_claim and date is None)


def _split(under: Reading) -> Names:
    if _is_post(under):
        return Names(author=strip_marks(under.rest))
    date = _APA_DATE.search(under.rest)
    if date is not None:
        return read_sentences(under, under.rest[: date.start()], under.rest[date.end() :])
    dotted = "·" in under.rest
    if dotted and _APA_LINK.search(under.rest) is None:
        return read_segments(under)
    if dotted and "。" not in under.rest and ". " not in under.rest:
        return read_segments(under)
    return read_sentences(under, "", under.rest)


def _is_post(under: Reading) -> bool:
    """``account (date) https://x.com/…``: a post has an author and no title."""
    if not under.rest.endswith(URL_MARK) or DATE_MARK not in under.rest or "·" in under.rest:
        return False
    url = next((link.url for link in under.links if link.url), "")
    return _POST_HOSTS.match(url) is not None and is_person(strip_marks(under.rest))


def _clean(text: str, links: list[Link]) -> str:
    """Marks replaced by their words, emphasis undone."""
    text = put_back(strip_marks(text), links).strip(EDGES)
    if "**" in text or "`" in text:
        text = text.replace("**", "").replace("`", "")
    if len(text) > 2 and text[0] == text[-1] and text[0] in "_*":
        text = text[1:-1]
    return text.strip()


def _clean_title(text: str, links: list[Link]) -> str | None:
    text = _clean(text, links)
    closing = _WRAPPERS.get(text[:1])
    if closing is not None and text.endswith(closing):
        inner = text[1:-1]
        if text[0] == '"' or (text[0] not in inner and closing not in inner):
            text = inner
    return text.strip() or None


def _clean_name(text: str, links: list[Link]) -> str | None:
    if not text:
        return None
    text = strip_stop(_clean(text, links)).lstrip(DASHES)
    source_word = _SOURCE_WORD.match(text) if ":" in text or "：" in text else None
    text = text[source_word.end() :] if source_word is not None else text
    if text[:1] in "（([" and text[-1:] in "）)]":
        text = text[1:-1].strip()
    return None if not text or is_unknown(text) else text
