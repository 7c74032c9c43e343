"""How much two versions of an article have in common: what tells an edited or moved file from another article."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from sqlalchemy import Row

    from feeds.model import Article
    from feeds.rebuild.values import Prepared

#: What is hashed of a text: its beginning. 1,000 characters of HTML are about 30 clauses, and cost 40 us.
_BEGINNING = 1_000
#: Hashes that are kept of it, four bytes each.
_KEPT = 32
#: Of 45,000 pairs of unlike articles none shared more than 0.1 of its clauses; an edit leaves most of them.
_MOSTLY = 0.5
_HARDLY = 0.1
#: With fewer clauses a text says little by sharing half of them.
_FEW = 8

#: Where a date comes from (``Article.date_from``) that its author wrote.
FRONT_MATTER = "front matter"

_TAG = re.compile(r"<[^>]*+>")
_CLAUSE_END = re.compile(r"[.,;:!?。，；：！？、\n]++")

#: Signs that must agree for two versions to be surely of one article, whatever their places are.
ALIKE = 2
#: More than all other signs together.
_SAME_BYTES = 8


class Face(Struct, frozen=True, kw_only=True):
    """What an article is recognised by: as its file is now, or as it was when it was last read."""

    path: str
    #: Of the file's bytes; empty when they were not read.
    digest: str
    #: Of a row: its id. Of a file: the id that its ``id:`` stands for, None without.
    uid: str | None
    #: ``id:`` as the author wrote it.
    named_id: str | None
    #: None while it cannot be read, as are the three below.
    url: str | None
    title: str | None
    published: datetime | None
    #: See ``sketch_of``.
    sketch: bytes
    #: The author wrote the date; that of a file, or of its name, proves nothing.
    is_dated: bool = True

    @property
    def clauses(self) -> frozenset[int]:
        """Hashes of the clauses that the sketch holds."""
        return frozenset(struct.unpack(f"<{len(self.sketch) // 4}I", self.sketch))


def sketch_of(html: str) -> bytes:
    """The smallest hashes of the clauses at the beginning of a text, ascending, as little-endian 32-bit numbers.

    Texts with many clauses in common have many hashes in common (a bottom-k sketch). Empty for a text without words.
    """
    clauses = {clause.strip() for clause in _CLAUSE_END.split(_TAG.sub("", html[:_BEGINNING]))}
    clauses.discard("")
    hashes = sorted({zlib.crc32(clause.encode("utf-8", "surrogatepass")) for clause in clauses})[:_KEPT]
    return struct.pack(f"<{len(hashes)}I", *hashes)


def face_of(one: Prepared) -> Face:
    """The face of a file."""
    card = one.card
    if card is None:
        return Face(
            path=one.path, digest=one.digest, uid=None, named_id=None, url=None, title=None, published=None, sketch=b""
        )
    return Face(
        path=one.path,
        digest=one.digest,
        uid=card.minted if card.named_id else None,
        named_id=card.named_id,
        url=card.url,
        title=card.title,
        published=card.published,
        sketch=card.sketch,
        is_dated=card.is_dated,
    )


def face_of_article(article: Article, digest: str, uid: str) -> Face:
    """The face of a file that was only read; ``uid`` is the id that it would get if it were new."""
    return Face(
        path=article.path,
        digest=digest,
        uid=uid if article.named_id else None,
        named_id=article.named_id,
        url=article.url,
        title=article.title,
        published=article.published,
        sketch=sketch_of(article.html),
        is_dated=article.date_from == FRONT_MATTER,
    )


def face_of_row(row: Row[Any]) -> Face:
    """The face of a row of ``article`` or ``former_article``."""
    return Face(
        path=row.path,
        digest=row.digest,
        uid=row.uid,
        named_id=row.named_id,
        url=row.url,
        title=row.title,
        published=row.published,
        sketch=row.sketch or b"",
    )


def likeness(file: Face, row: Face) -> int | None:
    """How many signs say that a file holds the article of a row; None when the author says that it does not.

    Title, date and text count one each, an unchanged text two, the same bytes more than all of them.
    """
    if file.named_id and row.named_id and file.named_id != row.named_id and file.uid != row.uid:
        return None
    signs = _SAME_BYTES if file.digest and file.digest == row.digest else 0
    if file.title is None or row.title is None:
        return signs or 1  # one of them was never read: nothing speaks against it
    shared = _shared(file, row)
    has_title = file.title == row.title
    is_rewritten = shared is not None and shared < _HARDLY
    has_date = file.is_dated and file.published == row.published
    return signs + has_title + (has_date and (has_title or not is_rewritten)) + _text_signs(file, row, shared)


def _shared(file: Face, row: Face) -> float | None:
    """Which part of two texts is the same, 0 to 1; None when one is too short to tell."""
    ours, theirs = file.clauses, row.clauses
    if min(len(ours), len(theirs)) < _FEW:
        return None
    return len(ours & theirs) / max(len(ours), len(theirs))


def _text_signs(file: Face, row: Face, shared: float | None) -> int:
    if not file.sketch:
        return 0
    if shared is None:
        return file.sketch == row.sketch
    return (shared >= _MOSTLY) + (file.sketch == row.sketch)
