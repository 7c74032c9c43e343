"""The page that a feed is about is one that the site has: its own page of a term, as real Hugo makes it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import feedparser
import pytest

from feeds.app import App
from feeds.rebuild.run import Options, Report
from tests.hugo import build
from tests.sites import NOW, SmallSite

SITE = "https://example.org/"
#: Each is a feed of its own: no two fold to one.
TERMS = (
    "AI & ML", ".NET", "C#", "C++", "F#", "R&D", "Q&A", "TCP/IP", "copilot+pc", "data+ai", "Machine Learning",
    "machine-vision", "Café", "naïve", "İstanbul", "STRASSE", "Ünïcode", "人工智能", "机器人 (Robotics)", "山姆·奥特曼",
    "日本語 タグ", "снег", "100%", "a_b", "a.b", "v1.2.3", "What?", "it's", "“quoted”", "semi;colon", "x@y", "~tilde",
    "emoji 🎉", "UPPER", "Node.js", "1984", "don’t", "a, b", "50 % off", "[brackets]", "(round)", "a=b", "$money",
    "x^2", "a|b", "e-mail", "-dash-", "half½",
)  # fmt: skip


class Site:
    """A site of Hugo's with sources.yaml beside its configuration."""

    def __init__(self, root: Path, config: Mapping[str, Any], **more: Any) -> None:
        self.root = root
        self.config = {"baseURL": SITE, "title": "T", "locale": "en", **config}
        (root / "content/posts").mkdir(parents=True)
        self.configure()
        about = {"title": "T", "url": self.config["baseURL"], "language": "en"}
        whole = {"site": about, "infer_terms": False, "output": {"formats": ["json", "rss", "atom"]}, **more}
        (root / "sources.yaml").write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")

    def configure(self, **changes: Any) -> None:
        """Write Hugo's configuration, perhaps with changes."""
        self.config |= changes
        (self.root / "hugo.json").write_text(json.dumps(self.config), encoding="utf-8")

    def write(self, path: str, **front: Any) -> None:
        """A file of content."""
        file = self.root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(front, ensure_ascii=False) + "\n\nText.\n", encoding="utf-8")

    def post(self, name: str, **front: Any) -> None:
        """An article."""
        self.write(f"posts/{name}", title=name, date="2025-01-02T00:00:00Z", **front)

    def rebuild(self, **options: Any) -> Report:
        """One run."""
        app = App(str(self.root / "sources.yaml"))
        report = app.rebuild(Options(processes=1, **options), now=NOW, progress=lambda *_: None)
        assert not report.has_errors
        return report

    def feeds(self) -> dict[str, tuple[str, str]]:
        """Folder of each feed -> its title and the page that it is about, the same in all formats."""
        found = {}
        for path in sorted((self.root / "output").rglob("feed.json")):
            document = json.loads(path.read_bytes())
            said = [(document["title"], document["home_page_url"])]
            for name in ("rss.xml", "atom.xml"):
                feed = feedparser.parse(path.with_name(name).read_bytes()).feed
                said.append((feed.title, feed.link))
            assert len(set(said)) == 1
            found[path.parent.relative_to(self.root / "output").as_posix()] = said[0]
        return found

    def homes(self, under: str) -> dict[str, str]:
        """Folder of each feed of a kind -> the page that it is about."""
        return {folder: home for folder, (_, home) in self.feeds().items() if folder.startswith(under)}

    def hugo(self, kind: str = "") -> dict[str, str]:
        """The address of every page that Hugo makes, or of those of a kind -> its title."""
        copy = self.root.parent / f"{self.root.name}-hugo"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.root, copy, ignore=shutil.ignore_patterns("output", ".feeds"))
        disabled = ["sitemap", "robotsTXT", "404", "rss", *self.config.get("disableKinds", [])]
        pages = build(copy, {"disableKinds": disabled})
        return {page.url: page.title for page in pages if not kind or page.kind == kind}

    def tree(self) -> dict[str, bytes]:
        """All that is published."""
        output = self.root / "output"
        return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"permalinks": {"tags": "/t/:slug/"}, "removePathAccents": True, "baseURL": "https://example.org/blog/"},
        {"permalinks": {"term": {"tags": "/label/:title/"}}},
        {"disablePathToLower": True, "uglyURLs": True},
    ],
    ids=str,
)
def test_the_page_of_each_odd_term_is_one_that_hugo_makes(config: dict[str, Any], tmp_path: Path) -> None:
    site = Site(tmp_path / "site", config)
    for number, term in enumerate(TERMS):
        site.post(f"p{number}.md", tags=[term])
    site.rebuild()
    homes = site.homes("tags/")
    assert len(homes) == len(TERMS)
    assert set(homes.values()) == site.hugo("term").keys()


@pytest.mark.parametrize("in_folder", [False, True])
def test_each_language_has_its_own_pages_of_terms(in_folder: bool, tmp_path: Path) -> None:
    languages = {"en": {"weight": 1}, "zh-cn": {"weight": 2, "title": "题", "permalinks": {"tags": "/biaoqian/:slug/"}}}
    site = Site(tmp_path / "site", {"languages": languages, "defaultContentLanguageInSubdir": in_folder})
    for number, term in enumerate(TERMS[:25]):
        site.post(f"p{number}.md", tags=[term])
        site.post(f"p{number}.zh-cn.md", tags=[term], categories=["新闻 & 评论"])
    site.write("tags/c#/_index.zh-cn.md", title="C 井号")
    site.rebuild()
    feeds = site.feeds()
    terms = {folder: home for folder, (_, home) in feeds.items() if "tags/" in folder or "topics/" in folder}
    assert len(terms) == len(set(terms.values())) == 51
    assert set(terms.values()) == site.hugo("term").keys()
    titles = [title for folder, (title, _) in feeds.items() if folder.endswith("tags/c#")]
    assert [title.partition(" · ")[0] for title in titles] == ["C#", "C 井号"]


@pytest.mark.parametrize("disabled", [["term"], ["taxonomy"], ["term", "taxonomy"]])
def test_without_pages_of_terms_the_front_page_steps_in(disabled: list[str], tmp_path: Path) -> None:
    """Those of a taxonomy, such as ``/tags/``, are others."""
    site = Site(tmp_path / "site", {"disableKinds": disabled})
    site.post("a.md", tags=["C#"], categories=["News"])
    site.rebuild()
    homes = site.homes("t")
    assert set(homes) == {"tags/c#", "topics/news"}
    assert set(homes.values()) == (site.hugo("term").keys() or {SITE})


def test_the_section_page_of_a_term_names_it_and_says_where_it_is(tmp_path: Path) -> None:
    site = Site(
        tmp_path / "site", {"permalinks": {"series": "/s/:slug/"}, "taxonomies": {"tag": "tags", "x": "themes"}}
    )
    site.post("a.md", tags=["C#", "Machine Learning", "go", "Plain", "Kept"], themes=["Deep"])
    site.write("tags/c#/_index.md", title="C Sharp", slug="c-sharp")
    site.write("tags/machine-learning/_index.md", title="Machines that learn")
    site.write("tags/Go/_index.md", title="Go, the language", url="/golang/")
    site.write("tags/Kept/_index.md")
    site.write("tags/_index.md", title="All tags", slug="labels")
    site.write("themes/deep/_index.md", title="Depths", url="depths.html")
    site.rebuild()
    pages, feeds = site.hugo(), site.feeds()
    found = {folder: (title.removesuffix(" · T"), home) for folder, (title, home) in feeds.items() if folder != "."}
    assert found == {
        "tags/c-sharp": ("C Sharp", f"{SITE}labels/c-sharp/"),
        "tags/machine-learning": ("Machines that learn", f"{SITE}labels/machine-learning/"),
        "tags/go": ("Go, the language", f"{SITE}golang/"),
        "tags/plain": ("Plain", f"{SITE}labels/plain/"),
        "tags/kept": ("Kept", f"{SITE}labels/kept/"),
        "topics/deep": ("Depths", f"{SITE}depths.html"),
    }
    # Hugo gives an empty title to a page that has a file and names none.
    assert {home: pages[home] or "Kept" for _, home in found.values()} == {
        home: title for title, home in found.values()
    }


def test_a_key_that_is_no_taxonomy_has_no_page(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", {"taxonomies": {"tag": "tags"}})
    site.post("a.md", tags=["One"], main_topics=["Two"])
    site.rebuild()
    assert site.homes("t") == {"tags/one": f"{SITE}tags/one/", "topics/two": SITE}


def test_the_page_is_that_of_the_name_that_articles_use_not_of_the_one_that_the_feed_has(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", {}, tags={"aliases": {"Artificial intelligence": ["AI", "A.I."]}})
    site.post("a.md", tags=["AI"])
    site.post("b.md", tags=["A.I."])
    site.post("c.md", tags=["A.I."])
    site.post("d.md", tags=["机器人 (Robotics)"])
    site.rebuild()
    assert site.feeds()["tags/artificial-intelligence"] == ("Artificial intelligence · T", f"{SITE}tags/a.i./")
    assert set(site.homes("tags/").values()) <= set(site.hugo())
    # Most articles name another one now.
    site.post("c.md", tags=["AI"])
    site.rebuild()
    assert site.homes("tags/artificial")["tags/artificial-intelligence"] == f"{SITE}tags/ai/"
    (site.root / "content/posts/a.md").unlink()
    (site.root / "content/posts/c.md").unlink()
    (site.root / "content/posts/b.md").unlink()
    site.rebuild()
    # Hugo makes no page of a term that nothing names.
    assert site.homes("tags/artificial")["tags/artificial-intelligence"] == SITE
    before = site.tree()
    site.rebuild(full=True)
    assert site.tree() == before


@pytest.mark.parametrize(
    "steps",
    [
        [{"title": "C Sharp"}, {"title": "See Sharp"}, None],
        [{"title": "C Sharp", "url": "/sharp/"}, {"url": "/sharper/"}, {}],
        [None, {"title": "C Sharp"}, {"title": "C Sharp", "slug": "sharp"}],
    ],
)
def test_an_edit_of_a_section_page_is_noticed(steps: list[dict[str, Any] | None], tmp_path: Path) -> None:
    site = Site(tmp_path / "site", {}, pages={"public": True})
    site.post("a.md", tags=["C#", "Other"])
    path = site.root / "content/tags/c#/_index.md"
    trees = []
    for number, front in enumerate(steps):
        if front is None:
            path.unlink(missing_ok=True)
        else:
            site.write("tags/c#/_index.md", **front)
        report = site.rebuild()
        assert number == 0 or report.read == 0
        home = site.homes("tags/c")["tags/c#"]
        pages = site.hugo()
        assert home in pages
        assert (site.root / "output/feeds.opml").read_text(encoding="utf-8").count(f'htmlUrl="{home}"') == 1
        trees.append(site.tree())
        site.rebuild(full=True)
        assert site.tree() == trees[-1]
        other = site.feeds()["tags/other"]
        assert other == ("Other · T", f"{SITE}tags/other/")
    assert all(one != another for one, another in pairwise(trees))


def test_a_site_that_leaves_its_generator_leaves_its_pages(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", {}, content=[{"path": "content"}], pages={"public": True})
    site.post("a.md", tags=["C#"])
    site.write("tags/c#/_index.md", title="C Sharp")
    site.rebuild()
    assert site.feeds()["tags/c#"] == ("C Sharp · T", f"{SITE}tags/c%23/")
    (site.root / "hugo.json").unlink()
    shutil.rmtree(site.root / "content/tags")
    site.rebuild()
    assert site.feeds()["tags/c#"] == ("C# · T", f"{SITE}tags/c%23/")


@pytest.mark.parametrize("public", [True, False])
def test_on_a_site_without_a_generator_it_is_our_page_or_the_front_page(public: bool, tmp_path: Path) -> None:
    config = "site: {title: S, url: 'https://example.org/', language: en}\ncontent: [{path: content/posts}]\n"
    config += f"output: {{url: 'https://example.org/feeds/'}}\npages: {{public: {str(public).lower()}}}\n"
    site = SmallSite.make(tmp_path / "site", config)
    site.write("a", tags=["C#"], main_topics=["News"])
    site.rebuild()
    home = json.loads((site.output / "tags/c#/feed.json").read_bytes())["home_page_url"]
    assert home == ("https://example.org/feeds/tags/c%23/" if public else SITE)
    assert (site.output / "tags/c#/index.html").exists() == public
    assert json.loads((site.output / "feed.json").read_bytes())["home_page_url"] == SITE


@pytest.mark.parametrize(
    ("files", "homes"),
    [
        (
            {
                "_config.yml": "title: T\nplugins: [jekyll-archives]\njekyll-archives: {enabled: [tags]}\n",
                "_posts/2025-01-02-a.md": "---\ntitle: A\ntags: [R&D Lab]\ncategories: [News]\n---\nText.\n",
            },
            {"tags/rd-lab": f"{SITE}tag/r-d-lab/", "topics/news": SITE},
        ),
        (
            {
                "_config.yml": "title: T\ntag_dir: labels\n",
                "package.json": '{"hexo": {}, "dependencies": {"hexo": "7"}}',
                "source/_posts/a.md": "---\ntitle: A\ndate: 2025-01-02\n"
                "tags: [R&D Lab]\ncategories: [News]\n---\nText.\n",
            },
            {"tags/rd-lab": f"{SITE}labels/R-D-Lab/", "topics/news": f"{SITE}categories/News/"},
        ),
        (
            {
                "config.toml": "base_url = 'https://example.org'\n"
                "taxonomies = [{name = 'tags'}, {name = 'x', render = false}]\n",
                "content/a.md": "+++\ntitle = 'A'\ndate = 2025-01-02\n[taxonomies]\n"
                "tags = ['R&D Lab']\nx = ['News']\n+++\nText.\n",
            },
            {"tags/rd-lab": f"{SITE}tags/r-d-lab/", "topics/news": SITE},
        ),
    ],
    ids=["jekyll", "hexo", "zola"],
)
def test_other_generators_have_pages_of_terms_by_their_own_rules(
    files: dict[str, str], homes: dict[str, str], tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = "site: {title: T, url: 'https://example.org/', language: en}\ninfer_terms: false\n"
    (tmp_path / "sources.yaml").write_text(config, encoding="utf-8")
    app = App(str(tmp_path / "sources.yaml"))
    assert not app.rebuild(Options(processes=1), now=NOW, progress=lambda *_: None).has_errors
    found = {path: json.loads((tmp_path / "output" / path / "feed.json").read_bytes()) for path in homes}
    assert {path: document["home_page_url"] for path, document in found.items()} == homes
