"""What must hold between the values of sources.yaml: unique names, one place per feed, an output in nobody's way.

Each check takes the whole file and yields what is wrong as (path of the value, why, what to do).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from feeds.config.settings import Layout, Source, SourcesFile, Topic
from feeds.urls import slugify

Wrong = tuple[str, str, str]


def find_contradictions(config: SourcesFile, folder: str) -> Iterator[Wrong]:
    """Everything that is wrong between the values; ``folder`` is the absolute folder of the file."""
    for check in _CHECKS:
        yield from check(config)
    yield from _misplaced_output(config, folder)


def _sqlite_file(state: str) -> str | None:
    """The path in a SQLite URL, as written; None for memory and for other databases."""
    path = state.removeprefix("sqlite://").removeprefix("/").partition("?")[0]
    return path if state.startswith("sqlite://") and path not in ("", ":memory:") else None


def fold(name: str) -> str:
    """Key under which two names are the same: NFKC, case, spaces and hyphens ignored."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in plain if not char.isspace() and char not in "-_") or plain


def _repeated(names: Iterable[tuple[str, str]], what: str) -> Iterator[Wrong]:
    """Of (path, name) pairs, those whose name another one has already."""
    first: dict[str, str] = {}
    for path, name in names:
        if name and first.setdefault(fold(name), path) != path:
            yield path, f'{what} "{name}" stands twice', f"see {first[fold(name)]}"


def _names(key: str, entries: Iterable[Source | Topic]) -> Iterator[tuple[str, str]]:
    """Where each entry's name and aliases stand; an alias that is only the name's other spelling is harmless."""
    for number, entry in enumerate(entries):
        yield f"{key}[{number}].name", entry.name
        yield from ((f"{key}[{number}].aliases", a) for a in entry.aliases if fold(a) != fold(entry.name))


def _sources(config: SourcesFile) -> Iterator[Wrong]:
    yield from _repeated(_names("sources", config.sources), "the source")
    for number, source in enumerate(config.sources):
        if source.feed is None and source.feeds is None:
            yield f"sources[{number}]", "has no feed", 'write "feed: https://…", or "feed: none" if it has none'
        elif source.feed is not None and source.feeds is not None:
            yield f"sources[{number}].feeds", "stands beside feed, which means the same", "keep one of them"


def _source_feeds(config: SourcesFile) -> Iterator[Wrong]:
    first: dict[str, str] = {}
    for number, source in enumerate(config.sources):
        for url in source.urls:
            path = f"sources[{number}].{'feed' if source.feed is not None else 'feeds'}"
            if url and first.setdefault(url, path) != path:
                yield path, "is the feed of another source too", f"see {first[url]}"


def _topics(config: SourcesFile) -> Iterator[Wrong]:
    yield from _repeated(_names("topics", config.topics), "the topic")
    slugs = ((f"topics[{number}].slug", t.slug or slugify(t.name)) for number, t in enumerate(config.topics))
    yield from _repeated(slugs, "the slug")


def _tag_aliases(config: SourcesFile) -> Iterator[Wrong]:
    names = (
        (f"tags.aliases.{name}", spelling)
        for name, others in config.tags.aliases.items()
        for spelling in (name, *(other for other in others if fold(other) != fold(name)))
    )
    yield from _repeated(names, "the tag")


def _combined(config: SourcesFile) -> Iterator[Wrong]:
    yield from _repeated(((f"feeds[{n}].name", feed.name) for n, feed in enumerate(config.feeds)), "the feed")
    slugs = ((f"feeds[{n}].slug", feed.slug or slugify(feed.name)) for n, feed in enumerate(config.feeds))
    yield from _repeated(slugs, "the slug")


def _content(config: SourcesFile) -> Iterator[Wrong]:
    first: dict[tuple[str, str | None], int] = {}
    for number, content in enumerate(config.content):
        earlier = first.setdefault((content.path, content.glob), number)
        if content.path and earlier != number:
            yield f"content[{number}].path", f'the folder "{content.path}" stands twice', f"see content[{earlier}]"


def _layout(config: SourcesFile) -> Iterator[Wrong]:
    layout = config.output.layout
    scopes = [(name, getattr(layout, name)) for name in layout.__struct_fields__]
    for (first, one), (second, other) in combinations(scopes, 2):
        if one and other and _may_collide(one, other):
            path = f"output.layout.{second}"
            yield path, f"a {second} and a {first} can get the same folder", f'try "{getattr(Layout(), second)}"'


def _desk(config: SourcesFile) -> Iterator[Wrong]:
    if config.pages.editor is not None and config.pages.editor.strip("/") == config.output.path.strip("/"):
        yield "pages.editor", "the editor's pages and the feeds have one folder", 'try "desk"'


def _may_collide(one: str, other: str) -> bool:
    ours, theirs = one.strip("/").split("/"), other.strip("/").split("/")
    return len(ours) == len(theirs) and all(map(_may_be_equal, ours, theirs))


def _may_be_equal(one: str, other: str) -> bool:
    """Whether two folder names can be the same for some slugs."""
    head, has_slug, tail = one.partition(":slug")
    other_head, other_has_slug, other_tail = other.partition(":slug")
    if not has_slug and not other_has_slug:
        return one == other
    heads = head.startswith(other_head) or other_head.startswith(head)
    tails = tail.endswith(other_tail) or other_tail.endswith(tail)
    return heads and tails


def _misplaced_output(config: SourcesFile, folder: str) -> Iterator[Wrong]:
    """Everything in the output folder is served to the world, and may be written over."""
    output = _place(folder, config.output.path)
    state = _sqlite_file(config.state)
    owned = {f"the articles of {content.path}": content.path for content in config.content if content.path}
    owned |= {f"the files of {static}": static for static in config.static or ("static",) if static}
    for what, path in (owned | {"the project itself": "."}).items():
        if _contains(output, _place(folder, path)):
            yield "output.path", f"would mix the feeds with {what}", 'try "output"'
            return
    if state and _contains(output, _place(folder, state)):
        yield "state", "lies in the output folder, where everybody can read it", "try sqlite:///.feeds/state.db"


def _contains(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)


def _place(folder: str, path: str) -> str:
    return os.path.normcase(os.path.normpath(os.path.join(folder, path)))  # noqa: PTH118 - lexical; the folder need not exist


_CHECKS: tuple[Callable[[SourcesFile], Iterator[Wrong]], ...] = (
    _sources,
    _source_feeds,
    _topics,
    _tag_aliases,
    _combined,
    _content,
    _layout,
    _desk,
)
