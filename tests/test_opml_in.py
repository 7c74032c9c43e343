"""Requirements of reading OPML: whatever a reader exports is taken, and what is wrong with it is said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import ParseError
from feeds.publish.opml import OpmlFeed, render_opml
from feeds.sources.opml_in import MOST_BYTES, OpmlList, read_opml


def opml(body: str, head: str = "<head><title>订阅</title></head>", version: str = "2.0") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="{version}">{head}<body>{body}</body></opml>'.encode()
    )


def short(found: OpmlList) -> list[tuple[str, str, str]]:
    return [(one.url, one.title, one.group) for one in found.subscriptions]


def test_a_feed_has_an_address_a_title_a_site_and_a_group() -> None:
    found = read_opml(
        opml(
            '<outline text="科技"><outline type="rss" text="量子位" title="别名" xmlUrl="https://www.qbitai.com/feed?a=1&amp;b=2"'
            ' htmlUrl="https://www.qbitai.com/"/></outline>'
        )
    )
    (one,) = found.subscriptions
    assert (one.url, one.title) == ("https://www.qbitai.com/feed?a=1&b=2", "量子位")
    assert (one.site, one.group) == ("https://www.qbitai.com/", "科技")
    assert found.problems == ()


def test_groups_in_groups_become_one_level() -> None:
    body = (
        '<outline text="外"><outline text="内"><outline text="A" xmlUrl="https://a.example/1"/></outline>'
        '<outline text="B" xmlUrl="https://a.example/2"/></outline><outline text="C" xmlUrl="https://a.example/3"/>'
    )
    assert [group for _, _, group in short(read_opml(opml(body)))] == ["外/内", "外", ""]


@pytest.mark.parametrize(
    ("outline", "title"),
    [
        ('<outline text="只有 text" xmlUrl="https://a.example/f"/>', "只有 text"),
        ('<outline title="只有 title" xmlUrl="https://a.example/f"/>', "只有 title"),
        ('<outline xmlUrl="https://a.example/f"/>', "https://a.example/f"),
        ('<outline type="RSS" text="大写" XMLURL="https://a.example/f"/>', "大写"),
        ('<OUTLINE TEXT="大写" XMLURL="https://a.example/f"></OUTLINE>', "大写"),
        ('<outline text="A" xmlUrl="https://a.example/f" unknown="1" x:y="2" isOpen="maybe"/>', "A"),
        ('<outline text="a &lt;b&gt; &amp; &quot;c&quot;" xmlUrl="https://a.example/f"/>', 'a <b> & "c"'),
        ('<outline text="bare & ampersand" xmlUrl="https://a.example/f"/>', "bare & ampersand"),
        ('<outline text=" two\n lines " xmlUrl=" https://a.example/f "/>', "two lines"),
        ('<outline text="A" xmlUrl="feed://a.example/f"/>', "A"),
        ('<outline text="A" category="/x/y,z" xmlUrl="feed:https://a.example/f"/>', "A"),
    ],
)
def test_spellings_of_one_feed(outline: str, title: str) -> None:
    found = read_opml(opml(outline))
    assert [(one.url.replace("http:", "https:"), one.title) for one in found.subscriptions] == [
        ("https://a.example/f", title)
    ]
    assert found.problems == ()


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0", "3", ""])
def test_every_version_is_read(version: str) -> None:
    assert len(read_opml(opml('<outline xmlUrl="https://a.example/f"/>', head="", version=version)).subscriptions) == 1


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ('<outline text="坏" xmlUrl="feed.xml"/>', "坏: feed.xml is no http(s) address"),
        ('<outline text="坏" xmlUrl="ftp://a.example/f"/>', "坏: ftp://a.example/f is no http(s) address"),
        ('<outline text="坏" xmlUrl="javascript:alert(1)"/>', "坏: javascript:alert(1) is no http(s) address"),
        ('<outline text="坏" xmlUrl=""/>', "坏: has no address of a feed"),
        ('<outline text="坏" type="rss" url="https://a.example/f"/>', "坏: has no address of a feed"),
        (
            '<outline text="单" type="include" url="https://a.example/l.opml"/>',
            "单: is another list, which was not read",
        ),
        ('<outline xmlUrl="x"/>', "an outline without a title: x is no http(s) address"),
    ],
)
def test_what_cannot_be_used_is_reported(outline: str, said: str) -> None:
    found = read_opml(opml(outline + '<outline text="好" xmlUrl="https://a.example/f"/>'))
    assert found.problems == (said,)
    assert short(found) == [("https://a.example/f", "好", "")]


def test_a_feed_that_stands_twice_is_taken_once() -> None:
    one = '<outline text="A" xmlUrl="https://a.example/f"/>'
    found = read_opml(opml(f'<outline text="甲">{one}</outline><outline text="乙">{one}</outline>{one}'))
    assert short(found) == [("https://a.example/f", "A", "甲")]
    assert found.problems[0] == 'A: https://a.example/f stands twice, in "甲" and in "乙"; the first was taken'
    assert len(found.problems) == 2


def test_a_password_is_left_out_and_never_told() -> None:
    found = read_opml(
        opml('<outline text="A" xmlUrl="https://me:secret@a.example/f"/><outline xmlUrl="ftp://me:secret@b"/>')
    )
    assert short(found) == [("https://a.example/f", "A", "")]
    assert len(found.problems) == 2
    assert "secret" not in " ".join(found.problems)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("gb2312", "gb18030"),
        ("UTF-16", "utf-16"),
        ("Big5", "big5"),
    ],
)
def test_encodings_that_are_declared(declared: str, codec: str) -> None:
    title = {"iso-8859-1": "Zürich", "cp1252": "Zürich “”", "big5": "訂閱"}.get(codec, "订阅")
    text = f'<?xml version="1.0" encoding="{declared}"?><opml version="1.1"><body><outline text="{title}" xmlUrl="http://a.example/"/></body></opml>'
    found = read_opml(text.encode(codec))
    assert (short(found), found.problems) == ([("http://a.example/", title, "")], ())


def test_a_byte_order_mark_is_no_text() -> None:
    assert short(read_opml(b"\xef\xbb\xbf" + opml('<outline text="甲" xmlUrl="http://a.example/"/>')))[0][1] == "甲"


@pytest.mark.parametrize("declared", ["klingon", "punycode", "zlib", "unicode_escape"])
def test_an_encoding_that_is_none_is_reported(declared: str) -> None:
    found = read_opml(opml('<outline text="甲" xmlUrl="http://a.example/"/>').replace(b"UTF-8", declared.encode()))
    assert found.subscriptions[0].title == "甲"
    assert found.problems == (f"the file: its encoding {declared} is not known, so it was read as UTF-8",)


def test_wrong_bytes_are_reported() -> None:
    found = read_opml(opml('<outline text="X" xmlUrl="http://a.example/"/>').replace(b'"X"', b'"\xff"'))
    assert found.problems == ("the file: some characters are not in the encoding that it declares, and were replaced",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"hello",
        b"<html><body>no</body></html>",
        b"<rss version='2.0'/>",
        b"\x89PNG\r\n",
        b"{}",
        b"\0" * 99,
        b"<!-- <opml> -->",
    ],
)
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match=r"^OPML: the file: [^\n]+$"):
        read_opml(data)


def test_a_list_of_nothing_is_a_list() -> None:
    assert read_opml(opml("")) == OpmlList(subscriptions=())


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(ParseError, match="larger than 16 MiB"):
        read_opml(b" " * (MOST_BYTES + 1))


def test_entities_of_a_file_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    outside = '<!ENTITY x SYSTEM "file:///etc/passwd">'
    data = f'<!DOCTYPE opml [<!ENTITY a0 "boom">{bomb}{outside}]><opml><body><outline text="&a11;&x;" xmlUrl="http://a.example/"/>'
    (one,) = read_opml(data.encode()).subscriptions
    assert one.title == "&a11;&x;"


@pytest.mark.parametrize(
    "body",
    [
        '<outline text="g">' * 30_000 + '<outline xmlUrl="http://a.example/"/>',
        '<outline xmlUrl="http://a.example/">' * 30_000,
        '<outline xmlUrl="http://a.example/" />' * 30_000,
        "".join(f'<outline text="{n}"><outline xmlUrl="http://a.example/"/></outline>' for n in range(20_000)),
        '<outline category="' + "a,b" * 300_000 + '" xmlUrl="http://a.example/"/>',
        "</outline>" * 100_000,
        "<" * 1_000_000,
        "<!--" * 250_000,
        "<![CDATA[" * 100_000,
        '<outline text="' + "&" * 1_000_000,
        "<a:b xmlns:a='c'>" * 50_000,
    ],
    ids=range(11),
)
def test_hostile_lists_cost_little(body: str) -> None:
    began = time.perf_counter()
    found = read_opml(opml(body))
    assert time.perf_counter() - began < 5
    assert len(found.subscriptions) <= 1
    assert len(found.problems) <= 101


@given(
    st.binary(max_size=200) | st.text(alphabet="<>/&;\"'= opmlutinexrURL!-[]?:aé甲\0", max_size=200).map(str.encode),
    st.booleans(),
)
@settings(max_examples=300)
def test_any_bytes_end_in_a_list_or_a_parse_error(data: bytes, wrapped: bool) -> None:
    try:
        found = read_opml(b"<opml><body>" + data if wrapped else data)
    except ParseError:
        return
    assert all(one.url.startswith("http") for one in found.subscriptions)


_lines = (
    st.text(
        st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), blacklist_characters="\ufffd"),
        min_size=1,
        max_size=12,
    )
    .map(lambda text: " ".join("".join(c if c.isprintable() else " " for c in text).split()))
    .filter(bool)
)


@given(
    st.lists(st.tuples(st.integers(0, 9999), _lines, st.just("") | _lines), max_size=8, unique_by=lambda row: row[0])
)
@settings(max_examples=150)
def test_what_we_export_is_read_back(rows: list[tuple[int, str, str]]) -> None:
    """Address, title and group of every feed; Chinese and all other scripts intact."""
    groups: dict[str, list[OpmlFeed]] = {}
    for number, title, group in rows:
        groups.setdefault(group, []).append(OpmlFeed(title=title, xml_url=f"https://a.example/{number}?a=1&b=2"))
    found = read_opml(render_opml("订阅", list(groups.items())))
    assert set(short(found)) == {(f"https://a.example/{number}?a=1&b=2", title, group) for number, title, group in rows}
    assert found.problems == ()
