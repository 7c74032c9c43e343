"""Requirements of discovery: which hosts are cited, which feeds they have, and how little they are asked for that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Citation, SourceSpec
from feeds.polled import FailureKind
from feeds.sources.announced import is_feed, read_page
from feeds.sources.discover import MOST_REQUESTS, CitedHost, How, coverage, find_feeds, known_feeds, rank_hosts
from feeds.sources.robots import Robots
from feeds.urls import canonical
from tests.fakes import FakeFetcher

RSS = '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>T</title></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title></feed>'
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": []}'
SITE = "https://a.example/"


def cite(url: str | None, publisher: str | None = None) -> Citation:
    return Citation(label="1", url=url, key=canonical(url) if url else None, publisher=publisher)


def host(*urls: str) -> CitedHost:
    """The only host of some citations."""
    (cited,) = rank_hosts([cite(url) for url in urls or (f"{SITE}story",)])
    return cited


def page(head: str = "", body: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def link(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


# -- ranking ---------------------------------------------------------------------------------------------------------


def test_the_most_cited_hosts_come_first() -> None:
    urls = ["https://b.example/1", "https://a.example/1", "https://b.example/2", None]
    assert [(one.host, one.citations) for one in rank_hosts(map(cite, urls))] == [("b.example", 2), ("a.example", 1)]


def test_hosts_of_one_site_are_one() -> None:
    urls = [
        "https://m.36kr.com/p/1",
        "https://36kr.com/p/2",
        "https://eu.36kr.com/p/3",
        "https://finance.sina.com.cn/1",
    ]
    assert [(one.host, one.citations) for one in rank_hosts(map(cite, urls))] == [("36kr.com", 3), ("sina.com.cn", 1)]


def test_publishers_on_a_shared_host_are_many() -> None:
    urls = [
        "https://medium.com/@alice/x-0123456789ab",
        "https://medium.com/@bob/x-0123456789ac",
        "https://carol.substack.com/p/x",
        "https://dave.github.io/x",
        "https://github.com/erin/project",
        "https://www.youtube.com/@frank/videos",
        "https://mp.weixin.qq.com/s/abcdefghij",
        "https://news.qq.com/rain/a/20250101A00001",
    ]
    assert sorted(one.host for one in rank_hosts(map(cite, urls))) == [
        "carol.substack.com",
        "dave.github.io",
        "github.com/erin",
        "medium.com/@alice",
        "medium.com/@bob",
        "mp.weixin.qq.com",
        "qq.com",
        "youtube.com/@frank",
    ]


def test_a_host_is_called_what_most_articles_call_it() -> None:
    claims = ["wired", "Wired", "Wired", "连线", None]
    (one,) = rank_hosts([cite(f"{SITE}{number}", claim) for number, claim in enumerate(claims)])
    assert one.name == "Wired"


def test_a_host_on_which_many_publish_is_called_by_its_address() -> None:
    (one,) = rank_hosts([cite(f"{SITE}{number}", f"account {number}") for number in range(9)])
    assert one.name == "a.example"


@pytest.mark.parametrize(
    ("urls", "site"),
    [
        (["https://www.a.com/1", "http://www.a.com/2", "https://b.a.com/1"], "https://www.a.com/"),
        (["https://b.a.com/1", "https://b.a.com/2"], "https://b.a.com/"),
        (["https://b.a.com/1", "https://c.a.com/2"], "https://a.com/"),
        (["http://a.com/1"], "http://a.com/"),
        (["https://m.a.com/1"], "https://a.com/"),
    ],
)
def test_the_front_page_is_the_one_that_is_cited(urls: list[str], site: str) -> None:
    assert host(*urls).site == site


def test_sources_that_are_configured_are_known_by_site_or_feed() -> None:
    video = "https://www.youtube.com/feeds/videos.xml?playlist_id=PLa"
    specs = [
        SourceSpec(name="连线", site="https://www.wired.com/", feeds=("https://feeds.example/wired",)),
        SourceSpec(name="Show", feeds=(video,)),
    ]
    urls = ["https://www.wired.com/story/x/", "https://www.youtube.com/playlist?list=PLa", SITE]
    hosts = rank_hosts(map(cite, urls), configured=specs)
    found = {one.host: known_feeds(one) for one in hosts}
    assert {name: (answer.how, answer.feeds) for name, answer in found.items() if answer} == {
        "wired.com": (How.CONFIGURED, ("https://feeds.example/wired",)),
        "youtube.com/playlist?list=PLa": (How.CONFIGURED, (video,)),
    }
    assert found["wired.com"] is not None
    assert found["wired.com"].name == "连线"


def test_coverage_counts_the_citations_of_the_chosen() -> None:
    hosts = rank_hosts(map(cite, ["https://a.example/1", "https://a.example/2", "https://b.example/"]))
    assert (coverage(hosts, {"a.example"}), coverage(hosts, set()), coverage(hosts, {"a.example", "b.example"})) == (
        2,
        0,
        3,
    )


@given(
    st.lists(
        st.builds(cite, st.text(max_size=30) | st.from_regex(r"https?://[a-z.]{1,12}/\w{0,3}"), st.text(max_size=5))
    )
)
@settings(max_examples=100)
def test_any_citations_can_be_ranked(citations: list[Citation]) -> None:
    hosts = rank_hosts(citations)
    assert sum(one.citations for one in hosts) <= len(citations)
    assert [one.citations for one in hosts] == sorted((one.citations for one in hosts), reverse=True)
    for one in hosts:
        known_feeds(one)


# -- known rules -----------------------------------------------------------------------------------------------------


def test_sections_that_are_cited_enough_are_proposed_together() -> None:
    cited = host(*(f"https://www.bbc.com/zhongwen/simp/{n}" for n in range(8)), "https://www.bbc.com/news/world-1")
    found = known_feeds(cited)
    assert found is not None
    assert (found.how, found.feeds) == (How.KNOWN_RULE, ("https://feeds.bbci.co.uk/zhongwen/simp/rss.xml",))


@pytest.mark.parametrize(
    ("url", "how"),
    [
        ("https://x.com/a/status/1", How.NONE_KNOWN),
        ("https://arxiv.org/abs/2507.00001", How.NOT_TOLD),
        ("https://www.youtube.com/watch?v=abcdefghijk", How.NOT_TOLD),
        ("https://unknown.example/", None),
    ],
)
def test_what_is_known_without_a_network(url: str, how: How | None) -> None:
    found = known_feeds(host(url))
    assert (found.how if found else None) == how


# -- with the network ------------------------------------------------------------------------------------------------


def test_a_known_feed_asks_nobody() -> None:
    fetch = FakeFetcher()
    assert find_feeds(host("https://www.wired.com/story/x/"), fetch=fetch).feeds == ("https://www.wired.com/feed/rss",)
    assert find_feeds(host("https://x.com/a/status/1"), fetch=fetch).how is How.NONE_KNOWN
    assert fetch.requests == []


def test_an_announced_feed_is_opened_once_and_handed_back() -> None:
    fetch = FakeFetcher().serves(SITE, page(link("/feed.xml"))).serves(f"{SITE}feed.xml", RSS)
    found = find_feeds(host(), fetch=fetch)
    assert (found.how, found.feeds) == (How.AUTODISCOVERY, (f"{SITE}feed.xml",))
    assert found.first is not None
    assert found.first.body == RSS.encode()
    assert fetch.urls == [f"{SITE}robots.txt", SITE, f"{SITE}feed.xml"]


@pytest.mark.parametrize(
    ("head", "feed"),
    [
        (link("/comments/feed/", title="站 » 评论") + link("/feed/", title="站"), "https://a.example/feed/"),
        (
            link("/feed/", title="T » Feed") + link("/comments/feed/", title="T » Comments Feed"),
            "https://a.example/feed/",
        ),
        (link("/wp-json/wp/v2/posts", "application/json") + link("/feed/"), "https://a.example/feed/"),
        (
            link("/oembed?url=x", "application/json+oembed") + link("/a.atom", "application/atom+xml"),
            "https://a.example/a.atom",
        ),
        (link("/feed.json", "application/json"), "https://a.example/feed.json"),
        (link("/f", "Application/RSS+XML; charset=utf-8"), "https://a.example/f"),
        ('<base href="/zh/">' + link("feed.xml"), "https://a.example/zh/feed.xml"),
        ('<link rel="Alternate home" type="application/atom+xml" href=" /f ">', "https://a.example/f"),
        (link("/en", "text/html") + link("/f"), "https://a.example/f"),
        (link("/tag/x/feed/") + link("/f"), "https://a.example/f"),
    ],
)
def test_the_main_feed_is_preferred(head: str, feed: str) -> None:
    assert read_page(page(head).encode(), SITE).feeds[0] == feed


def test_a_feed_that_the_page_only_links_to_is_found() -> None:
    body = '<a href="https://b.example/rss.xml">other</a> <a href="/blog/index.xml">RSS</a>'
    fetch = FakeFetcher().serves(SITE, page(body=body)).serves(f"{SITE}blog/index.xml", ATOM)
    found = find_feeds(host(), fetch=fetch)
    assert (found.how, found.feeds) == (How.LINKED, (f"{SITE}blog/index.xml",))


@pytest.mark.parametrize(
    ("generator", "path"),
    [("WordPress 6.5", "feed/"), ("Ghost 5.8", "rss/"), ("Hugo 0.150", "index.xml"), ("Own", "feed/")],
)
def test_the_software_of_a_site_tells_where_its_feed_is(generator: str, path: str) -> None:
    fetch = FakeFetcher().serves(SITE, page(f'<meta name="generator" content="{generator}">')).serves(SITE + path, JSON)
    found = find_feeds(host(), fetch=fetch)
    assert (found.how, found.feeds) == (How.COMMON_PATH, (SITE + path,))


def test_a_site_without_a_feed_costs_three_requests() -> None:
    fetch = FakeFetcher().serves(SITE, page()).serves(f"{SITE}feed/", page())
    found = find_feeds(host(), fetch=fetch)
    assert (found.how, found.feeds, found.first) == (How.NO_FEED, (), None)
    assert len(fetch.requests) == MOST_REQUESTS


def test_a_page_that_is_a_feed_is_the_feed() -> None:
    fetch = FakeFetcher().serves(SITE, ATOM)
    assert find_feeds(host(), fetch=fetch).feeds == (SITE,)


def test_an_announced_feed_on_another_host_is_believed_unopened() -> None:
    fetch = FakeFetcher().serves(SITE, page(link("https://feeds.b.example/a")))
    found = find_feeds(host(), fetch=fetch)
    assert (found.feeds, found.first) == (("https://feeds.b.example/a",), None)
    assert len(fetch.requests) == 2


def test_a_moved_page_is_read_where_it_is() -> None:
    www = "https://www.a.example/"
    fetch = FakeFetcher().serves(www, page(link("feed.xml"))).serves(f"{www}feed.xml", RSS)
    fetch.moves(SITE, www)
    assert find_feeds(host(), fetch=fetch).feeds == (f"{www}feed.xml",)
    assert len(fetch.requests) == MOST_REQUESTS


# -- robots.txt ------------------------------------------------------------------------------------------------------


def test_a_page_that_robots_txt_forbids_is_not_opened() -> None:
    fetch = FakeFetcher().serves(f"{SITE}robots.txt", "User-agent: *\nDisallow: /\n").serves(SITE, page(link("/f")))
    assert find_feeds(host(), fetch=fetch).how is How.FORBIDDEN
    assert fetch.urls == [f"{SITE}robots.txt"]


def test_our_own_group_of_robots_txt_goes_before_all_others() -> None:
    robots = "User-agent: *\nDisallow: /\n\nUser-agent: feeds\nDisallow: /private/\n"
    fetch = FakeFetcher().serves(f"{SITE}robots.txt", robots).serves(SITE, page(link("/f"))).serves(f"{SITE}f", RSS)
    assert find_feeds(host(), fetch=fetch).feeds == (f"{SITE}f",)


def test_a_forbidden_feed_that_is_announced_is_believed_and_one_that_is_guessed_is_left() -> None:
    robots = "User-agent: *\nDisallow: /feed/\n"
    announced = FakeFetcher().serves(f"{SITE}robots.txt", robots).serves(SITE, page(link("/feed/")))
    found = find_feeds(host(), fetch=announced)
    assert (found.feeds, found.first) == ((f"{SITE}feed/",), None)
    guessed = FakeFetcher().serves(f"{SITE}robots.txt", robots).serves(SITE, page()).serves(f"{SITE}rss.xml", RSS)
    assert find_feeds(host(), fetch=guessed).feeds == (f"{SITE}rss.xml",)
    assert f"{SITE}feed/" not in announced.urls + guessed.urls


@pytest.mark.parametrize(
    ("status", "kind", "goes_on"),
    [
        (404, None, True),
        (403, None, True),
        (410, None, True),
        (500, None, False),
        (503, None, False),
        (429, None, False),
        (None, FailureKind.DNS, False),
        (None, FailureKind.TIMEOUT, False),
        (403, FailureKind.CHALLENGE, False),
        (200, FailureKind.NOT_A_FEED, True),
    ],
)
def test_without_robots_txt_all_is_allowed_but_not_when_the_site_is_in_trouble(
    status: int | None, kind: FailureKind | None, goes_on: bool
) -> None:
    """RFC 9309 §2.3.1.3 and §2.3.1.4."""
    fetch = FakeFetcher().fails(f"{SITE}robots.txt", status, kind).serves(SITE, RSS)
    assert (find_feeds(host(), fetch=fetch).how is How.AUTODISCOVERY) == goes_on
    assert len(fetch.requests) == (2 if goes_on else 1)


@pytest.mark.parametrize(
    "body",
    [
        "Disallow: //[",
        "User-agent: *\nDisallow: http://[::1/\n",
        "\ufeffUser-agent: *\nDisallow: /",
        b"\xff\xfe\0",
        "User-agent: *\n" * 20_000,
    ],
)
def test_a_robots_txt_of_any_kind_ends_in_an_answer(body: str | bytes) -> None:
    fetch = FakeFetcher().serves(f"{SITE}robots.txt", body).serves(SITE, RSS)
    assert find_feeds(host(), fetch=fetch).how in {How.AUTODISCOVERY, How.FORBIDDEN, How.UNREACHABLE}


def test_robots_txt_is_read_once_in_a_run() -> None:
    fetch = FakeFetcher().serves(f"{SITE}robots.txt", "").serves(SITE, RSS)
    robots: dict[str, Robots | None] = {}
    find_feeds(host(), fetch=fetch, robots=robots)
    find_feeds(host(), fetch=fetch, robots=robots)
    assert fetch.urls.count(f"{SITE}robots.txt") == 1


@pytest.mark.parametrize("status", [None, 403, 404, 429, 503])
def test_a_page_that_does_not_come_ends_the_look(status: int | None) -> None:
    fetch = FakeFetcher().fails(SITE, status)
    found = find_feeds(host(), fetch=fetch)
    assert (found.how, found.feeds) == (How.UNREACHABLE, ())
    assert found.said
    assert len(fetch.requests) == 2


# -- pages that tell what the address does not -----------------------------------------------------------------------


def test_the_page_of_a_channel_tells_its_feed() -> None:
    channel = "UCXZCJLdBC09xxGZ6gcdrc6A"
    feed = f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}"
    fetch = FakeFetcher().serves("https://www.youtube.com/@someone", page(link(feed))).serves(feed, ATOM)
    found = find_feeds(host("https://www.youtube.com/@someone/videos"), fetch=fetch)
    assert (found.feeds, found.first is not None) == ((feed,), True)
    assert len(fetch.requests) == MOST_REQUESTS


def test_videos_of_who_knows_whom_ask_nobody() -> None:
    fetch = FakeFetcher()
    videos = host("https://www.youtube.com/watch?v=abcdefghijk", "https://youtu.be/abcdefghijl")
    assert find_feeds(videos, fetch=fetch).how is How.NOT_TOLD
    assert fetch.requests == []


def test_the_directory_of_podcasts_tells_the_feed() -> None:
    lookup = "https://itunes.apple.com/lookup?id=1234567&entity=podcast"
    fetch = FakeFetcher().serves(lookup, '{"feedUrl":"https://show.example/rss"}')
    found = find_feeds(host("https://podcasts.apple.com/us/podcast/x/id1234567"), fetch=fetch)
    assert found.feeds == ("https://show.example/rss",)
    assert fetch.urls == ["https://itunes.apple.com/robots.txt", lookup]


# -- hostile pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (RSS, True),
        (ATOM, True),
        (JSON, True),
        ("\ufeff" + RSS, True),
        (f"<!-- {'x' * 900} -->{ATOM}", True),
        ("<rdf:RDF >", True),
        ("", False),
        ("{}", False),
        (page(), False),
        ("<html><body><feed></feed>", False),
        ("%PDF", False),
        ("<svg>", False),
    ],
)
def test_a_feed_is_told_from_a_page(body: str, expected: bool) -> None:
    assert is_feed(body.encode()) == expected
    assert is_feed(body.encode("utf-16")) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"<" * 300000,
        b"<div>" * 100000,
        b"<a href=/rss.xml>" * 60000,
        b"<a href=//[>" * 9,
        b"<base href=//[>" + link("/f").encode(),
        b"<a href=/" + b"a-" * 300000 + b">",
        b"\xff" * 1000,
        link("http://" + "a." * 300).encode(),
        "<p>�".encode("utf-8", "surrogatepass"),
    ],
    ids=range(11),
)
def test_hostile_pages_end_in_an_answer(body: bytes) -> None:
    for content_type in ("text/html", "text/html; charset=klingon", "text/html; charset='gbk'"):
        read_page(body, SITE, content_type)
    fetch = FakeFetcher().serves(SITE, body)
    find_feeds(host(), fetch=fetch)
    assert len(fetch.requests) <= MOST_REQUESTS


@given(st.text(alphabet="<>/ ='\"[]:#?abhreflinktypsc甲", max_size=300))
@settings(max_examples=150)
def test_any_page_ends_in_an_answer(text: str) -> None:
    announced = read_page(
        f"<link rel=alternate type=application/rss+xml href='{text}'><a href='{text}'>{text}".encode(), SITE
    )
    assert all(url.startswith("http") for url in (*announced.feeds, *announced.links))
