"""The public pages in a real browser, served as ``feeds serve`` does: mouse, keyboard, phone, dark, no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import etree

from tests.browsing import axe, serving_folder
from tests.conftest import missing
from tests.sites import SmallSite

#: Terms of a large site, and how long filtering them may take (ms).
TERMS, FILTERED_WITHIN = 3_000, 100
LANGUAGES = ("zh-CN", "en")
#: The front door, the site's page, a tag's, a source's, one without articles.
PAGES = ("", "latest.html", "tags/甲/", "sources/wired/", "feeds/both/")
CONFIG = """\
site: {{title: 小站, url: "{url}", language: {language}, author: 编辑部, description: 一个小站}}
content: [{{path: content/posts, url: "/posts/:slugorfilename/", section: posts}}]
output: {{limit: 6}}
sources: [{{name: Wired, feed: "https://www.wired.com/feed/rss", site: "https://www.wired.com/"}}]
feeds: [{{name: 两者, slug: both, where: "tag:甲 and tag:乙 and tag:丙"}}]
"""


#: A picture of two by one pixels.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000108020000007b40e8dd0000000d49444154789c63504858004400"
    "06e70241769cd3940000000049454e44ae426082"
)


def build(root: Path, url: str, language: str) -> Path:
    """A site with a picture, a source and a few tags; returns its output folder."""
    site = SmallSite.make(root, CONFIG.format(url=url, language=language))
    cited = "见[^1]。\n\n[^1]: [The Rumor](https://www.wired.com/story/x/)·Wired·A. Writer (2025/06/30)"
    site.write("one", tags=["甲", "AI Agent"], body=cited, featured_image=f"{url}pictures/a.png", summary="摘要 <b>&。")
    site.write("two", tags=["甲", "ＧＰＴ-4"], featured_image="https://pictures.example.net/b.png")
    site.write("three", tags=["乙", "大 模型"])
    assert not site.rebuild().has_errors
    site.output.joinpath("pictures").mkdir()
    site.output.joinpath("pictures/a.png").write_bytes(PICTURE)
    return site.output


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Language -> address of the site in that language, served at the address that it has in its settings."""
    root = tmp_path_factory.mktemp("pages")
    found = {}
    with serving_folder(root) as address:
        for language in LANGUAGES:
            found[language] = f"{address}{language}/output/"
            build(root / language, found[language], language)
        yield found


#: Opens a page: path, and how the browser is set.
Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, addresses: dict[str, str]) -> Iterator[Open]:
    """Opens pages; at the end nothing may have gone wrong in them, and nothing may have been asked of anybody else."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(path: str, *, language: str = "zh-CN", at: str = "", **how: Any) -> Any:
        context = browser.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        address = at or addresses[language]
        own = (address, address.partition("/zh-CN")[0] + "/favicon.ico", "blob:")
        page.on("request", lambda one: None if one.url.startswith(own) else wrong.append(one.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: _hear(said, wrong))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def _hear(said: Any, wrong: list[str]) -> None:
    if said.type in {"error", "warning"} and "favicon" not in said.location.get("url", ""):
        wrong.append(said.text)


def rows(page: Any) -> list[str]:
    """The names of the feeds that are listed at present."""
    return list(page.locator(".feeds > li:visible > a").all_text_contents())


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Open, language: str, scheme: str) -> None:
    source = axe() or missing("axe-core")
    for path in ("", "sources/wired/", "feeds/both/"):
        page = visit(path, language=language, color_scheme=scheme, bypass_csp=True)
        for one in page.locator("details").all():
            one.locator("summary").click()
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(path, one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_pages_without_scrolling_sideways(visit: Open, path: str) -> None:
    page = visit(path, has_touch=True)
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("path", PAGES[:3])
def test_the_dark_is_dark(visit: Open, path: str) -> None:
    page = visit(path)
    shades = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shade = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        shades.append(sum(map(int, shade[4:-1].split(","))))
    assert shades[0] > 3 * 200 > 3 * 60 > shades[1]


@pytest.mark.parametrize("path", PAGES)
def test_pages_work_without_script(visit: Open, path: str) -> None:
    page = visit(path, java_script_enabled=False)
    assert page.locator("button:visible, input:visible").count() == 0
    assert page.locator(".formats code:visible").count() == 3
    link = page.locator(".formats a").first
    assert link.get_attribute("type") == "application/rss+xml"
    assert page.request.get(page.url.rpartition("/")[0] + "/" + link.get_attribute("href")).ok


def test_without_script_every_feed_is_two_clicks_away(visit: Open) -> None:
    page = visit("", java_script_enabled=False)
    page.get_by_role("link", name="甲", exact=True).click()
    assert page.locator("h1").text_content() == "甲"
    assert page.locator("article").count() == 2
    page.locator("body > nav a").first.click()
    assert page.get_by_role("link", name="全部订阅（OPML）").get_attribute("href") == "feeds.opml"


# -- a page of a feed --------------------------------------------------------------------------------------------------


def test_a_page_shows_pictures_of_the_site_and_of_nobody_else(visit: Open) -> None:
    page = visit("tags/甲/")
    pictures = page.locator("article img")
    assert pictures.count() == 1
    pictures.first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('article img').naturalWidth === 2")


@pytest.mark.parametrize(("language", "label"), [("zh-CN", "来源 1"), ("en", "Sources 1")])
def test_the_sources_of_an_item_open_by_keyboard(visit: Open, language: str, label: str) -> None:
    page = visit("sources/wired/", language=language)
    # The words of an item are in the language of the item, which is the site's here.
    assert page.locator("summary").text_content() == label
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("details li:visible").text_content() == "The Rumor · Wired · A. Writer · 2025-06-30"


def test_an_address_is_copied_as_readers_take_it(visit: Open, addresses: dict[str, str]) -> None:
    page = visit("tags/甲/", permissions=["clipboard-read", "clipboard-write"])
    assert "/tags/甲/atom.xml" in page.locator(".formats code").nth(1).text_content()
    page.get_by_role("button", name="复制地址: Atom").click()
    page.wait_for_function("document.getElementById('said').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == f"{addresses['zh-CN']}tags/%E7%94%B2/atom.xml"


def test_an_address_is_copied_where_browsers_give_no_clipboard(visit: Open, addresses: dict[str, str]) -> None:
    """Plain http, an old browser: the API is missing."""
    page = visit("tags/甲/", permissions=["clipboard-read", "clipboard-write"])
    clipboard = page.evaluate_handle("navigator.clipboard")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    page.get_by_role("button", name="复制地址: RSS").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.getElementById('said').textContent !== ''")
    assert clipboard.evaluate("it => it.readText()") == f"{addresses['zh-CN']}tags/%E7%94%B2/rss.xml"
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_subscribe_links_hand_the_feed_over(visit: Open, addresses: dict[str, str]) -> None:
    page = visit("tags/甲/")
    links = [link.get_attribute("href") for link in page.locator(".readers a").all()]
    feed = f"{addresses['zh-CN']}tags/%E7%94%B2/rss.xml"
    assert links[0] == f"feed:{feed}"
    assert [page.evaluate("link => new URL(link).protocol", link) for link in links[1:]] == ["https:"] * 3
    assert all(unquote(link).endswith(feed) for link in links[1:])


# -- the front door ----------------------------------------------------------------------------------------------------


#: What people type, and what they look for.
SPELLINGS = {
    "gpt4": ["ＧＰＴ-4"],
    "ＡＩ\u3000ａｇｅｎｔ": ["AI Agent"],
    "ai-AGENT": ["AI Agent"],
    "大模型": ["大 模型"],
    "Wired": ["Wired"],
    "无": [],
    "  ": ["两者", "Wired", "甲", "AI Agent", "ＧＰＴ-4", "乙", "大 模型"],
}


def test_the_filter_finds_every_spelling(visit: Open) -> None:
    page = visit("")
    for typed, found in SPELLINGS.items():
        page.get_by_role("searchbox").fill(typed)
        assert sorted(rows(page)) == sorted(found)
        assert page.locator(".group:visible").count() == min(len(found), 3)
        assert page.locator("#found").text_content() == (f"找到 {len(found)} 个" if typed.strip() else "")


def test_each_row_has_its_links_and_copies_its_address(visit: Open, addresses: dict[str, str]) -> None:
    page = visit("", permissions=["clipboard-read", "clipboard-write"])
    row = page.locator(".feeds > li", has_text="AI Agent")
    links = [link.get_attribute("href") for link in row.locator("span a").all()]
    folder = f"{addresses['zh-CN']}tags/ai-agent/"
    assert links == [folder + name for name in ("rss.xml", "atom.xml", "feed.json")]
    row.get_by_role("button").click()
    page.wait_for_function("document.getElementById('said').textContent !== ''")
    assert page.evaluate("navigator.clipboard.readText()") == f"{folder}rss.xml"


def test_the_chosen_feeds_are_handed_out_as_opml(visit: Open, addresses: dict[str, str], tmp_path: Path) -> None:
    page = visit("", accept_downloads=True)
    button = page.locator("#chosen")
    assert button.is_disabled()
    page.get_by_role("checkbox", name="选择甲").focus()
    page.keyboard.press("Space")
    page.get_by_role("searchbox").fill("wired")
    page.get_by_role("button", name="全选所列").click()
    assert button.text_content() == "已选 2 个：下载 OPML"
    with page.expect_download() as download:
        button.click()
    download.value.save_as(tmp_path / "feeds.opml")
    body = etree.parse(tmp_path / "feeds.opml").getroot()[1]
    assert [group.get("text") for group in body] == ["引用来源", "标签"]
    chosen = [
        (one.get("text"), one.get("type"), one.get("xmlUrl")) for one in body.iter("outline") if one.get("xmlUrl")
    ]
    base = addresses["zh-CN"]
    assert chosen == [
        ("Wired · 小站", "rss", f"{base}sources/wired/rss.xml"),
        ("甲 · 小站", "rss", f"{base}tags/%E7%94%B2/rss.xml"),
    ]
    page.get_by_role("button", name="清除").click()
    assert button.is_disabled()


def test_everything_is_reached_by_keyboard(visit: Open) -> None:
    page = visit("")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"网站首页", "RSS", "Feedly", "全部订阅（OPML）", "filter", "all", "none"} <= set(seen)
    page.locator("#filter").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_three_thousand_terms_are_filtered_at_once(visit: Open, tmp_path: Path) -> None:
    with serving_folder(tmp_path) as address:
        site = SmallSite.make(tmp_path / "many", CONFIG.format(url=f"{address}many/output/", language="zh-CN"))
        # No article may have more than a hundred tags.
        for number in range(TERMS // 100):
            names = [f"{'大模型推理与训练成本之争'[: 3 + n % 9]}{n}" for n in range(number, TERMS, TERMS // 100)]
            site.write(str(number), tags=names)
        site.rebuild()
        assert (site.output / "index.html").stat().st_size < 300 * 1024
        page = visit("", at=f"{address}many/output/", viewport={"width": 1280, "height": 900})
        assert page.locator(".feeds > li").count() == TERMS + 1
        # Two frames after the key: what was asked for is on the screen.
        took = page.evaluate(
            """async (words) => {
                const field = document.getElementById("filter");
                const frame = () => new Promise(requestAnimationFrame);
                const took = [];
                for (const word of words) {
                    await frame();
                    const start = performance.now();
                    field.value = word;
                    field.dispatchEvent(new Event("input"));
                    document.body.getBoundingClientRect();
                    took.push(performance.now() - start);
                }
                return took;
            }""",
            ["大", "大模型推理1", "99", "", "无", "训练"],
        )
        assert sorted(took)[len(took) // 2] < FILTERED_WITHIN
        assert max(took) < 3 * FILTERED_WITHIN


# -- the documents themselves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_document_reads_well_where_a_browser_shows_it(visit: Open, addresses: dict[str, str], name: str) -> None:
    """Chromium shows documents of feeds' own types as plain text; those of ``application/xml`` it styles."""
    page = visit("")
    page.route(f"**/{name}", _as_xml)
    page.goto(f"{addresses['zh-CN']}tags/甲/{name}")
    shown = page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter(it => getComputedStyle(it).display === "block").map(it => it.localName)"""
    )
    assert set(shown) <= {"rss", "channel", "item", "title", "description", "pubDate"} | {
        "feed", "subtitle", "entry", "summary", "published"
    }  # fmt: skip
    assert shown.count("title") == 3


def _as_xml(route: Any) -> None:
    response = route.fetch()
    route.fulfill(response=response, headers={**response.headers, "content-type": "application/xml; charset=utf-8"})
