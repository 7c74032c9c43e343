"""What the matcher reads off an article, to be stored: loading it takes a tenth of the time of reading the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from feeds.match.keys import citation_keys
from feeds.match.lexicon import Lexicon
from feeds.match.outline import piece_signals
from feeds.match.titles import title_words
from feeds.match.values import Piece
from feeds.model import Citation


class Marks(NamedTuple):
    """What a citation is found by."""

    #: Pages and known ids.
    keys: Sequence[str]
    #: The words of its title.
    words: Sequence[str]


class Imprint(NamedTuple):
    """An article, as the indexes take it."""

    #: Level -> the signals of the text that are so loud.
    levels: dict[int, list[str]]
    #: Of each citation, in their order.
    cited: list[Marks]


def imprint_of(piece: Piece, lexicon: Lexicon) -> Imprint:
    """Read an article."""
    return Imprint(by_level(piece_signals(piece, lexicon)), [_marks(citation) for citation in piece.citations])


def by_level(signals: Mapping[str, int]) -> dict[int, list[str]]:
    """Level -> the signals that are so loud; in order, since an imprint that differs means an article that changed."""
    levels: dict[int, list[str]] = {level: [] for level in sorted(set(signals.values()))}
    for signal in sorted(signals):
        levels[signals[signal]].append(signal)
    return levels


def _marks(citation: Citation) -> Marks:
    return Marks(citation_keys(citation), title_words(citation.title) if citation.title else ())


def pack(imprint: Imprint) -> bytes:
    """An imprint as 2-3 KB of MessagePack; compressed it would be two thirds, and take half as long again to load."""
    return msgspec.msgpack.encode(imprint)


def unpack(packed: bytes) -> Imprint:
    """The imprint again. Raises ``msgspec.DecodeError`` for anything else."""
    return _decoder().decode(packed)


@cache
def _decoder() -> msgspec.msgpack.Decoder[Imprint]:
    return msgspec.msgpack.Decoder(Imprint)
