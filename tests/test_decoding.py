"""Bytes of files that are not all UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.decoding import decode

TEXT = "标题：屋顶菜园\n正文 with some English.\n"


def test_utf_8_is_read_without_a_word() -> None:
    decoded = decode(TEXT.encode())

    assert (decoded.text, decoded.why) == (TEXT, "")


@pytest.mark.parametrize(
    ("codec", "name"), [("gb18030", "GB 18030"), ("gbk", "GB 18030"), ("utf-16", "UTF-16"), ("utf-16-le", None)]
)
def test_other_encodings_are_told(codec: str, name: str | None) -> None:
    decoded = decode(TEXT.encode(codec))

    if name is None:  # without a BOM it is bytes like any other
        assert decoded.text is None
    else:
        assert (decoded.text, decoded.why) == (TEXT, f"it is not UTF-8, read as {name}")


def test_a_few_bad_bytes_are_replaced_and_their_line_is_told() -> None:
    data = TEXT.encode() + b"third \xff line\x00"

    decoded = decode(data)

    assert decoded.text == f"{TEXT}third \ufffd line"
    assert (decoded.why, decoded.line) == ("1 bytes are not UTF-8", 3)


def test_a_stray_nul_is_dropped_and_many_are_no_text() -> None:
    decoded = decode(TEXT.encode() * 10 + b"a\0b")

    assert (decoded.text, decoded.line) == (TEXT * 10 + "ab", 21)
    assert decode(b"\0" * 4096).text is None
    assert decode(TEXT.encode() + b"\0" * 100).text is None


def test_half_a_character_in_utf_16_is_no_text() -> None:
    assert decode(b"\xff\xfea").text is None
    assert decode(b"\xff\xfea\0\0\0").text is None


@given(st.binary(max_size=200))
def test_text_never_holds_a_nul(data: bytes) -> None:
    decoded = decode(data)

    assert decoded.text is None or "\0" not in decoded.text
    assert bool(decoded.why) == bool(decoded.fix)
