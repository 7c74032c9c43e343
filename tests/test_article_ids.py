"""Whose article a file is: every article once, under one id, whatever its file goes through."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from feeds.rebuild.likeness import sketch_of
from tests.sites import NOW, SmallSite

CONFIG = """\
site: {{title: T, url: "https://example.org/", language: en}}
content: [{{path: content/posts, url: "{url}"}}]
output: {{limit: 500}}
"""
#: Address by the title, by the file name, by the front matter.
BY_TITLE, BY_FILE, BY_SLUG = "/:slug/", "/posts/:filename/", "/posts/:slug/"


def make(folder: Path, url: str = BY_TITLE) -> SmallSite:
    return SmallSite.make(folder, CONFIG.format(url=url))


def ids(site: SmallSite) -> dict[str, str]:
    """Title -> id."""
    return {item["title"]: item["id"] for item in site.items("feed.json")}


def addresses(site: SmallSite) -> dict[str, str]:
    """Title -> address."""
    return {item["title"]: item["url"] for item in site.items("feed.json")}


def text_of(token: str, edits: int = 0) -> str:
    """Twelve sentences that no other article has; every edit is of the first two."""
    return " ".join(f"{token} says {n} of {edits if n < 2 else 'it'} here." for n in range(12))


def write(site: SmallSite, name: str, token: str, **front: Any) -> Path:
    values = {"title": token, "date": "2025-07-01"} | front
    return site.write(name, tags=[], body=values.pop("body", text_of(token)), **values)


def move(site: SmallSite, *names: str) -> None:
    """Move files along: the last name but one becomes the last, and so on."""
    for old, new in reversed(list(pairwise(names))):
        (site.posts / f"{old}.md").rename(site.posts / f"{new}.md")


@pytest.mark.parametrize("url", [BY_TITLE, BY_FILE])
@pytest.mark.parametrize("body", [None, "x"])
def test_renumbered_files_keep_their_ids_and_the_new_one_gets_its_own(
    tmp_path: Path, url: str, body: str | None
) -> None:
    site = make(tmp_path, url)
    texts = {} if body is None else {"body": body}
    write(site, "1", "Alpha", date="2025-07-01", **texts)
    write(site, "2", "Beta", date="2025-07-02", **texts)
    site.rebuild()
    before = ids(site)
    move(site, "1", "2", "3")
    write(site, "1", "New", date="2025-07-03", **texts)
    site.rebuild()
    after = ids(site)
    assert {title: after[title] for title in before} == before
    assert len(set(after.values())) == 3
    assert b"deleted-entry" not in site.output.joinpath("atom.xml").read_bytes()


@pytest.mark.parametrize("url", [BY_TITLE, BY_FILE])
def test_an_archived_article_keeps_its_id_and_its_successor_gets_another(tmp_path: Path, url: str) -> None:
    """Also where the successor has the address of the one before: subscribers would miss it, and see that one twice."""
    site = make(tmp_path, url)
    for issue in ("May", "June", "July"):
        if (site.posts / "latest.md").exists():
            move(site, "latest", f"until-{issue}")
        write(site, "latest", issue)
        site.rebuild()
    known = ids(site)
    assert len(set(known.values())) == 3
    site.rebuild(full=True)
    assert ids(site) == known


def test_a_page_that_is_rewritten_at_its_address_is_the_same_article(tmp_path: Path) -> None:
    site = make(tmp_path, BY_FILE)
    write(site, "now", "Busy")
    site.rebuild()
    (before,) = ids(site).values()
    write(site, "now", "Idle", date="2025-07-09")
    site.rebuild()
    assert ids(site) == {"Idle": before}


def test_files_that_swap_everything_swap_their_ids(tmp_path: Path) -> None:
    """Addresses in the front matter: /a/ is /a/ wherever its file is."""
    site = make(tmp_path)
    write(site, "a", "Alpha", url="/a/")
    write(site, "b", "Beta", slug="b")
    site.rebuild()
    before = ids(site)
    write(site, "a", "Beta", slug="b")
    write(site, "b", "Alpha", url="/a/")
    site.rebuild()
    assert ids(site) == before


def test_addresses_that_are_passed_on_take_no_id_along(tmp_path: Path) -> None:
    site = make(tmp_path, BY_SLUG)
    for name in "abc":
        write(site, name, name.upper(), slug=name)
    site.rebuild()
    before = ids(site)
    for name, slug in (("a", "b"), ("b", "c"), ("c", "a")):
        write(site, name, name.upper(), slug=slug)
    site.rebuild()
    assert ids(site) == before
    for name, slug in (("a", "c"), ("b", "d")):
        write(site, name, name.upper(), slug=slug)
    write(site, "c", "C", slug="b", body=text_of("C", edits=1))
    site.rebuild()
    assert ids(site) == before


def test_a_new_article_at_a_known_path_is_a_new_article(tmp_path: Path) -> None:
    site = make(tmp_path)
    write(site, "post", "Alpha")
    site.rebuild()
    (before,) = ids(site).values()
    write(site, "post", "Beta")
    site.rebuild()
    assert before not in ids(site).values()
    assert f'ref="{before}"'.encode() in site.output.joinpath("atom.xml").read_bytes()


@pytest.mark.parametrize(
    "front",
    [
        {"title": "Alpha, mended"},
        {"title": "Alpha", "slug": "first"},
        {"title": "Other", "slug": "first", "body": text_of("Alpha", edits=1)},
        {"title": "Other", "date": "2024-01-01"},
        {"title": "Other", "date": "2024-01-01", "body": text_of("Alpha", edits=1)},
        {"title": "Alpha", "date": "2024-01-01", "body": text_of("Omega")},
    ],
)
def test_a_file_that_stays_keeps_its_id_while_something_of_it_stays(tmp_path: Path, front: dict[str, Any]) -> None:
    site = make(tmp_path)
    write(site, "post", "Alpha")
    site.rebuild()
    (before,) = ids(site).values()
    write(site, "post", **({"token": "Alpha"} | front))
    site.rebuild()
    assert list(ids(site).values()) == [before]


@pytest.mark.parametrize("body", ["x", "", "Short, and edited."])
def test_short_texts_and_a_new_title_on_the_same_day_are_one_article(tmp_path: Path, body: str) -> None:
    site = make(tmp_path)
    write(site, "post", "Alpha", body="x")
    site.rebuild()
    (before,) = ids(site).values()
    write(site, "post", "Beta", body=body)
    site.rebuild()
    assert list(ids(site).values()) == [before]


def test_a_renamed_and_retitled_file_keeps_its_id(tmp_path: Path) -> None:
    site = make(tmp_path)
    write(site, "post", "Alpha")
    write(site, "other", "Beta")
    site.rebuild()
    before = ids(site)["Alpha"]
    (site.posts / "post.md").unlink()
    write(site, "renamed", "Alpha, mended", body=text_of("Alpha", edits=1))
    site.rebuild()
    assert ids(site)["Alpha, mended"] == before


@pytest.mark.parametrize("url", [BY_FILE, "/archive/:year/:slug/"])
def test_another_address_scheme_changes_no_id(tmp_path: Path, url: str) -> None:
    site = make(tmp_path)
    for token in ("Alpha", "Beta", "Gamma"):
        write(site, token, token)
    site.rebuild()
    before = ids(site)
    config = CONFIG.format(url=url).replace("example.org", "example.net")
    (site.root / "sources.yaml").write_text(config, encoding="utf-8")
    write(site, "Beta", "Beta, mended", body=text_of("Beta", edits=1))
    site.rebuild()
    assert {title.partition(",")[0]: id_ for title, id_ in ids(site).items()} == before
    assert all(address.startswith("https://example.net/") for address in addresses(site).values())


def test_a_returning_article_has_its_id_again_though_it_was_made_of_an_older_date(tmp_path: Path) -> None:
    site = make(tmp_path)
    path = write(site, "post", "Alpha")
    site.rebuild()
    write(site, "post", "Alpha", date="2025-07-02")
    site.rebuild()
    before, text = ids(site), path.read_text(encoding="utf-8")
    path.unlink()
    site.rebuild()
    assert ids(site) == {}
    (site.posts / "back.md").write_text(text, encoding="utf-8")
    site.rebuild(now=NOW + timedelta(days=1))
    assert ids(site) == before
    assert b"deleted-entry" not in site.output.joinpath("atom.xml").read_bytes()


def test_a_new_article_never_gets_the_id_of_one_that_left(tmp_path: Path) -> None:
    """The same day at the same address, and nothing else in common."""
    site = make(tmp_path, BY_FILE)
    used: list[str] = []
    for token in ("Alpha", "Beta", "Gamma"):
        path = write(site, "post", token)
        site.rebuild()
        used += ids(site).values()
        path.unlink()
        site.rebuild()
    assert len(set(used)) == 3


def test_a_broken_file_keeps_its_article_unless_that_is_elsewhere(tmp_path: Path) -> None:
    site = make(tmp_path)
    broken = "---\ntitle: New\nexpiryDate: soon\n---\n"
    write(site, "1", "Alpha")
    site.rebuild()
    before = ids(site)
    (site.posts / "1.md").write_text(broken, encoding="utf-8")
    assert site.rebuild().quarantined
    assert ids(site) == before
    write(site, "1", "Alpha")
    site.rebuild()
    move(site, "1", "2")
    (site.posts / "1.md").write_text(broken, encoding="utf-8")
    site.rebuild()
    assert ids(site) == before
    write(site, "1", "New")
    site.rebuild()
    assert ids(site)["Alpha"] == before["Alpha"] != ids(site)["New"]


def test_the_id_that_an_author_names_is_told_first(tmp_path: Path) -> None:
    site = make(tmp_path)
    for name, named in (("a", "urn:x:a"), ("b", "plain")):
        write(site, name, name.upper(), id=named)
    site.rebuild()
    before = ids(site)
    # What was a.md is b.md in all but its address, title and text.
    write(site, "a", "B", id="plain", body=text_of("rewritten"), date="2020-01-01")
    write(site, "b", "A", id="urn:x:a", body=text_of("anew"), date="2020-01-02")
    site.rebuild()
    assert ids(site) == before
    write(site, "a", "B", id="another", body=text_of("rewritten"), date="2020-01-01")
    site.rebuild()
    assert ids(site)["B"] not in before.values()


def test_articles_that_name_one_id_are_published_with_different_ones(tmp_path: Path) -> None:
    site = make(tmp_path)
    write(site, "a", "Alpha", id="welcome")
    write(site, "a.zh", "阿尔法", id="welcome")
    report = site.rebuild()
    assert [problem.what for problem in report.problems] == ["id"]
    before = ids(site)
    assert len(set(before.values())) == 2
    write(site, "a", "Alpha", id="welcome", body=text_of("Alpha", edits=1))
    write(site, "a.zh", "阿尔法", id="welcome", body=text_of("阿尔法", edits=1))
    site.rebuild()
    assert ids(site) == before


def test_a_name_in_another_case_is_the_same_article(tmp_path: Path) -> None:
    site = make(tmp_path, BY_FILE)
    write(site, "post", "Alpha")
    site.rebuild()
    before = ids(site)
    move(site, "post", "Post")
    site.rebuild()
    assert ids(site) == before


def test_articles_of_one_address_keep_their_ids_and_are_always_told(tmp_path: Path) -> None:
    site = make(tmp_path)
    write(site, "a", "Alpha", date="2025-07-01", url="/a/")
    write(site, "b", "Beta", date="2025-07-02", url="/a/")
    (problem,) = site.rebuild().problems
    assert "https://example.org/a/ is also the address of content/posts/a.md" in problem.why
    before = ids(site)
    write(site, "a", "Alpha", date="2025-07-01", url="/a/", body=text_of("Alpha", edits=1))
    (problem,) = site.rebuild().problems
    assert problem.path == "content/posts/b.md"
    write(site, "b", "Beta", date="2025-07-01", url="/a/")
    move(site, "a", "spare")
    move(site, "b", "a")
    move(site, "spare", "b")
    site.rebuild()
    assert ids(site) == before


def test_many_files_of_the_same_bytes_are_moved_at_once(tmp_path: Path) -> None:
    site = make(tmp_path, BY_FILE)
    for n in range(40):
        write(site, f"old/{n:02}", "Stub")
    site.rebuild()
    before = sorted(item["id"] for item in site.items("feed.json"))
    (site.posts / "old").rename(site.posts / "new")
    site.rebuild()
    assert sorted(item["id"] for item in site.items("feed.json")) == before


def test_a_sketch_holds_of_a_text_what_an_edit_leaves() -> None:
    html = "".join(f"<p>“Sentence” <em>number</em> {n}, and the rest of {n}。</p>\n" for n in range(12))
    assert sketch_of("") == sketch_of("<p> <img src='a.b'/> \n</p>") == b""
    assert sketch_of(html) == sketch_of(html.replace("<em>", "<i class='x'>").replace("</em>", "</i>"))
    assert len(sketch_of(html * 9)) <= 128
    assert sketch_of(html) != sketch_of(html.replace("number", "no."))
    assert sketch_of("a \udcff b")


# -- any mix of edits --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Story:
    """What one file holds. The token in its text is what a person knows the article by."""

    token: str
    title: str
    day: int
    slug: str
    edits: int = 0
    #: Its title or its date was changed since the last rebuild.
    is_restyled: bool = False


@dataclass
class Writer:
    """An author and the folder, as they are between rebuilds."""

    site: SmallSite
    url: str
    files: dict[str, Story] = field(default_factory=dict)
    removed: list[tuple[str, Story]] = field(default_factory=list)
    serial: int = 0

    def next(self) -> int:
        """A number that was never used."""
        self.serial += 1
        return self.serial

    def pick(self, number: int) -> str | None:
        """A file, if there is any."""
        paths = sorted(self.files)
        return paths[number % len(paths)] if paths else None

    def add(self, path: str, day: int) -> None:
        """Have a new article stand in a file."""
        n = self.next()
        self.files[path] = Story(token=f"token{n}end", title=f"Title {n}", day=day, slug=f"slug-{n}")

    def save(self) -> None:
        """Write the folder as it is; a file that holds what it held is left alone."""
        for path in self.site.posts.glob("*.md"):
            if path.stem not in self.files:
                path.unlink()
        for name, story in self.files.items():
            path, old = self.site.posts / f"{name}.md", None
            if path.exists():
                old = path.read_text(encoding="utf-8")
            front = {"slug": story.slug} if self.url == BY_SLUG else {}
            date = f"2025-07-{story.day:02}"
            text = text_of(story.token, story.edits)
            if _text(story.title, date, text, front) != old:
                path.write_text(_text(story.title, date, text, front), encoding="utf-8")
        self.files = {path: replace(story, is_restyled=False) for path, story in self.files.items()}

    def address(self, path: str) -> str:
        """What tells the address of a file from others'."""
        story = self.files[path]
        return {BY_TITLE: story.title, BY_FILE: path, BY_SLUG: story.slug}[self.url]


def _text(title: str, date: str, body: str, front: dict[str, str]) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in ({"title": title, "date": date} | front).items())
    return f"---\n{lines}---\n\n{body}\n"


def _new(writer: Writer, _a: int, b: int) -> None:
    writer.add(f"new-{writer.next()}", 1 + b % 3)


def _rename(writer: Writer, a: int, _b: int) -> None:
    if path := writer.pick(a):
        writer.files[f"renamed-{writer.next()}"] = writer.files.pop(path)


def _swap(writer: Writer, a: int, b: int) -> None:
    one, other = writer.pick(a), writer.pick(b)
    if one and other:
        writer.files[one], writer.files[other] = writer.files[other], writer.files[one]


def _renumber(writer: Writer, _a: int, b: int) -> None:
    """Every article takes the next one's file, the last a new one, and the first file holds a new article."""
    paths, stories = sorted(writer.files), [writer.files[path] for path in sorted(writer.files)]
    if paths:
        writer.files = dict(zip([*paths[1:], f"renamed-{writer.next()}"], stories, strict=True))
        writer.add(paths[0], 1 + b % 3)


def _archive(writer: Writer, a: int, b: int) -> None:
    if path := writer.pick(a):
        writer.files[f"archive-{writer.next()}"] = writer.files.pop(path)
        writer.add(path, 1 + b % 3)


def _change(writer: Writer, number: int, change: Callable[[Story], Story]) -> None:
    if path := writer.pick(number):
        writer.files[path] = change(writer.files[path])


def _retitle(writer: Writer, a: int, _b: int) -> None:
    title = f"Title {writer.next()}"
    _change(writer, a, lambda s: s if s.is_restyled else replace(s, title=title, is_restyled=True))


def _redate(writer: Writer, a: int, b: int) -> None:
    _change(writer, a, lambda s: s if s.is_restyled else replace(s, day=1 + b % 3, is_restyled=True))


def _reslug(writer: Writer, a: int, b: int) -> None:
    """Also to an address that another article has just left."""
    used = {story.slug for story in writer.files.values()}
    free = [f"slug-{n}" for n in range(1, writer.serial + 2) if f"slug-{n}" not in used]
    _change(writer, a, lambda s: replace(s, slug=free[b % len(free)]))


def _swap_slugs(writer: Writer, a: int, b: int) -> None:
    one, other = writer.pick(a), writer.pick(b)
    if one and other and one != other:
        slugs = writer.files[one].slug, writer.files[other].slug
        writer.files[one], writer.files[other] = (
            replace(writer.files[one], slug=slugs[1]),
            replace(writer.files[other], slug=slugs[0]),
        )


def _edit(writer: Writer, a: int, _b: int) -> None:
    _change(writer, a, lambda s: replace(s, edits=s.edits + 1))


def _remove(writer: Writer, a: int, _b: int) -> None:
    if path := writer.pick(a):
        writer.removed.append((path, writer.files.pop(path)))


def _bring_back(writer: Writer, a: int, _b: int) -> None:
    if writer.removed:
        path, story = writer.removed.pop(a % len(writer.removed))
        used = {one.slug for one in writer.files.values()}
        slug = story.slug if story.slug not in used else f"slug-{writer.next()}"
        path = path if path not in writer.files else f"back-{writer.next()}"
        writer.files[path] = replace(story, slug=slug)


_VERBS = [
    _new,
    _rename,
    _swap,
    _renumber,
    _archive,
    _retitle,
    _redate,
    _reslug,
    _swap_slugs,
    _edit,
    _remove,
    _bring_back,
]
_NUMBERS = st.integers(0, 11)
#: What is done between two rebuilds, several times.
_HISTORIES = st.lists(
    st.lists(st.tuples(st.sampled_from(_VERBS), _NUMBERS, _NUMBERS), min_size=1, max_size=6), min_size=2, max_size=5
)


class Subscriber:
    """Reads every document after every rebuild, and knows articles by their ids alone."""

    def __init__(self) -> None:
        self.article_of: dict[str, str] = {}
        self.id_of: dict[str, str] = {}

    def read(self, writer: Writer, heirs: dict[str, str]) -> None:
        """Read everything; ``heirs`` are those of ``_heirs``."""
        seen = _shown(writer.site, [story.token for story in writer.files.values()])
        assert len(seen) == len(writer.files)
        for token, uid in seen.items():
            article = heirs.get(token, token)
            assert self.article_of.setdefault(uid, article) == article, "an article came under the id of another"
            assert self.id_of.setdefault(article, uid) == uid, "an article came again under another id"


def _shown(site: SmallSite, tokens: Sequence[str]) -> dict[str, str]:
    """Token -> id, the same in all formats."""
    json_items = {item["id"]: item["content_html"] for item in site.items("feed.json")}
    atom = {entry.id: entry.content[0].value for entry in site.entries("atom.xml")}
    rss = {entry.id: entry.content[0].value for entry in site.entries("rss.xml")}
    found = [
        {token: uid for uid, html in items.items() for token in tokens if token in html}
        for items in (json_items, atom, rss)
    ]
    assert found[0] == found[1] == found[2]
    assert len(json_items) == len(found[0])
    return found[0]


@settings(max_examples=40, phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink])
@given(_HISTORIES, st.sampled_from([BY_TITLE, BY_FILE, BY_SLUG]))
def test_a_subscriber_counts_every_article_once(history: list[list[Any]], url: str) -> None:
    """Whatever is done to the files, and however much between two rebuilds.

    What no rule can know is left out: a file that is moved to another address with another title *and* another date
    and an edited text (each article has only one of title and date changed between two rebuilds), and a page whose
    article vanishes in the very run in which another one, never seen before, comes to its address: that page was
    rewritten, and keeps its id (``heirs``).
    """
    with tempfile.TemporaryDirectory(prefix="feeds-ids-") as folder:
        writer = Writer(make(Path(folder) / "site", url), url)
        for day in (1, 2, 2):
            writer.add(f"{day}-{writer.serial}", day)
        subscriber, now = Subscriber(), NOW
        heirs: dict[str, str] = {}
        before: dict[str, str] = {}
        for verbs in ([], *history):
            for verb, a, b in verbs:
                verb(writer, a, b)
            writer.save()
            heirs |= _heirs(writer, before, subscriber, heirs)
            twin = _twin(writer.site)
            writer.site.rebuild(now=now)
            subscriber.read(writer, heirs)
            twin.rebuild(now=now, full=True)
            assert twin.items("feed.json") == writer.site.items("feed.json")
            before = {writer.address(path): story.token for path, story in writer.files.items()}
            now += timedelta(days=1)


def _heirs(writer: Writer, before: dict[str, str], subscriber: Subscriber, heirs: dict[str, str]) -> dict[str, str]:
    """Token of an article that was never seen -> the one whose page it has rewritten."""
    here = {story.token for story in writer.files.values()}
    found = {}
    for path, story in writer.files.items():
        old = before.get(writer.address(path))
        if old and old not in here and heirs.get(story.token, story.token) not in subscriber.id_of:
            found[story.token] = heirs.get(old, old)
    return found


def _twin(site: SmallSite) -> SmallSite:
    """A copy, state and all."""
    twin = SmallSite(site.root.parent / "twin")
    shutil.rmtree(twin.root, ignore_errors=True)
    shutil.copytree(site.root, twin.root)
    return twin
