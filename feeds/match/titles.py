"""When two titles are one: a cited title and an entry's own (rule "same title")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from feeds.match.values import Story
from feeds.model import Citation
from feeds.urls import host_of

#: What sites append to their titles: " - Site", " | Site", "_Site". Longer tails belong to the title.
_TAIL = re.compile(r"(?:\s[-–—·]\s|\s?[|｜_]\s?)[^-–—|｜_·]{2,32}$")
#: The dots of a title that was cut, and the name of a site after them.
_CUT = re.compile(r"\s?(?:\.{3}|…)[.…]*\s?(?:$|(?=[-–—|｜_·]))")
_WORD = re.compile(r"[a-z0-9\u00df-\u024f]+|[\u3040-\u30ff\uac00-\ud7af]+|[\u3400-\u9fff]")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
#: What makes English titles other than ASCII, and is no part of a word but for the first.
_PLAIN = str.maketrans("’‘“”–—•", "'      ")
_DIGITS = re.compile(r"\d+")
#: What is cut or bare is still a title from so many words on; a Chinese character is half a word.
_TELLING = 4
#: The part of an address that repeats the title: at least five words.
_SLUG_HYPHENS = 4
_SLUG = re.compile(rf"[a-z0-9]+(?:-[a-z0-9]+){{{_SLUG_HYPHENS},40}}")
#: Beyond this no title is compared.
_LONGEST = 400
#: Hosts of many publishers: there the host says nothing of where a page is from.
_SHARED_HOSTS = frozenset(
    {
        "facebook.com",
        "github.com",
        "linkedin.com",
        "medium.com",
        "mp.weixin.qq.com",
        "news.google.com",
        "reddit.com",
        "substack.com",
        "twitter.com",
        "weibo.com",
        "x.com",
        "youtube.com",
        "zhihu.com",
    }
)
#: A shorter name may be part of any other.
_SHORTEST_PART = 4


class Title(NamedTuple):
    """A title, ready to be compared."""

    #: Its words, folded, without punctuation: as it stands, and without the name of its site.
    forms: tuple[str, ...]
    #: The beginning of one that was cut; empty for a whole one.
    start: str
    #: How telling it is: Latin words, and Chinese characters by half.
    weight: float


@lru_cache(maxsize=1 << 12)  # in a daemon these are all that a new entry leaves behind
def read_title(text: str) -> Title:
    """Take a title apart."""
    text = unicodedata.normalize("NFC", text[:_LONGEST])
    words = _words(text)
    cut = _CUT.search(text)
    start = _words(text[: cut.start()]) if cut else ()
    tail = _TAIL.search(text)
    bare = _words(text[: tail.start()]) if tail else ()
    forms = [words, *([bare] if _weight(bare) >= _TELLING else ())]
    return Title(
        forms=tuple(" ".join(form) for form in forms if form),
        start=" ".join(start) if _weight(start) >= _TELLING else "",
        weight=_weight(words),
    )


def title_words(text: str) -> list[str]:
    """What a title is found by: Latin words, and Chinese characters in pairs."""
    text = text[:_LONGEST]
    words = _words(text)
    if text.isascii():
        return list(dict.fromkeys(words))
    pairs = [one + two for one, two in pairwise(words) if _is_chinese(one) and _is_chinese(two)]
    return list(dict.fromkeys([*(word for word in words if not _is_chinese(word)), *pairs]))


def _words(text: str) -> tuple[str, ...]:
    text = text if text.isascii() else text.translate(_PLAIN)
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return tuple(_WORD.findall(_APOSTROPHE.sub("", folded) if "'" in folded else folded))


def _weight(words: tuple[str, ...]) -> float:
    return sum([0.5 if _is_chinese(word) else 1.0 for word in words])


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


def slug_titles(urls: Iterable[str]) -> list[str]:
    """The words of addresses, as titles: who cites from memory of a link writes those."""
    long = [url.partition("?")[0].split("/") for url in urls if url.count("-") >= _SLUG_HYPHENS]
    slugs = [max(parts, key=lambda part: part.count("-")) for parts in long]
    return [slug.replace("-", " ") for slug in dict.fromkeys(slugs) if _SLUG.fullmatch(slug)]


@cache
def _ratio() -> Callable[..., float]:
    from rapidfuzz.fuzz import ratio  # noqa: PLC0415 - 20 ms that most runs need not spend

    return ratio


def likeness(cited: Title, own: Title, *, at_least: float) -> float:
    """How alike two titles are, 0 to 1, and 0 below ``at_least``; other numbers make another title (EP 35, EP 36)."""
    ratio = _ratio()
    if cited.start and any(form.startswith(cited.start) for form in own.forms):
        return 1.0
    best = 0.0
    for one in cited.forms:
        for two in own.forms:
            alike = ratio(one, two, score_cutoff=100 * at_least) / 100
            if alike > best and _DIGITS.findall(one) == _DIGITS.findall(two):
                best = alike
    return best


def same_source(citation: Citation, story: Story) -> str:
    """In what a citation agrees with an entry on where it is from; empty when in nothing."""
    host = host_of(citation.key or "")
    if host and host not in _SHARED_HOSTS and host in {story.host.removeprefix("www."), *map(host_of, story.urls)}:
        return f"host {host}"
    publisher = "".join(_words(citation.publisher or ""))
    for name in story.sources:
        folded = "".join(_words(name))
        if publisher and folded and (publisher == folded or (len(folded) >= _SHORTEST_PART and folded in publisher)):
            return f"publisher {citation.publisher}"
    return ""
