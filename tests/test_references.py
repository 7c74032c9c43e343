"""References between articles lead to where the others stand, and follow them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.references import KnownPage, PageIndex, References, names_page
from tests.sites import NOW, SmallSite

PATHS = (
    "content/posts/a.md",
    "content/posts/b.md",
    "content/posts/deep/b.md",
    "content/posts/deep/c.md",
    "content/posts/deep/e.md",
    "content/posts/bundle/index.md",
    "content/notes/My Note.md",
    "content/notes/c.md",
    "content/zh.posts/x.zh-cn.md",
    "content/zh.posts/x.en.md",
    "content/zh.posts/x.md",
    "content/other/node.js.md",
    "_posts/2020-01-01-old.md",
)
INDEX = PageIndex((KnownPage(path, f"https://e.example/{path}", f"题 {path}") for path in PATHS), ["content", "_posts"])


@pytest.mark.parametrize(
    ("reference", "asker", "path"),
    [
        ("b.md", "content/posts/a.md", "content/posts/b.md"),
        ("b", "content/posts/a.md", "content/posts/b.md"),
        ("b", "content/posts/deep/c.md", "content/posts/deep/b.md"),
        ("../b.md", "content/posts/deep/c.md", "content/posts/b.md"),
        ("./deep/c.md", "content/posts/a.md", "content/posts/deep/c.md"),
        ("/posts/b.md", "content/notes/c.md", "content/posts/b.md"),
        ("posts/deep/b", "content/notes/c.md", "content/posts/deep/b.md"),
        ("@/posts/b.md", "content/posts/deep/c.md", "content/posts/b.md"),
        ("bundle", "content/posts/a.md", "content/posts/bundle/index.md"),
        ("bundle/index.md", "content/posts/a.md", "content/posts/bundle/index.md"),
        ("/posts/bundle/", "content/notes/c.md", "content/posts/bundle/index.md"),
        ("../b.md", "content/posts/bundle/index.md", "content/posts/b.md"),
        ("e", "content/notes/c.md", "content/posts/deep/e.md"),
        ("My Note", "content/posts/a.md", "content/notes/My Note.md"),
        ("my%20note.md", "content/posts/a.md", "content/notes/My Note.md"),
        ("My-Note", "content/posts/a.md", "content/notes/My Note.md"),
        ("x", "content/zh.posts/y.zh-cn.md", "content/zh.posts/x.zh-cn.md"),
        ("x.md", "content/zh.posts/y.md", "content/zh.posts/x.md"),
        ("x.en.md", "content/zh.posts/y.md", "content/zh.posts/x.en.md"),
        ("node.js", "content/posts/a.md", "content/other/node.js.md"),
        ("2020-01-01-old", "content/posts/a.md", "_posts/2020-01-01-old.md"),
        ("_posts/2020-01-01-old.md", "content/posts/a.md", "_posts/2020-01-01-old.md"),
        ("c", "content/posts/a.md", "content/posts/deep/c.md"),  # shares two folders with it, content/notes/c.md one
        ("nowhere", "content/posts/a.md", None),
        ("../../../../b.md", "content/posts/a.md", None),
        ("..", "content/posts/a.md", None),
        ("", "content/posts/a.md", None),
        ("/", "content/posts/a.md", None),
    ],
)
def test_a_reference_means_one_article_or_none(reference: str, asker: str, path: str | None) -> None:
    assert INDEX.answer(reference, asker) == (path and f"https://e.example/{path}")


def test_a_name_that_two_pages_have_equally_near_means_none() -> None:
    index = PageIndex([KnownPage("p/x/n.md", "u1", ""), KnownPage("p/y/n.md", "u2", "")], ["p"])
    assert index.answer("n", "p/a.md") is None
    assert index.answer("n", "p/y/a.md") == "u2"
    assert index.answer("/x/n", "p/y/a.md") == "u1"


def test_a_title_can_be_asked_for() -> None:
    references = References({})
    assert references.title("b") is None
    ((reference, _),) = references.made
    assert INDEX.answer(reference, "content/posts/a.md") == "题 content/posts/b.md"


@pytest.mark.parametrize(
    ("address", "is_page"),
    [
        ("b.md", True),
        ("../a/b.MD#x", True),
        ("/a/b.markdown?x", True),
        ("@/a/b.md", True),
        ("https://x.example/b.md", False),
        ("//x.example/b.md", False),
        ("mailto:a@b.md", False),
        ("b.html", False),
        ("b/", False),
        ("#b.md", False),
        ("", False),
    ],
)
def test_which_addresses_name_a_file_of_markdown(address: str, *, is_page: bool) -> None:
    assert names_page(address) is is_page


@given(st.text(max_size=40), st.sampled_from(PATHS))
def test_any_reference_is_answered(reference: str, asker: str) -> None:
    answer = INDEX.answer(reference, asker)
    assert answer is None or answer.startswith("https://e.example/")


# --- in a site -------------------------------------------------------------------------------------------------------

LINK = '看 [乙]({{< ref "b.md" >}})、[乙](b.md#节) 与 [[b]]。'


def html_of(site: SmallSite, title: str) -> str:
    feed = json.loads((site.output / "feed.json").read_text(encoding="utf-8"))
    return next(str(item["content_html"]) for item in feed["items"] if item["title"] == title)


def warnings(report: object) -> list[str]:
    return [problem.why for problem in report.problems if problem.what == "text"]  # type: ignore[attr-defined]


def test_a_first_build_links_articles_in_any_order_and_says_nothing(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    site.write("a", body=LINK)
    site.write("b", body="回 [甲](a.md)。")
    report = site.rebuild()
    assert html_of(site, "题目 a").count('<a href="https://example.org/posts/b/') == 3
    assert 'href="https://example.org/posts/a/"' in html_of(site, "题目 b")
    assert warnings(report) == []
    assert report.read == 2


def test_an_article_follows_one_that_moved_and_a_full_rebuild_gives_the_same(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    site.write("a", body=LINK)
    site.write("b")
    site.write("c", body="没有引用。")
    site.rebuild()
    site.write("b", slug="new-place")
    report = site.rebuild()
    assert html_of(site, "题目 a").count('<a href="https://example.org/posts/new-place/') == 3
    assert report.read == 2
    tree = site.tree()
    site.rebuild(full=True)
    assert site.tree() == tree


def test_a_link_to_an_article_that_goes_keeps_its_words_and_says_so(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    site.write("a", body=LINK)
    path = site.write("b")
    site.rebuild()
    path.unlink()
    report = site.rebuild()
    assert "posts/b" not in html_of(site, "题目 a")
    assert "看 <a>乙</a>" in html_of(site, "题目 a")
    assert "no article is known at 'b.md'; the link was left out" in warnings(report)
    site.write("b")
    site.rebuild()
    assert html_of(site, "题目 a").count("posts/b/") == 3


def test_nothing_leads_to_an_article_that_nobody_may_see_yet(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    site.write("a", body=LINK)
    site.write("b", date="2025-08-07T08:00:00+08:00")
    site.write("d", body="[稿](draft.md)")
    site.write("draft", draft=True)
    site.rebuild()
    assert "posts/b" not in html_of(site, "题目 a")
    assert "posts/draft" not in html_of(site, "题目 d")
    site.rebuild(now=NOW.replace(day=8))
    assert html_of(site, "题目 a").count("posts/b/") == 3


def test_an_article_without_references_is_prepared_once(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    for name in "abc":
        site.write(name)
    assert site.rebuild().read == 3
    site.write("b", slug="other")
    assert site.rebuild().read == 1


def test_check_knows_the_same_articles(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    site.write("a", body=f"{LINK}\n\n[没](missing.md)")
    site.write("b")
    said = site.run("check").stderr
    assert "missing.md" in said
    assert "'b.md'" not in said
