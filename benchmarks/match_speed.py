"""Measure matching on a made-up site: all entries against all articles from nothing, one new entry, edited articles.

    python benchmarks/match_speed.py --articles 10000 --entries 100000 --seed 1

Texts are as long as real ones (articles 2,000 characters with 130 Latin words, four citations; entries a headline and
a sentence); names and words come as often as Zipf's law has it, and each article cites four entries and tells one more
without citing it. Of the 16 things that an entry says a third is rare among the articles and a third in none of them,
as in 2,053 entries of real feeds. Prints a Markdown table of CPU time on one core.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import platform
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from feeds.match import Matcher, Piece, Story
from feeds.match.keys import story_keys
from feeds.match.words import WORDS
from feeds.model import Citation
from feeds.rebuild.workers import calm_collector
from feeds.urls import canonical

_START = datetime(2025, 1, 1, tzinfo=UTC)
#: Articles a day, as on the site that the other benchmarks imitate.
_PER_DAY = 29
_TEXT_PARTS, _CITATIONS, _NAMES = 260, 4, 20_000
_SAMPLE = 300
#: What each entry can be cited by; the state keeps it.
KEYS: dict[str, frozenset[str]] = {}


class Words:
    """Words by Zipf's law."""

    def __init__(self, rng: random.Random) -> None:
        here = Path(__file__).with_name("words.txt").read_text("utf-8").splitlines()
        kinds = {kind: words.split() for kind, _, words in (line.partition(": ") for line in here)}
        syllables = kinds.pop("syllables")
        rows = [row.split("=") for row in WORDS.replace("\n", ";").split(";") if "=" in row]
        self.rng = rng
        self.names = ["".join(rng.choices(syllables, k=rng.choice((2, 2, 3)))).title() for _ in range(_NAMES)]
        self._syllables = syllables
        self.chinese = [word for words in kinds.values() for word in words]
        #: English words with their Chinese counterparts.
        self.known = [(english.strip().split(",")[0], chinese.split(",")[0]) for english, chinese in rows]
        rng.shuffle(self.known)
        self._name_weights = list(itertools.accumulate(1 / (rank + 100) for rank in range(_NAMES)))
        self._known_weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(self.known))))

    def some_names(self, count: int) -> list[str]:
        """Names, the famous ones more often."""
        return self.rng.choices(self.names, cum_weights=self._name_weights, k=count)

    def some_foreign(self, count: int) -> list[str]:
        """English words that no article has."""
        return ["".join(self.rng.choices(self._syllables, k=4)) for _ in range(count)]

    def some_known(self, count: int) -> list[tuple[str, str]]:
        """Words in both languages."""
        return self.rng.choices(self.known, cum_weights=self._known_weights, k=count)


def make_story(number: int, day: float, words: Words) -> tuple[Story, list[str], list[tuple[str, str]]]:
    """An entry, and the names and words that it is about."""
    names, known = words.some_names(5), words.some_known(6)
    english = [word for pair in zip((word for word, _ in known), words.some_foreign(6), strict=True) for word in pair]
    title = " ".join([names[0], names[1], *english[:5], names[2]])
    summary = " ".join(
        ["after", names[0], "says", *english[5:], "of", *names[3:], "and", *english[:3], "with", names[1]]
    )
    story = Story(
        id=f"entry-{number}",
        titles=(title,),
        urls=(f"https://site{number % 97}.example/story/{number}-{names[0].lower()}",),
        summary=summary,
        published=_START + timedelta(days=day),
        sources=(f"Site {number % 97}",),
    )
    return story, names, known


def make_piece(
    number: int, day: float, told: Sequence[tuple[Story, list[str], list[tuple[str, str]]]], words: Words
) -> Piece:
    """An article that tells some stories and cites all but the last of them."""
    rng = words.rng
    own = [part for _, names, known in told for part in (*names, *(chinese for _, chinese in known))]
    parts = [*own, *own, *words.some_names(40), *(chinese for _, chinese in words.some_known(40))]
    parts += rng.choices(words.chinese, k=max(0, 2 * _TEXT_PARTS - len(parts)))
    rng.shuffle(parts)
    head = [*told[0][1][:2], *(chinese for _, chinese in told[0][2][:4])]
    citations = [cite(place, story) for place, (story, _, _) in enumerate(told[:-1], 1)]
    return Piece(
        path=f"content/{number}.md",
        title="".join(head),
        summary="".join(rng.choices(words.chinese, k=50)),
        terms=tuple(told[0][1][:3]) + tuple(rng.choices(words.chinese, k=5)),
        text="，".join("".join(parts[start : start + 9]) for start in range(0, len(parts), 9)),
        published=_START + timedelta(days=day),
        citations=tuple(citations),
    )


def cite(place: int, story: Story) -> Citation:
    """A citation of an entry, one in three without its address."""
    url = None if place % 3 == 0 else story.urls[0]
    return Citation(label=str(place), line=place, title=story.titles[0], url=url, key=canonical(url) if url else None)


def make(articles: int, entries: int, seed: int) -> tuple[list[Piece], list[Story]]:
    """The whole made-up site."""
    words = Words(random.Random(seed))
    days = articles / _PER_DAY
    stories = [make_story(number, days * number / entries, words) for number in range(entries)]
    pieces = []
    for number in range(articles):
        day = days * number / articles
        around = int(entries * number / articles)
        told = [stories[min(entries - 1, max(0, around - words.rng.randrange(1, 40)))] for _ in range(_CITATIONS + 1)]
        pieces.append(make_piece(number, day + 1, told, words))
    return pieces, [story for story, _, _ in stories]


def seconds(action: Callable[[], object]) -> float:
    """CPU seconds that something takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pieces, stories = make(options.articles, options.entries, options.seed)
    KEYS.update({story.id: frozenset(story_keys(story)) for story in stories})
    # What was made up is none of the matcher's garbage; looking through it again and again would count as its time.
    gc.collect()
    gc.freeze()
    with calm_collector():  # as every command that matches does
        measure(pieces, stories, options)


def measure(pieces: Sequence[Piece], stories: Sequence[Story], options: argparse.Namespace) -> None:
    """Each step once, and the table."""
    matcher = Matcher()
    taking_in = seconds(lambda: [matcher.add_article(piece) for piece in pieces])
    found = []
    matching = seconds(lambda: found.extend(len(matcher.match_entry(story)) for story in stories))
    one = sorted(seconds(lambda story=story: matcher.match_entry(story)) for story in stories[-_SAMPLE:])
    imprints = [matcher.imprint_of(piece) for piece in pieces]
    stored = [replace(piece, text="", imprint=imprint) for piece, imprint in zip(pieces, imprints, strict=True)]
    loading = seconds(lambda: load(stored))
    edited = {count: seconds(lambda count=count: edit(matcher, pieces[-count:], stories)) for count in (1, 20)}
    print(f"{options.articles:,} articles, {options.entries:,} entries, {sum(found):,} found;", end=" ")
    print(f"Python {platform.python_version()}.\n\n| step | CPU time |\n| --- | --- |")
    rows = {
        "take in the articles": f"{taking_in:.1f} s",
        "match all entries": f"{matching:.1f} s",
        "**both: from nothing**": f"**{taking_in + matching:.1f} s**",
        "one new entry, median / 99th percentile": f"{median(one) * 1e3:.2f} / {one[-3] * 1e3:.2f} ms",
        "load the articles again, from their imprints": f"{loading:.1f} s",
        "one edited article, against all entries": f"{edited[1]:.1f} s",
        "20 edited articles": f"{edited[20]:.1f} s",
        "for scale: adding up ten million numbers": f"{seconds(lambda: sum(number for number in range(10**7))):.2f} s",
    }
    print(*(f"| {step} | {took} |" for step, took in rows.items()), sep="\n")


def load(stored: Sequence[Piece]) -> None:
    """What a run costs that has something new to match, before it does."""
    matcher = Matcher()
    for piece in stored:
        matcher.add_article(piece)


def edit(matcher: Matcher, pieces: Sequence[Piece], stories: Sequence[Story]) -> None:
    """What edited articles cost, with an index of the pages and ids of entries, as the state has one."""
    for piece in pieces:
        matcher.add_article(piece)
    paths = [piece.path for piece in pieces]
    keys = {key for path in paths for key in matcher.keys_of(path)}
    matcher.match_articles(paths, stories, citable={story.id for story in stories if keys & KEYS[story.id]})


if __name__ == "__main__":
    main()
