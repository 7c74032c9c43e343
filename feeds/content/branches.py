"""Section pages (``_index.md``): no articles themselves, but what the articles below them inherit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from feeds.content.articles import read_bytes
from feeds.content.files import ContentRoot, FileStat
from feeds.content.generator import Branch, Branches, Place
from feeds.model import Problem, Severity


class BranchText(NamedTuple):
    """The front matter of a section page, keys in lower case, and what is wrong with it; an ERROR: it is unknown."""

    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def read_branch(file: FileStat, path: str) -> BranchText:
    """Read a section page. Never raises."""
    # Most runs find no section page changed: 15 ms.
    from feeds.content.decoding import decode  # noqa: PLC0415 - see above
    from feeds.content.frontmatter import split_front_matter  # noqa: PLC0415 - see above

    try:
        decoded = decode(read_bytes(file.absolute))
    except (OSError, ValueError) as error:
        return BranchText({}, (Problem(path=path, what="file", why=str(error), fix="make it readable"),))
    if decoded.text is None:
        return BranchText({}, (Problem(path=path, what="encoding", why=decoded.why, fix=decoded.fix),))
    matter = split_front_matter(decoded.text, path=path)
    return BranchText({str(key).lower(): value for key, value in matter.values.items()}, matter.problems)


def is_unknown(problems: Iterable[Problem]) -> bool:
    """Whether nobody knows what a section page says."""
    return any(problem.severity is Severity.ERROR for problem in problems)


class BranchIndex:
    """The section pages of a site by their folder and language."""

    def __init__(self, roots: Sequence[ContentRoot], found: Iterable[tuple[str, int, BranchText]]) -> None:
        """``found`` holds the path, the number of the root and the front matter of each section page."""
        self._roots = roots
        self.branches: dict[tuple[str, tuple[str, ...]], Branch] = {}
        for path, number, text in found:
            place = self.place(path, number)
            branch = Branch(place.folders, place.edition, text.values, path if is_unknown(text.problems) else "")
            self.branches.setdefault((place.edition, place.folders), branch)
        self._above: dict[tuple[str, tuple[str, ...]], Branches] = {}

    def place(self, path: str, number: int) -> Place:
        """The place in its content tree of a file of root ``number``."""
        root = self._roots[number]
        prefix = root.name.strip("/")
        relative = path.removeprefix(f"{prefix}/") if prefix not in {"", "."} else path
        return root.generator.place(root.in_tree(relative))

    def above(self, path: str, number: int) -> Branches:
        """The section pages above a page, nearest first."""
        if not self.branches:
            return ()
        place = self.place(path, number)
        key = (place.edition, place.folders)
        found = self._above.get(key)
        if found is None:
            chain = (place.folders[:depth] for depth in range(len(place.folders), -1, -1))
            keys = ((edition, folders) for folders in chain for edition in dict.fromkeys((place.edition, "")))
            found = tuple(self.branches[key] for key in keys if key in self.branches)
            self._above[key] = found
        return found
