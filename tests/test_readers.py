"""Real feed readers, polling through edits of all kinds: each article once, and no edit within the window missed.

newsboat (Debian's package) and ``reader`` (PyPI) keep what they saw in databases of their own, which are read here.
Both follow titles, texts and addresses of entries that they know; an entry that left the feed stays with them.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from feeds.web.app import make_app
from tests.conftest import missing
from tests.sites import SmallSite
from tests.web_site import running

LIMIT = 12
CONFIG = """\
site: {title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}
content: [{path: content/posts, url: "/posts/:slugorfilename/", section: posts}]
"""
START = datetime(2025, 6, 1, 8, tzinfo=UTC)
_MARK = re.compile(r"Mark (\w+), version (\d+)\.")


class Kept(NamedTuple):
    """An entry as a reader keeps it."""

    #: Which article it is, and which of its versions: its text says.
    mark: str
    version: int
    title: str
    url: str


class Subscriber(Protocol):
    """A reader that is subscribed to one document."""

    def poll(self) -> None:
        """Ask for the document."""

    def kept(self) -> list[Kept]:
        """All that it has."""


def _kept(content: str, title: str, url: str) -> Kept:
    found = _MARK.search(content)
    assert found, content
    return Kept(found[1], int(found[2]), title, url)


class Newsboat:
    """Debian's newsboat, without a terminal."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        (folder / "urls").write_text(f"{url}\n", encoding="utf-8")
        (folder / "config").write_text("", encoding="utf-8")
        self._folder = folder

    def poll(self) -> None:
        """Reload all, as its ``auto-reload`` does."""
        command = ["newsboat", "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload"]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, timeout=60)

    def kept(self) -> list[Kept]:
        """From its cache."""
        with closing(sqlite3.connect(self._folder / "cache.db")) as database:
            rows = database.execute("select content, title, url from rss_item").fetchall()
        return [_kept(*row) for row in rows]


class Library:
    """The library ``reader``."""

    def __init__(self, folder: Path, url: str) -> None:
        from reader import make_reader  # noqa: PLC0415 (may be missing)

        folder.mkdir()
        self._reader: Any = make_reader(str(folder / "reader.sqlite"))
        self._reader.add_feed(url)

    def poll(self) -> None:
        """Update all feeds; a feed that cannot be read raises."""
        for result in self._reader.update_feeds_iter(scheduled=False):
            if isinstance(result.value, Exception):
                raise result.value

    def kept(self) -> list[Kept]:
        """From its storage."""
        return [
            _kept(one.get_content(prefer_summary=False).value, one.title, one.link)
            for one in self._reader.get_entries()
        ]


@dataclass(frozen=True)
class Post:
    """An article as its author has it."""

    mark: str
    date: datetime
    title: str
    #: Without extension; the address ends in it unless ``slug`` names another.
    file: str
    slug: str = ""
    version: int = 1
    tags: tuple[str, ...] = ("甲",)
    lastmod: datetime | None = None

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://example.org/posts/{self.slug or self.file}/"


@dataclass
class Author:
    """Sixty articles, what becomes of them, and what the newest ``LIMIT`` were whenever readers looked."""

    site: SmallSite
    posts: dict[str, Post]
    moment: datetime = START + timedelta(days=70)
    seen: set[str] = field(default_factory=set)
    withdrawn: list[Post] = field(default_factory=list)

    @property
    def window(self) -> list[Post]:
        """What a subscription document has to hold."""
        return sorted(self.posts.values(), key=lambda post: post.date, reverse=True)[:LIMIT]

    def put(self, *posts: Post) -> None:
        """Write articles, or other versions of them."""
        for post in posts:
            self.posts[post.mark] = post

    def edit(self, post: Post, **changes: Any) -> None:
        """The next version of an article, with the moment of the edit."""
        self.put(replace(post, version=post.version + 1, lastmod=self.moment, **changes))

    def publish(self) -> None:
        """Write all files anew and rebuild, an hour later than before."""
        self.moment += timedelta(hours=1)
        wanted = {f"{post.file}.md": post for post in self.posts.values()}
        assert len(wanted) == len(self.posts)
        for path in self.site.posts.glob("*.md"):
            if path.name not in wanted:
                path.unlink()
        for post in wanted.values():
            more: dict[str, Any] = {"slug": post.slug} if post.slug else {}
            more |= {"lastmod": post.lastmod.isoformat()} if post.lastmod else {}
            body = f"Mark {post.mark}, version {post.version}.\n\n" + f"{post.mark} 的正文。" * 40
            self.site.write(post.file, tags=post.tags, body=body, title=post.title, date=post.date.isoformat(), **more)
        before = self.site.stats()
        assert not self.site.rebuild(now=self.moment).has_errors
        # newsboat's libcurl does not take a document whose Last-Modified is in the same second as that of its last one.
        for name, stat in self.site.stats().items():
            if before.get(name) != stat:
                os.utime(self.site.output / name, (self.moment.timestamp(), self.moment.timestamp()))
        self.seen |= {post.mark for post in self.window}


def first_posts() -> dict[str, Post]:
    """One a day, the oldest first."""
    posts = [Post(f"m{n:02}", START + timedelta(days=n), f"Title {n}", f"a{n:02}") for n in range(60)]
    return {post.mark: post for post in posts}


# -- seven kinds of edits ----------------------------------------------------------------------------------------------


def add_one(author: Author) -> None:
    """A new article."""
    author.put(Post("new", author.moment, "A new one", "new"))


def edit_recent(author: Author) -> None:
    """Other words in recent articles, the newest among them."""
    for post in author.window[:3]:
        author.edit(post)


def retitle(author: Author) -> None:
    """Another title."""
    author.edit(author.window[1], title="Quite another title")
    author.edit(author.window[-1], title="Another for the last of the window")


def readdress(author: Author) -> None:
    """Another slug, so another address."""
    author.edit(author.window[2], slug="elsewhere")


def rename(author: Author) -> None:
    """Each of five files takes the name of the next, and a new article takes that of the first."""
    some = author.window[3:8]
    names = [post.file for post in some]
    for post, name in zip(some, [*names[1:], "a-last"], strict=True):
        author.put(replace(post, file=name))
    author.put(Post("renumbered", author.moment, "Under an old name", names[0]))


def withdraw_one(author: Author) -> None:
    """An article goes; the next publication brings it back."""
    author.withdrawn.append(author.posts.pop(author.window[4].mark))


def bring_back(author: Author) -> None:
    """It returns as it was."""
    author.put(author.withdrawn.pop())


def edit_many(author: Author) -> None:
    """Three new articles, thirty edits of old ones, older ones dated back, and another name for a tag of all."""
    old = sorted(author.posts.values(), key=lambda post: post.date)
    for post in old[:30]:
        author.edit(post, tags=("甲", "乙"))
    author.put(*(Post(f"back{n}", START + timedelta(days=n, hours=1), f"Dated back {n}", f"back{n}") for n in range(5)))
    author.put(*(Post(f"late{n}", author.moment + timedelta(minutes=n), f"Late {n}", f"late{n}") for n in range(3)))
    config = author.site.root / "sources.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "tags: {aliases: {首: [甲]}}\n", encoding="utf-8")


EDITS = (add_one, edit_recent, retitle, readdress, rename, withdraw_one, bring_back, edit_many)


@pytest.fixture
def author(tmp_path: Path) -> Author:
    config = CONFIG + f"output: {{limit: {LIMIT}, formats: [rss, atom, json]}}\npages: {{public: false}}\n"
    return Author(SmallSite.make(tmp_path / "site", config), first_posts())


@pytest.fixture
def address(author: Author) -> Iterator[str]:
    """Where the output is served."""
    app = make_app(output=str(author.site.output), address=lambda path: f"https://example.org/{path}")
    with running(app) as server:
        yield f"http://127.0.0.1:{server.port}/"


@pytest.mark.parametrize("document", ["rss.xml", "atom.xml"])
def test_newsboat_has_each_article_once_and_every_edit(
    document: str, author: Author, address: str, tmp_path: Path
) -> None:
    if shutil.which("newsboat") is None:
        missing("newsboat")
    follow(author, Newsboat(tmp_path / "newsboat", address + document))


@pytest.mark.parametrize("document", ["rss.xml", "atom.xml", "feed.json"])
def test_reader_has_each_article_once_and_every_edit(
    document: str, author: Author, address: str, tmp_path: Path
) -> None:
    if find_spec("reader") is None:
        missing("reader (pip install reader)")
    follow(author, Library(tmp_path / "reader", address + document))


def follow(author: Author, subscriber: Subscriber) -> None:
    """Publish and poll after each edit."""
    look(author, subscriber)
    for edit in EDITS:
        edit(author)
        look(author, subscriber)
    # Those of the first day, one new, one under an old name, and three beside the edits of old ones.
    assert len(author.seen) == LIMIT + 1 + 1 + 3


def look(author: Author, subscriber: Subscriber) -> None:
    """Publish, poll and compare."""
    author.publish()
    subscriber.poll()
    kept = subscriber.kept()
    assert sorted(one.mark for one in kept) == sorted(author.seen)
    by_mark = {one.mark: one for one in kept}
    wanted = {post.mark: Kept(post.mark, post.version, post.title, post.url) for post in author.window}
    assert {mark: by_mark[mark] for mark in wanted} == wanted
