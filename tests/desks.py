"""A small desk: values for the editor's pages, with everything that can stand on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from feeds.desk.values import (
    Audit,
    Became,
    Broken,
    Cited,
    Compared,
    DayOfPolls,
    Followed,
    Front,
    Health,
    Manners,
    Noted,
    Page,
    Rebuilt,
    Suggested,
    Uncovered,
)

AT = datetime(2025, 7, 3, 20, 30, tzinfo=UTC)
CHINESE = Front(title="示例内参", url="https://site.example/", language="zh-CN", zone=ZoneInfo("Asia/Shanghai"))
ENGLISH = replace(CHINESE, title="Harbour Notes", language="en")
ARTICLE = Page(
    path="content/posts/robot.md", title="机器人学会分拣", url="https://site.example/robot/", day=date(2025, 7, 2)
)
OLDER = Page(
    path="content/posts/my garden's.md", title="花园的账", url="https://site.example/garden/", day=date(2025, 6, 1)
)
DATED = Compared(field="date", claimed="2024-05-28", found="2025-07-01", distance=399, is_contradiction=True)
TITLED = Compared(
    field="title", claimed="Robots sort", found="A robot sorts by touch", distance=0.4, is_contradiction=False
)
CORRECTION = "[^1]: [A robot sorts by touch](https://harbor.example/robot)·Harbor Daily（2025/7/1）·检索日期2025/7/2"

CONTRADICTED = Cited(
    article=ARTICLE,
    line=12,
    label="1",
    title="Robots sort",
    url="https://harbor.example/robot",
    source="Harbor Daily",
    verdict="contradicted",
    level="error",
    why="Harbor Daily's own feed says otherwise: date 2025-07-01, not 2024-05-28 (399 days)",
    compared=(DATED, TITLED),
    noted=(
        Noted(rule="source-disagrees", level="error", why="Harbor Daily's own feed says otherwise"),
        Noted(rule="unreferenced", level="note", why="nothing in the text refers to [^1]"),
    ),
    correction=CORRECTION,
)
DEAD = replace(
    CONTRADICTED,
    line=14,
    label="2",
    title="A page that was",
    url="https://gone.example/page",
    source="gone.example",
    verdict="dead",
    why="gone.example does not have it any more (404), as seen on 2025-07-03",
    compared=(),
    noted=(),
    correction=None,
)
NAMELESS = replace(
    DEAD,
    article=OLDER,
    line=9,
    label="甲",
    title="",
    url="javascript:alert(1)",
    source="",
    verdict="unresolvable",
    level="warning",
    why="it names neither page nor title",
)
UNKNOWN = replace(
    DEAD, line=15, label=None, title="Rain", verdict="unknown", level="", why="its source is none of ours"
)
VERIFIED = replace(
    CONTRADICTED,
    line=16,
    label="4",
    title="Snow",
    verdict="verified",
    level="",
    why="Harbor Daily's own feed has this page",
    compared=(),
    noted=(),
    correction=None,
)

AUDIT = Audit(
    newest=AT,
    cited=(CONTRADICTED, DEAD, NAMELESS, UNKNOWN, VERIFIED),
    uncovered=(
        Uncovered(
            title="Ferries run on wind",
            url="https://harbor.example/ferries",
            source="Harbor Daily",
            at=AT,
            reasons=("Harbor Daily被引用 12 次",),
        ),
    ),
    suggested=(
        Suggested(
            number=17,
            title="What a garden costs",
            url="https://harbor.example/garden",
            source="Harbor Daily",
            at=AT,
            article=OLDER,
            rule="covers",
            score=0.3,
            evidence=("both say garden (in 2 of 40)", "the article came out 3 days after the entry (nearness 0.80)"),
        ),
    ),
    became=(
        Became(
            at=AT,
            kind="retitled",
            source="Harbor Daily",
            title="Snow",
            url="https://harbor.example/snow",
            before="Sleet",
            after="Snow",
            articles=(ARTICLE,),
        ),
        Became(at=AT, kind="dead", source="Harbor Daily", title="Hail", url=None, before="", after="", articles=()),
    ),
)


def feed(source: str, **values: Any) -> Followed:
    """A feed that is well, but for what is said otherwise."""
    usual: dict[str, Any] = {
        "source": source,
        "url": f"https://{source.split(maxsplit=1)[0].lower()}.example/feed",
        "word": "ok",
        "asked": AT,
        "answered": AT,
        "due": AT + timedelta(hours=3),
        "rule": "rhythm",
        "rule_said": "half the median gap of its last 20 entries (3 h 20 min)",
        "failures": 0,
        "entries": 1234,
        "newest": AT - timedelta(days=1),
        "remark": "",
    }
    return Followed(**usual | values)


HEALTH = Health(
    feeds=(
        feed("Harbor Daily"),
        feed("Lantern", word="new", asked=None, answered=None, due=None, rule="new", rule_said="never asked yet"),
        feed(
            "Mill",
            word="failing",
            answered=None,
            failures=6,
            entries=0,
            newest=None,
            rule_said="6 failures in a row: 1 h, doubled with each, at most 7 days (1 d 8 h)",
            remark="mill.example answered 503 Service Unavailable",
        ),
        feed(
            "Quay",
            word="stopped",
            due=None,
            failures=2,
            rule_said="its server said twice that it is gone (410): not asked any more",
        ),
    ),
    asked=AT,
    without_feed=("微信公众号",),
    days=tuple(
        DayOfPolls(
            day=date(2025, 6, 4) + timedelta(days=n), fetched=n % 4, unchanged=n % 7, failed=n % 3 == 2, new=3 * n
        )
        for n in range(30)
    ),
    manners=Manners(
        requests=150,
        score=99.3,
        conditional_share=0.98,
        offences={"within Retry-After": 1, "conditional within an hour": 0},
    ),
    broken=(
        Broken(
            path="content/posts/broken.md",
            line=4,
            what="front matter",
            why="not readable as YAML: a <tab> stands here",
            fix="put the value in quotes",
            last_good="",
        ),
        Broken(path="content/posts/half.md", line=None, what="file", why="is no UTF-8", fix="", last_good="花园 & 账"),
    ),
    rebuilt=Rebuilt(at=AT, seconds=9.87, written=5213, removed=3, articles=399, files=5213, bytes=81_234_567),
)
