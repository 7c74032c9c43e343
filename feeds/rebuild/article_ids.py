"""Whose row is it? Find each file's article among those that are known, and give every article an id of its own.

An article is told by its named ``id:``, else by its address, else by its path, else by its likeness to one whose file
is gone. Both an address and a path may be taken over by another article, so neither alone outweighs a file elsewhere
that is evidently the article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Row

from feeds.model import Problem, Severity
from feeds.publish.select import distinguish_id
from feeds.rebuild.likeness import ALIKE, Face, face_of_row, likeness
from feeds.rebuild.values import Card, Prepared

#: What stands in more articles than these tells none of them (and would make every file meet every row).
_COMMON = 16
#: Of two pairs that are nearly as like each other, the file that stayed where it was.
_STAYED = 2

#: One way to recognise articles: what it finds of (files, rows), by the paths of the files.
_Round = Callable[[Sequence[Face], Sequence[Face]], dict[str, Face]]


def _ids(face: Face) -> Iterator[object]:
    if face.named_id:
        yield "named", face.named_id
    if face.uid:
        yield "uid", face.uid


def _address(face: Face) -> Iterator[object]:
    if face.url:
        yield face.url


def _path(face: Face) -> Iterator[object]:
    yield face.path


def _traits(face: Face) -> Iterator[object]:
    if face.title and face.published:
        yield face.title, face.published
    yield from face.clauses


class Recognised(Struct, frozen=True):
    """Whose articles files are. What is in neither is new."""

    #: Path of a file -> the row that is its article's.
    rows: dict[str, Row[Any]]
    #: Path of a file -> the id that its article had before it left.
    former: dict[str, str]


def recognise(
    files: Iterable[Face], rows: Sequence[Row[Any]], find_former: Callable[[Collection[str]], Sequence[Row[Any]]]
) -> Recognised:
    """Find the article of each file; the order of files and rows changes nothing.

    Args:
        files: The new and the changed ones, and any others.
        rows: Those of the changed and of the vanished files, and of the others.
        find_former: Articles that left and had one of these names: id, named id, path, digest, address or title.
    """
    by_path = {row.path: row for row in rows}
    files = sorted(files, key=lambda face: face.path)
    unchanged = {face.path: by_path[face.path] for face in files if _is_unchanged(face, by_path.get(face.path))}
    left = [face for face in files if face.path not in unchanged]
    here = _Search(left, [face_of_row(row) for row in rows if row.path not in unchanged])
    gone = _Search(left, [face_of_row(row) for row in (find_former(_names_of(left)) if left else ())])
    here.look(_EVIDENT)
    gone.look(_EVIDENT, but=here.found)
    here.look(_BY_PLACE, but=gone.found)
    gone.look(_BY_PLACE_IF_LIKE, but=here.found)
    return Recognised(
        unchanged | {path: by_path[face.path] for path, face in here.found.items()},
        {path: face.uid for path, face in gone.found.items() if face.uid},
    )


def _names_of(files: Iterable[Face]) -> set[str]:
    """All that articles which left could be found by."""
    readable = (face for face in files if face.title is not None)
    names = ((face.uid, face.named_id, face.path, face.digest, face.url, face.title) for face in readable)
    return {name for some in names for name in some if name}


def _is_unchanged(face: Face, row: Row[Any] | None) -> bool:
    return row is not None and bool(face.digest) and face.digest == row.digest


class _Search:
    """Files look for their articles among rows, round by round; each round takes what the rounds before it left."""

    def __init__(self, files: Sequence[Face], rows: Sequence[Face]) -> None:
        self._files = files
        self._rows = sorted(rows, key=lambda face: (face.path, face.uid or ""))
        self.found: dict[str, Face] = {}

    def look(self, rounds: Iterable[_Round], *, but: Collection[str] = ()) -> None:
        """Add to ``found``; the files of paths in ``but`` have their articles elsewhere."""
        for find in rounds if self._rows else ():
            files = [face for face in self._files if face.path not in self.found and face.path not in but]
            found = find(files, self._rows)
            taken = {id(face) for face in found.values()}
            self._rows = [face for face in self._rows if id(face) not in taken]
            self.found |= found


def _of_same_bytes(files: Sequence[Face], rows: Sequence[Face]) -> dict[str, Face]:
    """Files that were moved and nothing else; of several with the same bytes the first is the first."""
    by_digest: dict[str, list[Face]] = defaultdict(list)
    for row in reversed(rows):
        by_digest[row.digest].append(row)
    return {file.path: by_digest[file.digest].pop() for file in files if file.digest and by_digest.get(file.digest)}


def _sharing(
    keys: Callable[[Face], Iterator[object]], files: Sequence[Face], rows: Sequence[Face], *, least: int
) -> dict[str, Face]:
    """A file and a row that share a key, if so many signs of ``likeness`` agree; the pair with most signs first."""
    found: dict[str, Face] = {}
    taken: set[int] = set()
    for _, file, row in sorted(_pairs(keys, files, rows, least), key=_most_signs):
        if file.path not in found and id(row) not in taken:
            found[file.path] = row
            taken.add(id(row))
    return found


def _alike(files: Sequence[Face], rows: Sequence[Face]) -> dict[str, Face]:
    """Files that were moved and edited. Of two that are equally like a row (or the reverse) neither is meant."""
    found: dict[str, Face] = {}
    seen: set[int] = set()
    pairs = sorted(_pairs(_traits, files, rows, ALIKE), key=_most_signs)
    for _, equal in groupby(pairs, key=_most_signs):
        free = [(file, row) for _, file, row in equal if not {id(file), id(row)} & seen]
        rivals = Counter(id(face) for pair in free for face in pair)
        found.update((file.path, row) for file, row in free if rivals[id(file)] == rivals[id(row)] == 1)
        seen.update(rivals)
    return found


def _most_signs(pair: tuple[int, Face, Face]) -> int:
    return -pair[0]


def _pairs(
    keys: Callable[[Face], Iterator[object]], files: Sequence[Face], rows: Sequence[Face], least: int
) -> Iterator[tuple[int, Face, Face]]:
    """(how much says that they are one, file, row), in the order of files and rows."""
    by_key: dict[object, list[Face]] = defaultdict(list)
    for row in rows:
        for key in keys(row):
            by_key[key].append(row)
    for file in files if by_key else ():
        near = {id(row): row for key in keys(file) for row in _few(by_key.get(key, ()))}
        for row in near.values():
            signs = likeness(file, row)
            if signs is not None and signs >= least:
                yield signs + _STAYED * (file.path == row.path), file, row


def _few(rows: Sequence[Face]) -> Sequence[Face]:
    return rows if len(rows) <= _COMMON else ()


#: Both a place and its likeness: beyond doubt.
_EVIDENT: tuple[_Round, ...] = (
    partial(_sharing, _ids, least=0),
    partial(_sharing, _address, least=ALIKE),
    partial(_sharing, _path, least=ALIKE),
    _of_same_bytes,
    _alike,
)
#: What only stands where an article stood is that article, unless it was found elsewhere ...
_BY_PLACE: tuple[_Round, ...] = (partial(_sharing, _address, least=0), partial(_sharing, _path, least=1))
#: ... and if that one had left before, only with something of it.
_BY_PLACE_IF_LIKE: tuple[_Round, ...] = (partial(_sharing, _address, least=1), partial(_sharing, _path, least=1))


def moved_untouched(
    new: Sequence[str], gone: Collection[str], rows: Mapping[str, Row[Any]], digest_of: Callable[[str], str]
) -> dict[str, str]:
    """New path -> old path of files that were renamed and nothing else: whose they are before they were read."""
    lost: dict[str, list[str]] = defaultdict(list)
    for path in sorted(gone, reverse=True):
        lost[rows[path].digest].append(path)
    moved: dict[str, str] = {}
    for path in new if lost else ():
        candidates = lost.get(digest_of(path))
        if candidates:
            moved[path] = candidates.pop()
    return moved


class Registrar:
    """Hands out ids: the one an article had, the one it names, or one that no other article has or had."""

    def __init__(self, owner_of: Callable[[str], int | None], former: Mapping[str, str]) -> None:
        """Start with what others have.

        Args:
            owner_of: Which article of the store has an id: its number, 0 for one that left, None for no one.
            former: Path of a file -> the id that its article had before it left.
        """
        self._owner_of = owner_of
        self._former = former
        self._taken: dict[str, str] = {}
        #: Warnings about articles that share a name.
        self.problems: list[Problem] = []
        #: Ids of articles that had left and are back.
        self.returned: set[str] = set()

    def settle(self, one: Prepared, row: Row[Any] | None) -> Prepared:
        """The article with the id that it is to have; quarantined if it names another's."""
        card = one.card
        if card is None:
            return one
        uid = self._wish(one.path, card, row)
        former = uid if card.is_id_verbatim else self._former.get(one.path)
        if not self._is_free(uid, row, former):
            if card.is_id_verbatim:
                return self._refused(one, uid)
            if card.named_id and uid == card.minted:
                self.problems.append(same_name(one.path, card.named_id, self._taken.get(uid, "another article")))
            uid = self._another(uid, one.path)
        self._taken[uid] = one.path
        if self._owner_of(uid) == 0:
            self.returned.add(uid)
        return replace(one, card=replace(card, uid=uid))

    def _wish(self, path: str, card: Card, row: Row[Any] | None) -> str:
        """What the author names now comes first; then what the article was given once."""
        if card.is_id_verbatim:
            return card.minted
        if row is not None and row.uid:
            return str(row.uid)
        return self._former.get(path, card.minted)

    def _is_free(self, uid: str, row: Row[Any] | None, former: str | None) -> bool:
        """Whether it is nobody's, its own, or that of the article that left and is back."""
        owner = self._owner_of(uid)
        is_own = owner is None or (row is not None and owner == row.id) or (owner == 0 and uid == former)
        return is_own and uid not in self._taken

    def _another(self, uid: str, path: str) -> str:
        """The first id made of this one that nobody has or had: a path may see many articles come and go."""
        others = (distinguish_id(uid, f"{path}#{n}" if n else path) for n in count())
        return next(other for other in others if self._is_free(other, None, None))

    def _refused(self, one: Prepared, uid: str) -> Prepared:
        problem = same_id(one.path, uid, self._taken.get(uid, "another article"))
        return replace(one, card=None, problems=(*one.problems, problem))


def same_id(path: str, uid: str, other: str) -> Problem:
    """An author gave an article the id of another one."""
    why, fix = f"{uid} is already the id of {other}", "give every article an id of its own"
    return Problem(path=path, what="id", why=why, fix=fix)


def same_name(path: str, name: str, other: str) -> Problem:
    """Two articles name one id that is no IRI: each gets one that is made of it."""
    why = f"{name!r} is also the id of {other}; both are published, with different ids made of it"
    return Problem(path=path, severity=Severity.WARNING, what="id", why=why, fix="give every article an id of its own")
