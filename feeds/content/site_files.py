"""Where a file lies that an article names in its front matter: in its page bundle, in a static folder, or elsewhere."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from msgspec import Struct

from feeds.urls import clean_url, encode_path

_QUOTES = " \t\"'“”‘’<>`"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?=//)|//|(?:data|javascript|mailto|blob):", re.IGNORECASE)


class Places(Struct, frozen=True, kw_only=True):
    """Where the files of one article may lie."""

    #: Address of the article: files of its bundle lie below it.
    page_url: str
    #: Absolute folder of its page bundle; None when it is a single file.
    bundle: str | None
    #: Where the site, and so the static folders, are served.
    site_url: str
    #: Absolute folders of static files.
    static: tuple[str, ...]


def cleaned(raw: str) -> str:
    """Without the quotes and line breaks that generators leave, and with slashes turned the way of the web."""
    address = raw.strip(_QUOTES)
    return address if has_scheme(address) else address.replace("\\", "/")


def has_scheme(address: str) -> bool:
    """Whether it is no path: ``https:``, ``//host`` or ``data:``."""
    return _SCHEME.match(address) is not None


def located(address: str, places: Places) -> tuple[str | None, str | None]:
    """The file at hand (absolute path; None when there is none) and the address (None when it can be none)."""
    if found := _local(address, places):
        return found
    return None, _remote(address, places)


def _local(address: str, places: Places) -> tuple[str, str] | None:
    home = f"{places.site_url.rstrip('/')}/"
    if address.startswith(home):
        path = unquote(address.removeprefix(home))
    elif has_scheme(address):
        return None
    else:
        path = address
    bundle = places.bundle
    if bundle and not address.startswith("/") and (found := _file_in(bundle, path)):
        return found[0], f"{places.page_url.rstrip('/')}/{encode_path(found[1])}"
    for folder in places.static:
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


def _remote(address: str, places: Places) -> str | None:
    site_url = places.site_url
    if address.startswith(("./", "../")):
        return clean_url(address, places.page_url)
    if not address or has_scheme(address):
        return clean_url(address, site_url)
    if address.startswith("/"):
        return clean_url("/".join(site_url.split("/")[:3]) + address)
    return clean_url(f"{site_url.rstrip('/')}/{address}")
