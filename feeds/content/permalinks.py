"""The URL of an article by the pattern of its folder in sources.yaml, and by the ``url`` of its front matter. Pure.

The tokens are those of Hugo's permalinks (page_places.py), but ``:sections`` names all folders. A pattern that ends
in ``/:sections/:slugorfilename/`` gives what Hugo gives where it has no pattern: each blank is a hyphen of its own.
"""

from __future__ import annotations

import re
from datetime import datetime

from feeds.content.generator import AddressFacts
from feeds.content.page_paths import default_path, own_path, page_url, pattern_path
from feeds.content.page_places import PLAIN_STYLE, PagePlace, PathStyle
from feeds.urls import clean_url, encode_path

#: What a pattern or an alias ends in when it names a file; all others end in a slash.
_FILE = re.compile(r"\.(?:html?|xhtml|php|aspx?|txt|xml|json)$", re.IGNORECASE)
#: How a pattern ends that says what Hugo does by itself.
_DEFAULT = re.compile(r"/:sections/:slugor(?:filename|contentbasename)$")


def permalink(  # noqa: PLR0913 - one value for each thing that a token can name
    pattern: str,
    *,
    site_url: str,
    section: str,
    sections: tuple[str, ...],
    filename: str,
    title: str,
    slug: str,
    published: datetime,
) -> str:
    """The absolute ASCII URL of a page, lower-cased as Hugo lower-cases it.

    Args:
        pattern: Path below ``site_url``; a token that Hugo does not know stands for its own name.
        site_url: Where the site is served; its own path is kept.
        section: Name of the first folder of the content tree.
        sections: Names of all folders from there to the file, the first included.
        filename: Name of the file without extension, or of the folder of a page bundle.
        title: For ``:title``, and for ``:slug`` where there is none.
        slug: ``slug`` of the front matter, or empty.
        published: For the tokens of the date.
    """
    folders = sections or ((section,) if section else ())
    page = PagePlace(
        name=filename,
        folders=folders,
        sections=folders,
        section_slugs=folders,
        title=title,
        slug=slug,
        date=published,
    )
    return page_url(_path(pattern, page), site_url=site_url)


def pattern_url(pattern: str, page: AddressFacts, site_url: str) -> str:
    """Where a pattern of sources.yaml puts a page of any generator: every folder is a section."""
    folders = page.place.folders
    return permalink(
        pattern,
        site_url=site_url,
        section=folders[0] if folders else "",
        sections=folders,
        filename=page.place.name,
        title=page.title,
        slug=page.slug,
        published=page.published,
    )


def own_url(url: str, *, site_url: str, page: PagePlace | None = None, style: PathStyle = PLAIN_STYLE) -> str | None:
    """The absolute ASCII URL that the ``url`` of a front matter names, its case kept; None when it is unusable.

    Its tokens are those of ``page``; without one they stay as they are written.
    """
    url = url.strip()
    if "://" in url or url.startswith("//"):
        return clean_url(url, site_url)
    if page is None:
        return site_page(url, site_url=site_url)
    path = own_path(url, page, style)
    return None if path is None else page_url(path, site_url=site_url)


def site_page(path: str, *, site_url: str) -> str:
    """The absolute ASCII URL of a path below the site, which no ``..`` leaves."""
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    end = "/" if segments and not _FILE.search(path) else ""
    return f"{site_url.rstrip('/')}/{encode_path('/'.join(segments))}{end}"


def _path(pattern: str, page: PagePlace) -> str:
    file = _FILE.search(pattern)
    ending = file[0] if file else ""
    pattern = pattern.removesuffix(ending).rstrip("/")
    default = _DEFAULT.search(pattern)
    if default and ":" not in pattern[: default.start()]:
        begin = pattern[: default.start()]
        path = default_path(page)
        if begin:
            path = pattern_path(begin, page).rstrip("/") + path
    else:
        path = pattern_path(pattern, page)
    return path.rstrip("/") + ending if ending else path
