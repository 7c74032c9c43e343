"""Keys, clean links and slugs: pairs from data/urls.tsv, properties, and what strangers paste."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds import urlroutes, urlrules
from feeds.urls import canonical, clean_url, encode_path, host_of, slugify, strip_tracking

PAIRS = Path(__file__).parent / "data" / "urls.tsv"
#: RFC 3986, absolute http(s), ASCII, no credentials.
VALID = re.compile(
    r"https?://[a-z0-9._-]+(?::\d+)?(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)


def pairs(path: Path = PAIRS) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


HOSTS = sorted(
    {host.replace("*", "ann") for table in (urlroutes.ROUTES, urlroutes.WRAPPERS, urlrules.DROP) for host in table}
    | {
        "example.org",
        "m.com.cn",
        "www.com",
        "mobile.de",
        "例子.测试",
        "straße.example",
        "ann@example.org",
        "",
        ".",
        "a..b",
    }
)
SAMPLE_PATHS = sorted({urlsplit(row[side]).path for row in pairs() for side in ("url_a", "url_b")})
SAMPLE_QUERIES = sorted({urlsplit(row[side]).query for row in pairs() for side in ("url_a", "url_b")})
MARKS = st.sampled_from(
    ["", "/", "//", "/.", "/../", "/amp", "/index.html", ".git", "%", "%2F", "%41", "%zz", "新", " "]
)
HTTP_URLS = st.builds(
    "{}://{}{}{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["", "www.", "m.", "amp.", "www.m."]),
    st.sampled_from(HOSTS),
    st.sampled_from(["", "", "", ":80", ":443", ":8080", ":", ":99999"]),
    st.sampled_from(SAMPLE_PATHS),
    MARKS,
    st.one_of(st.just(""), st.sampled_from(SAMPLE_QUERIES).map("?{}".format), st.text(max_size=8).map("?{}".format)),
    st.sampled_from(["", "#", "#a", "#/a b", "#!/a", "#!", "#新"]),
)
ANYTHING = st.one_of(st.text(max_size=60), HTTP_URLS, st.text(max_size=40).map("https://{}".format))


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", pairs(), ids=lambda row: f"{row['same']}: {row['why']}"[:70])
def test_a_pair_has_one_key_exactly_when_it_is_one_page(row: dict[str, str]) -> None:
    assert (canonical(row["url_a"]) == canonical(row["url_b"])) is (row["same"] == "1")


@pytest.mark.parametrize("row", pairs(), ids=lambda row: row["why"][:70])
def test_a_key_is_its_own_key(row: dict[str, str]) -> None:
    for url in (row["url_a"], row["url_b"]):
        assert canonical(canonical(url)) == canonical(url)


def test_the_kept_truth_of_real_citations_is_met(shared: Path) -> None:
    rows = pairs(shared / "data/dev/urls.tsv")
    joined = [row for row in rows if canonical(row["url_a"]) == canonical(row["url_b"])]
    plain = [row for row in rows if row["same"] == "1" and not row["why"].startswith("[hard]")]
    assert [row for row in joined if row["same"] == "0"] == []
    assert len([row for row in plain if row in joined]) >= 0.9 * len(plain)


@settings(deadline=None, max_examples=400)
@given(ANYTHING)
@example("''https://example.org/'a'")
@example("https://www.google.com/url?q=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fexample.org")
@example("https://example.org/index.html/index.html//")
@example("https://github.com/a/b.git.git")
@example("https://example.org/?amp;amp;a=1&amp;amp;amp;b")
@example("https://www.google.com/url/index.htm/amp?q=https%3A%2F%2Fexample.org")
@example("https://l.facebook.com/l.php//?u=https%3A%2F%2Fexample.org")
@example("https://www.reddit.com/r/index.HTML")
@example("https://youtu.be/Zz9-_aBcD12?p=a")
@example("https://example.org/.;jsessionid=./a")
def test_any_text_has_a_key_and_the_key_is_stable(text: str) -> None:
    key = canonical(text)
    assert canonical(key) == key


@settings(deadline=None, max_examples=300)
@given(HTTP_URLS)
def test_mending_a_link_does_not_change_its_key(url: str) -> None:
    cleaned = clean_url(url)
    assert cleaned is None or canonical(cleaned) == canonical(url)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SAMPLE_PATHS), st.sampled_from(SAMPLE_QUERIES), st.sampled_from(sorted(urlrules.TRACKING)))
def test_tracking_parameters_never_change_a_key(path: str, query: str, name: str) -> None:
    url = f"https://unknown.example{path}?{query}"
    assert canonical(f"{url}&{name}=1") == canonical(url)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(SAMPLE_PATHS),
    st.sampled_from(SAMPLE_QUERIES),
    st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(lambda name: name not in urlrules.TRACKING),
)
def test_unknown_parameters_and_segments_always_change_a_key(path: str, query: str, name: str) -> None:
    assert canonical(f"https://unknown.example{path}?{query}&{name}=1") != canonical(
        f"https://unknown.example{path}?{query}&{name}=2"
    )
    assert canonical(f"https://unknown.example{path}/{name}x?{query}") != canonical(
        f"https://unknown.example{path}?{query}"
    )


def test_every_kind_of_page_keeps_its_key() -> None:
    """A route's own key must lead back to itself, whatever stands in its groups."""
    for routes in urlroutes.ROUTES.values():
        for route in routes:
            assert "?" not in route.key or route.keep == route.also == ()
            path = route.key.format("2407.12345", "1234567", "x")
            url = path if path.startswith("https:") else f"https://example.org{path}"
            assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "新闻",
        "mailto:a@example.org",
        "javascript:alert(1)",
        "example.org/x",
        "/x",
        "https://",
        "https://[",
        "http:/x",
    ],
)
def test_what_is_no_web_address_is_its_own_key(text: str) -> None:
    assert canonical(text) == text.strip()


def test_hosts_below_a_shared_domain_stay_apart() -> None:
    for domain in sorted(urlrules.SHARED_DOMAINS):
        assert canonical(f"https://m.{domain}/") != canonical(f"https://wap.{domain}/")


def test_an_endless_address_is_left_alone() -> None:
    url = "https://example.org/?utm_source=" + "a" * 10_000
    assert canonical(url) == url


@pytest.mark.parametrize("function", [canonical, clean_url, strip_tracking, host_of, slugify, encode_path])
def test_hostile_input_takes_no_more_than_linear_time(function: Callable[[str], object]) -> None:
    marks = ["[", "(", "*", "\\", "%", "/", "/amp", "-", "&", "amp;", "=", ".", "@", ":", "新", "'", " ", "1"]
    began = time.process_time()
    for mark in marks:
        for head in (
            "https://example.org/",
            "https://example.org/?",
            "https://www.163.com/",
            "https://www.wired.com/",
            "https://",
            "",
        ):
            function(head + mark * (8_000 // len(mark)))
        function("https://example.org/" + mark * (500_000 // len(mark)))
    assert time.process_time() - began < 20


def test_redirectors_in_redirectors_come_to_an_end() -> None:
    url = "https://l.facebook.com/l.php?u=" * 250 + "https://example.org/x"
    began = time.process_time()
    assert canonical(url) == "https://example.org/x"
    assert time.process_time() - began < 3


# -- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("  https://example.org/a\n", "https://example.org/a"),
        ("“https://example.org/a”", "https://example.org/a"),
        ("'https://example.org/a'", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("HTTPS://EXAMPLE.org/A", "https://example.org/A"),
        ("//cdn.example.org/a.jpg", "https://cdn.example.org/a.jpg"),
        ("https://user:pass@example.org/a", "https://example.org/a"),
        ("https://a@b@example.org/a", "https://example.org/a"),
        ("https://example.org/a b,c", "https://example.org/a%20b,c"),
        ('https://example.org/"quoted".png', "https://example.org/%22quoted%22.png"),
        ("https://example.org/“引号”.png", "https://example.org/%E2%80%9C%E5%BC%95%E5%8F%B7%E2%80%9D.png"),
        ("https://example.org/新闻?q=新#节", "https://example.org/%E6%96%B0%E9%97%BB?q=%E6%96%B0#%E8%8A%82"),
        ("https://example.org/%E6%96%B0%20a", "https://example.org/%E6%96%B0%20a"),
        ("https://example.org/50%", "https://example.org/50%25"),
        ("https://example.org/50%zz%4", "https://example.org/50%25zz%254"),
        ("https://example.org/a[1]|b^`{}", "https://example.org/a%5B1%5D%7Cb%5E%60%7B%7D"),
        ("https://example.org/a\\b", "https://example.org/a%5Cb"),
        ("https://example.org/a\nb\tc", "https://example.org/abc"),
        ("https://example.org/a#b#c", "https://example.org/a#b%23c"),
        ("https://example.org:8080/a", "https://example.org:8080/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://例子.测试/a", "https://xn--fsqu00a.xn--0zwm56d/a"),
        ("https://Ｅxample。org/a", "https://example.org/a"),
        ("https://example.org?a=1", "https://example.org?a=1"),
        ("https://example.org/\ud800", "https://example.org/%ED%A0%80"),
    ],
)
def test_what_authors_write_becomes_a_valid_link(raw: str, cleaned: str) -> None:
    assert clean_url(raw) == cleaned


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "''",
        "#",
        "/a.png",
        "images/a.png",
        "example.org/a",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "JAVASCRIPT://example.org/%0Aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "mailto:a@example.org",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "C:\\images\\a.png",
        "https:",
        "https://",
        "https:///a",
        "https:/example.org/a",
        "https://.../a",
        "https://a..b/",
        "https://exa mple.org/",
        "https://exa\\mple.org/",
        "https://例）.org/",
        "https://[/a",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://%41.org/",
        "https://\ud800.org/",
        "https://a\ufffd.org/",
        "https://" + "a" * 64 + ".org/",
        "https://" + "例" * 300 + ".org/",
    ],
)
def test_hopeless_input_gives_no_link(raw: str) -> None:
    assert clean_url(raw) is None


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        (
            "/newsimages/selected_image_YYYY-07-Jul 2, 2025_17-31-42-410.jpg\n",
            "https://site.example/newsimages/selected_image_YYYY-07-Jul%202,%202025_17-31-42-410.jpg",
        ),
        ("images/default (10).png", "https://site.example/posts/images/default%20(10).png"),
        ("../up.png", "https://site.example/up.png"),
        ("?page=2", "https://site.example/posts/?page=2"),
        ("#节", "https://site.example/posts/#%E8%8A%82"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("https://other.example/a", "https://other.example/a"),
        ("image 2025-07-01 10:30.png", "https://site.example/posts/image%202025-07-01%2010:30.png"),
    ],
)
def test_relative_references_are_resolved(raw: str, cleaned: str) -> None:
    assert clean_url(raw, "https://site.example/posts/") == cleaned


@pytest.mark.parametrize("raw", ["", " \n", "javascript:alert(1)", "data:,x", "//[", "mailto:a@b.example"])
def test_a_base_saves_no_hopeless_input(raw: str) -> None:
    assert clean_url(raw, "https://site.example/") is None


@pytest.mark.parametrize("base", ["", "site", "mailto:a@b.example", "https://[", "javascript:x"])
def test_a_base_that_is_no_web_address_helps_nothing(base: str) -> None:
    assert clean_url("/a.png", base) is None


@settings(deadline=None, max_examples=400)
@given(ANYTHING, st.sampled_from([None, "https://site.example/posts/"]))
def test_a_cleaned_link_is_valid_and_stays(text: str, base: str | None) -> None:
    cleaned = clean_url(text, base)
    if cleaned is not None:
        assert VALID.fullmatch(cleaned)
        assert clean_url(cleaned, base) == clean_url(cleaned) == cleaned


@pytest.mark.parametrize(
    ("url", "stripped"),
    [
        ("https://example.org/x?utm_source=a&id=1&fbclid=b#top", "https://example.org/x?id=1#top"),
        ("https://example.org/x?utm_source=a", "https://example.org/x"),
        ("https://example.org/x?utm_source=a#top", "https://example.org/x#top"),
        ("https://example.org/x?b=2&amp;utm_medium=a&a=%E6%96%B0", "https://example.org/x?b=2&a=%E6%96%B0"),
        ("https://example.org/x?mod=a&from=b&r=1", "https://example.org/x?mod=a&from=b&r=1"),
        ("https://example.org/x?", "https://example.org/x?"),
        ("HTTPS://Example.ORG/X/#?utm_source=a", "HTTPS://Example.ORG/X/#?utm_source=a"),
        ("no address", "no address"),
    ],
)
def test_only_tracking_is_stripped(url: str, stripped: str) -> None:
    assert strip_tracking(url) == stripped


@settings(deadline=None, max_examples=200)
@given(HTTP_URLS)
def test_stripping_keeps_what_the_link_leads_to(url: str) -> None:
    stripped = strip_tracking(url)
    assert strip_tracking(stripped) == stripped
    assert urlsplit(stripped.replace("[", ""))[:3] == urlsplit(url.replace("[", ""))[:3]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.org:8080/x", "example.org"),
        ("https://news.example.org", "news.example.org"),
        ("//www.example.org/x", "example.org"),
        ("https://www.com/", "www.com"),
        ("https://www.gov.cn/", "www.gov.cn"),
        ("https://www.gov.uk/", "gov.uk"),
        ("https://www.medium.com/", "medium.com"),
        ("https://www.r2.dev/", "www.r2.dev"),
        ("https://m.example.org/", "m.example.org"),
        ("https://例子.测试/", "xn--fsqu00a.xn--0zwm56d"),
        ("mailto:a@example.org", ""),
        ("example.org", ""),
        ("", ""),
    ],
)
def test_the_host_is_named_in_ascii_without_www(url: str, host: str) -> None:
    assert host_of(url) == host


# -- slugs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("AI Agent", "ai-agent"),
        ("具身智能", "具身智能"),
        ("投融资与市场洞察 (Funding, M&A & Market Insights)", "投融资与市场洞察-funding-ma--market-insights"),
        ("山姆·奥特曼", "山姆奥特曼"),
        ("AI：伦理", "ai伦理"),
        ("C#", "c#"),
        ("C++", "c++"),
        ("@home ~ now", "@home-~-now"),
        (" a  -  b ", "a-----b"),
        ("a--b", "a--b"),
        ("AI & ML", "ai--ml"),
        ("R&D", "rd"),
        ("-a-", "-a-"),
        ("低代码/无代码", "低代码-无代码"),
        ("a\\b", "a-b"),
        ("a\x00b\x1bc", "abc"),
        ("a\tb\u3000c\u00a0d", "a-b-c-d"),
        (".NET", ".net"),
        (".git", "_.git"),
        ("Inc.", "inc"),
        ("../../etc/passwd", "..-..-etc-passwd"),
        ("%2e%2e%2f", "2e2e2f"),
        ('a"b*c?d<e>f|g:h', "abcdefgh"),
        ("Cafe\u0301", "caf\u00e9"),
        ("हिन्दी", "हिन्दी"),
        ("İstanbul ΑΣ", "istanbul-ασ"),
        ("a\u200db\u202ec", "abc"),
        ("CON", "_con"),
        ("nul.txt", "_nul.txt"),
        ("console", "console"),
    ],
)
def test_a_slug_is_what_hugo_makes_where_a_file_name_can_hold_it(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["", ".", "..", "...", "/", "-", "🙂", "！？", "\x00"])
def test_a_text_without_letters_gets_the_digest_of_its_own(text: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", slugify(text))
    assert slugify(text) != slugify(text + "！")


def test_a_long_slug_is_cut_between_characters_and_kept_apart() -> None:
    one, other = slugify("长" * 200 + "甲"), slugify("长" * 200 + "乙")
    assert one != other
    assert re.fullmatch(r"长{37}-[0-9a-f]{8}", one)
    assert slugify("a" * 120) == "a" * 120
    assert len(slugify("a" * 121)) == 120


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="aA.-/\\# +_éé新\x00🙂", max_size=80),
        st.text(min_size=30).map("新".join),
    )
)
def test_any_text_becomes_a_safe_file_name(text: str) -> None:
    slug = slugify(text)
    assert slug
    assert slug.strip(".")
    assert slug[-1] != "."
    assert not set(slug) & set('/\\:*?"<>|% \t\n')
    assert all(unicodedata.category(char)[0] not in "CZ" for char in slug)
    assert len(slug.encode()) <= 120
    assert unicodedata.is_normalized("NFC", slug)
    assert slugify(slug) == slug


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40).map(slugify))
def test_an_encoded_slug_is_valid_in_a_link_and_reads_back(slug: str) -> None:
    path = encode_path(f"/tags/{slug}/")
    assert unquote(path) == f"/tags/{slug}/"
    assert clean_url(f"https://example.org{path}") == f"https://example.org{path}"
    assert urlsplit(f"https://example.org{path}").path == path


def test_a_literal_percent_sign_is_encoded() -> None:
    assert encode_path("a%41 #?") == "a%2541%20%23%3F"


def test_importing_the_module_is_cheap() -> None:
    """No list of public suffixes, no network library: every command line call pays for this import."""
    code = "import sys, feeds.urls; print(*sorted({'requests', 'tldextract', 'socket', 'hashlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
