"""Character sets: whose word counts, and that nothing is guessed in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.charsets import decode

CHINESE = "<rss>茶叶与时间，深圳。</rss>"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_counts_first(codec: str) -> None:
    """STANDARDS M4."""
    decoded = decode(CHINESE.encode(codec), "text/xml; charset=ISO-8859-1")
    assert (decoded.text, decoded.warning) == (CHINESE, "")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_characters_need_no_mark(codec: str) -> None:
    assert decode(CHINESE.encode(codec), "").text == CHINESE


@pytest.mark.parametrize(
    ("name", "codec"),
    [("gb2312", "gb18030"), ("GBK", "gb18030"), ("gb18030", "gb18030"), ("hz-gb-2312", "hz"), ("x-gbk", "gb18030")],
)
def test_every_name_of_the_chinese_national_standard_is_its_largest(name: str, codec: str) -> None:
    body = f'<?xml version="1.0" encoding="{name}"?>{CHINESE}'.encode(codec)
    assert CHINESE in decode(body, "").text


def test_http_stands_before_the_declaration() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><a>茶叶</a>'.encode("gbk")
    assert "茶叶" in decode(body, 'text/xml; Charset="GBK"').text


def test_what_servers_say_by_default_stands_behind_the_declaration() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><a>Чай</a>'.encode("cp1251")
    assert "Чай" in decode(body, "text/xml; charset=iso-8859-1").text


def test_western_text_is_not_taken_for_chinese() -> None:
    text = "<a>Café crème, déjà vu: « là-bas », été à l'île; naïve façade, où?</a>"
    decoded = decode(text.encode("cp1252"), "")
    assert (decoded.text, decoded.warning) == (text, "utf-8 is not its character set; read as cp1252")


def test_some_bad_bytes_of_many_cost_only_themselves() -> None:
    body = f'<?xml version="1.0" encoding="gbk"?>{"茶" * 100}'.encode("gbk") + b"\xff" + "叶".encode("gbk")
    decoded = decode(body, "")
    assert decoded.text.count("茶") == 100
    assert decoded.warning == "1 characters are not GB18030"


@pytest.mark.parametrize(
    "name", ["zip", "rot13", "hex", "idna", "punycode", "unicode_escape", "undefined", "no-such", "utf-7"]
)
def test_names_that_are_no_character_set_do_no_harm(name: str) -> None:
    body = f'<?xml version="1.0" encoding="{name}"?><a>\\x41 &#65; é</a>'.encode("cp1252")
    assert "\\x41 &#65; é" in decode(body, f"text/xml; charset={name}").text


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_text(body: bytes, content_type: str) -> None:
    assert decode(body, content_type).text.count("\0") <= len(body)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_utf8_stays_utf8_whatever_http_says(text: str) -> None:
    body = f"<a>{text}</a>"
    for said in ("", "text/xml; charset=ISO-8859-1", "text/xml; charset=gb2312"):
        assert decode(body.encode(), said).text == body
