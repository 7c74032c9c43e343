"""Files that an article comes with: what front matter names, what the files say, and what readers get."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.enclosures import find_enclosures
from feeds.content.file_types import TYPES, type_of
from feeds.content.frontmatter import Matter, split_front_matter
from feeds.content.sheet import Sheet
from feeds.content.site_files import Places
from feeds.model import Enclosure, Severity
from tests.sites import SmallSite

PLACES = Places(page_url="https://radio.example/shows/one/", bundle=None, site_url="https://radio.example/", static=())


def found(front: str, places: Places = PLACES) -> tuple[list[Enclosure], list[str]]:
    """What YAML front matter gives, and what is told beside notes."""
    sheet = Sheet(split_front_matter(f"---\n{front}\n---\n", path="one.md"), "one.md")
    enclosures = find_enclosures(sheet, places, title="Show one")
    return list(enclosures), [str(p) for p in sheet.problems if p.severity is not Severity.NOTE]


def described(front: str) -> list[tuple[str, str, int | None, int | None]]:
    enclosures, problems = found(front)
    assert problems == []
    return [(one.url.removeprefix("https://radio.example"), one.type, one.length, one.duration) for one in enclosures]


# --- what front matter names ---


@pytest.mark.parametrize(
    "front",
    [
        "enclosure: /1.mp3",
        "enclosure: [/1.mp3]",
        "enclosures: [{url: /1.mp3}]",
        "enclosure: /1.mp3\naudio: [/1.mp3]",
        "audio: /1.mp3",
        "audio: 1.mp3",
        "Audio: {src: /1.mp3}",
        "audio: {mp3: 1.mp3}",
        "audio_file: \"'/1.mp3'\"",
        "audio: {file: https://radio.example/1.mp3}",
        "podcast: {audio: /1.mp3}",
        "podcast: {enclosure: {href: /1.mp3}}",
        "podcast_file: 1.mp3",
        "podcast: /1.mp3",
        "mp3: /1.mp3",
        "episode: {number: 1, file: /1.mp3}",
        "media: /1.mp3",
        "attachments: [/1.mp3]",
        "params: {audio: /1.mp3}",
        "extra: {audio: /1.mp3}",
        "extra: {podcast: {url: /1.mp3}}",
        "audio: ../../1.mp3",
        "audio: \\1.mp3",
    ],
)
def test_a_recording_is_found_under_the_keys_of_all_generators(front: str) -> None:
    assert described(front) == [("/1.mp3", "audio/mpeg", None, None)]


@pytest.mark.parametrize(
    ("front", "facts"),
    [
        ("podcast: {file: /1.mp3, size: 12345, duration: 754}", (12345, 754)),
        ("podcast: {file: /1.mp3, bytes: '12,345', duration: '12:34'}", (12345, 754)),
        ("podcast_file: /1.mp3\npodcast_bytes: 12345\npodcast_duration: '12:34'", (12345, 754)),
        ("enclosure: /1.mp3\nenclosure_length: 12345\nduration: 12 min 34 s", (12345, 754)),
        ("audio: /1.mp3\nfilesize: 12345 bytes\nitunes: {duration: 754}", (12345, 754)),
        ("attachments: [{url: /1.mp3, size_in_bytes: 12345, duration_in_seconds: 754}]", (12345, 754)),
        ("audio: {url: /1.mp3, length: '12:34'}", (None, 754)),
        ("audio: {url: /1.mp3, length: 12345}", (12345, None)),
        ("audio: {url: /1.mp3, size: 12 MB, duration: long}", (None, None)),
        ("audio: {url: /1.mp3, size: 0, duration: 0}", (None, None)),
        ("audio: {url: /1.mp3, size: -5, duration: -1}", (None, None)),
        ("enclosure: |\n  https://radio.example/1.mp3\n  12345\n  audio/mpeg\n", (12345, None)),
        (
            'enclosure: |\n  https://radio.example/1.mp3\n  12345\n  audio/mpeg\n  a:1:{s:8:"duration";s:5:"12:34";}',
            (12345, 754),
        ),
    ],
)
def test_length_and_duration_are_what_the_author_says_of_a_file_elsewhere(
    front: str, facts: tuple[int | None, int | None]
) -> None:
    assert described(front) == [("/1.mp3", "audio/mpeg", *facts)]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (754, 754),
        ("754", 754),
        (754.6, 754),
        ("1:02:03", 3723),
        ("62:03", 3723),
        ("00:00:07.5", 7),
        ("PT1H2M3S", 3723),
        ("1h 2m 3s", 3723),
        ("62 minutes", 3720),
        ("1小时2分3秒", 3723),
        (time(1, 2, 3), 3723),
        (True, None),
        ("", None),
        ("about an hour", None),
        ([754], None),
    ],
)
def test_durations_are_read_as_people_write_them(said: Any, seconds: int | None) -> None:
    sheet = Sheet(Matter(values={"audio": {"url": "/1.mp3", "duration": said}}, body=""), "one.md")
    (enclosure,) = find_enclosures(sheet, PLACES, title="")
    assert enclosure.duration == seconds


def test_formats_of_one_recording_are_all_kept_with_one_title_and_one_duration() -> None:
    enclosures, _ = found("audio: {mp3: /mp3/1.mp3, ogg: /ogg/1.ogg, m4a: 'https://cdn.example/x'}\nduration: '60'")
    assert [(one.url, one.type, one.duration) for one in enclosures] == [
        ("https://radio.example/mp3/1.mp3", "audio/mpeg", 60),
        ("https://radio.example/ogg/1.ogg", "audio/ogg", 60),
        ("https://cdn.example/x", "audio/mp4", 60),
    ]
    assert [one.title for one in enclosures] == ["Show one", "Show one", None]


def test_attachments_may_be_anything_and_have_titles_and_no_duration() -> None:
    front = "attachments: [/slides.pdf, {url: map.png, title: Map}, /data.csv, /x.unknown]\nduration: 60"
    enclosures, problems = found(front)
    assert problems == []
    assert [(one.type, one.title, one.duration) for one in enclosures] == [
        ("application/pdf", None, None),
        ("image/png", "Map", None),
        ("text/csv", None, None),
        ("application/octet-stream", None, None),
    ]


@pytest.mark.parametrize(
    "front",
    [
        "audio: true",
        "audio: 3",
        "audio: none",
        "audio: An interview with Ada L.",
        "audio: cover.png",
        "episode: 12",
        "episode: S01.E02",
        "podcast: The Tea Hour",
        "podcast: {title: The Tea Hour, episode: 3, image: /cover.png}",
        "video: true",
        "video: https://youtu.be/abc",
        "video: {youtube: abc}",
        "video: https://player.example/watch/1",
        "audio: https://soundcloud.com/a/b",
        "podcast: https://open.spotify.com/episode/1",
        "podcast: https://radio.example/shows/1.html",
        "media: [The Guardian, https://news.example/]",
        "enclosure: [3, true, ~]",
        "image: /cover.png\ncover: /cover.png\nimages: [/a.png]",
        "extra: 3",
        "tags: [audio]",
    ],
)
def test_what_is_evidently_no_file_is_passed_over(front: str) -> None:
    assert found(front) == ([], [])


@pytest.mark.parametrize(
    "front",
    [
        "audio: 'C:\\\\Users\\\\me\\\\1.mp3'",
        "audio: file:///home/me/1.mp3",
        "audio: '{{ site.cdn }}/1.mp3'",
        "enclosure: data:audio/mpeg;base64,AAAA.mp3",
        "enclosure: ftp://radio.example/1.mp3",
        "enclosure: http:///1.mp3",
        "enclosure: {length: 3, type: audio/mpeg}",
    ],
)
def test_what_is_meant_for_a_file_and_can_be_none_is_told(front: str) -> None:
    enclosures, problems = found(front)
    assert enclosures == []
    (problem,) = problems
    assert problem.startswith(f"one.md:2: {front.partition(':')[0]}: ")
    assert problem.endswith("(write a path or an http address)")


names = st.sampled_from(["url", "mp3", "file", "audio", "files", "length", "duration", "type"]) | st.text()
scalars = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=10
)


@given(values, st.sampled_from(["audio", "enclosure", "podcast", "attachments", "extra", "duration"]))
def test_any_value_is_survived(value: Any, key: str) -> None:
    sheet = Sheet(Matter(values={key: value, "mp3": "/1.mp3"}, body=""), "one.md")
    enclosures = find_enclosures(sheet, PLACES, title="x")
    assert len({one.url for one in enclosures}) == len(enclosures) > 0
    assert all(one.type and one.length != 0 and one.duration != 0 for one in enclosures)


# --- what files say of themselves ---


def test_a_file_at_hand_tells_its_length_and_its_type(tmp_path: Path) -> None:
    bundle, static = tmp_path / "one", tmp_path / "static"
    bundle.mkdir()
    static.mkdir()
    (bundle / "my show.mp3").write_bytes(b"ID3" + bytes(997))
    (static / "talk.mp3").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    places = Places(
        page_url=PLACES.page_url, bundle=str(bundle), site_url="https://radio.example/", static=(str(static),)
    )
    enclosures, problems = found("audio: [{file: my show.mp3, size: 5}, /talk.mp3, /../one/my show.mp3]", places)
    assert problems == []
    assert [(one.url, one.type, one.length) for one in enclosures] == [
        ("https://radio.example/shows/one/my%20show.mp3", "audio/mpeg", 1000),
        ("https://radio.example/talk.mp3", "audio/mp4", 112),
        ("https://radio.example/../one/my%20show.mp3", "audio/mpeg", None),
    ]


def test_a_file_that_is_not_at_hand_is_noted() -> None:
    sheet = Sheet(split_front_matter("---\naudio: /1.mp3\n---\n", path="one.md"), "one.md")
    find_enclosures(sheet, PLACES, title="")
    assert [(p.severity, p.line, p.what) for p in sheet.problems] == [(Severity.NOTE, 2, "audio")]


@pytest.mark.parametrize(
    ("name", "hints", "kind"),
    [
        ("a.MP3?x=1#t", {}, "audio/mpeg"),
        ("a.mp4", {}, "video/mp4"),
        ("a.mp4", {"family": "audio"}, "audio/mp4"),
        ("a.mp4", {"family": "video", "said": "audio/mp4"}, "audio/mp4"),
        ("a.ogg", {"family": "video"}, "video/ogg"),
        ("a.mp3", {"said": "audio/x-mp3"}, "audio/mpeg"),
        ("a", {"said": "audio/x-mp3"}, "audio/x-mp3"),
        ("a", {}, ""),
        ("a.mp3", {"head": b"OggS"}, "audio/ogg"),
        ("a.opus", {"head": b"OggS"}, "audio/ogg"),
        ("a.m4a", {"head": b"\0\0\0\x20ftypmp42"}, "audio/mp4"),
        ("a", {"head": b"%PDF-1.7"}, "application/pdf"),
        ("a.jpg", {"head": b"\x89PNG\r\n\x1a\n"}, "image/png"),
        ("a.txt", {"head": b"BM is short"}, "text/plain"),
        ("a.wav", {"head": b"RIFF\0\0\0\0WAVEfmt "}, "audio/wav"),
        ("a.mp3", {"head": b"\xff\xf1"}, "audio/aac"),
        (".mp3", {}, ""),
    ],
)
def test_the_type_is_that_of_the_bytes_then_of_the_name_then_what_the_author_says(
    name: str, hints: dict[str, Any], kind: str
) -> None:
    assert type_of(name, **hints) == kind


def test_types_are_types() -> None:
    assert all(kind.count("/") == 1 and kind == kind.lower().strip() for kind in TYPES.values())


# --- what readers get ---


def test_readers_of_all_formats_get_the_files_and_podcast_clients_no_pictures(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path)
    (tmp_path / "static").mkdir()
    (tmp_path / "static/1.mp3").write_bytes(b"ID3" + bytes(97))
    (tmp_path / "static/1.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03")
    site.write("one", image="/1.png", enclosure="/1.mp3", audio=["/1.mp3", "/1.ogg"], duration="1:15")
    site.write("two", image="/1.png")
    assert not site.rebuild().has_errors

    rss = {entry.title: entry for entry in site.entries("rss.xml")}
    one, two = rss["题目 one"], rss["题目 two"]
    assert [(e.href, e.type, e.length) for e in one.enclosures] == [("https://example.org/1.mp3", "audio/mpeg", "100")]
    assert [m["url"] for m in one.media_content] == ["https://example.org/1.png", "https://example.org/1.ogg"]
    assert one.itunes_duration == "75"
    assert two.enclosures == []
    assert two.media_thumbnail == [{"url": "https://example.org/1.png", "width": "2", "height": "3"}]

    atom = {entry.title: entry for entry in site.entries("atom.xml")}
    files = [("https://example.org/1.mp3", "audio/mpeg", "100"), ("https://example.org/1.ogg", "audio/ogg", None)]
    picture = ("https://example.org/1.png", "image/png", "24")
    assert [(e.href, e.type, e.get("length")) for e in atom["题目 one"].enclosures] == [*files, picture]
    assert [(e.href, e.type, e.get("length")) for e in atom["题目 two"].enclosures] == [picture]

    items = {item["title"]: item for item in site.items("feed.json")}
    assert items["题目 one"]["attachments"] == [
        {
            "url": "https://example.org/1.mp3",
            "mime_type": "audio/mpeg",
            "title": "题目 one",
            "size_in_bytes": 100,
            "duration_in_seconds": 75,
        },
        {
            "url": "https://example.org/1.ogg",
            "mime_type": "audio/ogg",
            "title": "题目 one",
            "duration_in_seconds": 75,
        },
    ]
    assert "attachments" not in items["题目 two"]
    assert items["题目 one"]["image"] == items["题目 two"]["image"] == "https://example.org/1.png"

    page = site.tree()["latest.html"].decode()
    assert '<a href="https://example.org/1.mp3" type="audio/mpeg">题目 one</a> · audio/mpeg · 1:15 · 0.1 MB' in page


def test_a_file_that_changes_alone_is_seen_by_a_full_rebuild(tmp_path: Path) -> None:
    """As a picture is: a rebuild looks at articles."""
    site = SmallSite.make(tmp_path)
    (tmp_path / "static").mkdir()
    file = tmp_path / "static/1.mp3"
    file.write_bytes(bytes(10))
    site.write("one", audio="/1.mp3")
    site.rebuild()
    file.write_bytes(bytes(20))
    site.rebuild()
    assert site.items("feed.json")[0]["attachments"][0]["size_in_bytes"] == 10
    site.rebuild(full=True)
    assert site.items("feed.json")[0]["attachments"][0]["size_in_bytes"] == 20
