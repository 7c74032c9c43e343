"""The path of a page below its site, as Hugo 0.168 makes it: by default, by a pattern, by its front matter. Pure.

All give a path in ASCII that begins with a slash and never leaves the site, such as ``/posts/c%23/one/``.
Where Hugo would put a page on that of its section, its file name steps in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import zip_longest

from feeds.content.page_places import (
    PLAIN_STYLE,
    PagePlace,
    PathStyle,
    code_points,
    expanded,
    names_a_page,
    own_slug,
    path_text,
    stays,
)
from feeds.urlpaths import cleaned, escaped, logical

_UGLY = ".html"
_NO_DATE = datetime(1, 1, 1, tzinfo=UTC)


def default_path(page: PagePlace, style: PathStyle = PLAIN_STYLE) -> str:
    """Where a page stands whose section has no pattern: the path of its file, its name replaced by a slug."""
    return _linked(_default(page, style), style)


def pattern_path(pattern: str, page: PagePlace, style: PathStyle = PLAIN_STYLE) -> str:
    """Where a pattern such as ``/:year/:slug/`` puts a page; an empty one is none."""
    text = expanded(pattern, page, style)
    if not pattern or text is None:
        return default_path(page, style)
    path = cleaned(text) if text.startswith("/") else cleaned(text)[1:]
    return _linked([path], style)


def own_path(url: str, page: PagePlace, style: PathStyle = PLAIN_STYLE) -> str | None:
    """Where the ``url`` of its front matter puts a page; None when it says nothing, and the pattern counts.

    Its case stays. What begins with a slash stands without the language; what has a dot, and no slash at its end, is
    a file.
    """
    if ":" in url:
        url = expanded(url, page, style) or ""
    if not url:
        return None
    is_relative = not url.startswith("/")
    if ".." in url:
        url = cleaned(url)
    names = [name for name in url.split("/") if name]
    is_file = "." in url and not url.endswith("/")
    if is_file and names[-1] == "index.html":
        del names[-1]
        is_file = False
    path = "".join(f"/{name}" for name in names) + ("" if is_file else "/")
    if is_relative and not url.startswith(style.language_prefix or "/"):
        path = style.language_prefix + path
    return _safe(escaped(path))


def term_names(taxonomy: str, term: str) -> tuple[str, ...]:
    """The folders of the page of a term: a slash in it makes two of one."""
    return (*filter(None, taxonomy.split("/")), *(list(filter(None, term.split("/"))) or [term]))


def term_place(taxonomy: str, term: str, *, title: str = "", slug: str = "") -> PagePlace:
    """A term's page, such as that of ``C#`` among the ``tags``: for a pattern, and for its own ``url``."""
    names = term_names(taxonomy, term)
    return PagePlace(
        name=names[-1],
        folders=names[:-1],
        sections=names,
        is_term=True,
        title=title or term,
        slug=slug,
        date=_NO_DATE,
    )


def term_path(taxonomy: str, term: str, style: PathStyle = PLAIN_STYLE, *, slugs: tuple[str, ...] = ()) -> str:
    """The page of a term without a pattern: ``AI & ML`` of ``tags`` is ``/tags/ai--ml/``.

    ``slugs`` are those of the taxonomy's and of the term's own ``_index.md``, "" for none.
    """
    return _linked([_folder(term_names(taxonomy, term), slugs, style)], style)


def section_path(folders: tuple[str, ...], style: PathStyle = PLAIN_STYLE, *, slugs: tuple[str, ...] = ()) -> str:
    """The page of a section or of a taxonomy; of no folders the front page. ``slugs`` as ``PagePlace.folder_slugs``."""
    path = path_text(_folder(folders, slugs, style), style) if folders else ""
    end = "index.html" if style.ugly_urls else ""
    return _safe(escaped(f"{style.language_prefix}{path.removesuffix('/')}/{end}"))


def page_url(path: str, *, site_url: str) -> str:
    """The absolute URL of a path that one of these functions gave."""
    return site_url.rstrip("/") + path


def _default(page: PagePlace, style: PathStyle) -> list[str]:
    slug = own_slug(page, style)
    name = page.name if style.disable_path_to_lower else logical(page.name)
    found = (text for text in (slug, name) if text[:1].isalpha() or names_a_page(path_text(text, style)))
    wanted = next(found, None) or code_points(page.name)
    return [_folder(page.folders, page.folder_slugs, style), wanted] if page.folders else [wanted]


def _folder(names: tuple[str, ...], slugs: tuple[str, ...], style: PathStyle) -> str:
    if not style.disable_path_to_lower:
        names = tuple(map(logical, names))
    own = (slug.strip("-") for slug in slugs)
    return "/" + "/".join([slug or name for name, slug in zip_longest(names, own, fillvalue="")])


def _linked(parts: list[str], style: PathStyle) -> str:
    """The parts as one path, with what a page of this style ends in."""
    if style.ugly_urls:
        parts[-1] = parts[-1].removesuffix("/") + _UGLY
    path = ""
    for part in parts:
        text = path_text(part, style)
        path += text if path.endswith("/") or text.startswith("/") else f"/{text}"
    if not style.ugly_urls and not path.endswith("/"):
        path += "/"
    return _safe(escaped(style.language_prefix + path))


def _safe(path: str) -> str:
    """Without dot segments, escaped ones among them, and with one slash before the first name."""
    if "/." in path or "%" in path:
        *names, last = path.split("/")
        names = [name for name in names if stays(name)]
        path = "/".join([*names, last if stays(last) else ""])
    return f"/{path.lstrip('/')}"
