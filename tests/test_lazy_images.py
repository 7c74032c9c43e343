"""Images that a script would load show in readers that run none."""

from __future__ import annotations

import re
import time

import pytest

from feeds.content.lazy_images import load_lazy
from feeds.content.markdown import render_inline, render_markdown
from feeds.content.rules import PageFacts

REAL = "https://example.org/real.jpg"


def sources(source: str) -> list[str]:
    made = render_markdown(source, PageFacts("https://example.org/a/"), definition_lines=(), labels=()).html
    return re.findall(r'<img [^>]*?src="([^"]*)"', made)


@pytest.mark.parametrize(
    "source",
    [
        '<img data-src="/real.jpg">',
        "<IMG SRC=/loading.gif DATA-SRC=/real.jpg>",
        "<img src='data:image/svg+xml,%3Csvg/%3E' data-lazy-src='/real.jpg' class=lazy>",
        '<img src="/low.jpg" data-original="/real.jpg" alt="a > b">',
        '<img data-actualsrc="/real.jpg" src="/x.gif"/>',
        '<img data-srcset="/small.jpg 320w, /real.jpg 640w">',
        '<noscript><img src="/real.jpg"></noscript>',
        '<img class="lazy" src="/1x1.png"><noscript><img src="/real.jpg" alt="x"></noscript>',
        '<img data-src="/real.jpg"><noscript><img src="/real.jpg"></noscript>',
        '<p><img src="about:blank"> <noscript><p>Please:</p><img src="/real.jpg"></noscript></p>',
        '<img src="/real.jpg" loading="lazy">',
    ],
)
def test_there_is_one_image_and_it_is_the_real_one(source: str) -> None:
    assert sources(source) == [REAL]


def test_a_fallback_without_an_image_stays_hidden() -> None:
    made = load_lazy('<p>a</p><noscript>Turn on scripts<iframe src="//ads.example"></iframe></noscript>')
    assert made == "<p>a</p>"


def test_a_footnote_has_its_image_too() -> None:
    assert REAL in render_inline('<img data-src="/real.jpg">', "https://example.org/a/")


def test_sources_of_a_picture_and_media_are_loaded() -> None:
    made = load_lazy('<picture><source data-srcset="a.webp"><img data-src="a.jpg"></picture><video data-src="v.mp4">')
    assert 'srcset="a.webp"' in made
    assert '<video src="v.mp4">' in made


@pytest.mark.parametrize("unsafe", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_an_unsafe_address_is_none_wherever_it_stands(unsafe: str) -> None:
    for source in (f'<img data-src="{unsafe}">', f'<noscript><img src="{unsafe}"></noscript>'):
        assert sources(source) == []


@pytest.mark.parametrize(
    "unit", ["<noscript>", "<noscript><img src=a>", '<img data-src="', "<img data-src='a' ", "data-"]
)
def test_hostile_html_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    load_lazy(unit * (200_000 // len(unit)))
    assert time.process_time() - started < 3
