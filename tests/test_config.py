from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from feeds.config import Config, load_config, missing_folders
from feeds.config import listing as table
from feeds.config.kinds import parse_duration
from feeds.errors import ConfigError
from feeds.model import Person, SourceSpec

#: Two lines that are enough; what a test adds begins in line 3.
BASE = "site: {title: 园艺周报, url: https://garden.example/}\ncontent: [{path: content/posts}]\n"

FULL = """\
site:
  title: 园艺周报
  url: https://garden.example/blog
  language: zh-cn
  author: {name: 陈园丁, email: chen@garden.example, url: https://garden.example/chen/}
  description: |
    每周一次，
    写给种花的人。
  icon: /icon.png
  hub: https://hub.example/
  timezone: Asia/Shanghai
content:
  - {path: ./content/posts/, url: /posts/:year/:slug/, section: 文章}
  - {path: content/news, glob: "*.md"}
static: [static, assets/img]
output:
  path: public/feeds
  url: https://feeds.garden.example
  limit: 50
  formats: [atom, json]
  min_articles: 3
  archives: [site]
  layout: {tag: "t/:slug", site: all}
front_matter: {topics: [categories]}
topics:
  - {name: 玫瑰与月季, slug: roses, aliases: [Roses]}
tags: {aliases: {OpenAI: [Open AI Inc, openai]}}
infer_terms: false
sources:
  - {name: Wired, feed: https://www.wired.com/feed/rss, site: https://www.wired.com/, every: 1h30m, aliases: [连线]}
  - name: Podcast
    feeds: [https://a.example/rss, https://b.example/rss]
    headers: {Authorization: "Bearer ${TOKEN}"}
    auth: {username: me, password: hunter2}
    allow_private: true
  - {name: 1984, feed: none}
feeds:
  - {name: Agents, where: "tag:Agent and topic:AI伦理与治理 not tag:广告"}
schedule: {poll: "*/30 6-23 * * MON-FRI", rebuild: on-change, quiet_hours: 23:00-07:00}
state: postgresql://me:hunter2@db.example/feeds
"""


def load(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(str(path), environ)


def complaints(folder: Path, text: str, **environ: str) -> list[str]:
    """The lines of the error, each without the folder."""
    with pytest.raises(ConfigError) as error:
        load(folder, text, **environ)
    return [line.removeprefix(f"{folder}/") for line in str(error.value).split("\n")]


def test_a_full_file_is_read_as_it_is_meant(tmp_path: Path) -> None:
    config = load(tmp_path, FULL, TOKEN="s3cret")  # noqa: S106 - a test's own
    assert config.site.url == "https://garden.example/blog/"
    assert config.site.language == "zh-CN"
    assert config.site.description == "每周一次， 写给种花的人。"
    assert config.author == Person(name="陈园丁", email="chen@garden.example", url="https://garden.example/chen/")
    assert config.icon == "https://garden.example/icon.png"
    assert [(c.path, c.url, c.section_name, c.glob) for c in config.content] == [
        ("content/posts", "/posts/:year/:slug/", "文章", None),
        ("content/news", None, "news", "*.md"),
    ]
    assert config.output.formats == ("atom", "json")
    assert config.output.layout.tag == "t/:slug/"
    assert config.output.layout.site == "all/"
    assert config.output.url == "https://feeds.garden.example/"
    assert config.output.layout.topic == "topics/:slug/"
    assert config.front_matter.topics == ("categories",)
    assert config.topics[0].slug == "roses"
    assert config.tags.aliases == {"OpenAI": ("Open AI Inc", "openai")}
    assert config.infer_terms is False
    assert config.sources[1].headers == {"Authorization": "Bearer s3cret"}
    assert config.source_specs == (
        SourceSpec(
            name="Wired",
            feeds=("https://www.wired.com/feed/rss",),
            site="https://www.wired.com/",
            aliases=("连线",),
            every="1h30m",
        ),
        SourceSpec(name="Podcast", feeds=("https://a.example/rss", "https://b.example/rss")),
        SourceSpec(name="1984"),
    )
    assert config.schedule.poll == "*/30 6-23 * * MON-FRI"
    assert config.state == "postgresql://me:hunter2@db.example/feeds"


def test_two_lines_are_enough(tmp_path: Path) -> None:
    config = load(tmp_path, BASE)
    assert config.author == Person(name="园艺周报")
    assert config.icon is None
    assert config.output.formats == ("rss", "atom", "json")
    assert config.output.archives == ("site",)
    assert config.locate("content/posts") == tmp_path / "content/posts"
    assert config.state == "sqlite:///.feeds/state.db"


def test_paths_are_relative_to_the_file_not_to_the_command(tmp_path: Path) -> None:
    config = load(tmp_path, BASE + "state: 'sqlite:///:memory:'\noutput: {path: /srv/feeds/}\n")
    assert config.folder == str(tmp_path)
    assert config.locate(config.output.path) == Path("/srv/feeds")


@pytest.mark.parametrize(
    ("content", "section"),
    [
        ("path: content/posts", "posts"),
        ("path: posts/", "posts"),
        ("path: a/posts, section: 文章", "文章"),
        ("path: posts, section: ''", ""),
        ("path: content", ""),
        ("path: ../site/content/", ""),
        ("path: .", ""),
        ("path: content, section: all", "all"),
    ],
)
def test_a_section_is_named_after_its_folder_unless_the_folder_is_the_whole_tree(
    tmp_path: Path, content: str, section: str
) -> None:
    config = load(tmp_path, BASE.replace("path: content/posts", content))
    assert config.content[0].section_name == section


@pytest.mark.parametrize("prefix", ["\ufeff", "---\n", "# a comment\n\n"])
def test_a_bom_a_document_mark_and_comments_do_not_matter(tmp_path: Path, prefix: str) -> None:
    assert load(tmp_path, prefix + BASE).site.title == "园艺周报"


def test_a_key_without_a_value_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    config = load(tmp_path, BASE + "sources:\ntopics: ~\noutput:\n  limit:\n")
    assert (config.sources, config.topics, config.output.limit) == ((), (), 30)


def test_a_text_may_look_like_a_number_or_a_word_of_yaml(tmp_path: Path) -> None:
    config = load(tmp_path, BASE + "sources: [{name: no, feed: none, aliases: [1984, 2025-07-03, 1.50]}]\n")
    assert config.sources[0].name == "no"
    assert config.sources[0].aliases == ("1984", "2025-07-03", "1.50")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("everyy: 1h", 'everyy: unknown key (did you mean "every"?)'),
        ("every: 1x", 'every: "1x" is not a duration (try 1h)'),
        ("every: 0m", 'every: "0m" is not between one minute and one year (try 1h)'),
        ("every: ''", 'every: "" is not a duration (try 1h)'),
        ("site: wired.com", 'site: "wired.com" is not an absolute http(s) URL (write https://…)'),
        ("allow_private: maybe", 'allow_private: expected true or false, found "maybe"'),
        ("aliases: 连线", 'aliases: expected a list of text, found "连线"'),
        ("aliases: [连线, 连线]", 'aliases[1]: "连线" stands twice (remove one)'),
        ("aliases: [[连线]]", "aliases[0]: expected text, found a list"),
        (
            "headers: {Bad Name: x}",
            'headers.Bad Name: "Bad Name" is not the name of an HTTP header (try Authorization)',
        ),
        ("headers: [x]", "headers: expected a mapping of names, found a list"),
        ("auth: {username: me}", "auth.password: is missing (it must be text)"),
        ("feeds: none", "feeds: stands beside feed, which means the same (keep one of them)"),
        ("language: en", 'language: unknown key (did you mean "site.language"?)'),
        ("name: Wired", "name: stands twice (first in line 4)"),
        ("<<: {every: 1h}", "<<: unknown key (merge keys are not read: write the keys out)"),
        (
            "zzz: 1",
            "zzz: unknown key (keys here are name, feed, feeds, site, every, aliases, headers, auth, allow_private)",
        ),
    ],
)
def test_a_problem_of_a_source_names_file_line_key_and_remedy(tmp_path: Path, text: str, expected: str) -> None:
    source = f"sources:\n  - name: Wired\n    feed: https://www.wired.com/feed/rss\n    {text}\n"
    assert complaints(tmp_path, BASE + source) == [f"sources.yaml:6: sources[0].{expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output: {limit: 501}", 'output.limit: expected a whole number from 1 to 500, found "501"'),
        ("output: {limit: '30'}", 'output.limit: expected a whole number from 1 to 500, found "30"'),
        ("output: {limit: [30]}", "output.limit: expected a whole number from 1 to 500, found a list"),
        ("output: {formats: [atm]}", 'output.formats[0]: "atm" is not rss, atom or json (did you mean "atom"?)'),
        ("output: {formats: []}", "output.formats: is empty, expected a list of rss, atom or json"),
        ("output: public", 'output: expected a mapping, found "public"'),
        ("output: {path: .}", 'output.path: would mix the feeds with the articles of content/posts (try "output")'),
        (
            "output: {path: content}",
            'output.path: would mix the feeds with the articles of content/posts (try "output")',
        ),
        ("output: {path: x/../static/}", 'output.path: would mix the feeds with the files of static (try "output")'),
        ("output: {layout: {tag: tags/}}", 'output.layout.tag: "tags/" does not contain :slug once (try tags/:slug/)'),
        (
            "output: {layout: {tag: ../:slug/}}",
            'output.layout.tag: "../:slug/" leaves the output folder (write a relative path such as tags/:slug/)',
        ),
        (
            "output: {layout: {tag: /:slug/}}",
            'output.layout.tag: "/:slug/" leaves the output folder (write a relative path such as tags/:slug/)',
        ),
        (
            "output: {layout: {tag: topics/:slug/}}",
            'output.layout.topic: a topic and a tag can get the same folder (try "topics/:slug/")',
        ),
        (
            "output: {layout: {site: tags/x}}",
            'output.layout.tag: a tag and a site can get the same folder (try "tags/:slug/")',
        ),
        (
            "state: mysql://x",
            "state: the value is neither sqlite:///… nor postgresql://… (try sqlite:///.feeds/state.db)",
        ),
        ("state: postgres://x", "state: the value is neither sqlite:///… nor postgresql://… (write postgresql://…)"),
        (
            "state: sqlite:///output/state.db",
            "state: lies in the output folder, where everybody can read it (try sqlite:///.feeds/state.db)",
        ),
        ("schedule: {poll: hourly}", None),
        ("schedule: {rebuild: '61 * * * *'}", None),
        ("schedule: {poll: '* * * * MON-SUNDAY'}", None),
        ("schedule: {poll: '* * * JAN-13 *'}", None),
        ("schedule: {poll: '*/0 * * * *'}", None),
        ("schedule: {poll: '* 9-5 * * *'}", None),
        ("schedule: {quiet_hours: 25:00-07:00}", None),
        (
            "topics: [{name: A b, aliases: [a-B, C]}, {name: c}]",
            'topics[1].name: the topic "c" stands twice (see topics[0].aliases)',
        ),
        (
            "topics: [{name: A, slug: x}, {name: B, slug: x}]",
            'topics[1].slug: the slug "x" stands twice (see topics[0].slug)',
        ),
        ("topics: [{name: A, slug: a b}]", 'topics[0].slug: "a b" is not a slug (try "a-b")'),
        ("tags: {aliases: {A: [B], C: [b]}}", 'tags.aliases.C: the tag "b" stands twice (see tags.aliases.A)'),
        (
            "sources: [{name: A, feed: none}, {name: a, feed: none}]",
            'sources[1].name: the source "a" stands twice (see sources[0].name)',
        ),
        ("sources: [{name: A}]", 'sources[0]: has no feed (write "feed: https://…", or "feed: none" if it has none)'),
        (
            "sources: [{name: A, feed: https://a.example/rss}, {name: B, feed: https://a.example/rss}]",
            "sources[1].feed: is the feed of another source too (see sources[0].feed)",
        ),
        (
            "sources: [{name: A, feed: a.xml}]",
            'sources[0].feed: "a.xml" is not an absolute http(s) URL (write https://…)',
        ),
        (
            "sources: [{name: A, feed: {u: v}}]",
            'sources[0].feed: expected a URL or "none" or a list of URLs, found a mapping',
        ),
        (
            "sources: [{name: A, feed: 'https://me:pw@a.example/rss'}]",
            (
                'sources[0].feed: "https://***@a.example/rss" carries a user name or password '
                "(use auth: {username: …, password: …})"
            ),
        ),
        ("sources: [A]", 'sources[0]: expected a mapping, found "A"'),
        (
            "feeds: [{name: X, where: tags:a}]",
            'feeds[0].where: "tags:a" cannot be read: column 1: unknown field "tags" (did you mean "tag"?)',
        ),
        (
            "feeds: [{name: X y, where: tag:a}, {name: X-Y, where: tag:b}]",
            'feeds[1].name: the feed "X-Y" stands twice (see feeds[0].name)',
        ),
        ("? [a]\n: b", "the file: expected a word as a key, found a list in line 3"),
        (
            "infer_terms: !!python/name:os.system ''",
            'infer_terms: unknown YAML tag "python/name:os.system" (remove it)',
        ),
        ("static: !mine []", 'static: unknown YAML tag "!mine" (remove it)'),
    ],
)
def test_a_wrong_value_is_told_in_one_line(tmp_path: Path, text: str, expected: str | None) -> None:
    found = complaints(tmp_path, f"{BASE}{text}\n")
    assert expected is None or found[0] in (f"sources.yaml:3: {expected}", f"sources.yaml:1: {expected}")
    assert all(line.startswith("sources.yaml:") and ": " in line[13:] for line in found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: 园艺周报, ", "", "sources.yaml:1: site.title: is missing (it must be text)"),
        ("title: 园艺周报", "title: ''", 'sources.yaml:1: site.title: "" is empty (write some text)'),
        ("title: 园艺周报", "title: ", "sources.yaml:1: site.title: is empty (it must be text)"),
        ("title: 园艺周报", "title: [a]", "sources.yaml:1: site.title: expected text, found a list"),
        (
            "https://garden.example/",
            "garden.example",
            'sources.yaml:1: site.url: "garden.example" is not an absolute http(s) URL (write https://…)',
        ),
        (
            "https://garden.example/",
            "https://garden.example/?a",
            (
                'sources.yaml:1: site.url: "https://garden.example/?a" has a query or a fragment '
                "(write the address of the site's front page)"
            ),
        ),
        (
            "title:",
            "language: zh_CN, title:",
            'sources.yaml:1: site.language: "zh_CN" is not a language tag of BCP 47 (try zh-CN, zh-Hans or en)',
        ),
        (
            "title:",
            "timezone: Asia/Peking, title:",
            (
                'sources.yaml:1: site.timezone: "Asia/Peking" is not a time zone of the IANA database '
                "(try Asia/Shanghai or UTC)"
            ),
        ),
        ("title:", "author: [], title:", "sources.yaml:1: site.author: expected text or a mapping, found a list"),
        ("title:", "author: {email: a@b.c}, title:", "sources.yaml:1: site.author.name: is missing (it must be text)"),
        (
            "title:",
            "author: {name: A, email: at}, title:",
            'sources.yaml:1: site.author.email: "at" is not an e-mail address (write name@example.org)',
        ),
        (
            "[{path: content/posts}]",
            "[]",
            "sources.yaml:2: content: is empty, expected a list of mappings",
        ),
        ("content:", "contents:", 'sources.yaml:2: contents: unknown key (did you mean "content"?)'),
        (
            "path: content/posts",
            "path: a, url: /a/:year/",
            'sources.yaml:2: content[0].url: "/a/:year/" gives several articles one URL (add :slugorfilename)',
        ),
        (
            "path: content/posts",
            "path: a, url: /a/:slugs/",
            'sources.yaml:2: content[0].url: "/a/:slugs/" has the unknown token :slugs (did you mean ":slug"?)',
        ),
        (
            "path: content/posts",
            'path: a, url: "/:sections[x]/:slug/"',
            (
                'sources.yaml:2: content[0].url: "/:sections[x]/:slug/" has the unknown slice :sections[x] '
                "(try :sections[1:])"
            ),
        ),
        (
            "path: content/posts",
            "path: a, glob: ../*.md",
            'sources.yaml:2: content[0].glob: "../*.md" is not a pattern inside the folder (try "**/*.md")',
        ),
        (
            "[{path: content/posts}]",
            "[{path: a}, {path: ./a/}]",
            'sources.yaml:2: content[1].path: the folder "a" stands twice (see content[0])',
        ),
    ],
)
def test_a_wrong_site_or_folder_is_told_in_one_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in complaints(tmp_path, BASE.replace(old, new, 1))


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "sources:\n- {name: A, feed: none, every: 1x}\n- {name: a, feed: x}\nsite: {url: x}\noutput: {limit: 0}\n"
    assert [line.split(": ")[:2] for line in complaints(tmp_path, text)] == [
        ["sources.yaml:2", "sources[0].every"],
        ["sources.yaml:3", "sources[1].feed"],
        ["sources.yaml:3", "sources[1].name"],
        ["sources.yaml:4", "site.url"],
        ["sources.yaml:4", "site.title"],
        ["sources.yaml:5", "output.limit"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site:\n\ttitle: x\n", "(indent with spaces, not with tabs)"),
        ("site: {title: x\ncontent: []\n", "sources.yaml:2: YAML: "),
        ("site:\n  title: a: b\n", '(quote a value that contains ": ")'),
        ("site: 'x\n", "(close the quote or bracket)"),
        ("content:\n- {path: a, glob: **/*.md}\n", '(quote a value that begins with "*" or "&")'),
        ("site: @x\n", '(quote a value that begins with "@", "`" or "%")'),
        ("a: 1\n---\nb: 2\n", '(remove the second "---")'),
        ("site: {title: x\x01}\n", "(remove the control character)"),
        ("", 'sources.yaml: the file: is empty (delete it and run "feeds init")'),
        ("# nothing\n", 'sources.yaml: the file: is empty (delete it and run "feeds init")'),
        ("- a\n", 'sources.yaml:1: the file: expected keys such as "site:", found a list'),
        ("\n\nhello\n", 'sources.yaml:3: the file: expected keys such as "site:", found "hello"'),
        ("[" * 5000, "sources.yaml"),
    ],
)
def test_what_is_no_mapping_in_yaml_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (only,) = complaints(tmp_path, text)
    assert expected in only
    assert only.startswith("sources.yaml:")


def test_other_encodings_are_told(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_bytes("site:\n  title: 园艺\n".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"sources.yaml:2: the file: is not UTF-8 \(save it as UTF-8\)$"):
        load_config(str(path))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'sources.yaml: the file: not found \(run "feeds init" to write one\)$'):
        load_config(str(tmp_path / "sources.yaml"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the file: is a folder \(name the file in it: .*/sources.yaml\)$"):
        load_config(f"{tmp_path}/")


def test_variables_come_from_the_environment(tmp_path: Path) -> None:
    text = "site: {title: '${NAME} $${NAME} $NAME', url: 'https://${HOST}/'}\ncontent: [{path: a}]\n"
    text += "output: {limit: '${LIMIT}'}\ninfer_terms: ${FIND}\n"
    config = load(tmp_path, text, NAME="园艺", HOST="garden.example", LIMIT="7", FIND="no")
    assert config.site.title == "园艺 ${NAME} $NAME"
    assert config.site.url == "https://garden.example/"
    assert config.output.limit == 7
    assert config.infer_terms is False


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    source = "sources: [{name: A, feed: none, headers: {X-Key: '${KEY}', X-Other: '${no name}'}}]\n"
    assert complaints(tmp_path, BASE + source) == [
        "sources.yaml:3: sources[0].headers.X-Key: the environment variable KEY is not set (export KEY=…)",
        (
            'sources.yaml:3: sources[0].headers.X-Other: "${no name}" is not the name of a variable '
            "(write $${no name} for the text itself)"
        ),
    ]


def test_secrets_are_used_but_never_printed(tmp_path: Path) -> None:
    text = FULL.replace("https://a.example/rss", "'https://a.example/rss?key=${TOKEN}'")
    config = load(tmp_path, text, TOKEN="s3cret")  # noqa: S106 - a test's own
    assert config.sources[1].urls[0] == "https://a.example/rss?key=s3cret"
    assert config.sources[1].auth is not None
    assert config.sources[1].auth.password == "hunter2"  # noqa: S105 - a test's own
    printed = repr(config) + repr(config.sources) + f"{config.sources[1].auth}" + pretty_repr(config)
    assert "s3cret" not in printed
    assert "hunter2" not in printed


def test_a_wrong_secret_is_not_printed_either(tmp_path: Path) -> None:
    text = BASE + "state: '${URL}'\nsources: [{name: A, feed: '${URL}'}]\n"
    found = complaints(tmp_path, text, URL="mysql://hunter2")
    assert len(found) == 2
    assert "hunter2" not in "".join(found)
    assert '"${URL}" is not an absolute' in found[1]


def test_missing_folders_are_warnings_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "content/posts").mkdir(parents=True)
    config = load(
        tmp_path,
        "site: {title: T, url: https://e.org}\ncontent:\n- path: content/posts\n- path: content/news\nstatic:\n- img\n",
    )
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in missing_folders(config)] == [
        'sources.yaml:4: content[1].path: the folder "content/news" does not exist (create it, or remove the entry)',
        'sources.yaml:6: static[0]: the folder "img" does not exist (create it, or remove the entry)',
    ]


def test_the_default_static_folder_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "content/posts").mkdir(parents=True)
    assert list(missing_folders(load(tmp_path, BASE))) == []


def test_an_alias_that_contains_itself_is_refused(tmp_path: Path) -> None:
    found = complaints(tmp_path, BASE + "static: &loop [*loop]\n")
    assert found == ["sources.yaml:3: static[0]: expected a folder, found a list"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1m", timedelta(minutes=1)),
        ("30m", timedelta(minutes=30)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_durations_mean_what_they_say(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["zh", "zh-CN", "zh-Hans-CN", "en-GB", "de-1996", "es-419", "sl-rozaj", "zh-yue-HK"])
def test_language_tags_keep_their_one_spelling(tmp_path: Path, text: str) -> None:
    for spelling in (text, text.lower(), text.upper()):
        assert load(tmp_path, BASE.replace("title:", f"language: {spelling}, title:")).site.language == text


ANY_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@settings(deadline=None, max_examples=100)
@given(key=st.sampled_from([setting.key for setting in table.settings()]), value=ANY_YAML)
def test_any_value_at_any_key_ends_in_a_config_or_in_lines_that_name_it(folder: Path, key: str, value: object) -> None:
    whole = yaml.safe_load(FULL)
    *parents, last = key.replace("[]", ".0").split(".")
    place = whole
    for name in parents:
        place = place[int(name)] if name.isdigit() else place.setdefault(name, {"username": "a", "password": "b"})
    place[last] = value
    try:
        lines = []
        load(folder, yaml.safe_dump(whole, allow_unicode=True), TOKEN="x")  # noqa: S106 - a test's own
    except ConfigError as error:
        lines = str(error).split("\n")
    assert all(line.startswith(f"{folder}/sources.yaml:") for line in lines)


def test_the_schema_that_ships_is_the_schema_of_the_settings() -> None:
    shipped = resources.files("feeds").joinpath("sources.schema.json").read_text(encoding="utf-8")
    assert shipped == table.schema_text()


def test_the_schema_accepts_what_we_accept() -> None:
    validator = jsonschema.Draft202012Validator(table.json_schema())
    jsonschema.Draft202012Validator.check_schema(table.json_schema())
    document = json.loads(json.dumps(yaml.safe_load(FULL.replace("1984", "'1984'"))))
    assert list(validator.iter_errors(document)) == []
    document["sources"][0]["everyy"] = "1h"
    assert len(list(validator.iter_errors(document))) == 1


def test_every_option_says_its_key_type_default_and_meaning() -> None:
    rows = table.settings()
    assert len({row.key for row in rows}) == len(rows) > 50
    assert all(row.type and row.help.endswith((".", "…")) for row in rows)
    by_key = {row.key: row for row in rows}
    assert by_key["output.limit"][1:3] == ("a whole number from 1 to 500", "30")
    assert by_key["site.url"].default == "required"
    assert by_key["output.formats"].default == "[rss, atom, json]"
    assert table.settings_markdown().count("\n") == len(rows) + 2


def test_reading_the_settings_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys, feeds.config; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    needless = {"feeds.hugo", "feeds.scaffold", "feeds.where", "difflib", "zoneinfo", "json", "sqlalchemy", "typer"}
    assert needless.isdisjoint(loaded)
    assert "feeds.config" in loaded
