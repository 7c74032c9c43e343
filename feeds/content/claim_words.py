"""Hold one citation while it is taken apart, and judge its words: what may be a name, what is only a date.

``claims.py`` cuts links and dates out and leaves marks in their places; ``claim_segments.py`` and
``claim_sentences.py`` tell title, publisher and author apart in what is left.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct, field

from feeds.content.cited_links import URL_MARK, Link, mark_of
from feeds.content.claim_people import are_names
from feeds.content.partial_dates import is_unknown, parse_date

#: Stands for a date, or the word that it is unknown, in parentheses.
DATE_MARK = "\uf8fe"
#: A link with words, or a title in quotation marks.
LINK_MARKS = re.compile("[\ue000-\uf7ff]")

#: What may stand around a claim and is none of it.
EDGES = " \t·,，;；、:：|"
DASHES = " -–—"

HOST = re.compile(r"(?:[\w\-]+\.)+[A-Za-z]{2,12}(?:/\S*)?")
_ABBREVIATED = re.compile(r"(?:[ ,][A-Z]|\bal|\bInc|\bJr|\bLtd)\.$")
_NUMBERED = re.compile(r"\[\d{1,3}\]\s*")
_SENTENCE = re.compile(r"[，。！？：；…“”「」!?;]|: |\.\.\.|, ")
WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff60]")
_WIDE_RUNS = re.compile(WIDE.pattern + "+")
_LAST_GROUP = re.compile(r"\s\(([^()]+)\)$")
_WORD = re.compile(r"[^\W_]+")
#: 微信公众号“灯报”: the one kind of name that wears quotation marks.
_ACCOUNT = re.compile(r"\w{0,6}(?:公众号|视频号|账号|频道|专栏)[“「\"][^“”「」\"]{1,20}[”」\"]")

#: No name holds these. ASCII ``!`` and ``;`` are left out (``Yahoo! Finance``, ``Li, W.; Sun, Y.``).
_CLAUSE = re.compile(r"[，。！？；…?]|\.\.\.|[:：](?=.)")
_BAR = re.compile(r"[|｜]")
#: Names may be this wide, in columns; wider ones are lists and institutions.
_WIDEST_NAME = 40
_INSTITUTION = re.compile(
    r"(?:大学|学院|研究院|研究所|实验室|公司|办公室|委员会|协会|学会|联盟|中心|杂志|学报|出版社|日报)$"
    r"|\b(?:Proceedings|Conference|Journal|Transactions|Advances in|University|Institute|Laboratory|Department|Ministry"
    r"|Association|Society|Commission|Committee)\b",
)


class Names(NamedTuple):
    """Title, publisher and author as cut from the text, marks not yet replaced."""

    title: str = ""
    publisher: str = ""
    author: str = ""


class Reading(Struct):
    """The text under the knife: what is left of it, the links taken out, and the date found."""

    rest: str
    links: list[Link]
    published: str | None = None
    accessed: str | None = None
    #: Titles in quotation marks, by mark.
    quoted: set[str] = field(default_factory=set)


def strip_marks(text: str) -> str:
    """Without the places of dates and bare addresses, and without separators at the edges."""
    return text.replace(DATE_MARK, "").replace(URL_MARK, "").strip(EDGES)


def strip_stop(text: str) -> str:
    """Without the full stop of a sentence; the one of an initial or of ``et al.`` stays."""
    text = text.rstrip("。，, ")
    if "." not in text[-2:]:
        return text
    return text if _ABBREVIATED.search(text) is not None else text.rstrip(".")


def link_text(mark: str, links: list[Link]) -> str:
    """The words of the link that the mark stands for."""
    number = ord(mark) - ord(mark_of(0))
    return links[number].text if number < len(links) else ""


def put_back(text: str, links: list[Link]) -> str:
    """The text with the words of its links in place of their marks."""
    if not links or LINK_MARKS.search(text) is None:
        return text
    return LINK_MARKS.sub(lambda match: link_text(match[0], links), text)


def cut_at_link(segment: str) -> tuple[str, str, str]:
    """The segment before, at and after its first link."""
    mark = LINK_MARKS.search(segment)
    if mark is None:
        return segment, "", ""
    return segment[: mark.start()].lstrip(EDGES), mark[0], segment[mark.end() :]


def cut_source(prefix: str) -> tuple[str, str]:
    """What stands before a link: its source (``36氪. ``, ``智东西：``), or else half of the title."""
    words = prefix.rstrip()
    if _NUMBERED.fullmatch(prefix):
        return "", ""
    if words.endswith((".", "。")) and not words.endswith(".."):
        return words, ""
    if words.endswith((":", "：")) and is_name(words[:-1]):
        return words, ""
    return "", prefix


def host_of(links: list[Link]) -> str:
    """The host of the first address; empty without any."""
    return next((link.url for link in links if link.url), "").partition("//")[2].partition("/")[0].casefold()


def names_host(name: str, host: str) -> bool:
    """Does the host carry the name (The Register, www.theregister.com)? One letter is all of a label (X, x.com)."""
    letters = "".join(_WORD.findall(name.casefold()))
    if len(letters) < 2:
        return letters != "" and letters in host.split(".")
    return letters in host.replace(".", "").replace("-", "")


def names_only(name: str, other: str, host: str) -> bool:
    """Does the host carry the name, and not the other words?"""
    return names_host(name, host) and not names_host(other, host)


def cut_trailing_group(title: str) -> Names:
    """``title (GitHub)``: a host in place of everything else."""
    group = _LAST_GROUP.search(title)
    if group is None or not is_name(group[1]) or WIDE.search(group[1]):
        return Names(title)
    return Names(title[: group.start()], group[1])


def is_spent(words: str, under: Reading) -> bool:
    """A segment that holds nothing more than a date, a number in brackets, or the word that something is unknown."""
    if not words or is_unknown(words.strip("[]【】 ")) or (words[0] == "[" and _NUMBERED.fullmatch(words)):
        return True
    date = parse_date(words) if words[-1].isdigit() or words[-1] in "日月年" else None
    if date is None:
        return False
    under.published = under.published or date
    return True


def width(text: str) -> int:
    """Columns: an ideograph counts two."""
    return len(text) + (0 if text.isascii() else sum(map(len, _WIDE_RUNS.findall(text))))


def is_name(text: str) -> bool:
    """May the text name a publisher or an author (short, no sentence)?"""
    # Measuring costs more than counting: most texts are surely short enough, or surely too long.
    length = len(text)
    if not 0 < length <= _WIDEST_NAME or (length > _WIDEST_NAME // 2 and width(text) > _WIDEST_NAME):
        return False
    return _SENTENCE.search(text) is None or _ACCOUNT.fullmatch(text) is not None


def is_clause(text: str) -> bool:
    """Does the text hold the punctuation of a sentence, so that it is a title and no name?"""
    return _CLAUSE.search(text) is not None and not are_names(text)


def is_no_name(text: str) -> bool:
    """A clause, or wider than names are. Between this and ``is_name`` are texts that may be either."""
    if width(text) <= _WIDEST_NAME:
        return is_clause(text)
    if is_list(text) or are_names(text):
        return False
    return _CLAUSE.search(text) is not None or _INSTITUTION.search(text) is None


def is_list(text: str) -> bool:
    """Topics joined by tight bars (``知识库|大模型|智能体``), as sites name themselves; not ``title | site``."""
    parts = _BAR.split(text)
    return len(parts) > 2 and all(part == part.strip() for part in parts)


def is_person(text: str) -> bool:
    """May the text name a person or an account: at most six ideographs, or four Latin words?"""
    return is_name(text) and width(text) <= 26 and (len(text) <= 6 or not WIDE.search(text)) and text.count(" ") <= 3
