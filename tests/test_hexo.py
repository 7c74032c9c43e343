"""Sites of Hexo beside real Hexo: what is a post, where it lives, when it was published, what it is about."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.content.fields import clean_line
from feeds.model import UNDATED
from feeds.sites.hexo import read_hexo
from feeds.sites.recognise import recognise
from tests.generators import articles, readings, same_address, write_site
from tests.hexo import HexoPost, build
from tests.odd_names import NAMES

_CONFIG: dict[str, Any] = {"title": "H", "url": "https://example.org/base", "root": "/base/", "updated_option": "date"}
_ZONE = "Asia/Shanghai"
_TOKENS = (
    "year", "month", "day", "hour", "minute", "second", "i_month", "i_day", "timestamp", "title", "name", "post_title",
    "hash", "category", "abbrlink", "lang", "nothing",
)  # fmt: skip
_PATTERNS = (
    *(f"t/:{token}/" for token in _TOKENS),
    ":year/:month/:day/:title/", ":title.html", ":title", "/:title/", ":category/:title", "posts/:abbrlink.html",
    ":year_:month_:day_:name", "a b/:title/", "é/:post_title/", ":title/index.html", ":lang/:year-:i_month/:name.html",
)  # fmt: skip


def post(**values: Any) -> str:
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in values.items()) + "---\nText.\n"


def usable(name: str) -> bool:
    """Of a name with ``?`` or ``#`` Hexo's own links lead elsewhere; with ``%`` or a backslash it reads no post."""
    return name.isprintable() and not set("?#%\\") & set(name)


def terms(theirs: list[str]) -> set[str]:
    return {clean_line(one) for one in theirs}


def compare(folder: Path, config: dict[str, Any]) -> list[HexoPost]:
    """Hold every article to Hexo's; gives what Hexo says."""
    (folder / "_config.yml").write_text(json.dumps(config), encoding="utf-8")
    theirs = build(folder, config.get("timezone", "UTC"))
    ours = {path.removeprefix("source/"): one for path, one in articles(folder).items()}
    wanted = {one.file: one for one in theirs if not one.draft}
    assert set(ours) == set(wanted)
    for file, one in wanted.items():
        assert same_address(ours[file].url) == same_address(one.url), file
        assert ours[file].published == datetime.fromisoformat(one.date), file
        assert ours[file].updated == max(datetime.fromisoformat(one.updated or one.date), ours[file].published), file
        assert set(ours[file].tags) == terms(one.tags), file
        assert set(ours[file].topics) == terms(one.categories), file
    return theirs


def test_names_of_all_kinds_have_the_addresses_of_hexo(tmp_path: Path) -> None:
    names = [name for name in NAMES if usable(name)]
    files = {f"source/_posts/{name}.md": post(title="T", date="2024-03-05 10:00:00") for name in names}
    files |= {f"source/_posts/f/{name}/x.md": post(title=json.dumps(name), date="2024-03-06") for name in names}
    assert len(compare(write_site(tmp_path, files), _CONFIG)) > 300


@pytest.mark.parametrize("pattern", _PATTERNS)
def test_patterns_of_the_site(tmp_path: Path, pattern: str) -> None:
    matters: list[dict[str, Any]] = [
        {"title": "A Title: é & C#", "abbrlink": "a1b2", "lang": "fr"},
        {"title": "x", "categories": "[One two, Deep.er]", "id": "own"},
        {"categories": "Single", "slug": "not-obeyed", "permalink_x": 1},
        {"categories": "[é, B]", "abbrlink": 42},
        {"permalink": "/own/path"}, {"permalink": "own/path/"}, {"permalink": "own.html"}, {"permalink": "中文/ü b"},
    ]  # fmt: skip
    for item in matters:
        item["title"] = json.dumps(item.get("title", "T"))
    files = {
        f"source/_posts/{folder}P q{n}.md": post(date=date, **matter)
        for n, matter in enumerate(matters)
        for folder, date in (("", "2024-03-05 23:05:09"), ("sub/Deep/", "2024-12-31"))
    }
    config = _CONFIG | {"permalink": pattern, "timezone": _ZONE, "permalink_defaults": {"lang": "en"}}
    config |= {"category_map": {"é": "mapped e"}, "filename_case": 1}
    compare(write_site(tmp_path, files), config)


@pytest.mark.parametrize(
    "changed",
    [
        {"pretty_urls": {"trailing_index": False}, "permalink": ":title/index.html"},
        {"pretty_urls": {"trailing_html": False}, "permalink": ":title.html"},
        {"pretty_urls": {"trailing_html": False, "trailing_index": False}, "permalink": ":name/index.html"},
        {"post_asset_folder": True, "permalink": ":title"},
        {"post_asset_folder": True, "permalink": ":title.html"},
        {"default_category": "none", "permalink": ":category/:title/"},
        {"filename_case": 2, "permalink": ":category/:title/"},
        {"new_post_name": ":year-:month-:day-:title.md"},
        {"new_post_name": ":year/:i_month-:i_day/:title.md", "permalink": ":year/:title/"},
        {"new_post_name": ":category/:title.md", "permalink": ":category/:title/"},
        {"new_post_name": ":lang/:title.md", "permalink": ":lang/:title/"},
    ],
)
def test_other_settings(tmp_path: Path, changed: dict[str, Any]) -> None:
    names = ("A.md", "a/b.md", "2024-03-05-day.md", "2024/3-5/x.md", "en/y z.md", "t/2024-03-05-deep.md", "c.markdown")
    files = {f"source/_posts/{name}": post(title="T", date="2023-01-02") for name in names}
    files |= {f"source/_posts/n-{name}": post(categories="[X y]", date="2023-01-03") for name in names}
    files |= (
        {f"source/_posts/2024-03-0{n}-undated.md": post() for n in (1, 2)}
        if "-" in changed.get("new_post_name", "")[:6]
        else {}
    )
    compare(write_site(tmp_path, files), _CONFIG | changed)


@pytest.mark.parametrize("zone", ["", _ZONE, "America/New_York"])
def test_dates_and_terms(tmp_path: Path, zone: str) -> None:
    matters: list[dict[str, Any]] = [
        {"date": "2024-03-05 20:00:00"}, {"date": "2024-03-05T20:00:00"}, {"date": "2024-03-05 20:00"},
        {"date": "2024-03-05 20:00:00 +0900"}, {"date": "2024-03-05 20:00:00 +09:00"}, {"date": "2024-03-05T20:00:00Z"},
        {"date": "2024-03-05T20:00:00.250-05:00"}, {"date": "2024-03-05"}, {"date": "2024/03/05 20:00:00"},
        {"date": "March 5, 2024 10:00"}, {"date": "2024-01-01", "updated": "2024-05-06 07:08:09"},
        {"tags": "a b"}, {"tags": "[a b, c]"}, {"tag": "x"}, {"tag": "[x, y]"},
        {"categories": "A"}, {"categories": "[A, B]"}, {"categories": "[[A, B], C]"}, {"category": "[A, B]"},
        {"categories": "[[A, B], [A, D], [E]]"}, {"categories": "[1, 2.5]"}, {"tags": "[]"}, {"tags": ""},
        {"tags": "a, b"}, {"published": "false"}, {"published": "true"}, {"draft": "true"}, {"layout": "post"},
    ]  # fmt: skip
    files = {f"source/_posts/p{n}.md": post(**({"date": "2024-02-03"} | matter)) for n, matter in enumerate(matters)}
    compare(write_site(tmp_path, files), _CONFIG | ({"timezone": zone} if zone else {}))


def test_front_matter_of_all_kinds(tmp_path: Path) -> None:
    date = "date: 2024-03-05 10:00:00"
    files = {
        "old.md": f"title: Old\n{date}\ntags:\n- a\n- b\n---\nText\n\n---\nmore\n",
        "old-tabs.md": f"title: Tabs\n{date}\ntags:\n\t- a\n---\nText\n",
        "long.md": f"-----\ntitle: Long\n{date}\n-----\nText\n",
        "json.md": ';;;\n"title": "J", "date": "2024-03-05 10:00:00", "tags": ["x", "y"]\n;;;\nText\n',
        "json-old.md": '"title": "J",\n"date": "2024-03-05 10:00:00"\n;;;\nText\n',
        "end.md": f"---\ntitle: End\n{date}\n---",
        "bom.md": f"\ufeff---\ntitle: Bom\n{date}\n---\nText",
        "crlf.md": f"---\r\ntitle: Crlf\r\n{date}\r\n---\r\nText",
        "crlf-old.md": f"title: Crlf\r\n{date}\r\n---\r\nText",
    }
    write_site(tmp_path, {f"source/_posts/{name}": text for name, text in files.items()})
    theirs = {one.file: one for one in compare(tmp_path, _CONFIG)}
    ours = articles(tmp_path)
    assert {one.title for one in ours.values()} == {one.title for one in theirs.values()}
    assert all("title:" not in one.html and '"title"' not in one.html for one in ours.values())


def test_what_is_no_front_matter_is_text(tmp_path: Path) -> None:
    files = {"a.md": "Some text\n\n---\nmore\n", "b.md": "see: [x\n---\nmore\n", "c.md": "----\nText\n"}
    write_site(tmp_path, {f"source/_posts/{name}": text for name, text in files.items()} | {"_config.yml": "title: x"})
    read, _ = readings(tmp_path)
    assert {path.rpartition("/")[2]: one.article is not None for path, one in read.items()} == dict.fromkeys(
        files, True
    )


def test_problems_name_the_line_of_the_file(tmp_path: Path) -> None:
    write_site(tmp_path, {"_config.yml": "title: x", "source/_posts/a.md": "title: A\ndate: some day\n---\nText[^1]\n"})
    read, _ = readings(tmp_path)
    lines = {problem.what: problem.line for problem in read["source/_posts/a.md"].problems}
    assert (lines["date"], lines["citation"]) == (2, 4)


def test_what_hexo_takes_for_a_post(tmp_path: Path) -> None:
    names = [
        "_posts/a.md", "_posts/sub/b.md", "_posts/_c.md", "_posts/_d/e.md", "_posts/.f.md", "_posts/sub/.g/h.md",
        "_posts/i.md~", "_posts/j%", "_posts/k.markdown", "_posts/l.mkd", "_posts/m.mdown", "_posts/n.html",
        "_posts/o.txt", "_drafts/p.md", "about/index.md", "q.md", "_posts/skipped/r.md", "_posts/sub/README.md",
        "_posts/ignored/s.md", "_posts/t.MD", "_data/u.md", "_posts/#v.md", "_posts/w#/x.md",
    ]  # fmt: skip
    files = dict.fromkeys([f"source/{name}" for name in names if "#" not in name], post(date="2024-02-03"))
    files |= {"scaffolds/post.md": post(), "themes/x/source/_posts/y.md": post(), "themes/x/README.md": "x"}
    skipped = ["_posts/skipped/*.md", "**/README.md"]
    compare(write_site(tmp_path, files), _CONFIG | {"skip_render": skipped, "ignore": ["**/ignored/**"]})
    _, unread = readings(tmp_path)
    assert {path.rpartition("/")[2] for path in unread} == {"r.md", "README.md", "t.MD", "m.mdown", "s.md"}


def test_an_undated_post_stands_last(tmp_path: Path) -> None:
    """Hexo takes the time at which the file was made, which a checkout changes."""
    write_site(tmp_path, {"_config.yml": json.dumps(_CONFIG), "source/_posts/a.md": post(title="A")})
    (one,) = articles(tmp_path).values()
    assert (one.date_from, one.published) == ("nowhere", UNDATED)


def test_what_a_configuration_says(tmp_path: Path) -> None:
    config = _CONFIG | {
        "author": "Jo", "subtitle": "About it", "timezone": _ZONE, "language": ["zh-CN", "en"], "source_dir": "src",
        "render_drafts": True, "tag_dir": "t", "future": True, "permalink": ":year/:id/", "tag_map": {"a": "b"},
        "updated_option": "mtime",
    }  # fmt: skip
    write_site(tmp_path, {"_config.yml": json.dumps(config), "src/_posts/a.md": post(), "source/_posts/b.md": post()})
    site = read_hexo(tmp_path)
    assert site is not None
    says = site.describe()
    assert (says.kind, says.title, says.url, says.language) == ("hexo", "H", "https://example.org/base", "zh-CN")
    assert (says.author, says.description, says.timezone) == ("Jo", "About it", _ZONE)
    assert [tree.path for tree in says.trees] == ["src/_posts"]
    assert (says.tags[0].page, says.topics[0].page) == ("t/:slug/", "categories/:slug/")
    assert len(says.notes) == 6
    assert set(articles(tmp_path)) == {"src/_posts/a.md"}


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"_config.yml": "title: x", "package.json": '{"dependencies": {"hexo": "^8"}}'}, "hexo"),
        ({"_config.yml": "title: x", "package.json": '{"hexo": {"version": "7"}}'}, "hexo"),
        ({"_config.yml": "title: x", "source/_posts/a.md": "x"}, "hexo"),
        ({"_config.yml": "title: x\nnew_post_name: ':title.md'"}, "hexo"),
        ({"_config.yml": "title: x", "package.json": '{"dependencies": {"gulp": "1"}}'}, "jekyll"),
        (
            {"_config.yml": "source: source", "source/_posts/2024-01-01-a.md": "x", "_posts/2024-01-01-a.md": "x"},
            "jekyll",
        ),
    ],
)
def test_it_is_told_from_jekyll(tmp_path: Path, files: dict[str, str], kind: str) -> None:
    found = recognise(write_site(tmp_path, files))
    assert found is not None
    assert found[1].describe().kind == kind
