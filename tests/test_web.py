"""STANDARDS, part 17: HTTP serving, line by line."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import threading
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import fields

from feeds.model import Feed, FeedLinks
from feeds.publish.render import FORMATS
from feeds.web.app import Web, make_app
from feeds.web.files import stamp_of
from tests.web_site import BASE, HUB, NOW, address_of, ask, make_document, make_item, put

ITEMS = [make_item(number) for number in (3, 2, 1)]
FEEDS = ("rss.xml", "atom.xml", "feed.json")
GZIP = "gzip, deflate, br"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder as the product fills it."""
    root = tmp_path / "output"
    for form in FORMATS.values():
        put(root, form.filename, make_document(form.name, ITEMS, hub=HUB))
        folder = "tags/人工智能/"
        data = make_document(form.name, ITEMS, folder="tags/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD/", hub=HUB)
        put(root, folder + form.filename, data)
    put(root, "feeds.opml", b'<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0"/>')
    put(root, "index.html", b"<!doctype html><title>x</title>" + b"<p>text</p>" * 50)
    return root


@pytest.fixture
def web(root: Path, tmp_path: Path) -> Web:
    """The application that serves it."""
    return app_for(root, tmp_path)


def app_for(root: Path, tmp_path: Path, **options: Any) -> Web:
    memory = str(tmp_path / "served.db")
    told: dict[str, Any] = {
        "output": str(root),
        "address": address_of,
        "hub": HUB,
        "memory": memory,
        "now": lambda: NOW,
    }
    return make_app(**(told | options))


# -- M1, M2: types and charsets -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
    ],
)
def test_each_document_has_the_type_of_its_format(web: Web, path: str, media_type: str) -> None:
    assert ask(web, path).headers["content-type"] == media_type


def test_the_charset_is_that_of_the_declaration_and_of_the_bytes(web: Web) -> None:
    for path in ("/rss.xml", "/atom.xml", "/feeds.opml"):
        reply = ask(web, path)
        declared = re.match(rb'<\?xml version="1.0" encoding="([^"]+)"', reply.body)
        assert declared
        assert reply.headers["content-type"].endswith(f"charset={declared[1].decode()}")
        reply.body.decode(declared[1].decode())


def test_every_format_that_is_published_has_a_type_of_its_own(web: Web) -> None:
    for form in FORMATS.values():
        assert ask(web, f"/{form.filename}").headers["content-type"].startswith(form.media_type)


def test_nothing_is_served_as_xml_in_general_but_what_we_do_not_know(root: Path, web: Web) -> None:
    put(root, "strange.xml", b"<a/>")
    put(root, "strange.bin", b"\0")
    assert ask(web, "/strange.xml").headers["content-type"] == "application/xml; charset=utf-8"
    assert ask(web, "/strange.bin").headers["content-type"] == "application/octet-stream"


# -- M3: tags and dates ---------------------------------------------------------------------------------------------


def test_every_200_has_a_strong_tag_that_tells_its_bytes(root: Path, tmp_path: Path, web: Web) -> None:
    first = ask(web)
    assert re.fullmatch(r'"[0-9a-f]{24}"', first.headers["etag"])
    # Another server, and another file with the same bytes at another time: the same tag.
    put(root, "rss.xml", first.body, seconds=1_750_000_500)
    again = ask(app_for(root, tmp_path))
    assert again.headers["etag"] == first.headers["etag"]
    put(root, "rss.xml", first.body.replace("第 3 篇".encode(), "第 4 篇".encode()), seconds=1_750_000_500)
    assert ask(web).headers["etag"] != first.headers["etag"]


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_seen(root: Path, web: Web) -> None:
    before = ask(web)
    put(root, "rss.xml", before.body.replace("第 3 篇".encode(), "第 9 篇".encode()))
    after = ask(web)
    assert len(after.body) == len(before.body)
    assert "第 9 篇".encode() in after.body
    assert after.headers["etag"] != before.headers["etag"]


def test_last_modified_is_when_the_file_was_written(web: Web) -> None:
    said = ask(web).headers["last-modified"]
    assert said == "Sun, 15 Jun 2025 15:06:40 GMT"
    assert parsedate_to_datetime(said).timestamp() == 1_750_000_000


def test_last_modified_is_never_in_the_future(root: Path, web: Web) -> None:
    put(root, "rss.xml", make_document("rss", ITEMS), seconds=NOW + 86_400)
    assert parsedate_to_datetime(ask(web).headers["last-modified"]).timestamp() <= NOW


def test_what_may_change_again_within_its_second_is_not_taken_for_the_last_word(root: Path, tmp_path: Path) -> None:
    moment = [NOW + 0.2]
    web = app_for(root, tmp_path, now=lambda: moment[0])
    put(root, "rss.xml", make_document("rss", ITEMS[1:]), seconds=NOW + 0.1)
    young = ask(web).headers["last-modified"]
    put(root, "rss.xml", make_document("rss", ITEMS), seconds=NOW + 0.9)
    moment[0] = NOW + 60
    old = ask(web, if_modified_since=young)
    assert old.status == 200
    assert old.headers["last-modified"] != young


# -- M4: conditions -------------------------------------------------------------------------------------------------


def matching(tag: str) -> list[str]:
    return [tag, f"W/{tag}", f'"other", {tag}', f'W/"a,b" ,{tag}', "*", f'"",{tag}', tag.strip('"'), f"  {tag}  "]


@pytest.mark.parametrize("number", range(8))
def test_a_tag_that_matches_gives_304(web: Web, number: int) -> None:
    known = matching(ask(web).headers["etag"])[number]
    assert ask(web, if_none_match=known).status == 304


@pytest.mark.parametrize("other", ['"other"', 'W/"x"', '"*"', '"', "", '"unclosed', "other", '""', '"a" "b"', "W/"])
def test_a_tag_that_does_not_match_gives_200(web: Web, other: str) -> None:
    assert ask(web, if_none_match=other).status == 200


def test_a_tag_wins_over_a_date(web: Web) -> None:
    said = ask(web).headers
    assert ask(web, if_none_match='"other"', if_modified_since=said["last-modified"]).status == 200
    long_ago = "Sat, 01 Jan 2000 00:00:00 GMT"
    assert ask(web, if_none_match=said["etag"], if_modified_since=long_ago).status == 304


@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("Sun, 15 Jun 2025 15:06:40 GMT", 304),
        ("Sunday, 15-Jun-25 15:06:40 GMT", 304),
        ("Sun Jun 15 15:06:40 2025", 304),
        ("Mon, 16 Jun 2025 15:06:40 GMT", 304),
        ("Sun, 15 Jun 2025 15:06:39 GMT", 200),
        ("yesterday", 200),
        ("Sun, 99 Jun 2025 15:06:40 GMT", 200),
        ("", 200),
    ],
)
def test_a_date_counts_where_there_is_no_tag(web: Web, date: str, status: int) -> None:
    assert ask(web, if_modified_since=date).status == status


def test_hostile_lists_of_tags_are_read_in_no_time(web: Web) -> None:
    for header in ('"' * 100_000, "W/" * 50_000, '"a",' * 25_000, "," * 100_000):
        assert ask(web, if_none_match=header).status == 200
        assert ask(web, accept_encoding=header).status == 200


# -- M5, M6: 304 and HEAD -------------------------------------------------------------------------------------------

_OF_THE_BODY = {"content-type", "content-length", "content-encoding"}


@pytest.mark.parametrize("coding", ["", GZIP])
def test_a_304_repeats_the_headers_of_the_200_without_a_body(web: Web, coding: str) -> None:
    for path in (*(f"/{name}" for name in FEEDS), "/", "/feeds.opml"):
        full = ask(web, path, accept_encoding=coding)
        unchanged = ask(web, path, accept_encoding=coding, if_none_match=full.headers["etag"])
        assert (unchanged.status, unchanged.raw) == (304, b"")
        repeated = {name: value for name, value in full.headers.items() if name not in _OF_THE_BODY}
        assert unchanged.headers == repeated
        assert {"etag", "cache-control", "vary", "last-modified"} <= unchanged.headers.keys()


@pytest.mark.parametrize("coding", ["", GZIP])
def test_head_is_get_without_the_body(web: Web, coding: str) -> None:
    for path in ("/rss.xml", "/", "/nothing", "/TAGS/人工智能/rss.xml"):
        got = ask(web, path, accept_encoding=coding)
        head = ask(web, path, method="HEAD", accept_encoding=coding)
        assert (head.status, head.headers, head.raw) == (got.status, got.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_not_allowed(web: Web, method: str) -> None:
    reply = ask(web, method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_a_reader_in_a_browser_may_ask_whether_it_may_send_a_tag(web: Web) -> None:
    said = ask(web, method="OPTIONS", origin="https://reader.example", access_control_request_method="GET")
    assert said.status == 204
    assert "If-None-Match" in said.headers["access-control-allow-headers"]


def test_a_request_with_a_body_is_refused(web: Web) -> None:
    reply = ask(web, body=b"x" * 10)
    assert (reply.status, reply.headers["connection"]) == (413, "close")
    assert ask(web, transfer_encoding="chunked").status == 413
    assert ask(web, method="POST", body=b"x").headers["connection"] == "close"


# -- M7: codings ----------------------------------------------------------------------------------------------------


def test_gzip_goes_to_those_who_take_it(web: Web) -> None:
    plain, coded = ask(web), ask(web, accept_encoding=GZIP)
    assert "content-encoding" not in plain.headers
    assert coded.headers["content-encoding"] == "gzip"
    assert coded.body == plain.body
    assert len(coded.raw) < len(plain.raw) / 2


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("*", "gzip"),
        ("identity;q=0.5, gzip;q=1.0", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("gzip;q=0, *", None),
        ("identity", None),
        ("deflate", None),
        ("gzip;q=nonsense", None),
        ("", None),
    ],
)
def test_accept_encoding_is_read_as_written(web: Web, accepted: str, coding: str | None) -> None:
    assert ask(web, accept_encoding=accepted).headers.get("content-encoding") == coding


def test_every_variant_varies_by_coding_and_has_its_own_tag(web: Web) -> None:
    plain, coded = ask(web), ask(web, accept_encoding=GZIP)
    assert plain.headers["vary"] == coded.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != coded.headers["etag"]
    assert not coded.headers["etag"].startswith("W/")
    # A tag names one coding: a cache that holds the other must not take this for its own.
    assert ask(web, if_none_match=coded.headers["etag"]).status == 200
    assert ask(web, if_none_match=coded.headers["etag"], accept_encoding=GZIP).status == 304


def test_equal_bytes_are_compressed_to_equal_bytes(web: Web, root: Path, tmp_path: Path) -> None:
    assert ask(web, accept_encoding="gzip").raw == ask(app_for(root, tmp_path), accept_encoding="gzip").raw


def test_what_was_compressed_beforehand_is_sent_unless_it_is_older(root: Path, web: Web) -> None:
    data = (root / "rss.xml").read_bytes()
    put(root, "rss.xml.gz", gzip.compress(data, mtime=7))
    put(root, "rss.xml.br", b"pretend this is brotli")
    put(root, "atom.xml.br", b"too old", seconds=1_749_999_999)
    assert ask(web, accept_encoding="gzip").raw == gzip.compress(data, mtime=7)
    assert (ask(web, accept_encoding=GZIP).headers["content-encoding"], ask(web, accept_encoding=GZIP).raw) == (
        "br",
        b"pretend this is brotli",
    )
    assert ask(web, accept_encoding="br;q=0.1, gzip").headers["content-encoding"] == "gzip"
    assert ask(web, "/atom.xml", accept_encoding=GZIP).headers["content-encoding"] == "gzip"


def test_a_sibling_that_goes_away_is_not_missed(root: Path, web: Web) -> None:
    put(root, "rss.xml.br", b"pretend")
    assert ask(web, method="HEAD").status == 200
    (root / "rss.xml.br").unlink()
    assert ask(web, accept_encoding=GZIP).status == 200


def test_pictures_are_not_compressed(root: Path, web: Web) -> None:
    put(root, "icon.png", b"\x89PNG" + b"0" * 1000)
    reply = ask(web, "/icon.png", accept_encoding=GZIP)
    assert reply.headers["content-type"] == "image/png"
    assert "content-encoding" not in reply.headers
    assert "vary" not in reply.headers


# -- S8, B10: caches and browsers -----------------------------------------------------------------------------------


def test_caches_keep_a_feed_as_long_as_it_says_itself(web: Web) -> None:
    ttl = ET.fromstring(ask(web).body).findtext("channel/ttl")  # noqa: S314 (ours)
    assert ttl == str(next(field.default for field in fields(Feed) if field.name == "ttl"))
    for path in (*(f"/{name}" for name in FEEDS), "/feeds.opml", "/"):
        said = ask(web, path).headers["cache-control"]
        assert said == f"public, max-age={int(ttl) * 60}, stale-while-revalidate=86400"


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_may_change_like_any_feed(root: Path, web: Web, form: str) -> None:
    name = FORMATS[form].filename
    put(root, f"archive/1/{name}", make_document(form, ITEMS, links=FeedLinks(current=BASE + name)))
    assert ask(web, f"/archive/1/{name}").headers["cache-control"] == ask(web, f"/{name}").headers["cache-control"]


SHUT = "default-src 'none'; sandbox"
STYLED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def test_browsers_are_told_to_run_nothing(web: Web) -> None:
    for path in (*(f"/{name}" for name in FEEDS), "/nothing"):
        said = ask(web, path).headers
        assert said["x-content-type-options"] == "nosniff"
        assert said["content-security-policy"] in {SHUT, STYLED}
        assert said["referrer-policy"] == "strict-origin-when-cross-origin"
        assert said["access-control-allow-origin"] == "*"


def test_our_page_may_have_its_style_and_a_style_sheet_beside_it(root: Path, web: Web) -> None:
    policy = ask(web, "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    put(root, "look.css", b"body {}")
    assert ask(web, "/look.css").headers["content-type"] == "text/css; charset=utf-8"


# -- B9: 226 -------------------------------------------------------------------------------------------------------


def change(root: Path, items: list[Any], *, gone: tuple[str, ...] = ()) -> None:
    for form in FORMATS.values():
        put(root, form.filename, make_document(form.name, items, gone=gone), seconds=next(_TIMES))


_TIMES = itertools.count(1_750_000_100.0)


def ids_in(form: str, data: bytes) -> list[str]:
    return FORMATS[form].read_ids(data)


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("form", FORMATS)
def test_only_what_is_new_or_changed_goes_to_who_asks_for_it(root: Path, web: Web, form: str, coding: str) -> None:
    path = f"/{FORMATS[form].filename}"
    tag = ask(web, path, accept_encoding=coding).headers["etag"]
    change(root, [make_item(4), *ITEMS[:2], make_item(1, "改过")])
    reply = ask(web, path, a_im="feed", if_none_match=tag, accept_encoding=coding)
    assert (reply.status, reply.headers["im"]) == (226, "feed")
    # read_ids raises unless it is a valid document of its format.
    assert ids_in(form, reply.body) == [make_item(4).id, make_item(1).id]
    full = ask(web, path, accept_encoding=coding)
    assert reply.headers["etag"] == full.headers["etag"]
    assert reply.headers["content-type"] == full.headers["content-type"]
    assert len(reply.body) < len(full.body)
    # Everything but the entries is as in the full document.
    assert reply.body[:200] == full.body[:200]


def test_a_226_is_for_nobody_else(root: Path, web: Web) -> None:
    tag = ask(web).headers["etag"]
    change(root, [make_item(4), *ITEMS])
    said = ask(web, a_im="feed", if_none_match=tag).headers
    assert said["cache-control"] == "no-store, im"
    assert said["vary"].startswith("A-IM, If-None-Match")
    unasked = ask(web, if_none_match=tag)
    assert (unasked.status, "im" in unasked.headers) == (200, False)


@pytest.mark.parametrize("a_im", ["feed", "vcdiff, feed", "FEED", "feed;q=0.5", "diffe;q=0.1,feed"])
def test_a_im_may_name_others_too(root: Path, web: Web, a_im: str) -> None:
    tag = ask(web).headers["etag"]
    change(root, [make_item(4), *ITEMS])
    assert ask(web, a_im=a_im, if_none_match=tag).status == 226


@pytest.mark.parametrize("a_im", ["", "vcdiff", "feed;q=0", "*", "feeds"])
def test_who_does_not_ask_for_it_gets_the_whole_document(root: Path, web: Web, a_im: str) -> None:
    tag = ask(web).headers["etag"]
    change(root, [make_item(4), *ITEMS])
    assert ask(web, a_im=a_im, if_none_match=tag).status == 200


def test_a_im_without_a_tag_or_with_an_unknown_one_gives_the_whole_document(web: Web) -> None:
    assert ask(web, a_im="feed").status == 200
    assert ask(web, a_im="feed", if_none_match='"0123456789abcdef01234567"').status == 200
    assert ask(web, a_im="feed", if_none_match="x" * 100_000).status == 200


def test_nothing_new_is_304(root: Path, web: Web) -> None:
    tag = ask(web).headers["etag"]
    assert ask(web, a_im="feed", if_none_match=tag).status == 304
    # An entry has left the window: another document, but nothing that the client does not have.
    change(root, ITEMS[:2])
    reply = ask(web, a_im="feed", if_none_match=tag)
    assert (reply.status, reply.headers["etag"]) == (304, ask(web).headers["etag"])
    assert reply.headers["cache-control"] == "no-store, im"


def test_a_tombstone_is_news_and_stays(root: Path, web: Web) -> None:
    tag = ask(web, "/atom.xml").headers["etag"]
    change(root, ITEMS[:2], gone=(ITEMS[2].id,))
    reply = ask(web, "/atom.xml", a_im="feed", if_none_match=tag)
    assert reply.status == 226
    assert ids_in("atom", reply.body) == []
    assert b"deleted-entry" in reply.body
    later = ask(web, "/atom.xml").headers["etag"]
    change(root, [make_item(4), *ITEMS[:2]], gone=(ITEMS[2].id,))
    reply = ask(web, "/atom.xml", a_im="feed", if_none_match=later)
    assert ids_in("atom", reply.body) == [make_item(4).id]
    assert b"deleted-entry" in reply.body


def test_versions_are_remembered_across_a_restart(root: Path, tmp_path: Path, web: Web) -> None:
    tag = ask(web).headers["etag"]
    web.versions.close()
    change(root, [make_item(4), *ITEMS])
    again = app_for(root, tmp_path)
    assert ids_in("rss", ask(again, a_im="feed", if_none_match=tag).body) == [make_item(4).id]


def test_a_reader_that_honours_304_and_226_sees_each_item_once(root: Path, web: Web) -> None:
    seen: list[str] = []
    tag = ""
    for newest in range(1, 13):
        window = [make_item(number) for number in range(newest, max(0, newest - 5), -1)]
        change(root, window)
        reply = ask(web, a_im="feed", if_none_match=tag)
        assert reply.status == (226 if tag else 200)
        tag = reply.headers["etag"]
        seen += ids_in("rss", reply.body)
        assert ask(web, a_im="feed", if_none_match=tag).status == 304
    assert seen == [make_item(number).id for number in range(1, 13)]


def test_what_somebody_else_wrote_is_never_cut(root: Path, web: Web) -> None:
    put(root, "rss.xml", b"<rss><channel><item>a</item></channel></rss>")
    tag = ask(web).headers["etag"]
    put(root, "rss.xml", b"<rss><channel><item>a</item><item>b</item></channel></rss>")
    assert ask(web, a_im="feed", if_none_match=tag).status == 200


# -- M11: moved, removed, overloaded --------------------------------------------------------------------------------


def test_what_moved_is_redirected_and_what_is_gone_is_gone(root: Path, tmp_path: Path) -> None:
    fates = {"tags/旧名/rss.xml": "tags/人工智能/rss.xml", "tags/没了/rss.xml": "gone"}
    web = app_for(root, tmp_path, retired=fates.get)
    moved = ask(web, "/tags/%E6%97%A7%E5%90%8D/rss.xml")
    assert moved.status == 301
    assert target(web, "/tags/%E6%97%A7%E5%90%8D/rss.xml", moved.headers["location"]) == 200
    gone = ask(web, "/tags/%E6%B2%A1%E4%BA%86/rss.xml")
    assert (gone.status, gone.headers["content-type"]) == (410, "text/plain; charset=utf-8")


def target(web: Web, path: str, location: str) -> int:
    from urllib.parse import urljoin  # noqa: PLC0415 (beside its only use)

    return ask(web, urljoin(path, location)).status


def test_a_file_that_is_there_is_served_whatever_is_said_of_it(root: Path, tmp_path: Path) -> None:
    assert ask(app_for(root, tmp_path, retired=lambda _: "gone")).status == 200


def test_an_error_is_no_feed(web: Web) -> None:
    for path in ("/nothing", "/tags/nothing/rss.xml", "/rss.xml/"):
        reply = ask(web, path)
        assert (reply.status, reply.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert b"<" not in reply.body


def test_a_file_that_changes_all_the_time_is_busy(root: Path, tmp_path: Path) -> None:
    path = root / "rss.xml"
    web = app_for(root, tmp_path)
    web.files.body = lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error"))  # type: ignore[method-assign]
    reply = ask(web)
    assert (reply.status, reply.headers["retry-after"]) == (503, "30")
    assert path.exists()


# -- B12: addresses ------------------------------------------------------------------------------------------------

TAG = "/tags/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD"


def test_names_are_percent_encoded_utf8(web: Web) -> None:
    assert ask(web, f"{TAG}/rss.xml").status == 200
    assert ask(web, f"{TAG.lower()}/rss.xml").status == 200
    # GBK is no UTF-8.
    assert ask(web, "/tags/%C8%CB/rss.xml").status == 404


def test_spellings_of_one_name_are_redirected_to_the_one_that_exists(root: Path, web: Web) -> None:
    put(root, "tags/café/rss.xml", make_document("rss", ITEMS))
    put(root, "tags/OpenAI/rss.xml", make_document("rss", ITEMS))
    for path in ("/tags/cafe%CC%81/rss.xml", "/tags/CAF%C3%89/RSS.xml", "/Tags/openai/rss.xml", f"{TAG}/RSS.XML"):
        reply = ask(web, path)
        assert (reply.status, reply.raw) == (301, b"")
        assert target(web, path, reply.headers["location"]) == 200
    assert ask(web, "/tags/caf%C3%A9/rss.xml").status == 200


def test_a_redirect_holds_behind_any_prefix(web: Web) -> None:
    from urllib.parse import urljoin  # noqa: PLC0415 (beside its only use)

    location = ask(web, f"/TAGS{TAG[5:]}/rss.xml").headers["location"]
    assert urljoin("https://x.example/prefix/TAGS/a/rss.xml", location) == f"https://x.example/prefix{TAG}/rss.xml"


def test_of_two_files_that_differ_in_case_each_is_itself(root: Path, web: Web) -> None:
    put(root, "tags/Go/rss.xml", make_document("rss", ITEMS))
    put(root, "tags/go/rss.xml", make_document("rss", ITEMS[1:]))
    assert ids_in("rss", ask(web, "/tags/Go/rss.xml").body) != ids_in("rss", ask(web, "/tags/go/rss.xml").body)


def test_a_folder_is_its_page_and_has_a_slash(root: Path, web: Web) -> None:
    put(root, "about/index.html", b"<p>x</p>")
    assert ask(web, "/about/").status == 200
    reply = ask(web, "/about")
    assert (reply.status, reply.headers["location"]) == (301, "./about/")
    assert ask(web, "/ABOUT").headers["location"] == "./about/"
    assert ask(web, "/tags/").status == ask(web, "/tags").status == 404


def test_a_query_changes_nothing(web: Web) -> None:
    assert ask(web, "/rss.xml?utm_source=x").headers["etag"] == ask(web, "/rss.xml").headers["etag"]


@pytest.fixture
def secrets(root: Path, tmp_path: Path) -> Path:
    """Files around and within the folder that nobody may read."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "output-of-others").mkdir()
    (tmp_path / "output-of-others" / "secret.txt").write_text("secret")
    (root / ".hidden").write_text("secret")
    (root / ".feeds-tmp").mkdir()
    (root / ".feeds-tmp" / "0").write_text("secret")
    for folder in (".well-kept", "tags/.git"):
        (root / folder).mkdir(parents=True)
        (root / folder / "rss.xml").write_text("secret")
    (root / "out.xml").symlink_to(tmp_path / "secret.txt")
    (root / "outside").symlink_to(tmp_path / "output-of-others")
    (root / "loop").symlink_to(root / "loop")
    (root / "a\\b").write_text("secret")
    return root


ESCAPES = (
    "/../secret.txt",
    "/tags/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E%2Fsecret.txt",
    "/..%2fsecret.txt",
    "/tags/%2e%2e/%2e%2e/secret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/a%5Cb",
    "/a\\b",
    "//secret.txt",
    "//rss.xml",
    "/tags//rss.xml",
    "/./rss.xml",
    "/%2e/rss.xml",
    "/rss.xml%00",
    "/rss.xml%00.png",
    "/%00",
    "/rss.xml%0a",
    "/.hidden",
    "/%2ehidden",
    "/.feeds-tmp/0",
    "/.well-kept/rss.xml",
    "/tags/.git/rss.xml",
    "/tags/%2egit/rss.xml",
    "/tags/.hidden",
    "/out.xml",
    "/OUT.XML",
    "/outside/secret.txt",
    "/loop",
    "/..%c0%afsecret.txt",
    "/%252e%252e/secret.txt",
    "/...",
    "/~root",
    "/C:/Windows/win.ini",
    "/" + "a/" * 5000,
    "/" + "a" * 5000,
    "/" + "%E4%BA%BA" * 200,
    "http://127.0.0.1/rss.xml",
    "*",
    "",
)


@pytest.mark.parametrize("path", ESCAPES, ids=lambda path: path[:24] or "empty")
def test_no_path_leaves_the_folder(web: Web, secrets: Path, path: str) -> None:
    assert (secrets / "out.xml").exists()
    reply = ask(web, path)
    assert reply.status == 404
    assert b"secret" not in reply.body


def test_the_folder_of_a_term_may_begin_with_a_dot(web: Web, root: Path) -> None:
    (root / "tags" / ".net").mkdir(parents=True)
    (root / "tags" / ".net" / "rss.xml").write_text("<rss/>")
    assert ask(web, "/tags/.net/rss.xml").body == b"<rss/>"
    assert ask(web, "/tags/%2enet/rss.xml").status == 200


def test_no_absolute_path_is_served(web: Web, secrets: Path) -> None:
    for path in (f"/{secrets}/rss.xml", f"{secrets}/rss.xml", f"/%2f{secrets}/rss.xml"):
        assert ask(web, path).status == 404


def test_a_link_that_stays_within_is_served_and_one_that_is_turned_away_is_not(
    web: Web, secrets: Path, tmp_path: Path
) -> None:
    link = secrets / "latest.xml"
    link.symlink_to("rss.xml")
    assert ask(web, "/latest.xml").status == 200
    link.unlink()
    link.symlink_to(tmp_path / "secret.txt")
    assert ask(web, "/latest.xml").status == 404


def test_what_is_no_file_is_not_opened(root: Path, web: Web) -> None:
    import os  # noqa: PLC0415 (beside its only use)

    os.mkfifo(root / "pipe.xml")
    assert ask(web, "/pipe.xml").status == 404


# -- B13, B14 ------------------------------------------------------------------------------------------------------


def test_no_feed_needs_a_style_sheet_language_that_browsers_drop(web: Web) -> None:
    for name in FEEDS:
        assert b"xml-stylesheet" not in ask(web, f"/{name}").body


def test_no_reader_sees_half_a_feed_while_it_is_replaced(root: Path, web: Web) -> None:
    documents = {make_document("rss", [make_item(n) for n in range(size)]): size for size in (1, 12)}
    is_over = threading.Event()

    def replace() -> None:
        for number, data in enumerate(itertools.cycle(documents)):
            if is_over.is_set():
                return
            put(root, "rss.xml", data, seconds=1_750_000_000 + number % 7)

    put(root, "rss.xml", next(iter(documents)))
    writer = threading.Thread(target=replace)
    writer.start()
    try:
        replies = [ask(web, accept_encoding=coding) for coding in ("", "gzip") * 100]
    finally:
        is_over.set()
        writer.join()
    assert {reply.status for reply in replies} <= {200, 503}
    whole = [reply for reply in replies if reply.status == 200]
    assert {reply.body for reply in whole} == set(documents)
    assert len({(reply.headers["etag"], reply.raw) for reply in whole}) == 4


# -- WebSub M1 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FEEDS)
def test_header_and_document_name_the_same_self_and_hub(web: Web, name: str) -> None:
    for folder in ("", f"{TAG[1:]}/"):
        reply = ask(web, f"/{folder}{name}")
        assert reply.headers["link"] == f'<{BASE}{folder}{name}>; rel="self", <{HUB}>; rel="hub"'
        assert f"{BASE}{folder}{name}".encode() in reply.body
        assert HUB.encode() in reply.body


def test_pages_and_sites_without_a_hub_name_none(root: Path, tmp_path: Path, web: Web) -> None:
    assert "link" not in ask(web, "/").headers
    assert "link" not in ask(app_for(root, tmp_path, hub=None)).headers


# -- memory --------------------------------------------------------------------------------------------------------


def test_a_304_reads_no_file(root: Path, web: Web) -> None:
    tag = ask(web).headers["etag"]
    before = (root / "rss.xml").stat()
    (root / "rss.xml").chmod(0)
    assert stamp_of((root / "rss.xml").stat()) == stamp_of(before)
    assert ask(web, if_none_match=tag).status == 304


def test_json_feeds_hold_what_json_says(web: Web) -> None:
    assert [item["id"] for item in json.loads(ask(web, "/feed.json").body)["items"]] == [item.id for item in ITEMS]
