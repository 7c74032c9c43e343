"""Set the figures as Markdown tables."""

from __future__ import annotations

from math import isnan

from imports import UNWANTED, Imports
from measure import Figures

#: Label of the full builds -> what it is called in the table; {} is Hugo's version.
FULL = {
    "feeds fresh": "`feeds rebuild`, nothing there yet",
    "feeds full": "`feeds rebuild --full`, all there and equal",
    "hugo three": "Hugo {}, RSS + Atom + JSON",
    "hugo rss": "Hugo {}, RSS only",
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, digits: int = 1) -> str:
    """A figure for a table; a dash where nothing was measured."""
    return "-" if isnan(value) else f"{value:,.{digits}f}"


def heading(figures: Figures, machine: dict[str, str]) -> str:
    """What was measured, where and when."""
    stats = figures.stats
    return (
        f"{stats['articles']:,} articles, {stats['tags']:,} tags, {stats['topics']:,} topics; "
        f"{machine['cpus']} cores, Python {machine['python']}, {machine['date']}; medians."
    )


def full_table(figures: Figures, hugo: str) -> str:
    """Full builds against Hugo's three formats."""
    rows = [full_row(figures, label, caption.format(hugo)) for label, caption in FULL.items() if label in figures.runs]
    head = ["full build", "runs", "wall s", "of Hugo's", "CPU s", "of Hugo's", "peak MiB", "files", "MB"]
    return table(head, rows)


def full_row(figures: Figures, label: str, caption: str) -> list[str]:
    """One row of it."""
    wall, cpu = figures.middle(label, "wall"), figures.middle(label, "cpu")
    files, size = figures.output.get(label, (float("nan"), float("nan")))
    return [
        caption,
        str(len(figures.runs[label])),
        number(wall),
        number(wall / figures.middle("hugo three", "wall"), 2),
        number(cpu),
        number(cpu / figures.middle("hugo three", "cpu"), 2),
        number(figures.middle(label, "peak_mib"), 0),
        number(files, 0),
        number(size / 1e6, 0),
    ]


def change_table(figures: Figures) -> str:
    """What a small change costs."""
    rows = [
        [
            f"`feeds rebuild`, {label}",
            str(len(figures.runs[label])),
            number(figures.middle(label, "wall"), 2),
            number(figures.middle(label, "seconds"), 3),
            number(figures.middle(label, "cpu"), 2),
            number(figures.middle(label, "peak_mib"), 0),
            number(figures.middle(label, "written"), 0),
            number(figures.middle(label, "wall") / figures.middle("hugo three", "wall"), 4),
        ]
        for label in ("one changed", "nothing changed")
    ]
    head = [
        "small change",
        "runs",
        "wall s",
        "work s",
        "CPU s",
        "peak MiB",
        "documents written",
        "of Hugo's full build",
    ]
    return table(head, rows)


def import_table(imports: Imports) -> str:
    """What a rebuild loads."""
    dearest = ", ".join(f"{name} {own:.0f}" for name, own in imports.dearest)
    rows = [
        ["bare interpreter, ms", number(imports.interpreter * 1000, 0)],
        ["modules imported", number(imports.modules, 0)],
        ["imports, ms (profiled)", number(imports.total_ms, 0)],
        ["dearest packages, ms", dearest],
        [f"loaded of {', '.join(UNWANTED)}", ", ".join(imports.unwanted) or "none"],
    ]
    return table(["imports of a rebuild with nothing to do", ""], rows)


def growth_table(sizes: list[Figures]) -> str:
    """How the cost grows with the site."""
    rows = [
        [
            number(size.articles, 0),
            number(size.middle("feeds fresh", "wall")),
            number(size.middle("feeds fresh", "wall") / size.articles * 1000, 2),
            number(size.middle("feeds fresh", "peak_mib"), 0),
            number(size.output["feeds fresh"][0], 0),
            number(size.middle("one changed", "wall"), 2),
            number(size.middle("one changed", "seconds"), 3),
            number(size.middle("nothing changed", "wall"), 2),
            number(size.middle("nothing changed", "seconds"), 3),
        ]
        for size in sizes
    ]
    head = ["articles", "full s", "ms each", "peak MiB", "files"]
    return table([*head, "one changed: wall s", "work s", "nothing changed: wall s", "work s"], rows)
