"""Requirements of the known rules: the address of a page tells the feed, without a network."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.feed_rules import known_feed
from feeds.sources.feed_sites import GENERATORS, NO_FEEDS, SITES
from feeds.sources.feed_table import RULES
from feeds.urls import clean_url, host_of

_CHANNEL = "UCXZCJLdBC09xxGZ6gcdrc6A"
_VIDEOS = "https://www.youtube.com/feeds/videos.xml?"


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (f"https://www.youtube.com/channel/{_CHANNEL}/videos", f"{_VIDEOS}channel_id={_CHANNEL}"),
        ("https://www.youtube.com/playlist?list=PLabc_DE-1", f"{_VIDEOS}playlist_id=PLabc_DE-1"),
        ("https://youtube.com/playlist?si=x&list=PLabc", f"{_VIDEOS}playlist_id=PLabc"),
        (f"{_VIDEOS}playlist_id=PLabc", f"{_VIDEOS}playlist_id=PLabc"),
        (f"{_VIDEOS}channel_id={_CHANNEL}", f"{_VIDEOS}channel_id={_CHANNEL}"),
        ("https://www.youtube.com/user/somebody", f"{_VIDEOS}user=somebody"),
        ("https://www.wired.com/story/some-story/", "https://www.wired.com/feed/rss"),
        ("https://www.wired.com/category/business/", "https://www.wired.com/feed/category/business/latest/rss"),
        (
            "https://www.wired.com/tag/artificial-intelligence",
            "https://www.wired.com/feed/tag/artificial-intelligence/latest/rss",
        ),
        ("https://www.wired.com/feed/tag/ai/latest/rss", "https://www.wired.com/feed/tag/ai/latest/rss"),
        ("https://techcrunch.com/2025/07/01/a-story/", "https://techcrunch.com/feed/"),
        ("https://techcrunch.com/category/startups/", "https://techcrunch.com/category/startups/feed/"),
        ("https://www.theverge.com/2025/7/1/a-story", "https://www.theverge.com/rss/index.xml"),
        (
            "https://www.theverge.com/ai-artificial-intelligence",
            "https://www.theverge.com/rss/ai-artificial-intelligence/index.xml",
        ),
        ("https://openai.com/index/some-model/", "https://openai.com/news/rss.xml"),
        ("https://deepmind.google/discover/blog/x/", "https://deepmind.google/blog/rss.xml"),
        ("https://blog.google/products/search/x/", "https://blog.google/rss/"),
        ("https://blog.google/technology/ai/x/", "https://blog.google/technology/ai/rss/"),
        ("https://someone.substack.com/p/post", "https://someone.substack.com/feed"),
        ("https://open.substack.com/pub/someone/p/post", "https://someone.substack.com/feed"),
        ("https://medium.com/@alice/a-story-0123456789ab", "https://medium.com/feed/@alice"),
        ("https://medium.com/some-publication/a-story-0123456789ab", "https://medium.com/feed/some-publication"),
        ("https://alice.medium.com/a-story-0123456789ab", "https://alice.medium.com/feed"),
        ("https://levelup.gitconnected.com/a-story-0123456789ab", "https://levelup.gitconnected.com/feed"),
        ("https://github.com/owner/project", "https://github.com/owner/project/releases.atom"),
        ("https://github.com/owner/project/blob/main/README.md", "https://github.com/owner/project/releases.atom"),
        ("https://github.com/owner/project/commits/main", "https://github.com/owner/project/commits/main.atom"),
        ("https://github.com/owner", "https://github.com/owner.atom"),
        ("https://github.com/features/copilot", "https://github.blog/feed/"),
        ("https://gitlab.com/group/sub/project/-/issues/3", "https://gitlab.com/group/sub/project/-/releases.atom"),
        ("https://gitlab.com/somebody", "https://gitlab.com/somebody.atom"),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
        ("https://www.reddit.com/r/LocalLLaMA/comments/abc/title/", "https://www.reddit.com/r/LocalLLaMA/.rss"),
        ("https://old.reddit.com/r/news/", "https://www.reddit.com/r/news/.rss"),
        ("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/rss"),
        ("https://someone.wordpress.com/2025/07/01/post/", "https://someone.wordpress.com/feed/"),
        ("https://someone.ghost.io/post/", "https://someone.ghost.io/rss/"),
        ("https://someone.blogspot.com/2025/07/post.html", "https://someone.blogspot.com/feeds/posts/default"),
        ("https://someone.tumblr.com/post/1", "https://someone.tumblr.com/rss"),
        ("https://bsky.app/profile/someone.bsky.social/post/3k", "https://bsky.app/profile/someone.bsky.social/rss"),
        ("https://mastodon.social/@someone", "https://mastodon.social/@someone.rss"),
        ("https://social.example/@someone/112233445566778899", "https://social.example/@someone.rss"),
        ("https://shows.acast.com/some-show/episodes/1", "https://feeds.acast.com/public/shows/some-show"),
        ("https://feeds.acast.com/public/shows/some-show", "https://feeds.acast.com/public/shows/some-show"),
        ("https://m.36kr.com/p/123", "https://36kr.com/feed"),
        ("https://www.qbitai.com/2025/07/1.html", "https://www.qbitai.com/feed"),
        ("https://blog.langchain.com/post/", "https://www.langchain.com/blog/rss.xml"),
        ("https://huggingface.co/blog/post", "https://huggingface.co/blog/feed.xml"),
        ("https://blogs.microsoft.com/blog/2025/x/", "https://blogs.microsoft.com/feed/"),
        ("https://www.nature.com/articles/s41586-025-00001-2", "https://www.nature.com/nature.rss"),
        ("https://blog.csdn.net/someone/article/details/1", "https://blog.csdn.net/someone/rss/list"),
        ("https://www.google.com/url?q=https://techcrunch.com/2025/07/01/x/", "https://techcrunch.com/feed/"),
    ],
)
def test_the_address_of_a_page_tells_its_feed(page: str, feed: str) -> None:
    known = known_feed(page)
    assert known is not None
    assert known.feed == feed
    assert known.why


@pytest.mark.parametrize(
    "page",
    [
        "https://x.com/someone/status/1",
        "https://twitter.com/someone/status/1",
        "https://mp.weixin.qq.com/s/abcdefghij",
        "https://zhuanlan.zhihu.com/p/1",
        "https://www.zhihu.com/question/1",
        "https://www.bilibili.com/video/BV1",
        "https://open.spotify.com/episode/1",
        "https://www.jiqizhixin.com/articles/1",
        "https://www.anthropic.com/news/x",
    ],
)
def test_that_there_is_no_feed_is_known_too(page: str) -> None:
    known = known_feed(page)
    assert known is not None
    assert known.is_none
    assert known.feed is None
    assert known.why


@pytest.mark.parametrize(
    ("page", "asked", "text", "feed"),
    [
        (
            "https://www.youtube.com/watch?v=abcdefghijk",
            "https://www.youtube.com/watch?v=abcdefghijk",
            f'<meta itemprop="identifier" content="{_CHANNEL}">',
            f"{_VIDEOS}channel_id={_CHANNEL}",
        ),
        (
            "https://www.youtube.com/@someone/videos",
            "https://www.youtube.com/@someone",
            f'<link rel="alternate" type="application/rss+xml" href="{_VIDEOS}channel_id={_CHANNEL}">',
            f"{_VIDEOS}channel_id={_CHANNEL}",
        ),
        (
            "https://podcasts.apple.com/us/podcast/some-show/id1234567?i=1",
            "https://itunes.apple.com/lookup?id=1234567&entity=podcast",
            '{"results":[{"feedUrl":"https:\\/\\/example.org\\/show.xml"}]}',
            "https://example.org/show.xml",
        ),
        (
            "https://substack.com/@someone",
            "https://substack.com/@someone",
            '<link href="https://some-letter.substack.com/feed">',
            "https://some-letter.substack.com/feed",
        ),
    ],
)
def test_where_the_address_does_not_tell_a_page_is_named_that_does(page: str, asked: str, text: str, feed: str) -> None:
    known = known_feed(page)
    assert known is not None
    assert (known.feed, known.is_none, known.page) == (None, False, asked)
    assert known.found_in(text) == feed
    assert known.found_in("<html>nothing</html>") is None


@pytest.mark.parametrize("page", ["https://arxiv.org/abs/2507.00001", "https://www.nature.com/articles/s99999-1"])
def test_where_nothing_tells_the_feed_the_reason_is_said(page: str) -> None:
    known = known_feed(page)
    assert known is not None
    assert (known.feed, known.is_none, known.page) == (None, False, "")


@pytest.mark.parametrize(
    "url",
    ["https://unknown.example/p", "mailto:a@b.c", "", "https://", "http://[", "不是网址", "https://notwired.com/"],
)
def test_of_other_addresses_nothing_is_known(url: str) -> None:
    assert known_feed(url) is None


def test_publishers_on_shared_hosts_have_a_page_of_their_own() -> None:
    pages = ("https://medium.com/@alice/x-0123456789ab", "https://bob.substack.com/p/x", "https://github.com/carol/x")
    assert [known.site for page in pages if (known := known_feed(page))] == [
        "https://medium.com/@alice",
        "https://bob.substack.com/",
        "https://github.com/carol",
    ]


def test_tables_are_well_formed() -> None:
    """No host stands in two tables or twice in one, and each feed is an address as clean_url writes it."""
    hosts = [host for table in (SITES, NO_FEEDS, RULES) for hosts in table for host in hosts.split()]
    assert sorted(hosts) == sorted(set(hosts))
    assert all(
        host in {"*", host_of(f"https://{host.removeprefix('*.')}"), f"*.{host_of(f'https://{host[2:]}')}"}
        for host in hosts
    )
    assert [feed for feed in SITES.values() if clean_url(feed) != feed] == []
    assert all(path.startswith("/") for path in GENERATORS.values())


def test_templates_use_only_groups_that_their_patterns_have() -> None:
    for rules in RULES.values():
        for rule in rules:
            groups = ("g",) * re.compile(rule.path).groups
            for template in (rule.feed, rule.site, rule.clue.page if rule.clue else ""):
                filled = template.format(*groups, host="example.org")
                assert not filled or urlsplit(filled).scheme == "https"


@given(st.text(max_size=60), st.sampled_from([host for hosts in RULES for host in hosts.split()]))
def test_any_address_has_an_answer_that_is_an_address(path: str, host: str) -> None:
    known = known_feed(f"https://{host.replace('*', 'any.example')}/{path}")
    if known is not None and known.feed is not None:
        assert clean_url(known.feed) == known.feed


@pytest.mark.parametrize("bomb", ["a=b&" * 2000, "@" * 8000, "a/" * 4000, "latest/" * 1100, "%" * 800, "id" * 4000])
def test_hostile_addresses_cost_little(bomb: str) -> None:
    began = time.perf_counter()
    for host in [host for hosts in RULES for host in hosts.split()]:
        known_feed(f"https://{host.replace('*', 'any.example')}/playlist?{bomb}")
        known_feed(f"https://{host.replace('*', 'any.example')}/category/{bomb}")
    assert time.perf_counter() - began < 5


def test_hostile_pages_cost_little() -> None:
    pages = (
        "https://www.youtube.com/@a",
        "https://substack.com/@a",
        "https://podcasts.apple.com/podcast/id1",
        "https://soundcloud.com/a",
    )
    bombs = ('"feedUrl":"' * 90_000, "https://a" * 100_000, "soundcloud:users:" * 60_000, '"externalId":"UC' * 60_000)
    began = time.perf_counter()
    for page in pages:
        known = known_feed(page)
        assert known is not None
        for bomb in bombs:
            known.found_in(bomb)
    assert time.perf_counter() - began < 5
