"""A feed holds its newest items, its archive pages the list of all: by any way of coming there."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from feeds.store import entry_rows, feed_rows, source_rows
from feeds.store.schema import to_micros
from feeds.store.sql import Store
from tests.sites import CONFIG, NOW, SmallSite

LIMIT, PAGE = 6, 2


def dated(day: int, month: int = 6) -> str:
    return f"2025-{month:02}-{day:02}T08:00:00+08:00"


def titles(site: SmallSite, folder: str = "") -> list[str]:
    return [item["title"].removeprefix("题目 ") for item in site.items(f"{folder}feed.json")]


def pages(site: SmallSite, folder: str = "") -> dict[int, list[str]]:
    found = sorted(site.output.glob(f"{folder}archive/*/feed.json"), key=lambda path: int(path.parent.name))
    return {int(path.parent.name): titles(site, f"{folder}archive/{path.parent.name}/") for path in found}


def walk(site: SmallSite) -> list[str]:
    """Follow prev-archive from the subscription document, as RFC 5005 tells a reader to."""
    found, name = [], "atom.xml"
    while name:
        data = (site.output / name).read_text(encoding="utf-8")
        found += [entry.title for entry in site.entries(name)]
        match = re.search(r'<link (?=[^>]*rel="prev-archive")[^>]*href="https://example.org/([^"]+)"', data)
        name = match[1] if match else ""
    return found


def test_every_step_of_a_growing_site_has_the_newest_and_pages_counted_from_the_oldest(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    names: list[str] = []
    for day in range(1, 16):
        names.append(f"a{day:02}")
        site.write(names[-1], date=dated(day))
        before = site.stats()
        site.rebuild()
        assert titles(site) == names[::-1][:LIMIT]
        full = len(names) // PAGE if len(names) > LIMIT else 0
        assert pages(site) == {n + 1: names[n * PAGE : n * PAGE + PAGE][::-1] for n in range(full)}
        assert {title.removeprefix("题目 ") for title in walk(site)} == set(names)
        # A new article changes the document, the page that it fills, and the link of the page before.
        changed = {path for path, stat in site.stats().items() if before.get(path) not in {None, stat}}
        assert {path.split("/")[1] for path in changed if path.startswith("archive/")} <= {str(full - 1)}
    assert not list(site.output.glob("tags/*/archive"))


def test_edits_of_old_articles_push_no_new_one_out(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for day in range(1, 21):
        site.write(f"a{day:02}", date=dated(day))
    site.rebuild()
    for day in range(1, 12):
        site.write(f"a{day:02}", date=dated(day), lastmod=dated(30, 7), body="更正。")
    site.write("new", date=dated(21))
    before = site.stats()
    site.rebuild()
    assert titles(site) == ["new", "a20", "a19", "a18", "a17", "a16"]
    assert "更正。" in site.items("archive/1/feed.json")[0]["content_html"]
    same = [path for path, stat in site.stats().items() if before.get(path) == stat]
    assert {path for path in same if path.startswith("archive/")} == {
        f"archive/{n}/{name}" for n in (7, 8, 9, 10) for name in ("rss.xml", "atom.xml", "feed.json")
    }


def test_only_the_page_of_an_edited_article_is_written(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for day in range(1, 21):
        site.write(f"a{day:02}", date=dated(day), tags=[f"标签{day}"])
    site.rebuild()
    before = site.stats()
    site.write("a05", date=dated(5), tags=["标签5"], body="更正。")
    site.rebuild()
    changed = {str(Path(path).parent) for path, stat in site.stats().items() if before.get(path) != stat}
    assert changed == {"archive/3", "tags/标签5"}


def test_an_article_stands_where_it_appeared_not_where_it_is_dated(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for day in range(1, 10):
        site.write(f"a{day:02}", date=dated(day))
    site.write("late", date=dated(1), publishDate=dated(20))
    site.write("early", date=dated(30), publishDate=dated(1))
    site.rebuild()
    assert titles(site) == ["early", "late", "a09", "a08", "a07", "a06"]


def test_articles_of_one_moment_stand_by_their_ids(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for name in "hgfedcba":
        site.write(name, date=dated(1), id=f"urn:x:{name}")
        site.rebuild()
    assert titles(site) == list("abcdef")
    assert pages(site) == {1: ["g", "h"], 2: ["e", "f"], 3: ["c", "d"], 4: ["a", "b"]}


def test_a_page_that_is_no_more_is_removed_with_the_links_to_it(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for day in range(1, 10):
        site.write(f"a{day:02}", date=dated(day))
    site.rebuild()
    assert list(pages(site)) == [1, 2, 3, 4]
    for day in (1, 2):
        site.posts.joinpath(f"a{day:02}.md").unlink()
    report = site.rebuild()
    assert (report.removed, pages(site)) == (3, {1: ["a04", "a03"], 2: ["a06", "a05"], 3: ["a08", "a07"]})
    assert b"archive/4" not in b"".join(site.tree().values())
    site.posts.joinpath("a03.md").unlink()
    assert (site.rebuild().removed, pages(site)) == (9, {})
    assert not site.output.joinpath("archive").exists()


def test_a_withdrawn_article_leaves_the_pages_too(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for day in range(1, 13):
        site.write(f"a{day:02}", date=dated(day))
    site.rebuild()
    site.posts.joinpath("a01.md").unlink()
    site.rebuild()
    assert all("题目 a01" not in path.read_text(encoding="utf-8") for path in site.output.rglob("*.xml"))


def test_a_feed_that_reaches_its_least_articles_has_all_its_pages(tmp_path: Path) -> None:
    output = f"limit: {LIMIT}, archives: [tag], min_articles: 12"
    site = SmallSite.make(tmp_path / "site", CONFIG.replace(f"limit: {LIMIT}", output))
    for day in range(1, 13):
        site.write(f"a{day:02}", date=dated(day))
        site.rebuild()
    assert list(pages(site, "tags/甲/")) == [1, 2, 3, 4, 5, 6]


def test_an_article_that_returns_elsewhere_takes_its_tombstones_away(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    site.write("stays", tags=["甲"])
    site.write("goes", tags=["甲", "乙"], id="urn:x:goes")
    site.rebuild()
    site.posts.joinpath("goes.md").unlink()
    site.rebuild()
    assert b"deleted-entry" in site.output.joinpath("tags/乙/atom.xml").read_bytes()
    site.write("goes", tags=["甲"], id="urn:x:goes")
    site.rebuild()
    assert b"deleted-entry" not in site.output.joinpath("tags/乙/atom.xml").read_bytes()


# -- any history -------------------------------------------------------------------------------------------------------

ARCHIVED = f"limit: {LIMIT // 2}, archives: [site, tag, topic, source, combined]"
_SERIALS = itertools.count(1)
_TAGS = st.lists(st.sampled_from(["甲", "乙", "AI", "KI"]), unique=True, max_size=3)
_NUMBERS = st.integers(0, 30)


def _add(site: SmallSite, day: int, tags: list[str], *, later: bool) -> None:
    """A new article, back-dated as a rule, with a citation that may be verified one day."""
    number = next(_SERIALS)
    body = f"正文[^1]。\n\n[^1]: [T](https://www.wired.com/story/{day % 5}/)·Wired\n"
    more = {"publishDate": dated(min(day + 3, 30), 7)} if later else {}
    site.write(f"n{number}", tags=tags, body=body, date=dated(day % 9 + 1), id=f"urn:x:{number}", **more)


def _pick(site: SmallSite, number: int) -> Path | None:
    paths = sorted(site.posts.glob("*.md"))
    return paths[number % len(paths)] if paths else None


def _change(site: SmallSite, number: int, pattern: str, new: str) -> None:
    if path := _pick(site, number):
        path.write_text(re.sub(pattern, new, path.read_text("utf-8"), count=1, flags=re.MULTILINE), "utf-8")


def _edit(site: SmallSite, number: int) -> None:
    _change(site, number, r"^正文.*?\[", f"正文第{next(_SERIALS)}版[")


def _redate(site: SmallSite, number: int, day: int) -> None:
    _change(site, number, r"^date: .*$", f'date: "{dated(day % 9 + 1)}"')


def _retag(site: SmallSite, number: int, tags: list[str]) -> None:
    _change(site, number, r"^tags: .*$", f"tags: {json.dumps(tags, ensure_ascii=False)}")


def _renumber(site: SmallSite, number: int) -> None:
    """Another id, and so another place among those of one moment."""
    _change(site, number, r"^id: .*$", f'id: "urn:x:{1000 - next(_SERIALS) % 1000}"')


def _withdraw(site: SmallSite, number: int) -> None:
    """Some come back under their ids: as drafts they are only hidden."""
    if path := _pick(site, number):
        text = path.read_text("utf-8")
        if number % 3 == 0:
            path.unlink()
        elif "draft: true" in text:
            path.write_text(text.replace("draft: true\n", ""), "utf-8")
        else:
            path.write_text(text.replace("---\n", "---\ndraft: true\n", 1), "utf-8")


def _verify(site: SmallSite, number: int) -> None:
    """The source's feed brings a page that articles cite."""
    with closing(Store("sqlite:///.feeds/state.db", folder=str(site.root))) as store, store.transaction() as connection:
        feeds = {"https://www.wired.com/feed/rss": "Wired"}
        source_rows.sync_feeds(connection, feeds, lambda _: {"domain": "wired.com", "learnt": "{}"})
        (feed,) = source_rows.active_feeds(connection)
        url, at = f"https://www.wired.com/story/{number % 5}/", to_micros(NOW)
        if url not in {row.url for row in entry_rows.entries_of(connection, feed.id)}:
            said = json.dumps({"id": url, "url": url, "title": f"Story {number % 5}"})
            row = (
                feed.id,
                url,
                url,
                entry_rows.url_key_of(url),
                f"Story {number % 5}",
                at,
                at,
                at,
                url,
                None,
                0,
                said,
                "",
            )
            entry_rows.insert_entries(connection, [row])


def _alias(site: SmallSite, number: int) -> None:
    """Two tags become one, or two again."""
    path = site.root / "sources.yaml"
    text = path.read_text("utf-8").replace("tags: {aliases: {AI: [KI]}}\n", "")
    path.write_text(text + "tags: {aliases: {AI: [KI]}}\n" * (number % 2), "utf-8")


def _verb(verb: Callable[..., None], *strategies: st.SearchStrategy[Any], **named: Any) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(verb), st.tuples(*strategies), st.fixed_dictionaries(named))


_STEPS = st.lists(
    st.lists(
        st.one_of(
            _verb(_add, _NUMBERS.filter(bool), _TAGS, later=st.booleans()),
            _verb(_edit, _NUMBERS),
            _verb(_redate, _NUMBERS, _NUMBERS),
            _verb(_retag, _NUMBERS, _TAGS),
            _verb(_renumber, _NUMBERS),
            _verb(_withdraw, _NUMBERS),
            _verb(_verify, _NUMBERS),
            _verb(_alias, _NUMBERS),
        ),
        min_size=1,
        max_size=4,
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 12), _STEPS)
def test_after_any_history_a_rebuild_and_a_full_one_give_the_same_tree(
    articles: int, steps: list[list[tuple[Any, tuple[Any, ...], dict[str, Any]]]]
) -> None:
    now = NOW - timedelta(days=20)
    with tempfile.TemporaryDirectory(prefix="feeds-windows-") as folder:
        site = SmallSite.make(Path(folder) / "site", CONFIG.replace(f"limit: {LIMIT}", ARCHIVED))
        for day in range(1, articles + 1):
            _add(site, day, ["甲", "KI"][: day % 3], later=day % 4 == 0)
        site.rebuild(now=now)
        for step in steps:
            for verb, arguments, named in step:
                verb(site, *arguments, **named)
            now += timedelta(days=2)
            site.rebuild(now=now)
            assert site.tree() == _in_full(site, now)
            _check_order(site)


def _in_full(site: SmallSite, now: Any) -> dict[str, bytes]:
    """What ``rebuild --full`` makes of the same state."""
    other = SmallSite(site.root.parent / "full")
    shutil.copytree(site.root, other.root)
    other.rebuild(now=now, full=True)
    tree = other.tree()
    shutil.rmtree(other.root)
    return tree


def _check_order(site: SmallSite) -> None:
    """Page by page from the oldest, the site's feed is the list of all its items, and its document the newest of it."""
    with closing(Store("sqlite:///.feeds/state.db", folder=str(site.root))) as store, store.snapshot() as connection:
        (feed,) = [row for row in feed_rows.feed_rows(connection).values() if row.scope == "site"]
        (window,) = feed_rows.windows(connection, [(feed.id, 0)], limit=1000, page=1)
    found = [title for page in pages(site).values() for title in page[::-1]]
    newest = titles(site)[::-1]
    assert len(newest) == min(LIMIT // 2, len(window.article_ids))
    assert (found + [title for title in newest if title not in found])[-len(newest) :] == newest
    assert len({*found, *newest}) == len(window.article_ids)
