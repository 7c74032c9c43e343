"""Guess the language that articles are written in, from their letters and their commonest words. Pure but for sampling.

A library for this weighs 1 to 150 MB and knows 100 languages from one sentence. Here there are whole articles, and one
answer for all of them: letters tell most languages, and a dozen little words the others, in every third word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feeds.content.files import FileStat

#: Articles that are looked at, and how much of each (bytes): 10 ms.
_MAX_ARTICLES = 40
_MAX_BYTES = 8_000
#: Of the words, so many must be known ones; prose has 25 to 45 of 100, text of another language below 5.
_MIN_SHARE = 0.08
#: Of what is nothing but names and numbers.
_UNKNOWN = ""

#: Scripts: what is written in them, in characters that make about one word.
_SCRIPTS = (
    ("[\u3040-\u30ff]", "ja", 2.0), ("[\uac00-\ud7a3]", "ko", 2.5), ("[\u4e00-\u9fff\u3400-\u4dbf]", "zh", 1.6),
    ("[\u0400-\u04ff]", "cyrillic", 6.0), ("[\u0600-\u06ff]", "arabic", 5.0), ("[\u0370-\u03ff]", "el", 6.0),
    ("[\u0590-\u05ff]", "he", 5.0), ("[\u0900-\u097f]", "hi", 5.0), ("[\u0e00-\u0e7f]", "th", 5.0),
    ("[\u0980-\u09ff]", "bn", 5.0), ("[\u0b80-\u0bff]", "ta", 6.0), ("[\u10a0-\u10ff]", "ka", 6.0),
    ("[\u0530-\u058f]", "hy", 6.0), ("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]", "latin", 5.0),
)  # fmt: skip
#: Letters that only one language of a script has.
_LETTERS = {
    "cyrillic": (("[іїєґ]", "uk"), ("[ў]", "be"), ("[ђћџљњј]", "sr"), ("[ыэё]", "ru"), ("[ъщ]", "bg")),
    "arabic": (("[ٹڈڑے]", "ur"), ("[پچژگی]", "fa"), ("[ةىي]", "ar")),
}
#: The commonest words of languages in Latin letters that few of the others have.
_WORDS = {
    "en": "the of and to is in that it for was with are this on be from have not you or which as at by but we they",
    "de": "der die und das nicht ist ein eine zu den mit sich von auf für dem auch es wie wird als aus bei sind ich",
    "fr": "le la les des et est une dans pour que qui pas sur plus avec ce au du sont par nous vous être cette ou",
    "es": "el los las que una es por para con del se lo como más pero su al sus este está son también muy y ha",
    "pt": "o os uma que é para com não do da em mais por se dos como mas ao das foi são também muito seu você",
    "it": "il di che è la un per non una sono con del della le gli più si anche nel come ma dei alla questo ho",
    "nl": "de het een van en is dat niet op te zijn met voor er aan ook als om maar bij door naar wordt deze ik",
    "sv": "och att det som en på är av för med den till inte om ett har jag men vi så kan från eller när",
    "da": "og at det som en på er af for med den til ikke et har jeg men vi så kan fra eller når også der",
    "nb": "og å det som en på er av for med den til ikke et har jeg men vi så kan fra eller når også være",
    "fi": "ja on ei se että oli kun mutta myös hän ovat niin tai kuin sen jos joka ole tämä mukaan vain",
    "pl": "i w na się nie z do to że jest jak o po za przez dla są co ale od czy tym być było może tego",
    "cs": "a se v na je že to s z do o jako pro by ale jsem i k si jsou tak který jeho byl jen nebo",
    "sk": "a sa v na je že to s z do o ako pre by ale som aj k si sú tak ktorý jeho bol len alebo",
    "hu": "a az és hogy nem is egy volt meg de ez csak mint már van még el ki lesz vagy ha azt aki",
    "ro": "și în de la a nu cu pe care că este un o din mai sunt pentru au sau se prin această lui fi",
    "tr": "ve bir bu için de da ile çok olarak daha ne gibi olan en ama var sonra kadar değil mi ki o",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada",
    "vi": "và là của có không được cho trong một các với này để người những khi đã từ như cũng đến về thì",
    "ca": "el la els les i que és per amb una del no es en al com més però va són aquest als també ha",
    "hr": "i je u se da na su za od a s koji nije kao ali bi ne ili što po samo biti kako iz još sam",
}
#: Of characters that only one way of writing Chinese has.
_SIMPLIFIED = re.compile("[这个们来时说对为国会后过还没关经开问门间东车话学发现实应从让见长进动]")
_TRADITIONAL = re.compile("[這個們來時說對為國會後過還沒關經開問門間東車話學發現實應從讓見長進動]")

_FRONT_MATTER = re.compile(r"\s*(-{3}|\+{3})[ \t]*\n.{0,6000}?\n\1[ \t]*\n", re.DOTALL)
_TITLE = re.compile(r"^title *[:=] *(.+)$", re.MULTILINE | re.IGNORECASE)
#: What is no prose: code, tags, addresses, footnotes' marks.
_NO_PROSE = re.compile(
    r"```.{0,4000}?(?:```|$)|`[^`\n]{1,200}`|<[^<>]{1,500}>|https?://[^\s()<>]+|\[\^[^\]\s]{1,40}\]", re.DOTALL
)
_WORD = re.compile(r"[^\W\d_]+")


def guess_site_language(files: Mapping[str, FileStat]) -> tuple[str, int]:
    """(BCP 47 tag, number of articles that were looked at) of the language of most articles; empty when none tells.

    The same files give the same answer: a sample of even distance in the order of paths.
    """
    paths = sorted(files)
    step = max(1, len(paths) // _MAX_ARTICLES)
    texts = [_beginning(files[path].absolute) for path in paths[::step][:_MAX_ARTICLES]]
    return most_used(map(guess_language, texts)), len(texts)


def most_used(languages: Iterable[str]) -> str:
    """The language of most; of two equally frequent ones the first in the alphabet."""
    counts = Counter(filter(None, languages))
    return min(counts, key=lambda language: (-counts[language], language), default=_UNKNOWN)


def guess_language(text: str) -> str:
    """The BCP 47 tag of one article's language; empty when it does not tell."""
    front = _FRONT_MATTER.match(text)
    title = _TITLE.search(front[0]) if front else None
    text = _NO_PROSE.sub(" ", f"{title[1] if title else ''}\n{text[front.end() if front else 0 :]}")
    words = {script: len(_compiled(letters).findall(text)) / size for letters, script, size in _SCRIPTS}
    # Two in three characters of Japanese may be Chinese ones; none of Chinese is Japanese.
    if words["ja"] > words["zh"] / 20:
        words["ja"] += words.pop("zh")
    script = max(words, key=lambda name: words[name])
    if words[script] < 1:
        return _UNKNOWN
    if script == "latin":
        return _by_words(text)
    if script in _LETTERS:
        counts = {language: len(_compiled(letters).findall(text.lower())) for letters, language in _LETTERS[script]}
        return max(counts, key=lambda language: counts[language])
    if script == "zh":
        is_traditional = len(_TRADITIONAL.findall(text)) > len(_SIMPLIFIED.findall(text))
        return "zh-TW" if is_traditional else "zh-CN"
    return script


def _by_words(text: str) -> str:
    words = Counter(_WORD.findall(text.lower()))
    total = words.total()
    shares = {
        language: sum(words[word] for word in known) / total for language, known in _known_words().items() if total
    }
    best = max(shares, key=lambda language: shares[language], default=_UNKNOWN)
    return best if best and shares[best] >= _MIN_SHARE else _UNKNOWN


@cache
def _known_words() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _WORDS.items()}


@cache
def _compiled(letters: str) -> re.Pattern[str]:
    return re.compile(letters)


def _beginning(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - Path takes half as long again
            return file.read(_MAX_BYTES).decode("utf-8-sig", "ignore")
    except OSError:
        return ""
