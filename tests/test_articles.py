"""Whole articles: pairs of NAME.md and NAME.json under data/articles, files that cannot be read, and any bytes."""

from __future__ import annotations

import copy
import json
import struct
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.content.articles import MAX_ARTICLE_BYTES, Reading, SiteFacts, digest_of, read_article
from feeds.content.files import ContentRoot, FileStat, scan
from feeds.content.generator import DateRules
from feeds.content.plain_tree import PlainTree
from feeds.model import Image, Person, Severity

PAIRS = Path(__file__).parent / "data" / "articles"
ZONE = timezone(timedelta(hours=8))
SITE = SiteFacts(url="https://garden.example/", language="zh-CN", zone=ZONE)
#: 2025-08-01T12:00:00+08:00
MTIME_NS = 1_754_020_800 * 10**9


def read(path: Path, site: SiteFacts = SITE, **root: Any) -> Reading:
    where = ContentRoot(path=str(path.parent), name="content/insights", **{"section": "insights", **root})
    file = FileStat(root=0, absolute=str(path), mtime_ns=MTIME_NS, size=0)
    return read_article(file, f"content/insights/{path.name}", where, site)


def plain(value: Any) -> Any:
    """As JSON has it: dates in ISO form, tuples as lists."""
    built = msgspec.to_builtins(value, builtin_types=(datetime,))
    return json.loads(json.dumps(built, default=lambda one: one.isoformat()))


def said(reading: Reading) -> list[str]:
    return [f"{p.severity}:{p.line or '-'}:{p.what}: {p.why}" for p in reading.problems]


@pytest.mark.parametrize("source", sorted(PAIRS.glob("*.md")), ids=lambda path: path.stem)
def test_each_pair_reads_as_its_json_says(source: Path) -> None:
    """The JSON names some fields of the article (or null) and the beginning of every problem, in order."""
    wanted = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))

    reading = read(source)

    problems = said(reading)
    assert len(problems) == len(wanted["problems"]), problems
    for problem, beginning in zip(problems, wanted["problems"], strict=True):
        assert problem.startswith(beginning)
    if wanted["article"] is None:
        assert reading.article is None
    else:
        assert reading.article is not None
        fields = plain(reading.article) | {"text": reading.article.text}
        assert {key: fields[key] for key in wanted["article"]} == wanted["article"]


def test_the_text_is_made_when_it_is_asked_for_and_then_travels_along(tmp_path: Path) -> None:
    page = write(tmp_path / "a.md", "---\ntitle: A\ndate: 2025-01-01\nsummary: S\n---\nSome **bold** words.\n")
    article, same = read(page).article, read(page).article
    assert article is not None

    travelled = copy.deepcopy(article)

    assert article.text == travelled.text == "Some bold words."
    assert article == same == travelled
    assert replace(article, title="B").text == article.text


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06\0\0\0"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read_only(root: ContentRoot, site: SiteFacts = SITE) -> Reading:
    """Read the single article of a root."""
    files, problems, *_ = scan([root])
    assert not problems
    [(path, file)] = files.items()
    return read_article(file, path, root, site)


def test_a_bundle_is_named_after_its_folder_and_takes_images_from_it(tmp_path: Path) -> None:
    bundle = tmp_path / "blog" / "2025" / "roof-garden"
    write(bundle / "index.md", "---\ntitle: x\ndate: 2025-07-02\nimage: my photo.jpg?v=2\n---\n")
    (bundle / "my photo.jpg").write_bytes(png(640, 480))  # the bytes tell the type, not the name

    article = read_only(ContentRoot(path=str(tmp_path / "blog"), name="content/blog", section="blog")).article

    assert article is not None
    assert article.url == "https://garden.example/blog/2025/roof-garden/"
    assert article.section == "blog"
    assert article.image == Image(
        url="https://garden.example/blog/2025/roof-garden/my%20photo.jpg",
        type="image/png",
        length=29,
        width=640,
        height=480,
    )


@pytest.mark.parametrize("named", ["/img/a.png", "img/a.png", "https://garden.example/img/a.png", "\\img\\a.png"])
def test_an_image_in_a_static_folder_tells_its_size(tmp_path: Path, named: str) -> None:
    static = tmp_path / "static"
    (static / "img").mkdir(parents=True)
    (static / "img" / "a.png").write_bytes(png(3, 4))
    source = write(tmp_path / "a.md", f"---\ntitle: x\ndate: 2025-07-02\nimage: {named}\n---\n")

    reading = read(source, SiteFacts(url=SITE.url, language="zh", static=(str(tmp_path / "none"), str(static))))

    assert reading.article is not None
    assert reading.article.image == Image(
        url="https://garden.example/img/a.png", type="image/png", length=29, width=3, height=4
    )


def test_an_image_never_comes_from_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(1, 1))
    (tmp_path / "static").mkdir()
    source = write(tmp_path / "a.md", "---\ntitle: x\ndate: 2025-07-02\nimage: /../secret.png\n---\n")

    reading = read(source, SiteFacts(url=SITE.url, language="zh", static=(str(tmp_path / "static"),)))

    assert reading.article is not None
    assert reading.article.image is not None
    assert reading.article.image.length is None


def test_a_file_that_is_no_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_bytes(b"<html>404</html>")
    source = write(tmp_path / "a.md", "---\ntitle: x\ndate: 2025-07-02\nimage: page.jpg\n---\n")

    reading = read(source, SiteFacts(url=SITE.url, language="zh", static=(str(tmp_path),)))

    assert said(reading) == ["warning:4:image: 'page.jpg' is no image of a known kind"]
    assert reading.article is not None
    assert reading.article.image == Image(url="https://garden.example/page.jpg", type="image/jpeg")


def test_the_site_gives_author_and_image_to_articles_that_name_none(tmp_path: Path) -> None:
    facts = SiteFacts(
        url=SITE.url,
        language="zh-CN",
        author=Person(name="Garden desk"),
        default_image=Image(url="https://garden.example/logo.png", type="image/png"),
    )

    article = read(write(tmp_path / "a.md", "---\ntitle: x\ndate: 2025-07-02\n---\n"), facts).article

    assert article is not None
    assert article.authors == (facts.author,)
    assert article.image == facts.default_image


def test_keys_of_tags_and_topics_are_the_sites_choice(tmp_path: Path) -> None:
    text = "---\ntitle: x\ndate: 2025-07-02\nKeywords: [a]\nlabels: [b, a]\nfield: c\ntags: [no]\n---\n"
    facts = SiteFacts(url=SITE.url, language="zh", tag_keys=("keywords", "labels"), topic_keys=("field",))

    article = read(write(tmp_path / "a.md", text), facts).article

    assert article is not None
    assert (article.tags, article.topics, article.termless) == (("a", "b"), ("c",), False)


def test_without_a_section_each_folder_is_one(tmp_path: Path) -> None:
    write(tmp_path / "News Flash" / "One.md", "---\ntitle: x\ndate: 2025-07-02\n---\n")

    article = read_only(ContentRoot(path=str(tmp_path), name="content")).article

    assert article is not None
    assert article.section == "News Flash"
    assert article.url == "https://garden.example/news-flash/one/"


def test_the_digest_tells_the_bytes(tmp_path: Path) -> None:
    source = write(tmp_path / "a.md", "---\ntitle: x\n---\n")
    file = FileStat(root=0, absolute=str(source), mtime_ns=0, size=0)
    first = digest_of(file)

    assert first == read(source).digest
    assert len(first) == 32
    write(source, "---\ntitle: y\n---\n")
    assert digest_of(file) != first


def test_a_file_that_is_gone_or_a_folder_is_one_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.md", tmp_path):
        reading = read(path)
        assert reading.article is None
        assert [p.severity for p in reading.problems] == [Severity.ERROR]
        assert reading.digest == digest_of(FileStat(root=0, absolute=str(path), mtime_ns=0, size=0)) == ""


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    source = tmp_path / "dump.md"
    with source.open("wb") as file:
        file.truncate(MAX_ARTICLE_BYTES + 1)

    reading = read(source)

    assert reading.article is None
    assert [str(p) for p in reading.problems] == [
        "content/insights/dump.md: file: it is larger than 10 MiB (split it, or move it elsewhere)"
    ]


@pytest.mark.parametrize("mtime_ns", [-(10**30), 10**30])
def test_a_file_time_beyond_the_calendar_is_survived(tmp_path: Path, mtime_ns: int) -> None:
    source = write(tmp_path / "a.md", "text")
    file = FileStat(root=0, absolute=str(source), mtime_ns=mtime_ns, size=0)

    by_time = PlainTree(dates=DateRules(published=("date", ":filemodtime")))
    article = read_article(file, "a.md", ContentRoot(path=str(tmp_path), name="", generator=by_time), SITE).article

    assert article is not None
    assert article.published.year == 1970


def test_a_url_that_cannot_be_used_is_told_and_replaced(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "a.md", "---\ntitle: x\ndate: 2025-07-02\nurl: ftp://x/y\n---\n"))

    assert said(reading) == ["warning:4:url: 'ftp://x/y' is no address"]
    assert reading.article is not None
    assert reading.article.url == "https://garden.example/insights/a/"


def test_a_fault_of_ours_costs_one_article_only(tmp_path: Path) -> None:
    nonsense: Any = 7

    reading = read(write(tmp_path / "a.md", "Text."), url=nonsense)

    assert reading.article is None
    assert reading.problems[-1].fix == "please report this file"


def test_published_may_be_a_flag_or_a_date(tmp_path: Path) -> None:
    text = "---\ntitle: x\ndate: 2025-07-02\npublished: {}\nimage: none\ntags: a\n---\n"
    yes, no, moment = (read(write(tmp_path / "a.md", text.format(said))) for said in ("true", "false", "2025-07-01"))

    assert [reading.article and reading.article.draft for reading in (yes, no, moment)] == [False, True, False]
    assert yes.problems == no.problems == moment.problems == ()


def test_an_update_never_precedes_publication(tmp_path: Path) -> None:
    article = read(write(tmp_path / "a.md", "---\ntitle: x\ndate: 2025-07-02\nlastmod: 2025-01-01\n---\n")).article

    assert article is not None
    assert article.updated == article.published == article.appears == datetime(2025, 7, 2, tzinfo=ZONE)


def test_a_gb_18030_file_is_read_with_a_warning(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_bytes("---\ntitle: 老文章\ndate: 2025-07-02\n---\n正文".encode("gb18030"))

    reading = read(source)

    assert said(reading) == ["warning:-:encoding: it is not UTF-8, read as GB 18030"]
    assert reading.article is not None
    assert reading.article.title == "老文章"


def test_a_file_that_is_no_text_is_quarantined(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_bytes(png(1, 1) + bytes(range(256)) * 4)

    reading = read(source)

    assert reading.article is None
    assert said(reading) == ["error:-:encoding: it is no text in UTF-8"]


HEADS = st.sampled_from([b"", b"---\n", b"+++\n", b'{"', b"\xef\xbb\xbf---\r\n", b"---\ntitle: x\ndate: "])


@settings(max_examples=150)
@given(head=HEADS, middle=st.binary(max_size=200), tail=st.sampled_from([b"", b"\n---\n", b"\n+++\n", b"}"]))
def test_any_bytes_end_in_a_reading(tmp_path: Path, head: bytes, middle: bytes, tail: bytes) -> None:
    source = tmp_path / "a.md"
    source.write_bytes(head + middle + tail)

    reading = read(source)

    assert (reading.article is None) == any(p.severity is Severity.ERROR for p in reading.problems)
    assert not any("please report" in p.fix for p in reading.problems)
    json.dumps(said(reading), ensure_ascii=False).encode()


PIECES = [
    "title: ", "date: ", "tags: ", "image: ", "author: ", "draft: ", "slug: ", "url: ", "aliases: ", "- ", "[", "]",
    "{", "}", ": ", "'", '"', "a", "标签", "&x ", "*x", "!y ", "|\n  ", "2025-07-02", "🙂", "#", "../", "%", "@", ", ",
    "(", "（", "http://", "//", "null", "yes", "1e9", "\n", "\t", "\u2028",
]  # fmt: skip
YAML_PIECES = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=300)
@given(front=YAML_PIECES)
def test_any_front_matter_ends_in_a_reading(tmp_path: Path, front: str) -> None:
    reading = read(write(tmp_path / "a.md", f"---\ntitle: t\n{front}\n---\nBody."))

    assert not any("please report" in p.fix for p in reading.problems), said(reading)
    if reading.article is not None:
        assert reading.article.title
        assert "\n" not in reading.article.title + reading.article.summary
        assert reading.article.url.isascii()
        assert reading.article.url.startswith(("https://", "http://"))
        assert all(tag == " ".join(tag.split()) and tag for tag in reading.article.tags)
        json.dumps(plain(reading.article) | {"text": reading.article.text}, ensure_ascii=False).encode()


def test_a_json_surrogate_reaches_no_reader(tmp_path: Path) -> None:
    article = read(write(tmp_path / "a.md", '{"title": "a\\ud800b", "tags": ["\\udfff", "c"]}')).article

    assert article is not None
    assert (article.title, article.tags) == ("ab", ("c",))


def _alias_bomb() -> str:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join([*lines, "tags: *a11"])


HOSTILE: dict[str, Callable[[], str]] = {
    "alias bomb": _alias_bomb,
    "deep list": lambda: "tags: " + "[" * 100_000,
    "deep map": lambda: "tags: " + "{a: " * 25_000,
    "one scalar of 5 MB": lambda: "title: " + "x" * 5_000_000,
    "one tag of 100 kB": lambda: "tags: [" + "x" * 100_000 + "]",
    "thousands of tags": lambda: "tags: [" + ",".join(map(str, range(9_000))) + "]",
    "blank lines": lambda: "\n" * 1_000_000,
    "quotes": lambda: '"' * 120_000,
    "many keys": lambda: "".join(f"k{n}: a: b\n" for n in range(490)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_front_matter_is_bounded_in_time(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "a.md", f"---\ntitle: t\n{HOSTILE[name]()}\n---\nBody.")
    start = time.process_time()

    reading = read(source)

    assert time.process_time() - start < 2
    assert reading.article is None or len(reading.article.tags) <= 100


def test_real_articles_are_all_read(shared: Path) -> None:
    """Nothing of a real site is quarantined, and only what has no date in its front matter takes it from elsewhere."""
    content = shared / "data" / "corpus" / "content"
    roots = [ContentRoot(path=str(content), name="content", section="")]
    files, problems, *_ = scan(roots)
    readings = {path: read_article(file, path, roots[file.root], SITE) for path, file in sorted(files.items())[::4]}

    assert not problems
    assert len(files) > 390
    assert [path for path, reading in readings.items() if reading.article is None] == []
    assert {p.what for reading in readings.values() for p in reading.problems} <= {
        "citation", "date", "text", "main_topics",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("一。\n\n<!--more-->\n\n二。", "一。"),
        ("一。\n<!-- more -->\n二。", "一。"),
        ("一 <!--more--> 二", "一"),
        ("# 题\n\n一。\n\n二。\n\n<!--more-->\n\n三。", "一。 二。"),
        ("`<!--more-->` 是代码。", "<!--more--> 是代码。"),
        ("<!--more-->\n\n全文。", "全文。"),
        ("长" * 300 + "\n\n<!--more-->\n\n三。", "长" * 300),
    ],
)
def test_what_stands_before_the_divider_is_the_summary(tmp_path: Path, body: str, summary: str) -> None:
    source = tmp_path / "a.md"
    source.write_text(f"---\ntitle: 题\ndate: 2025-07-01\n---\n{body}\n", encoding="utf-8")
    article = read(source).article
    assert article is not None
    assert article.summary == summary
    assert "more" not in article.html.replace("&lt;!--more--&gt;", "")


def test_a_summary_of_the_front_matter_comes_before_the_divider(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_text(
        "---\ntitle: 题\ndate: 2025-07-01\nsummary: 自己的\n---\n一\n\n<!--more-->\n二\n", encoding="utf-8"
    )
    article = read(source).article
    assert article is not None
    assert article.summary == "自己的"


@pytest.mark.parametrize(
    "line",
    [
        "draft: true", "Draft: Yes", 'draft: "TRUE"', "isDraft: 1", "is_draft: true", "draft: 是", "published: no",
        "publish: false", "public: false", "private: true", "hidden: true", "unlisted: yes", "status: draft",
        "Status: Private", "visibility: private", "post_status: pending", "status: 草稿", "password: abc",
        "params: {private: true}",
    ],
)  # fmt: skip
def test_what_says_that_it_is_not_public_is_a_draft(tmp_path: Path, line: str) -> None:
    reading = read(write(tmp_path / "a.md", f"---\ntitle: x\ndate: 2025-07-02\n{line}\n---\nText."))

    assert reading.article is not None
    assert reading.article.draft
    is_own_word = line.lower().startswith(("draft", "is", "published"))
    assert [p.severity for p in reading.problems] == ([] if is_own_word else [Severity.NOTE])


@pytest.mark.parametrize(
    "line",
    [
        "draft: false", "published: true", "published: 2025-07-01", "publish: true", "publish: 2025-07-01",
        "status: publish", "status: evergreen", "visibility: public",
        "hidden: false", "private: no", "password:", "status: [draft, x]",
    ],
)  # fmt: skip
def test_what_does_not_say_so_is_public(tmp_path: Path, line: str) -> None:
    reading = read(write(tmp_path / "a.md", f"---\ntitle: x\ndate: 2025-07-02\n{line}\n---\nText."))

    assert reading.article is not None
    assert not reading.article.draft
