"""The site of a made-up world: its sources.yaml, its articles, and a human who never leaves them alone."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from world_sources import ENTRY_TITLE, Source
from world_wire import Change

#: What no log may show: a header and a password of sources.
SECRETS = ("open-sesame-7f3a", "hush-hush-91c2")
#: How long ago articles were written that are written now: what is dated ahead of us waits.
_AGO = timedelta(minutes=2)
#: How long an article of the future waits.
_SOON = 12.0


def sources_yaml(sources: Sequence[Source], base: str, *, serve: str, hub: str, limit: int) -> str:
    """The configuration; two sources want secrets, which no hub may learn of."""
    secrets = {
        3: f", headers: {{X-Api-Key: {SECRETS[0]}}}",
        4: f", auth: {{username: reader, password: {SECRETS[1]}}}",
    }
    rows = "".join(
        f"  - {{name: {one.name}, feed: '{base}{one.path}', site: 'https://{one.host}/', allow_private: true"
        f"{secrets.get(one.number, '')}}}\n"
        for one in sources
    )
    return (
        f"site: {{title: 世界, url: '{serve}', language: zh-CN, author: 编辑部, hub: '{hub}'}}\n"
        "content: [{path: content/posts, url: '/posts/:slugorfilename/', section: posts}]\n"
        f"output: {{limit: {limit}, entries: {{site: all, source: all}}}}\n"
        f"serve: {{url: '{serve}'}}\n"
        f"sources:\n{rows}"
    )


@dataclass
class Article:
    """One article as it was last saved."""

    number: int
    name: str
    date: datetime
    title: str
    #: Of whom it cites a page.
    cites: Sequence[Source]
    #: A word that stands in this version alone.
    mark: str = ""

    @property
    def tag(self) -> str:
        """A tag that no other article has."""
        return f"w{self.number}"

    @property
    def url(self) -> str:
        """The end of its address."""
        return f"/posts/{self.name}/"

    def text(self, prose: str) -> str:
        """The file."""
        front = {"title": self.title, "date": self.date.isoformat(), "tags": [self.tag, "共同"], "draft": False}
        head = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
        notes = "\n".join(
            f"[^{n}]: [{one.entries[-1].mark}{ENTRY_TITLE}]({one.entries[-1].url(one.host)})·{one.name}"
            for n, one in enumerate(self.cites, 1)
        )
        marks = "".join(f"[^{n}]" for n in range(1, len(self.cites) + 1))
        return f"---\n{head}\n---\n\n{prose}\n\n版本 {self.mark}。{marks}\n\n{notes}\n"


@dataclass
class Human:
    """Writes, edits, renames, removes, breaks and mends articles; each time gives what is to be seen of it."""

    folder: Path
    sources: Sequence[Source]
    say: Callable[[], str]
    rng: random.Random
    #: Seconds for which an article is let alone once it was touched: nobody saves a file twice before it was seen.
    calm: float = 8.0
    articles: dict[int, Article] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _marks: itertools.count[int] = field(default_factory=itertools.count)
    #: When each was last touched.
    _touched: dict[int, float] = field(default_factory=dict)
    #: The one that cannot be read now.
    _broken: int | None = None

    def found(self, count: int) -> None:
        """The articles of the beginning."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(count):
            days = timedelta(days=self.rng.uniform(1, 300))
            self._new(datetime.now(UTC).replace(microsecond=0) - days)
        self.settle()

    def act(self, *, announces: int = 5) -> Change:
        """Do one thing; ``announces`` of 100 are for later."""
        if not self._calm():
            return self.add()
        kinds = (self.edit, self.add, self.rename, self.remove, self.announce, self.stumble)
        return self.rng.choices(kinds, (50, 20, 10, 8, announces, 7))[0]()

    def edit(self) -> Change:
        """Save another version."""
        article = self._pick()
        old = article.mark
        since = self._save(article)
        return self._seen("edit", article, since, gone=old, is_new=False)

    def add(self) -> Change:
        """Write a new article."""
        article, since = self._new(datetime.now(UTC).replace(microsecond=0) - _AGO)
        return self._seen("add", article, since)

    def rename(self) -> Change:
        """Move a file; its address moves along."""
        article = self._pick()
        old = self._path(article)
        article.name = f"{article.name.partition('-')[0]}-{next(self._marks)}"
        since = time.monotonic()
        old.rename(self._path(article))
        return Change("rename", article.name, since, tuple(_of(f"/tags/{article.tag}/", article.url, "")))

    def remove(self) -> Change:
        """Remove a file."""
        article = self._pick()
        del self.articles[article.number]
        since = time.monotonic()
        self._path(article).unlink()
        wanted = tuple((f"{folder}feed.json", "", article.url) for folder in ("/", f"/tags/{article.tag}/"))
        return Change("remove", article.name, since, wanted)

    def announce(self) -> Change:
        """Write an article that is to appear soon, and no sooner."""
        moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=_SOON)
        article, _ = self._new(moment)
        since = time.monotonic() + (moment - datetime.now(UTC)).total_seconds()
        self._touched[article.number] = since
        return self._seen("appear", article, since)

    def stumble(self) -> Change:
        """Save rubbish, or mend it."""
        if self._broken is not None:
            if self._touched.get(self._broken, float("-inf")) > time.monotonic() - self.calm:
                return self.add()
            article, self._broken = self.articles[self._broken], None
            return self._seen("mend", article, self._save(article), is_new=False)
        article = self._pick()
        self._broken = article.number
        since = time.monotonic()
        self._path(article).write_bytes(b"\x00\x01" * 100)
        # What was published last stays.
        return self._seen("break", article, since, is_new=False)

    def _new(self, date: datetime) -> tuple[Article, float]:
        number = next(self._numbers)
        cites = self.rng.sample(list(self.sources), k=min(self.rng.randrange(4), len(self.sources)))
        article = Article(number, f"a{number}", date, f"第 {number} 篇：{self.say()[:20]}", cites)
        self.articles[number] = article
        return article, self._save(article)

    def _pick(self) -> Article:
        article = self.rng.choice(self._calm())
        self._touched[article.number] = time.monotonic()
        return article

    def _calm(self) -> list[Article]:
        """Those that may be touched."""
        before = time.monotonic() - self.calm
        busy = {number for number, moment in self._touched.items() if moment > before} | {self._broken}
        return [one for one in self.articles.values() if one.number not in busy]

    def settle(self) -> None:
        """All was seen: everything may be touched again."""
        self._touched.clear()

    def _save(self, article: Article) -> float:
        """As editors do: in place, or beside it and then over it; gives when that was."""
        article.mark = f"v{article.number}x{next(self._marks)}y"
        self._touched[article.number] = time.monotonic()
        path, text = self._path(article), article.text(self.say())
        if self.rng.random() < 0.5:
            path.write_text(text, encoding="utf-8")
        else:
            beside = path.with_name(f".{path.name}.swp")
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        return time.monotonic()

    def _path(self, article: Article) -> Path:
        return self.folder / f"{article.name}.md"

    def _seen(self, kind: str, article: Article, since: float, *, gone: str = "", is_new: bool = True) -> Change:
        """In its own tag's documents; what is new in the site's as well, of which the rest may stand in an archive."""
        folders = [f"/tags/{article.tag}/", *(["/"] if is_new else [])]
        wanted = [one for folder in folders for one in _of(folder, article.mark, gone)]
        return Change(kind, article.name, since, tuple(wanted))


def _of(folder: str, there: str, gone: str) -> list[tuple[str, str, str]]:
    """(path, what is to stand there, what no longer) of a folder's documents."""
    return [(f"{folder}{name}", there, gone) for name in ("rss.xml", "atom.xml", "feed.json")]
