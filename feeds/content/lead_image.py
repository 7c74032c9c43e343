"""Find the lead image that an article names: its address, and type, size and length where its file is at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from feeds.content.fields import text_of
from feeds.content.images import HEAD_BYTES, Looks, look, type_from_name
from feeds.content.sheet import Sheet, quoted
from feeds.model import Image
from feeds.urls import clean_url, encode_path

#: In the order of preference; folded as sheet.py folds keys.
_KEYS = (
    "featuredimage", "featureimage", "image", "images", "cover", "coverimage", "thumbnail", "thumb", "heroimage",
    "ogimage", "banner",
)  # fmt: skip
_ADDRESS_KEYS = ("image", "url", "src", "path", "file", "source")
_ALT_KEYS = ("alt", "caption", "title")
_WHAT_MEANS_NONE = frozenset({"none", "null", "nil", "undefined", "false", "true", "n/a", "#"})
_QUOTES = " \t\"'“”‘’<>`"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?=//)|//|(?:data|javascript|mailto|blob):", re.IGNORECASE)


def find_image(
    sheet: Sheet, *, page_url: str, bundle: str | None, site_url: str, static: tuple[str, ...]
) -> Image | None:
    """The first image of the front matter that has a usable address; warns of those that have none.

    Args:
        sheet: The article's front matter.
        page_url: Address of the article: files of its bundle lie below it.
        bundle: Absolute folder of its page bundle; None when it is a single file.
        site_url: Where the site, and so the static folders, are served.
        static: Absolute folders of static files.
    """
    for key, raw, alt in _named(sheet):
        address = _cleaned(raw)
        if address.lower() in _WHAT_MEANS_NONE:
            continue
        file, url = _local(address, page_url, bundle, site_url, static) or (None, _remote(address, site_url))
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


def _cleaned(raw: str) -> str:
    """Without the quotes and line breaks that generators leave, and with slashes turned the way of the web."""
    address = raw.strip(_QUOTES)
    return address if _SCHEME.match(address) else address.replace("\\", "/")


def _local(
    address: str, page_url: str, bundle: str | None, site_url: str, static: tuple[str, ...]
) -> tuple[str, str] | None:
    """The file at hand and its address; None when there is none."""
    home = f"{site_url.rstrip('/')}/"
    if address.startswith(home):
        path = unquote(address.removeprefix(home))
    elif _SCHEME.match(address):
        return None
    else:
        path = address
    if bundle and not address.startswith("/") and (found := _file_in(bundle, path)):
        return found[0], f"{page_url.rstrip('/')}/{encode_path(found[1])}"
    for folder in static:
        if found := _file_in(folder, path):
            return found[0], home + encode_path(found[1])
    return None


def _file_in(folder: str, path: str) -> tuple[str, str] | None:
    """The file that a path names in a folder, as it is or without its query, and its path there; never outside."""
    for name in dict.fromkeys((path, path.partition("?")[0].partition("#")[0])):
        inside = os.path.normpath(name.lstrip("/"))
        if not inside.startswith("..") and _is_file(f"{folder}/{inside}"):
            return f"{folder}/{inside}", inside.replace(os.sep, "/")
    return None


def _is_file(path: str) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - a third of Path's time, and false for a name too long for any file


def _remote(address: str, site_url: str) -> str | None:
    if not address or _SCHEME.match(address):
        return clean_url(address, site_url)
    if address.startswith("/"):
        return clean_url("/".join(site_url.split("/")[:3]) + address)
    return clean_url(f"{site_url.rstrip('/')}/{address}")


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
