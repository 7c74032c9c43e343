"""In what sentences two texts differ, and whether that is substance: numbers, names, negations, or several words. Pure.

Typography, tracking parameters, counters, relative times, lists of links and the sentences that systems add are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from feeds.sources.clean import words_of

#: Beyond this a text is not compared: the longest real article has half of it.
_LONGEST = 100_000
#: A text so many times as long, and of so many words, is of another kind: the article and not its summary.
_OTHER_KIND_TIMES = 3
_OTHER_KIND_WORDS = 120
#: Content words that came or went (a Chinese character is half of one): one word put for another is style, and so are
#: most changes below that in two years' edits of three news sites.
_MANY = 4.0
#: Letters that came or went with them: "lora-chip" is "lorachip".
_MANY_LETTERS = 14
#: Words more alike than this are one, spelt in two ways.
_SAME_WORD = 80
_SHORTEST_MISSPELT = 4


class Sentence(NamedTuple):
    """One sentence, or what stands for one: a heading, a line of a list."""

    text: str
    #: Folded.
    words: tuple[str, ...]
    #: Those of ``words`` that are written as names are.
    names: tuple[str, ...]

    @property
    def is_capital(self) -> bool:
        """Whether its first word could be a name."""
        return self.text[:1].isupper() and bool(self.words) and self.words[0] not in _STOP

    @property
    def key(self) -> str:
        """Equal for sentences that differ in nothing but typography."""
        return " ".join(self.words)


class Difference(Struct, frozen=True, kw_only=True):
    """What is gone and what is new, by key, in the order of the texts."""

    gone: Mapping[str, Sentence] = field(default_factory=dict)
    new: Mapping[str, Sentence] = field(default_factory=dict)

    def without(self, keys: Iterable[str]) -> Difference:
        """Less some sentences."""
        dropped = frozenset(keys)
        return Difference(
            gone={key: one for key, one in self.gone.items() if key not in dropped},
            new={key: one for key, one in self.new.items() if key not in dropped},
        )


# -- reading ---------------------------------------------------------------------------------------------------------

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|h[1-6]|blockquote|pre|tr|td|th|table|figure|figcaption|dt|dd|hr|br)\b[^<>]*>"
)
_LINKED = re.compile(r"<a\b[^<>]*>[^<]*(?:<(?!/?a\b)[^<>]*>[^<]*)*</a>")
#: What a list of links has beside them.
_BETWEEN_LINKS = re.compile(r"<[^<>]*>|&nbsp;|[\s\W\d]+")


def text_of(html: str) -> str:
    """The words of clean HTML, a line for each block; blocks that are nothing but links are left out."""
    if "<" not in html:
        return html[:_LONGEST]
    blocks = (block for block in _BLOCK.split(html[:_LONGEST]) if not _is_only_links(block))
    return "\n".join(filter(None, map(words_of, blocks)))


def _is_only_links(block: str) -> bool:
    return "<a" in block and not _BETWEEN_LINKS.sub("", _LINKED.sub("", block))


#: Not behind "U.S." and "p.m.".
_END = re.compile(r"(?<=[.!?…])(?<![A-Z]\.)(?<!\.[a-z]\.)[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*\s*|\n+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；）]+", re.IGNORECASE)
_UNIT = r"(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year)s?"
#: What changes by itself: how long ago it was,
_AGO = re.compile(
    rf"\b(?:\d{{1,3}}|an?|one)\s{_UNIT}\sago\b|\b(?:just\snow|yesterday|updated:?\s\d{{1,3}}\s{_UNIT})\b"
    r"|(?<!\d)\d{1,3}\s?(?:秒|分钟|小时|天|周|个月|年)(?:之)?前|刚刚|昨天\s?\d\d:\d\d",
    re.IGNORECASE,
)
#: and how many have read, liked or discussed it.
_NUMBER = r"(?<![\d.,])\d[\d.,]{0,12}"
_COUNTS = re.compile(
    rf"{_NUMBER}[km]?\s(?:comments?|repl(?:y|ies)|views?|likes?|shares?|points?|upvotes?|votes?|reads?|retweets?|claps?"
    r"|min(?:ute)?s?\sread|followers?|subscribers?)\b"
    rf"|\b(?:comments?|views?|likes?|shares?|points?|votes?|score):\s?{_NUMBER}[km]?"
    rf"|(?:评论|阅读|浏览|点赞|收藏|转发|点击|热度|人气)(?:量|数|次数)?\s?[:：(（]?\s?{_NUMBER}\s?[万亿kw]?\s?[)）]?"
    rf"|{_NUMBER}\s?[万亿kw]?\s?(?:条|次|人|个)?(?:评论|阅读|浏览|点赞|收藏|转发|点击)",
    re.IGNORECASE,
)
#: How sentences begin that systems and not authors write.
_MACHINE = re.compile(
    r"\s*(?:the\spost\s.{0,400}\bfirst\son\b|(?:continue|keep)\sreading|click\shere|learn\smore|see\s(?:also|more)"
    r"|read\s(?:more|the\sfull|full|on|also|next|the\srest)|view\s(?:original|full|on|in)|you\s(?:may|might)\salso\slike"
    r"|related(?:\s(?:articles?|stories|posts?|reading))?\s?[:：]|advertis\w+\b|sponsored|ad\s?[:：]|promoted|subscribe\b"
    r"|sign\sup\b|share\sthis|follow\sus|comments?\s?$|buy\sit\sat|source\s?[:：]|©|copyright\b|all\srights\sreserved"
    r"|for\spersonal\suse|this\s(?:article|post|story)\s(?:originally\s|was\sfirst\s)"
    r"|广告|赞助|推广|推荐阅读|相关(?:阅读|文章|推荐)|延伸阅读|阅读(?:原文|全文|更多)|查看(?:原文|全文|更多)"
    r"|点击(?:查看|阅读|这里)|扫码|关注(?:我们|公众号)|猜你喜欢|热门(?:文章|推荐)|上一篇|下一篇|本文来自|本文由|分享到"
    r"|来源[:：]|责任编辑|编辑[:：])",
    re.IGNORECASE,
)


def sentences(text: str) -> list[Sentence]:
    """The sentences that an author wrote."""
    return [one for raw in _END.split(text[:_LONGEST]) if raw and (one := _sentence(raw)).words]


#: Words beside each of the counters of a line.
_FEW = 2


def fold(text: str) -> str:
    """The words of a text without typography."""
    return " ".join(word for word, _ in _words(text))


def _sentence(raw: str) -> Sentence:
    if _MACHINE.match(raw):
        return Sentence(raw, (), ())
    text = _AGO.sub(" ", _URL.sub(" ", raw))
    words = list(_words(text))
    rest, counts = _COUNTS.subn(" ", text)
    # "Points: 123" is a counter, "Shares rose 5 points" is news.
    if counts and len(left := list(_words(rest))) <= _FEW * counts - 1:
        words = left
    return Sentence(raw.strip(), tuple(word for word, _ in words), tuple(word for word, is_name in words if is_name))


#: Spellings of one word.
_SPELLINGS = (
    (re.compile(r"\bcan['’]?t\b|\bcannot\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon['’]t\b", re.IGNORECASE), "will not"),
    (re.compile(r"n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"(?<=\d)\s?(?:per\s?cent|pct)\b", re.IGNORECASE), "%"),
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"['’ʼ](?:s\b)?"), ""),
    (re.compile(r"(?<![^\W_])([^\W\d_])\.(?=[^\W\d_](?:[.\s]|$))"), r"\1"),
)
_WORD = re.compile(
    r"(?:(?<![\w)])[-−–])?[$€£¥₹]?\d+(?:[.:/]\d+)*%?"  # numbers, with what gives them their meaning
    r"|[\u3400-\u9fff]"
    r"|[^\W\d_\u3400-\u9fff]+(?:\+\+|#(?!\w))?"
)
#: After these a capital is no sign of a name.
_OPENS = frozenset("“\"‘'「『(（[:：—–-•*.!?")
#: Characters in which the one before a word is looked for.
_NEAR = 4
_NUMERALS = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
}


def _words(raw: str) -> Iterator[tuple[str, bool]]:
    """Each word, folded, and whether it is written as a name."""
    text = unicodedata.normalize("NFKC", raw)
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    for match in _WORD.finditer(text):
        word = match[0]
        start, end = match.span()
        is_name = word[0].isupper() and (
            # "Sam Altman" is a name wherever it stands.
            _is_within(text[max(start - _NEAR, 0) : start]) or text[end + 1 : end + 2].isupper()
        )
        folded = _plain(word)
        yield _NUMERALS.get(folded, folded), is_name and folded not in _STOP


def _is_within(before: str) -> bool:
    """Whether a word that stands behind this is not the first of its sentence."""
    before = before.rstrip()
    return bool(before) and before[-1] not in _OPENS


def _plain(word: str) -> str:
    """Without case and accents."""
    if word.isascii():
        return word.lower().replace(":", ".")
    apart = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).replace("−", "-").replace("–", "-")


# -- comparing -------------------------------------------------------------------------------------------------------

#: Where a text is cut off; what stands behind it ("© 2024") is not the author's.
_CUT = re.compile(r"\[\s?(?:…|\.{3})\s?\]|(?:\.{3}|…)\s*$")


def difference(before: str, after: str) -> Difference:
    """What is gone and what is new; nothing when one text is the other one cut off, or of another kind."""
    if before == after:
        return Difference()
    (old, is_old_cut), (new, is_new_cut) = _read(before), _read(after)
    if is_old_cut and is_new_cut:
        old, new = _clipped(old, new)
        new, old = _clipped(new, old)
    elif is_old_cut or is_new_cut:
        # The beginning of the article on one side, and on the other all of it or what somebody wrote in its place.
        return Difference()
    if not old or not new or _is_other_kind(old, new) or _is_start(new, old) or _is_broken_off(old, new):
        return Difference()
    olds, news = {one.key: one for one in old}, {one.key: one for one in new}
    return Difference(
        gone={key: one for key, one in olds.items() if key not in news},
        new={key: one for key, one in news.items() if key not in olds},
    )


def _read(text: str) -> tuple[list[Sentence], bool]:
    """The sentences, and whether the text is cut off within the last one."""
    cut = _CUT.search(text)
    return sentences(text[: cut.start()] if cut else text), cut is not None


#: So many words tell which sentence it is.
_OPENING = 4


def _clipped(cut: list[Sentence], other: list[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """Both without what stands from the sentence on within which the first is cut."""
    start = cut[-1].words[:_OPENING] if cut else ()
    found = (position for position, one in enumerate(other) if start and one.words[: len(start)] == start)
    return cut[:-1], other[: next(found, len(other))]


def _is_start(short: list[Sentence], long: list[Sentence]) -> bool:
    """Whether a text is the other one's beginning: it was cut off."""
    words, whole = _all_words(short), _all_words(long)
    return len(words) <= len(whole) and whole[: len(words)] == words


def _is_broken_off(short: list[Sentence], long: list[Sentence]) -> bool:
    """Whether a text is the other one's beginning and ends within a sentence: what follows was always there."""
    return _is_start(short, long) and short[-1].words != long[len(short) - 1].words


def _all_words(many: Iterable[Sentence]) -> list[str]:
    return [word for one in many for word in one.words]


def _is_other_kind(old: list[Sentence], new: list[Sentence]) -> bool:
    few, many = sorted((sum(len(one.words) for one in old), sum(len(one.words) for one in new)))
    return many >= _OTHER_KIND_WORDS and many >= _OTHER_KIND_TIMES * few


# -- judging ---------------------------------------------------------------------------------------------------------

_CHINESE = re.compile("[\u3400-\u9fff]")
_NEGATIONS = frozenset(
    ("not", "no", "never", "none", "neither", "nor", "without", "nobody", "nothing", "false", *"不没未无否勿非")
)
_CHINESE_NUMBERS = frozenset("一二三四五六七八九十百千万亿两零半")
#: They come and go with every copy editor.
_STOP_WORDS = """
a an the of in on at to for from by with and or but as is are was were be been being it its this that these those he she
they his her their them i we you our your my who which what when where how why so than then there here also has have had
do does did will would can could may might just now new more most into over about after before up out
的 了 在 是 和 与 及 等 也 就 都 而 着 这 那 其 之 将 把 被 对 于 并 为 以 由 从 到 中 上 下 个
"""
_STOP = frozenset(_STOP_WORDS.split())


def is_substance(found: Difference) -> bool:
    """Whether what differs is more than style."""
    gone, new = list(found.gone.values()), list(found.new.values())
    old_words, new_words = _all_words(gone), _all_words(new)
    if "".join(old_words) == "".join(new_words) and _numbers(old_words) == _numbers(new_words):
        return False
    return (
        _numbers(old_words) != _numbers(new_words)
        or _count(old_words, _NEGATIONS) != _count(new_words, _NEGATIONS)
        or _has_other_names(gone, new)
        or (_weight(old_words, new_words) >= _MANY and _has_other_letters(old_words, new_words))
    )


def _numbers(words: Sequence[str]) -> list[str]:
    return [word for word in words if word[-1] in "0123456789%" or word[-1].isdecimal() or word in _CHINESE_NUMBERS]


def _count(words: Iterable[str], wanted: frozenset[str]) -> int:
    return sum(word in wanted for word in words)


def _has_other_names(gone: Sequence[Sentence], new: Sequence[Sentence]) -> bool:
    """Names that one side has and the other side nowhere; a sentence's first word only if it is all that differs."""
    olds, news = set(_all_words(gone)), set(_all_words(new))
    if _missing(_names(gone), news) or _missing(_names(new), olds):
        return True
    if len(gone) != 1 or len(new) != 1 or not (gone[0].is_capital and new[0].is_capital):
        return False
    return gone[0].words[1:] == new[0].words[1:] and not _same_words(gone[0].words[:1], new[0].words[:1])


#: Letters of a name without which it is no stem: shorter ones have other words as their forms.
_STEM = 4


def _missing(names: set[str], words: set[str]) -> set[str]:
    """Names that are not among the words, nor with one or two letters more or less at their end."""
    stems = {word[:-cut] for word in words for cut in (1, 2)}
    return {
        name
        for name in names - words
        if len(name) < _STEM or not (name in stems or name[:-1] in words or name[:-2] in words)
    }


def _names(many: Iterable[Sentence]) -> set[str]:
    return {name for one in many for name in one.names}


def _weight(old_words: Sequence[str], new_words: Sequence[str]) -> float:
    """How many content words came and went, less those that are spelt in another way."""
    olds, news = Counter(old_words), Counter(new_words)
    gone = [word for word in (olds - news).elements() if word not in _STOP]
    new = [word for word in (news - olds).elements() if word not in _STOP]
    if len(gone) + len(new) > 100:  # enough, and the pairs would be many
        return float(len(gone) + len(new)) / 2
    same = _same_words(gone, new)
    return sum(0.5 if "\u3400" <= word <= "\u9fff" else 1.0 for word in (*gone, *new)) - 2 * same


def _has_other_letters(old_words: Sequence[str], new_words: Sequence[str]) -> bool:
    from rapidfuzz.distance import Indel  # noqa: PLC0415 (see below)

    old, new = "".join(old_words), "".join(new_words)
    # In Chinese, where one letter is half a word, there is no other spelling.
    most = _MANY_LETTERS if not _CHINESE.search(old + new) else _MANY
    # As long as a book: they differ in more than that, and to count would take a second.
    return max(len(old), len(new)) > _LONGEST // 5 or Indel.distance(old, new) >= most


def _same_words(gone: Sequence[str], new: Sequence[str]) -> int:
    from rapidfuzz.fuzz import ratio  # noqa: PLC0415 (20 ms that most polls need not spend)

    left = [word for word in new if len(word) >= _SHORTEST_MISSPELT]
    found = 0
    for word in gone:
        twin = next((other for other in left if ratio(word, other) >= _SAME_WORD), None)
        if len(word) >= _SHORTEST_MISSPELT and twin is not None:
            left.remove(twin)
            found += 1
    return found
