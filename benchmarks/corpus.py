"""Write a made-up site of Markdown articles whose figures are those of a real one, for measuring rebuilds.

The figures were counted on 1,012 articles of a Chinese news site: bytes of text, tags and topics and how they grow
with the site, citations and their forms, shapes of dates and images. The words are drawn from
words.txt; no sentence is anybody's. The same seed gives the same bytes, and a smaller site is the beginning of a
larger one, so that a growth table compares like with like.

    python benchmarks/corpus.py DIR --articles 10000 --seed 1
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, timedelta
from pathlib import Path
from string import ascii_letters, digits
from typing import TypeVar

import figures

#: Kind of word -> the words, from the file beside this one.
WORDS = {
    kind: words.split()
    for kind, _, words in (
        line.partition(": ") for line in Path(__file__).with_name("words.txt").read_text("utf-8").splitlines()
    )
}

T = TypeVar("T")


@dataclass(kw_only=True)
class Stats:
    """What was written, to be compared with the figures that the site should have."""

    articles: int = 0
    body_bytes: int = 0
    tag_uses: int = 0
    tags: int = 0
    tags_used_once: int = 0
    topic_uses: int = 0
    topics: int = 0
    citations: int = 0
    citations_without_url: int = 0
    tail_hosts: int = 0
    instants: int = 0


class Reuse:
    """Names that come back: rich ones get richer, and new ones never stop (Pitman and Yor's two-parameter process).

    New names come exactly as often as the process expects, not by chance: so every seed has the site's growth.
    """

    def __init__(self, rng: random.Random, figures: tuple[float, float], mint: Callable[[], str]) -> None:
        self.rng = rng
        self.discount, self.strength = figures
        self.mint = mint
        self.names: list[str] = []
        #: Every use after a name's first: a draw from here favours a name by how often it was used.
        self.again: list[str] = []
        #: New names expected so far and not minted yet.
        self.owed = 0.0

    def draw(self, taken: Sequence[str] = ()) -> str:
        """The next name, other than those taken; recorded as used."""
        known, uses = len(self.names), len(self.names) + len(self.again)
        self.owed += (self.strength + self.discount * known) / (self.strength + uses)
        if self.owed >= 1 or known <= len(taken):
            self.owed -= 1
            self.names.append(self.mint())
            return self.names[-1]
        name = self._old_name()
        while name in taken:
            name = self._old_name()
        self.again.append(name)
        return name

    def _old_name(self) -> str:
        """One of the names used before, with the weight (uses - discount)."""
        uses = len(self.names) + len(self.again)
        favoured = self.rng.random() * (uses - self.discount * len(self.names)) < len(self.again)
        return self.rng.choice(self.again if favoured else self.names)

    def used_once(self) -> int:
        """How many names were drawn exactly once."""
        return len(self.names) - len(set(self.again))


class Site:
    """One made-up site; :meth:`articles` yields its files in order, the newest first."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.stats = Stats()
        self.clock = figures.NEWEST
        self.seen: set[str] = set()
        self.tags = Reuse(self.rng, figures.TAG_REUSE, self.new_term)
        self.topics = Reuse(self.rng, figures.TAIL_REUSE, self.new_term)
        self.hosts = Reuse(
            self.rng, figures.HOST_REUSE, lambda: f"{self.latin().lower()}{len(self.hosts.names)}.example"
        )
        self.closed: set[str] = set()
        #: (title, url, publisher) of the pages cited so far.
        self.cited: list[tuple[str, str, str]] = []

    def articles(self, count: int) -> Iterator[tuple[str, str]]:
        """(file name, text) of each article. The first n of a larger count are the n of a smaller one."""
        for index in range(count):
            self.tick()
            yield f"{self.slug()}-{self.clock:%Y%m%d%H%M%S}{index % 1000:03d}-{index}.md", self.article()
            self.stats.articles += 1

    def article(self) -> str:
        """Front matter and body."""
        older = self.chance(figures.OLDER_SHAPE)
        tags = self.draw_tags()
        head = self.older_front_matter(tags) if older else self.front_matter(tags, self.draw_topics())
        body = self.body()
        self.stats.body_bytes += len(body.encode())
        return f"---\n{head}---\n\n{body}"

    # --- chance ---

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return self.rng.random() < share

    def pick(self, table: Sequence[tuple[T, int]]) -> T:
        """A value of a weighted table."""
        return self.rng.choices([value for value, _ in table], [weight for _, weight in table])[0]

    def tick(self) -> None:
        """Go back to the instant of the next older article, which may be the same."""
        if self.stats.articles and self.chance(figures.SHARED_INSTANT):
            return
        self.stats.instants += 1
        seconds = self.rng.expovariate((1 - figures.SHARED_INSTANT) / figures.MEAN_GAP_SECONDS)
        self.clock -= timedelta(seconds=1 + int(seconds))

    # --- words ---

    def latin(self) -> str:
        """A made-up Latin name."""
        return "".join(self.rng.choices(WORDS["syllables"], k=2 + self.chance(0.4))).capitalize()

    def say(self, shape: str) -> str:
        """Fill one shape of sentence with words."""
        choices = self.rng.choices
        noun, other, third, fourth = choices(WORDS["nouns"], k=4)
        return shape.format(
            noun=noun,
            other=other,
            third=third,
            fourth=fourth,
            verb=choices(WORDS["verbs"])[0],
            adjective=choices(WORDS["adjectives"])[0],
            adverb=choices(WORDS["adverbs"])[0],
            opener=choices(WORDS["openers"])[0],
            ending=choices(WORDS["endings"])[0],
            name=self.latin(),
            other_name=self.latin(),
            word=self.latin(),
            number=1 + int(self.rng.random() * 97),
        )

    def prose(self, sentences: int) -> str:
        """A paragraph."""
        return "".join(map(self.say, self.rng.choices(figures.SENTENCES, k=sentences)))

    def slug(self) -> str:
        """What a slug keeps of a Chinese title: a fixed word, the Latin letters, or next to nothing."""
        return self.pick((("article", 43), (f"{self.latin()}{self.latin()}".lower(), 56), ("-ai", 1)))

    def new_term(self) -> str:
        """A term that was not there before: Chinese, Latin or mixed as 68 to 13 to 19."""
        make = self.pick(((self.chinese_term, 68), (self.latin_term, 13), (self.mixed_term, 19)))
        name = make()
        while (folded := name.casefold().replace(" ", "")) in self.seen:
            name += self.rng.choice(WORDS["term_suffixes"])
        self.seen.add(folded)
        return name

    def chinese_term(self) -> str:
        """Mostly four characters."""
        return self.rng.choice(WORDS["adjectives"] + WORDS["nouns"]) + self.rng.choice(WORDS["nouns"])

    def latin_term(self) -> str:
        """One or two words."""
        return self.latin() + (f" {self.latin()}" if self.chance(0.5) else "")

    def mixed_term(self) -> str:
        """A name and what it does."""
        return self.latin() + self.rng.choice(WORDS["nouns"])

    def filler(self) -> dict[str, object]:
        """What the shapes of paths and images ask for."""
        return {
            "day": self.clock - timedelta(days=int(self.rng.expovariate(0.2))),
            "at": self.clock,
            "number": int(self.rng.random() * 10**10),
            "short": int(self.rng.random() * 100_000),
            "digit": int(self.rng.random() * 10),
            "word": self.latin().lower(),
            "key": "".join(self.rng.choices(ascii_letters + digits, k=16)),
        }

    # --- front matter ---

    def draw_tags(self) -> list[str]:
        """No article repeats a tag."""
        tags: list[str] = []
        for _ in range(self.pick(figures.TAGS_PER_ARTICLE)):
            tags.append(self.tags.draw(tags))
        self.stats.tag_uses += len(tags)
        return tags

    def draw_topics(self) -> list[str]:
        """Some of the closed list, some of the tail; no article repeats one."""
        topics: list[str] = []
        for _ in range(self.pick(figures.TOPICS_PER_ARTICLE)):
            topics.append(self.closed_topic(topics) if self.chance(figures.CLOSED_TOPICS) else self.topics.draw(topics))
        self.stats.topic_uses += len(topics)
        return topics

    def closed_topic(self, taken: list[str]) -> str:
        """A topic of the closed list that the article does not name yet."""
        name = self.pick([row for row in figures.TOPICS if row[0] not in taken])
        self.closed.add(name)
        return name

    def front_matter(self, tags: list[str], topics: list[str]) -> str:
        """The usual seven fields."""
        zone = f".{int(self.rng.random() * 1000):03d}+08:00" if self.chance(0.035) else "+08:00"
        return (
            f"title: {self.quoted(self.say(self.rng.choice(figures.TITLES)), 0.16)}\n"
            f"date: {self.clock:%Y-%m-%dT%H:%M:%S}{zone}\ndraft: false\n"
            f"{self.image()}summary: {self.quoted(self.prose(5).replace('**', ''), 0.23)}\n"
            f"tags: \n{block_list(tags)}main_topics: \n{block_list(topics)}"
        )

    def older_front_matter(self, tags: list[str]) -> str:
        """The shape of the first four days."""
        return (
            f'title: "{self.say(self.rng.choice(figures.TITLES))}"\n'
            f"date: {self.clock.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.290Z\ndraft: false\n"
            f"tags: {json.dumps(tags, ensure_ascii=False)}\n"
            f'categories: ["AI", "Technology"]\nauthor: {self.latin()}\n'
            f'summary: "{self.prose(4).replace("**", "")}"\ncover:\n  image: ""\nsource_url: ""\n'
            f"word_count: 2500\nreading_time: 8\nai_score: 7\nsync_time: '{self.clock:%Y-%m-%d}'\n"
        )

    def quoted(self, text: str, share: float) -> str:
        """The text, in double quotes for this share of the articles."""
        return f'"{text}"' if self.chance(share) else text

    def image(self) -> str:
        """The line of the lead image; an empty string where the article has none."""
        shape = self.pick(figures.IMAGES)
        if shape is None:
            return ""
        return f"featured_image: {self.quoted(shape.format(**self.filler()), 0.74)}\n"

    # --- body ---

    def body(self) -> str:
        """A lead, paragraphs under headings, a list now and then, and the sources at the end."""
        notes = self.notes()
        markers = [f"[^{number}]" for number in range(1, len(notes) + 1) if self.chance(figures.REFERENCED)]
        sources = "\n".join([self.pick(figures.HEADINGS), "", *notes]) if notes else ""
        budget = self.rng.lognormvariate(0, figures.BODY_SIGMA) * figures.BODY_MEDIAN_BYTES - len(sources.encode())
        blocks = [f"> {self.prose(2)}"]
        while budget > 0:
            blocks.append(self.block(len(blocks), markers))
            budget -= len(blocks[-1].encode())
        return "\n\n".join([*blocks, sources]) + "\n"

    def block(self, place: int, markers: list[str]) -> str:
        """The block at this place in the text: every sixth is a heading."""
        if place % 6 == 2:
            return f"### {self.say(self.rng.choice(figures.HEADLINES))}"
        marker = self.marker(place, markers)
        if self.chance(0.06):
            return "\n".join(f"*   **{self.say('{noun}{other}')}**：{self.prose(1)}" for _ in range(5))
        return f"{self.prose(5)[:-1]}{marker}。"

    def marker(self, place: int, markers: list[str]) -> str:
        """The footnote markers at the end of a paragraph: none, one in turn, two, or two in one (``[^2, ^3]``)."""
        if not markers or self.chance(0.45):
            return ""
        one, two = markers[place % len(markers)], markers[(place + 1) % len(markers)]
        return self.pick(((one, 80), (f"{one}{two}", 19), (f"{one[:-1]}, {two[1:]}", 1)))

    # --- citations ---

    def notes(self) -> list[str]:
        """The footnote definitions."""
        count = self.pick(figures.CITATIONS_PER_ARTICLE)
        return [f"[^{number}]: {self.citation()}" for number in range(1, count + 1)]

    def citation(self) -> str:
        """One definition in one of the forms, naming a page cited before or a new one."""
        form = self.pick(figures.FORMS)
        title, url, publisher = (
            self.rng.choice(self.cited) if self.cited and self.chance(figures.CITED_AGAIN) else self.page()
        )
        self.stats.citations += 1
        self.stats.citations_without_url += "{url}" not in form
        published = self.clock - timedelta(days=int(self.rng.expovariate(0.1)))
        return form.format(
            title=title,
            url=url,
            publisher=publisher,
            author=self.pick(((self.latin(), 60), ("未知作者", 20), (f"{self.latin()} {self.latin()}", 20))),
            date=self.pick(figures.DATE_FORMS).format(published),
            accessed=f"{self.clock.year}/{self.clock.month}/{self.clock.day}",
        )

    def page(self) -> tuple[str, str, str]:
        """A page of somebody: its title, URL and publisher."""
        host = self.pick(figures.HOSTS) or self.hosts.draw()
        path = figures.HOST_PATHS.get(host) or self.pick(figures.OTHER_PATHS)
        title = self.say(figures.ENGLISH if self.chance(0.3) else self.rng.choice(figures.TITLES))
        scheme = "http" if self.chance(0.02) else "https"
        page = (title, f"{scheme}://{host}{path.format(**self.filler())}", figures.PUBLISHERS.get(host) or self.latin())
        self.cited.append(page)
        return page

    def count(self) -> Stats:
        """The figures so far."""
        self.stats.tags = len(self.tags.names)
        self.stats.tags_used_once = self.tags.used_once()
        self.stats.topics = len(self.topics.names) + len(self.closed)
        self.stats.tail_hosts = len(self.hosts.names)
        return self.stats


def block_list(values: list[str]) -> str:
    """A YAML list, one value a line, as the site's generator writes it."""
    return "".join(f"  - {value}\n" for value in values)


def sources_yaml() -> str:
    """The configuration for ``feeds``.

    No source has a feed to poll: nobody's server is asked about made-up pages. No archives and no pages: Hugo writes
    none either.
    """
    sources = "".join(f"  - {{name: {name}, site: {url}, feed: none}}\n" for name, url in figures.SOURCES)
    return (
        "site: {title: Corpus, url: https://example.org/, language: zh-CN, author: Desk, description: A made-up site}\n"
        "content:\n  - {path: content/posts, url: /posts/:slugorfilename/, section: posts}\n"
        "output: {path: output, limit: 20, formats: [rss, atom, json], archives: []}\n"
        "pages: {public: false}\n"
        f"sources:\n{sources}"
    )


def write_corpus(folder: Path, articles: int, seed: int) -> Stats:
    """Write ``content/posts/*.md`` and ``sources.yaml`` into the folder; the same arguments give the same bytes."""
    posts = folder / "content" / "posts"
    posts.mkdir(parents=True, exist_ok=True)
    site = Site(seed)
    for name, text in site.articles(articles):
        (posts / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "sources.yaml").write_text(sources_yaml(), encoding="utf-8", newline="\n")
    return site.count()


def main() -> None:
    """Write a corpus and print its figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(asdict(write_corpus(options.folder, options.articles, options.seed))))


if __name__ == "__main__":
    main()
