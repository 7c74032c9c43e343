"""What a run tells whatever it reads: articles that share an address, and modifications that lie in the future."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.app import App
from tests.sites import NOW, SmallSite

DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    return SmallSite.make(tmp_path / "site")


def checked(site: SmallSite, now: datetime = NOW) -> list[str]:
    findings = App(str(site.root / "sources.yaml")).check(now=now, progress=lambda *_: None)
    return [str(problem) for problem in findings.problems if problem.what in {"url", "lastmod"}]


def rebuilt(site: SmallSite, **options: Any) -> list[str]:
    return [str(problem) for problem in site.rebuild(**options).problems if problem.what in {"url", "lastmod"}]


def shares(path: str, other: str) -> str:
    return f"content/posts/{path}.md: url: https://example.org/posts/a/ is also the address of content/posts/{other}.md"


@pytest.mark.parametrize(
    "front",
    [
        {"url": "/posts/a/", "date": "2025-07-02"},
        {"slug": "a", "date": "2025-07-01T08:00:00+08:00"},
        {"url": "posts/a", "id": "urn:example:b"},
    ],
)
def test_two_articles_of_one_address_are_told_by_every_run(site: SmallSite, front: dict[str, Any]) -> None:
    site.write("a")
    site.write("b", **front)

    runs = [checked(site), rebuilt(site), checked(site), rebuilt(site), rebuilt(site, full=True)]
    site.write("a", body="Another text.")
    runs.append(rebuilt(site))
    site.write("c")
    runs.append(rebuilt(site))

    for said in runs:
        assert len(said) == 1
        assert said[0].startswith(shares("b", "a"))


def test_three_articles_of_one_address_are_two_warnings(site: SmallSite) -> None:
    for name in "abc":
        site.write(name, slug="a")

    assert [line[: len(shares("b", "a"))] for line in rebuilt(site)] == [shares("b", "a"), shares("c", "a")]
    assert checked(site) == rebuilt(site)


@pytest.mark.parametrize(
    "front",
    [{"draft": True}, {"date": "2025-09-01"}, {"expiryDate": "2025-07-15"}, {"publish": False}],
    ids=["draft", "future", "expired", "private"],
)
def test_what_nobody_sees_shares_no_address(site: SmallSite, front: dict[str, Any]) -> None:
    site.write("a")
    site.write("b", **{"slug": "a", **front})

    assert checked(site) == rebuilt(site) == []


def test_a_shared_address_is_told_once_both_are_seen_and_no_more_when_one_is_gone(site: SmallSite) -> None:
    site.write("a")
    gone = site.write("b", slug="a", date="2025-08-02T00:00:00Z")
    assert rebuilt(site) == []

    assert len(rebuilt(site, now=NOW + DAY)) == len(checked(site, NOW + DAY)) == 1
    gone.unlink()
    assert rebuilt(site, now=NOW + DAY) == []


@pytest.mark.parametrize("key", ["lastmod", "updated", "modified", "last_modified"])
def test_a_modification_in_the_future_is_told_and_waits(site: SmallSite, key: str) -> None:
    site.write("a", **{key: "2099-01-01"})

    said = "content/posts/a.md: lastmod: 2099-01-01T00:00:00+08:00 lies in the future"
    assert checked(site)[0].startswith(said)
    assert rebuilt(site)[0].startswith(said)
    assert b"2099" not in b"".join(data for name, data in site.tree().items() if not name.endswith(".html"))
    [item] = site.items("feed.json")
    assert item["date_modified"] == item["date_published"] == "2025-07-01T08:00:00+08:00"


def test_it_counts_from_its_moment_on_whatever_was_built_before(site: SmallSite, tmp_path: Path) -> None:
    site.write("a", lastmod="2025-08-02T00:00:00+00:00")
    site.write("b")
    site.rebuild()
    assert site.rebuild().read == 0

    report = site.rebuild(now=NOW + DAY)

    assert (report.read, report.problems) == (1, [])
    assert {item["date_modified"] for item in site.items("feed.json")} == {
        "2025-08-02T00:00:00+00:00",
        "2025-07-01T08:00:00+08:00",
    }
    assert site.rebuild(now=NOW + DAY).read == 0
    grown = site.tree()
    other = SmallSite.make(tmp_path / "other")
    for path in site.posts.iterdir():
        (other.posts / path.name).write_bytes(path.read_bytes())
    other.rebuild(now=NOW + DAY)
    assert other.tree() == grown


def test_the_daemon_knows_when_it_counts(site: SmallSite) -> None:
    site.write("a", lastmod="2025-08-02T00:00:00+00:00")
    site.rebuild()

    moments = App(str(site.root / "sources.yaml")).moments(now=NOW)

    assert moments.article is not None
    assert moments.article.isoformat() == "2025-08-02T00:00:00+00:00"


def test_a_modification_of_what_is_to_come_is_no_fault(site: SmallSite) -> None:
    site.write("a", date="2025-09-01", lastmod="2025-10-01")
    site.write("b", draft=True, lastmod="2025-10-01")

    assert checked(site) == rebuilt(site) == []


def test_check_prints_the_date_that_counts(site: SmallSite) -> None:
    site.write("a", lastmod="2099-01-01")

    found = json.loads(site.run("check", "--json").stdout)

    assert found["articles"][0]["updated"] == found["articles"][0]["published"]
