"""Many small rebuilds give the bytes of one from nothing."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.sites import CONFIG, NOW, SmallSite

#: History that a build from nothing cannot know.
_HISTORY = re.compile(rb"<at:deleted-entry [^>]*?(?:/>|>.*?</at:deleted-entry>)\s*| xmlns:at=\"[^\"]*\"", re.DOTALL)

_NAMES = st.sampled_from("abcd")
_TAGS = st.lists(st.sampled_from(["甲", "乙", "AI", "OpenAI"]), unique=True, max_size=3)
_BODIES = st.sampled_from(
    [
        "正文。",
        '见[乙](b.md)、{{< ref "c" >}} 与 [[d]]。',
        "谈 OpenAI，再谈 OpenAI。",
        "见[^1]。\n\n[^1]: [T](https://www.wired.com/x/)·Wired",
    ]
)


_SERIALS = itertools.count(1)
#: The last one lies in the future at first.
_DATES = {"a": "2025-07-01", "b": "2025-07-03", "c": "2025-07-03", "d": "2025-08-07"}


def _write(site: SmallSite, name: str, tags: list[str], body: str) -> None:
    """Write an article, or edit it under the id that it has; a new one has a new id, for a returning one has a past."""
    path = site.posts / f"{name}.md"
    known = re.search(r'^id: "(.*)"$', path.read_text(encoding="utf-8"), re.MULTILINE) if path.exists() else None
    uid = known[1] if known else f"urn:x:{name}-{next(_SERIALS)}"
    site.write(name, tags=tags, body=body, date=f"{_DATES[name]}T08:00:00+08:00", id=uid)


def _write_draft(site: SmallSite, tags: list[str]) -> None:
    site.write("draft", tags=tags, draft=True)


def _write_plain(site: SmallSite, name: str) -> None:
    path = site.posts.joinpath(f"plain-20250701080000000-{name}.md")
    text = f"无题{name}\n\n谈甲，谈乙，又谈甲。OpenAI 与 OpenAI。\n"
    path.write_text(text + "再谈乙。\n" * path.exists(), encoding="utf-8")


def _rename(site: SmallSite, number: int) -> None:
    paths = sorted(site.posts.glob("[a-d].md"))
    if paths:
        paths[number % len(paths)].rename(site.posts / f"renamed-{next(_SERIALS)}.md")


def _remove(site: SmallSite, number: int) -> None:
    paths = sorted(site.posts.glob("[a-d]*.md"))
    if paths:
        paths[number % len(paths)].unlink()


def _wait(_site: SmallSite) -> None:
    """Time passes: future articles appear."""


def _edit(verb: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(verb), st.tuples(*strategies))


_EDITS = st.lists(
    st.one_of(
        _edit(_write, _NAMES, _TAGS, _BODIES),
        _edit(_write_draft, _TAGS),
        _edit(_write_plain, st.sampled_from("pq")),
        _edit(_rename, st.integers(0, 9)),
        _edit(_remove, st.integers(0, 9)),
        _edit(_wait),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(_EDITS)
def test_any_sequence_of_edits_gives_the_tree_of_a_build_from_nothing(edits: list[tuple[Any, tuple[Any, ...]]]) -> None:
    """Apart from tombstones, from what comes back after one, and from ids that no article names: these are history."""
    now = NOW
    with tempfile.TemporaryDirectory(prefix="feeds-edits-") as folder:
        # A combined feed that was emptied remembers when; without one, every emptied feed is pruned.
        config = CONFIG[: CONFIG.index("feeds:\n")].replace("limit: 6", "limit: 3, archives: [site, tag, source]")
        site = SmallSite.make(Path(folder) / "site", config)
        site.write("z", tags=[], id="urn:x:z")
        for verb, arguments in edits:
            verb(site, *arguments)
            now += timedelta(days=2)
            site.rebuild(now=now, prune=True)
        assert _without_history(site) == _without_history(_from_nothing(site, now))


def _from_nothing(site: SmallSite, now: datetime) -> SmallSite:
    fresh = SmallSite(site.root.parent / "fresh")
    shutil.copytree(site.root, fresh.root, ignore=shutil.ignore_patterns("output", ".feeds"))
    fresh.rebuild(now=now)
    return fresh


def _without_history(site: SmallSite) -> dict[str, bytes]:
    return {path: _HISTORY.sub(b"", data) for path, data in site.tree().items()}
