"""Which article a text means that names another's file: ``b.md``, ``@/blog/b.md``, ``[[Note]]``, ``2020-01-01-x``.

While a text is rendered, ``References`` says where its references lead, as far as that is known already, and keeps what
was asked. ``PageIndex`` knows all articles and answers such questions. So the text of an article depends on the answers
to its own questions and on nothing else of the site.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

#: What an address must end in to name a file of Markdown.
_MARKDOWN = re.compile(r"\.(?:md|mdown|markdown|mkd)", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
#: After a reference: it asks for the title of the page, not for its address.
_TITLE = "\ttitle"
#: ``b.zh-cn``: one language's version of ``b``.
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3})")
_PAGE_OF_FOLDER = frozenset({"index", "_index"})
#: A reference is a name of a file; longer than this it is text.
_LONGEST = 1_000


def names_page(address: str) -> bool:
    """Is this the address of a link to a file of Markdown below the content (Zola's ``@/`` included)?"""
    if address[:2] == "@/":
        return True
    path = address.partition("#")[0].partition("?")[0]
    dot = path.rfind(".")
    return dot >= 0 and _MARKDOWN.fullmatch(path, dot) is not None and _SCHEME.match(path) is None


class References:
    """The references of one text: what is known of them, and which were asked for."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._made: dict[str, str | None] = {}

    def address(self, reference: str) -> str | None:
        """The absolute address that it leads to, with its ``#anchor``; None when no article of that name is known."""
        page, mark, anchor = reference.strip().partition("#")
        page = page.partition("?")[0]
        if not page or len(page) > _LONGEST:
            return None
        found = self._ask(page)
        return f"{found}{mark}{anchor}" if found else None

    def title(self, reference: str) -> str | None:
        """The title of the article that it names, if that is known."""
        return self._ask(f"{reference.strip().partition('#')[0][:_LONGEST]}{_TITLE}")

    @property
    def made(self) -> tuple[tuple[str, str | None], ...]:
        """(reference, where it led), sorted."""
        return tuple(sorted(self._made.items()))

    def _ask(self, reference: str) -> str | None:
        self._made[reference] = found = self._known.get(reference)
        return found


class KnownPage(NamedTuple):
    """One article, as others may refer to it."""

    #: As ``Article.path``.
    path: str
    url: str
    title: str


class _Place(NamedTuple):
    folders: tuple[str, ...]
    language: str
    page: KnownPage


class PageIndex:
    """All articles that may be linked to. ``roots`` are the folders of articles, written as their paths begin."""

    def __init__(self, pages: Iterable[KnownPage], roots: Iterable[str]) -> None:
        self._by_name: dict[str, list[_Place]] = defaultdict(list)
        self._roots = sorted({tuple(_fold(part) for part in _parts(root)) for root in roots}, key=len)
        for page in pages:
            for name, place in _places(page):
                self._by_name[name].append(place)

    def answer(self, reference: str, asker: str) -> str | None:
        """The address (or title, where that is asked for) that the reference means in the article at path ``asker``.

        As Hugo looks for pages: beside the asking one, then from the top of the content, then by a name that only one
        page has. Case, blanks and extensions do not count. Of several languages the asker's own is meant. None
        when there is no such page, or several.
        """
        page = self._find(reference.removesuffix(_TITLE), asker)
        if page is None:
            return None
        return page.title if reference.endswith(_TITLE) else page.url

    def answers(self, references: Iterable[str], asker: str) -> dict[str, str]:
        """The answers to those that have one."""
        found = {each: self.answer(each, asker) for each in references}
        return {each: answer for each, answer in found.items() if answer is not None}

    def _find(self, reference: str, asker: str) -> KnownPage | None:
        is_rooted = reference.startswith(("/", "@/"))
        wanted = _parts(_without_extension(unquote(reference.removeprefix("@"))))
        folded = [_fold(part) for part in wanted if part != "."]
        if folded and folded[-1] in _PAGE_OF_FOLDER:
            folded.pop()
        home = _home_of(asker)
        beside = () if is_rooted else _joined(home.folders, folded)
        if beside and (found := self._at(beside, home)) is not None:
            return found
        if not folded or ".." in folded:
            return None
        for root in self._roots:
            if (found := self._at((*root, *folded), home)) is not None:
                return found
        return self._below_any(tuple(folded), home, is_rooted=is_rooted)

    def _at(self, parts: tuple[str, ...], home: _Place) -> KnownPage | None:
        """The page at exactly this place."""
        places = [each for each in self._by_name.get(parts[-1], ()) if each.folders == parts[:-1]]
        return _of_language(places, home.language)

    def _below_any(self, parts: tuple[str, ...], home: _Place, *, is_rooted: bool) -> KnownPage | None:
        """The one page whose path ends so; of several the highest one (from a root) or the nearest to the asker."""
        *folders, name = parts
        wanted = tuple(folders)
        places = [p for p in self._by_name.get(name, ()) if p.folders[len(p.folders) - len(wanted) :] == wanted]
        if is_rooted and places:
            highest = min(len(place.folders) for place in places)
            places = [place for place in places if len(place.folders) == highest]
        if len({place.folders for place in places}) > 1:
            nearest = max(_shared(place.folders, home.folders) for place in places)
            places = [place for place in places if _shared(place.folders, home.folders) == nearest]
        return _of_language(places, home.language) if len({place.folders for place in places}) == 1 else None


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part]


def _fold(part: str) -> str:
    return part.casefold().replace(" ", "-")


def _without_extension(path: str) -> str:
    dot = path.rfind(".")
    return path[:dot] if dot >= 0 and _MARKDOWN.fullmatch(path, dot) else path


def _places(page: KnownPage) -> list[tuple[str, _Place]]:
    """(name, place) of each way to name the page."""
    *folders, name = [_fold(part) for part in _parts(_without_extension(page.path))]
    versions = [(name, "")]
    if (version := _LANGUAGE.fullmatch(name)) is not None:
        versions.append((version[1], version[2]))
    found = []
    for each, language in versions:
        if each in _PAGE_OF_FOLDER and folders:
            found.append((folders[-1], _Place(tuple(folders[:-1]), language, page)))
        else:
            found.append((each, _Place(tuple(folders), language, page)))
    return found


def _home_of(path: str) -> _Place:
    """The folder of an article's file, and its language."""
    *folders, name = [_fold(part) for part in _parts(_without_extension(path))]
    version = _LANGUAGE.fullmatch(name)
    return _Place(tuple(folders), version[2] if version else "", KnownPage(path, "", ""))


def _joined(folders: tuple[str, ...], parts: Iterable[str]) -> tuple[str, ...]:
    """A relative path from these folders; nothing when it leaves the top."""
    joined = list(folders)
    for part in parts:
        if part != "..":
            joined.append(part)
        elif joined:
            joined.pop()
        else:
            return ()
    return tuple(joined)


def _of_language(places: list[_Place], language: str) -> KnownPage | None:
    """Of versions of one page the one in this language, else the one that names none, else the only one."""
    for wanted in (language, ""):
        found = [place.page for place in places if place.language == wanted]
        if found:
            return found[0] if len(found) == 1 else None
    return places[0].page if len(places) == 1 else None


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many folders both have in common from the top."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
