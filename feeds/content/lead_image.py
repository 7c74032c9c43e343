"""Find the lead image that an article names: its address, and type, size and length where its file is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from feeds.content.fields import text_of
from feeds.content.images import HEAD_BYTES, Looks, look, type_from_name
from feeds.content.sheet import Sheet, quoted
from feeds.content.site_files import Places, cleaned, located
from feeds.model import Image

#: In the order of preference; folded as sheet.py folds keys.
_KEYS = (
    "featuredimage", "featureimage", "image", "images", "cover", "coverimage", "thumbnail", "thumb", "heroimage",
    "ogimage", "banner",
)  # fmt: skip
_ADDRESS_KEYS = ("image", "url", "src", "path", "file", "source")
_ALT_KEYS = ("alt", "caption", "title")
_WHAT_MEANS_NONE = frozenset({"none", "null", "nil", "undefined", "false", "true", "n/a", "#"})


def find_image(sheet: Sheet, places: Places) -> Image | None:
    """The first image of the front matter that has a usable address; warns of those that have none."""
    for key, raw, alt in _named(sheet):
        address = cleaned(raw)
        if address.lower() in _WHAT_MEANS_NONE:
            continue
        file, url = located(address, places)
        if url:
            return _image(sheet, key, url=url, file=file, alt=alt or sheet.text(f"{key}alt", "imagealt"))
        if address:
            sheet.warn(key, f"{quoted(raw)} is no address of an image", "write a path or an http address")
    return None


def _named(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    """Key, address and alternative text of each image, in the order of preference."""
    for key in _KEYS:
        _, value = sheet.first(key)
        if value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield key, _first_text(one, _ADDRESS_KEYS), _first_text(one, _ALT_KEYS)
            elif text := text_of(one):
                yield key, text, ""


def _first_text(pairs: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := text_of(pairs.get(key)))), "")


def _image(sheet: Sheet, key: str, *, url: str, file: str | None, alt: str) -> Image:
    if file is None:
        return Image(url=url, type=type_from_name(url), alt=alt)
    try:
        stat = os.stat(file)  # noqa: PTH116 - a third of Path's time
        looks = _looks(file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return Image(url=url, type=type_from_name(url), alt=alt)
    if looks is None:
        sheet.warn(key, f"{quoted(Path(file).name)} is no image of a known kind", "name another file")
        return Image(url=url, type=type_from_name(url), alt=alt)
    return Image(url=url, type=looks.type, length=stat.st_size or None, alt=alt, width=looks.width, height=looks.height)


@lru_cache(maxsize=4096)
def _looks(file: str, _mtime_ns: int, _size: int) -> Looks | None:
    """Read once for all articles that share it, again when it has changed."""
    with Path(file).open("rb") as opened:
        return look(opened.read(HEAD_BYTES))
