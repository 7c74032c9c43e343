"""The editor's pages in a real browser: with a mouse, a keyboard, a phone, in the dark, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from feeds.desk.audit_page import command, render_audit
from feeds.desk.layout import ASSETS, asset
from feeds.desk.status_page import render_status
from feeds.desk.values import Audit, Front
from tests.browsing import axe, serving_folder
from tests.conftest import missing
from tests.desks import AUDIT, CHINESE, CONTRADICTED, CORRECTION, ENGLISH, HEALTH, OLDER, UNKNOWN

#: More citations than one page holds of a site with 400 articles (milliseconds; a slow machine under load included).
MANY, FILTERED_WITHIN = 3_000, 300
PAGES = ("zh/audit.html", "zh/status.html", "en/audit.html", "en/status.html", "many/audit.html")


def lay(folder: Path, front: Front, audit: Audit) -> None:
    """Write the pages as the desk does."""
    folder.mkdir()
    pages = render_audit(front, audit) | {"status.html": render_status(front, HEALTH)}
    for name, data in (pages | {name: asset(name) for name in ASSETS}).items():
        (folder / name).write_bytes(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages in both languages, and those of a site that cites a lot."""
    root = tmp_path_factory.mktemp("desk")
    older = replace(CONTRADICTED, article=OLDER, line=3, title="Windmills", compared=(), correction=None)
    audit = replace(AUDIT, cited=(*AUDIT.cited, older))
    lay(root / "zh", CHINESE, audit)
    lay(root / "en", ENGLISH, audit)
    many = (replace(UNKNOWN, line=n, title=f"Story {n} of {n % 7}") for n in range(MANY))
    lay(root / "many", ENGLISH, Audit(cited=(CONTRADICTED, *many)))
    return root


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where they are served."""
    with serving_folder(folder) as address:
        yield address


#: Opens a page: name, and how the browser is set.
Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Open]:
    """Opens pages; at the end nothing may have gone wrong in them, and nothing may have been asked of anybody else."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_page(name: str, *, at: str = address, **how: Any) -> Any:
        context = browser.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda one: None if one.url.startswith((at, "data:,")) else wrong.append(one.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
        page.goto(at + name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@contextmanager
def filtering(page: Any) -> Iterator[None]:
    """Wait until the filter has been applied."""
    before = page.locator("output[name=count]").text_content()
    yield
    page.wait_for_function("before => document.querySelector('output[name=count]').textContent !== before", arg=before)


def titles(page: Any) -> list[str]:
    """Of the citations that can be seen."""
    return [one.text_content() for one in page.locator("#found .cards > li:visible .name").all()]


# -- looks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES[:4])
def test_nobody_is_shut_out(visit: Open, name: str) -> None:
    source = axe() or missing("axe-core")
    page = visit(name, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate(source)
    assert _violations(page, {}) == []
    page.emulate_media(color_scheme="dark")
    assert _violations(page, {"runOnly": ["color-contrast"]}) == []


def _violations(page: Any, how: dict[str, Any]) -> list[str]:
    found = page.evaluate("how => axe.run(how)", how | {"resultTypes": ["violations"]})
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_stands_out_at_the_side(visit: Open, width: int) -> None:
    page = visit(PAGES[0], viewport={"width": width, "height": 800})
    for name in PAGES[:4]:
        page.goto(f"{page.url.rpartition('/')[0]}/../{name}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_dark_is_dark(visit: Open) -> None:
    colours = [
        visit(PAGES[0], color_scheme=mode).evaluate("getComputedStyle(document.body).backgroundColor")
        for mode in ("light", "dark")
    ]
    assert colours[0] == "rgb(255, 255, 255)"
    assert max(map(int, colours[1].strip("rgb()").split(","))) < 60


def test_pages_work_when_opened_as_files(visit: Open, folder: Path) -> None:
    page = visit("audit.html", at=(folder / "zh").as_uri() + "/")
    assert page.locator("#filter").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"


def test_bars_are_drawn_and_the_table_says_the_same(visit: Open) -> None:
    page = visit(PAGES[1])
    heights = (
        page.locator("svg[role=img]")
        .first.locator("rect")
        .evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().height)")
    )
    assert min(heights) > 1
    assert not page.locator("table.numbers").first.is_visible()
    page.locator("summary").click()
    assert page.locator("table.numbers").first.locator("tbody tr").count() == len(HEALTH.days)


# -- without JavaScript ------------------------------------------------------------------------------------------------


def test_all_is_said_without_javascript(visit: Open) -> None:
    page = visit(PAGES[0], java_script_enabled=False)
    assert len(titles(page)) == 4
    assert CORRECTION in page.locator("#found").inner_text()
    assert command("confirm", AUDIT.suggested[0]) in page.locator("main").inner_text()
    page.locator("summary").first.click()
    assert page.locator(".lines li").first.is_visible()
    assert not page.locator("#filter").is_visible()
    assert page.locator("button").count() == 0


# -- filter and sort ---------------------------------------------------------------------------------------------------


def test_text_narrows_the_list_to_what_has_every_word(visit: Open) -> None:
    page = visit("en/audit.html")
    assert page.locator("output").text_content() == "6 of 6 shown"
    with filtering(page):
        page.locator("[name=text]").fill("ROBOTS harbor")
    assert titles(page) == ["Robots sort"]
    assert page.locator("output").text_content() == "1 of 6 shown"
    assert page.locator("#found section:visible").count() == 1
    with filtering(page):
        page.locator("[name=text]").fill("")
    assert len(titles(page)) == 4


def test_a_verdict_is_chosen_and_its_lines_unfold(visit: Open) -> None:
    page = visit("en/audit.html")
    with filtering(page):
        page.locator("[name=verdict]").select_option("verified")
    assert page.locator(".lines li:visible").count() == 1
    assert page.locator("#found section:visible h2").inner_text().lower() == "verified 1"


def test_a_source_is_chosen(visit: Open) -> None:
    page = visit("en/audit.html")
    with filtering(page):
        page.locator("[name=source]").select_option("gone.example")
    assert titles(page) == ["A page that was"]


def test_citations_are_put_in_another_order_and_back(visit: Open) -> None:
    page = visit("en/audit.html")
    order = page.locator("[name=order]")
    listed = titles(page)
    assert listed[:2] == ["Robots sort", "Windmills"]
    order.select_option("oldest")
    assert titles(page)[:2] == ["Windmills", "Robots sort"]
    order.select_option("distance")
    assert titles(page)[:2] == ["Robots sort", "Windmills"]
    order.select_option("")
    assert titles(page) == listed


def test_a_long_list_is_filtered_at_once(visit: Open) -> None:
    page = visit("many/audit.html")
    taken = _filtered(page)
    assert page.locator("#found ol > li:not([hidden])").count() == sum("3" in f"{n} {n % 7} 15" for n in range(MANY))
    assert taken < FILTERED_WITHIN


def _filtered(page: Any) -> float:
    """Milliseconds from the choice to the page as it is then."""
    taken: float = page.evaluate(
        """() => new Promise((done) => {
            const field = document.getElementById("filter").elements.text;
            const count = document.querySelector("output[name=count]");
            field.value = "story 3";
            const began = performance.now();
            new MutationObserver(() => {
                document.body.getBoundingClientRect();
                done(performance.now() - began);
            }).observe(count, {childList: true});
            field.dispatchEvent(new Event("input", {bubbles: true}));
        })"""
    )
    # The pause in which somebody may go on typing.
    return taken - 120


def test_tables_are_sorted_by_any_column_with_the_keyboard(visit: Open) -> None:
    page = visit("en/audit.html")
    table = page.locator("section[aria-labelledby=counts_by_source] table")
    names = table.locator("tbody th")
    assert names.all_text_contents() == ["Harbor Daily", "gone.example"]
    table.get_by_role("button", name="dead").focus()
    page.keyboard.press("Enter")
    assert names.all_text_contents() == ["gone.example", "Harbor Daily"]
    head = table.get_by_role("columnheader", name="dead")
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    table.get_by_role("button", name="Source").click()
    assert head.get_attribute("aria-sort") is None
    assert names.all_text_contents() == ["gone.example", "Harbor Daily"]


# -- copy --------------------------------------------------------------------------------------------------------------


def test_a_corrected_footnote_and_a_command_are_copied_as_they_are(visit: Open) -> None:
    page = visit("en/audit.html", permissions=["clipboard-read", "clipboard-write"])
    for text in (CORRECTION, command("deny", AUDIT.suggested[0])):
        button = page.locator("div.fix", has_text=text).get_by_role("button")
        button.click()
        page.wait_for_function("document.getElementById('said').textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()") == text


def test_without_a_clipboard_the_text_is_marked_to_be_copied_by_hand(visit: Open) -> None:
    page = visit("en/audit.html")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.execCommand = () => false")
    page.locator("div.fix", has_text=CORRECTION).get_by_role("button").click()
    assert page.evaluate("getSelection().toString()") == CORRECTION
    assert "Ctrl+C" in page.locator("#said").text_content()


# -- keyboard ----------------------------------------------------------------------------------------------------------


def test_the_first_key_leads_past_the_navigation(visit: Open) -> None:
    page = visit("en/audit.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
