"""A site of several languages: each has feeds of its own, below its folder, in its language."""

from __future__ import annotations

import itertools
import json
import re
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from msgspec.structs import replace

from feeds.app import App
from feeds.content.articles import Reading, read_article
from feeds.model import Person, Scope
from feeds.publish.select import (
    FILENAMES,
    Edition,
    FeedSpec,
    Publication,
    feed_id,
    folder_of,
    folder_url,
    site_spec,
    with_editions,
)
from feeds.rebuild import prepare
from feeds.rebuild.run import Options, Report
from feeds.store import entry_rows, feed_rows, source_rows
from feeds.store.schema import to_micros
from feeds.store.sql import Store
from feeds.web.serve import fates_of
from tests.sites import NOW, SmallSite

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
AUTHOR = Person(name="Editors")
ENGLISH = Edition(
    key="en",
    title="Harbour Notes",
    url="https://example.org/",
    folder="",
    base_url="https://example.org/",
    description="Notes from the harbour",
    language="en",
    author=AUTHOR,
)
CHINESE = Edition(
    key="zh-cn",
    title="港口札记",
    url="https://example.org/zh-cn/",
    folder="zh-cn/",
    base_url="https://example.org/zh-cn/",
    description="港口的札记",
    language="zh-CN",
    author=Person(name="编辑部"),
)
GERMAN = replace(
    CHINESE, key="de", title="Hafen", url="https://hafen.example/", folder="de/", base_url="https://hafen.example/"
)
GERMAN = replace(GERMAN, description="Vom Hafen", language="de", author=AUTHOR)

CONFIG = """\
site: {title: Harbour Notes, url: "https://example.org/", language: en, author: Editors}
content: [{path: content/posts, url: "/posts/:slugorfilename/", section: posts}]
output: {limit: 6, archives: [site, tag]MORE}
sources:
  - {name: Wired, feed: "https://www.wired.com/feed/rss", site: "https://www.wired.com/"}
feeds:
  - {name: Both, slug: both, where: "tag:AI and tag:ships"}
tags: {aliases: {AI: [KI]}}
"""


def read_in_language(*arguments: Any) -> Reading:
    """As the article is, in the language that the last part of its name says: ``post.zh-cn.md``."""
    reading = read_article(*arguments)
    found = re.search(r"\.([a-z]+(?:-[a-z]+)?)\.md$", arguments[1])
    if found and reading.article:
        languages = {"zh-cn": "zh-CN", "de": "de", "en": "en"}
        article = replace(reading.article, edition=found[1], language=languages[found[1]])
        return replace(reading, article=article)
    return reading


@dataclass
class Polyglot:
    """A small site, and the languages that it has."""

    site: SmallSite
    editions: list[Edition] = field(default_factory=lambda: [ENGLISH, CHINESE])

    @property
    def app(self) -> App:
        """The site, opened anew as each command does."""
        app = App(str(self.site.root / "sources.yaml"))
        if self.editions:
            publication = with_editions(app.site.publication, self.editions)
            fingerprint = f"{app.site.fingerprint}{list(publication.editions)}"
            app.site = replace(app.site, publication=publication, fingerprint=fingerprint)
        return app

    def rebuild(self, **options: Any) -> Report:
        """One run in this process."""
        now = options.pop("now", NOW)
        return self.app.rebuild(Options(processes=1, **options), now=now, progress=lambda *_: None)

    def titles(self, folder: str) -> list[str]:
        """Of the items of a feed."""
        return sorted(item["title"].removeprefix("题目 ") for item in self.site.items(f"{folder}feed.json"))

    def head(self, path: str) -> Any:
        """The root of an XML document."""
        return etree.parse(self.site.output / path).getroot()


def _page(polyglot: Polyglot, path: str) -> Any:
    return html.fromstring(polyglot.site.output.joinpath(path).read_bytes())


@pytest.fixture
def polyglot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Polyglot:
    monkeypatch.setattr(prepare, "read_article", read_in_language)
    site = SmallSite.make(tmp_path / "site", CONFIG.replace("MORE", ""))
    wired = "x[^1].\n\n[^1]: [T](https://www.wired.com/story/1/)·Wired\n"
    site.write("one.en", tags=["AI", "ships"], body=wired)
    site.write("one.zh-cn", tags=["AI", "船舶"], body=wired)
    site.write("two.en", tags=["ships"])
    return Polyglot(site)


def test_each_language_has_the_feeds_of_its_own_articles(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    assert polyglot.titles("") == ["one.en", "two.en"]
    assert polyglot.titles("zh-cn/") == ["one.zh-cn"]
    assert (
        polyglot.titles("tags/ai/") == polyglot.titles("sources/wired/") == polyglot.titles("feeds/both/") == ["one.en"]
    )
    assert polyglot.titles("zh-cn/tags/ai/") == polyglot.titles("zh-cn/sources/wired/") == ["one.zh-cn"]
    folders = {str(path.parent.relative_to(polyglot.site.output)) for path in polyglot.site.output.rglob("feed.json")}
    assert {"tags/ships", "zh-cn/tags/船舶"} < folders
    assert not {"tags/船舶", "zh-cn/tags/ships", "zh-cn/feeds/both"} & folders


def test_a_feed_speaks_the_language_of_its_edition(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    atom, rss = polyglot.head("zh-cn/tags/ai/atom.xml"), polyglot.head("zh-cn/rss.xml")
    head = json.loads(polyglot.site.output.joinpath("zh-cn/tags/ai/feed.json").read_bytes())
    assert (atom.get(LANG), rss.findtext("channel/language"), head["language"]) == ("zh-CN", "zh-CN", "zh-CN")
    assert (atom.findtext(f"{ATOM}title"), head["description"]) == ("AI · 港口札记", "港口札记中标签为“AI”的文章")
    assert (rss.findtext("channel/title"), rss.findtext("channel/description")) == ("港口札记", "港口的札记")
    assert rss.findtext("channel/link") == "https://example.org/zh-cn/"
    assert head["feed_url"] == "https://example.org/zh-cn/tags/ai/feed.json"
    assert head["authors"][0]["name"] == "编辑部"
    page = _page(polyglot, "zh-cn/tags/ai/index.html")
    assert (page.get("lang"), page.findtext(".//nav/a")) == ("zh-CN", "全部订阅")
    assert page.find(".//link[@rel='stylesheet']").get("href") == "../../../feeds-page.css"
    assert polyglot.head("rss.xml").findtext("channel/language") == "en"
    (scheme,) = {c.get("scheme") for c in polyglot.head("zh-cn/atom.xml").iter(f"{ATOM}category")}
    assert scheme == "https://example.org/zh-cn/tags/"


def test_feeds_of_all_articles_name_each_other(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    for path, kind, tag in (("atom.xml", "atom", f"{ATOM}link"), ("rss.xml", "rss", f"channel/{ATOM}link")):
        found = polyglot.head(path).findall(f"{tag}[@hreflang]")
        assert [dict(link.attrib) for link in found] == [
            {
                "rel": "alternate",
                "type": f"application/{kind}+xml",
                "hreflang": "zh-CN",
                "href": f"https://example.org/zh-cn/{path}",
                "title": "港口札记",
            }
        ]
        (back,) = polyglot.head(f"zh-cn/{path}").findall(f"{tag}[@hreflang]")
        assert (back.get("hreflang"), back.get("href")) == ("en", f"https://example.org/{path}")
    assert not polyglot.head("tags/ai/atom.xml").findall(f"{ATOM}link[@hreflang]")


def test_pages_name_the_languages(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    for path in ("latest.html", "zh-cn/index.html"):
        page = _page(polyglot, path)
        found = {link.get("hreflang"): link.get("href") for link in page.findall("head/link[@hreflang]")}
        assert found == {"en": "https://example.org/latest.html", "zh-CN": "https://example.org/zh-cn/index.html"}
    front = _page(polyglot, "index.html")
    others = [link.get("href") for link in front.findall("head/link[@hreflang='zh-CN']")]
    assert others == [f"https://example.org/zh-cn/{name}" for name in ("rss.xml", "atom.xml", "feed.json")]
    names = [heading.text.strip() for heading in front.findall(".//h2") if heading.text]
    assert names[1:] == [
        "Harbour Notes (en) · Combined feeds",
        "Harbour Notes (en) · Cited sources",
        "Harbour Notes (en) · Tags",
        "港口札记 (zh-CN) · 全站",
        "港口札记 (zh-CN) · 引用来源",
        "港口札记 (zh-CN) · 标签",
    ]


def test_the_list_of_feeds_is_grouped_by_language(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    opml = polyglot.head("feeds.opml")
    groups = {group.get("text"): [one.get("xmlUrl") for one in group] for group in opml.findall("body/outline")}
    assert groups["港口札记 (zh-CN) · 全站"] == ["https://example.org/zh-cn/rss.xml"]
    assert groups["Harbour Notes (en) · Whole site"] == ["https://example.org/rss.xml"]
    listed = list(itertools.chain(*groups.values()))
    assert len(set(listed)) == len(listed) == len(list(polyglot.site.output.rglob("rss.xml")))
    assert {one.get("language") for one in opml.iter("outline")} == {None, "en", "zh-CN"}


def test_a_language_without_articles_is_neither_written_nor_named(polyglot: Polyglot) -> None:
    polyglot.editions.append(GERMAN)
    polyglot.rebuild()
    assert not polyglot.site.output.joinpath("de").exists()
    assert b"hafen.example" not in b"".join(polyglot.site.tree().values())
    polyglot.site.write("eins.de", tags=["Schiffe"])
    polyglot.rebuild()
    assert {link.get("hreflang") for link in polyglot.head("atom.xml").findall(f"{ATOM}link[@hreflang]")} == {
        "zh-CN",
        "de",
    }
    assert polyglot.head("de/rss.xml").findtext(f"channel/{ATOM}link[@rel='self']") is not None
    (self,) = polyglot.head("de/rss.xml").findall(f"channel/{ATOM}link[@rel='self']")
    assert self.get("href") == "https://hafen.example/rss.xml"
    # Its pages stand on another host, and their style on the site's.
    style = _page(polyglot, "de/index.html").find("head/link[@rel='stylesheet']")
    assert style is not None
    assert style.get("href") == "https://example.org/feeds-page.css"
    before = polyglot.site.tree()
    polyglot.rebuild(full=True)
    assert polyglot.site.tree() == before


def test_what_comes_and_goes_in_one_language_leaves_the_others_alone(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    before = polyglot.site.stats()
    polyglot.site.write("three.zh-cn", tags=["AI"])
    polyglot.rebuild()
    changed = {path for path, stat in polyglot.site.stats().items() if before.get(path) != stat}
    assert changed - {"index.html"}
    assert all(path.startswith("zh-cn/") for path in changed - {"index.html"})
    polyglot.site.posts.joinpath("three.zh-cn.md").unlink()
    polyglot.rebuild(now=NOW + timedelta(days=1))
    assert b"deleted-entry" in polyglot.site.output.joinpath("zh-cn/atom.xml").read_bytes()
    assert b"deleted-entry" not in polyglot.site.output.joinpath("atom.xml").read_bytes()


def test_an_article_that_changes_its_language_moves_without_a_tombstone(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    path = polyglot.site.posts / "two.en.md"
    path.rename(path.with_name("two.zh-cn.md"))
    polyglot.rebuild()
    assert (polyglot.titles(""), polyglot.titles("zh-cn/")) == (["one.en"], ["one.zh-cn", "two.en"])
    before = polyglot.site.tree()
    assert b"deleted-entry" not in before["atom.xml"]
    polyglot.rebuild(full=True)
    assert polyglot.site.tree() == before


def test_a_site_that_gains_and_loses_a_language_keeps_the_feeds_of_its_first(polyglot: Polyglot) -> None:
    polyglot.editions = []
    polyglot.rebuild()
    single = polyglot.site.tree()
    ident = polyglot.head("tags/ai/atom.xml").findtext(f"{ATOM}id")
    polyglot.editions = [ENGLISH, CHINESE]
    polyglot.rebuild()
    assert polyglot.titles("tags/ai/") == ["one.en"]
    assert polyglot.head("tags/ai/atom.xml").findtext(f"{ATOM}id") == ident
    assert polyglot.head("zh-cn/tags/ai/atom.xml").findtext(f"{ATOM}id") != ident
    polyglot.editions = []
    polyglot.rebuild()
    assert polyglot.site.tree() == single
    assert fates_of(polyglot.app).of("zh-cn/rss.xml") == "gone"


def test_an_article_without_terms_is_given_those_of_its_language(polyglot: Polyglot) -> None:
    text = "Plain\n\nAI and ships, 船舶 and AI, ships and 船舶.\n"
    for language in ("en", "zh-cn"):
        (polyglot.site.posts / f"plain-20250705080000000.{language}.md").write_text(text, encoding="utf-8")
    polyglot.rebuild()
    assert polyglot.titles("tags/ships/") == ["one.en", "plain", "two.en"]
    assert polyglot.titles("zh-cn/tags/船舶/") == ["one.zh-cn", "plain"]
    assert not polyglot.site.output.joinpath("tags/船舶").exists()
    assert not polyglot.site.output.joinpath("zh-cn/tags/ships").exists()


def test_archive_pages_are_counted_in_each_language(polyglot: Polyglot) -> None:
    for number in range(8):
        polyglot.site.write(f"n{number}.zh-cn", tags=["AI"], date=f"2025-06-0{number + 1}T08:00:00+08:00")
    polyglot.rebuild()
    found = {str(path.parent.relative_to(polyglot.site.output)) for path in polyglot.site.output.rglob("*/feed.json")}
    archives = {path for path in found if "archive" in path}
    assert archives == {f"zh-cn/{folder}archive/{n}" for folder in ("", "tags/ai/") for n in (1, 2, 3, 4)}
    (first,) = polyglot.head("zh-cn/archive/1/atom.xml").findall(f"{ATOM}link[@rel='current']")
    assert first.get("href") == "https://example.org/zh-cn/atom.xml"


def test_items_made_of_entries_stand_where_the_articles_stand(polyglot: Polyglot) -> None:
    config = polyglot.site.root / "sources.yaml"
    more = ", entries: {site: matched, source: matched}, editor: [gaps]"
    config.write_text(CONFIG.replace("MORE", more), encoding="utf-8")
    polyglot.rebuild()
    _poll(polyglot, "https://www.wired.com/story/1/", "Seen")
    polyglot.site.write("one.en", tags=["AI"])
    polyglot.rebuild()
    assert polyglot.titles("zh-cn/") == ["Seen", "one.zh-cn"]
    assert polyglot.titles("zh-cn/sources/wired/") == ["Seen", "one.zh-cn"]
    assert polyglot.titles("") == ["one.en", "two.en"]
    _poll(polyglot, "https://www.wired.com/story/2/", "AI and ships uncovered")
    polyglot.site.write("three.en", tags=["AI"], body="x[^1].\n\n[^1]: [T](https://www.wired.com/story/1/)·Wired\n")
    polyglot.rebuild()
    assert polyglot.titles("") == ["Seen", "one.en", "three.en", "two.en"]
    assert polyglot.titles("coverage-gaps/") == ["AI and ships uncovered"]
    assert not polyglot.site.output.joinpath("zh-cn/coverage-gaps").exists()
    before = polyglot.site.tree()
    polyglot.rebuild(full=True)
    assert polyglot.site.tree() == before


def _poll(polyglot: Polyglot, url: str, title: str) -> None:
    """The source's feed brings an entry."""
    url_of_feed = "https://www.wired.com/feed/rss"
    with (
        closing(Store("sqlite:///.feeds/state.db", folder=str(polyglot.site.root))) as store,
        store.transaction() as connection,
    ):
        source_rows.sync_feeds(connection, {url_of_feed: "Wired"}, lambda _: {"domain": "wired.com", "learnt": "{}"})
        (feed,) = source_rows.active_feeds(connection)
        said = json.dumps({"id": url, "url": url, "title": title})
        at = to_micros(NOW)
        row = (feed.id, url, url, entry_rows.url_key_of(url), title, at, at, at, url, None, 0, said, "")
        entry_rows.insert_entries(connection, [row])


def test_why_knows_the_language_of_a_feed(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    tell: Callable[[str], Any] = lambda name: polyglot.app.why(name, None, now=NOW)  # noqa: E731 (it is one)
    both = tell("tag:AI")
    assert [one.title for one in both] == ["tag AI: AI · Harbour Notes", "tag AI: AI · 港口札记"]
    for name in ("https://example.org/zh-cn/tags/ai/rss.xml", "output/zh-cn/tags/ai/"):
        (one,) = tell(name)
        lines = [line.text for line in one.lines]
        assert "language: zh-CN, of 2 of the site" in lines
        assert "address: https://example.org/zh-cn/tags/ai/" in lines
    (article,) = tell("content/posts/one.zh-cn.md")
    assert any(line.text == "tag AI (zh-cn)" for line in article.lines)


def test_renamed_terms_lead_on_in_every_language(polyglot: Polyglot) -> None:
    polyglot.rebuild()
    fates = fates_of(polyglot.app)
    assert fates.of("tags/ki/rss.xml") == "tags/ai/rss.xml"
    assert fates.of("zh-cn/tags/ki/rss.xml") == "zh-cn/tags/ai/rss.xml"


# -- values ------------------------------------------------------------------------------------------------------------

WHOLE = Publication(
    title="Harbour Notes",
    url="https://example.org/",
    base_url="https://example.org/",
    description="",
    language="en",
    author=AUTHOR,
    layout={Scope.SITE: "", Scope.TAG: "tags/:slug/"},
    filenames=FILENAMES,
    limit=6,
    archived_scopes=frozenset(),
)
THREE = with_editions(WHOLE, [ENGLISH, CHINESE, GERMAN])
AI = FeedSpec(Scope.TAG, "ai", "AI", "ai")


def test_every_edition_has_addresses_of_its_own() -> None:
    specs = [replace(AI, edition=key) for key in THREE.editions]
    assert [folder_of(THREE, spec) for spec in specs] == ["tags/ai/", "zh-cn/tags/ai/", "de/tags/ai/"]
    assert [folder_url(THREE, spec) for spec in specs] == [
        "https://example.org/tags/ai/",
        "https://example.org/zh-cn/tags/ai/",
        "https://hafen.example/tags/ai/",
    ]
    assert all(THREE.address(folder_of(THREE, spec)) == folder_url(THREE, spec) for spec in specs)
    assert THREE.address("index.html") == "https://example.org/index.html"


def test_ids_differ_by_language_and_those_of_the_first_are_as_on_a_site_of_one() -> None:
    ids = [feed_id(THREE, replace(AI, edition=key)) for key in THREE.editions]
    assert len(set(ids)) == 3
    assert ids[0] == feed_id(WHOLE, AI)
    assert feed_id(THREE, site_spec("en")) == feed_id(WHOLE, site_spec(""))


def test_an_unknown_language_is_the_first_one() -> None:
    assert (THREE.default, THREE.own_edition("fr"), THREE.own_edition("zh-cn")) == ("en", "en", "zh-cn")
    assert (WHOLE.default, WHOLE.own_edition("fr")) == ("", "")
    assert WHOLE.of("fr") is WHOLE


def test_a_slug_is_taken_in_one_language_only(polyglot: Polyglot) -> None:
    polyglot.site.write("four.zh-cn", tags=["ships!"])
    polyglot.rebuild()
    store = Store("sqlite:///.feeds/state.db", folder=str(polyglot.site.root))
    with closing(store), store.snapshot() as connection:
        slugs = {(row.edition, row.key): row.slug for row in feed_rows.feed_rows(connection).values()}
    assert slugs["en", "ships"] == slugs["zh-cn", "ships!"] == "ships"


# -- any history -------------------------------------------------------------------------------------------------------

_LANGUAGES = st.sampled_from(["en", "zh-cn", "de"])
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "edit", "translate", "remove", "languages"]),
        st.integers(0, 20),
        _LANGUAGES,
        st.lists(st.sampled_from(["AI", "KI", "ships", "船舶"]), unique=True, max_size=3),
    ),
    min_size=2,
    max_size=12,
)


def _step(polyglot: Polyglot, verb: str, number: int, language: str, tags: list[str]) -> None:
    site = polyglot.site
    paths = sorted(site.posts.glob("*.md"))
    path = paths[number % len(paths)] if paths else None
    if verb == "add":
        site.write(f"n{number}.{language}", tags=tags, date=f"2025-06-{number + 1:02}T08:00:00+08:00")
    elif verb == "languages":
        polyglot.editions = [[ENGLISH, CHINESE, GERMAN], [CHINESE, ENGLISH], [ENGLISH, CHINESE], []][number % 4]
    elif path and verb == "edit":
        path.write_text(path.read_text("utf-8") + "更正。\n", "utf-8")
    elif path and verb == "translate":
        path.rename(path.with_name(f"t{number}.{language}.md"))
    elif path:
        path.unlink()


@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(
    steps=[
        ("remove", 2, "zh-cn", ["AI", "ships"]),
        ("remove", 19, "en", ["KI", "ships", "AI"]),
        ("add", 19, "en", ["船舶", "ships"]),
        ("languages", 13, "de", ["船舶", "KI", "AI"]),
        ("translate", 12, "zh-cn", ["ships", "KI", "船舶"]),
        ("remove", 3, "en", ["AI", "KI"]),
        ("add", 6, "de", ["KI", "船舶"]),
        ("languages", 3, "en", ["KI", "船舶", "ships"]),
        ("translate", 16, "de", ["ships", "AI", "KI"]),
        ("add", 9, "de", ["船舶"]),
        ("translate", 5, "zh-cn", ["AI"]),
        ("languages", 13, "en", ["ships", "KI", "AI"]),
    ]
)
@given(_STEPS)
def test_after_any_history_of_languages_a_full_rebuild_changes_nothing(
    steps: list[tuple[str, int, str, list[str]]],
) -> None:
    with tempfile.TemporaryDirectory(prefix="feeds-editions-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, "read_article", read_in_language)
        polyglot = Polyglot(
            SmallSite.make(Path(folder) / "site", CONFIG.replace("limit: 6", "limit: 3").replace("MORE", ""))
        )
        for days, step in enumerate(steps):
            _step(polyglot, *step)
            now = NOW + timedelta(days=days)
            polyglot.rebuild(now=now)
            before = polyglot.site.tree()
            if days % 3 == 1 or step is steps[-1]:
                polyglot.rebuild(full=True, now=now)
                assert polyglot.site.tree() == before
