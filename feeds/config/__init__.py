"""Read sources.yaml into a Config: every value checked, every problem with its line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from feeds.config.checks import find_contradictions
from feeds.config.listing import shape
from feeds.config.placeholders import ASKS_FOR_URL, placeholders
from feeds.config.reader import Reader, compose
from feeds.config.settings import Author, SourcesFile
from feeds.errors import ConfigError
from feeds.model import Person, Problem, Severity, SourceSpec
from feeds.urls import clean_url


class Config(SourcesFile, frozen=True, kw_only=True):
    """sources.yaml, checked. Paths are as written: ``locate`` makes them absolute."""

    #: The file as the user named it.
    file: str
    #: Its folder, absolute.
    folder: str

    def locate(self, path: str) -> Path:
        """A path of the file, made absolute."""
        return Path(self.folder, path)

    @property
    def language(self) -> str:
        """Language of articles that name none; English when nobody has said or guessed another."""
        return self.site.language or "en"

    @property
    def author(self) -> Person:
        """Author of articles that name none."""
        author = self.site.author or self.site.title
        if isinstance(author, Author):
            return Person(name=author.name, email=author.email, url=author.url)
        return Person(name=author)

    @property
    def icon(self) -> str | None:
        """The site's icon, absolute."""
        return clean_url(self.site.icon, self.site.url) if self.site.icon else None

    @property
    def source_specs(self) -> tuple[SourceSpec, ...]:
        """The sources as the rest of the house knows them."""
        return tuple(
            SourceSpec(name=s.name, feeds=s.urls, site=s.site, aliases=s.aliases, every=s.every) for s in self.sources
        )


def load_config(path: str, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check the file; ``environ`` (default: the process's) fills ``${NAME}``.

    Raises:
        ConfigError: with one line for each problem, in the order of the file.
    """
    reader = Reader(path, os.environ if environ is None else environ)
    given = reader.read(compose(path), shape(), "")
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 - lexical: a symlink's own folder counts
    for place, why, fix in find_contradictions(given, folder):
        reader.complain(place, why, fix)
    if reader.problems:
        raise ConfigError("\n".join(map(str, sorted(reader.problems, key=lambda problem: problem.line or 0))))
    return Config(**{name: getattr(given, name) for name in given.__struct_fields__}, file=path, folder=folder)


def missing_folders(config: Config) -> Iterator[Problem]:
    """The folders of articles and files that are not there: each a warning, for a site may create them later."""
    lines = _lines(config)
    places = [(f"content[{n}].path", content.path) for n, content in enumerate(config.content)]
    if "static" in lines:
        places += [(f"static[{n}]", static) for n, static in enumerate(config.static or ())]
    for place, path in places:
        if not config.locate(path).is_dir():
            yield Problem(
                path=config.file,
                line=lines.get(place),
                severity=Severity.WARNING,
                what=place,
                why=f'the folder "{path}" does not exist',
                fix="create it, or remove the entry",
            )


def remarks(config: Config, *, guessed: str = "") -> Iterator[Problem]:
    """A warning for each placeholder, and for a language that was guessed, of the words that say from what."""
    found = list(placeholders(config.site.title, config.site.url, is_asked=_asks_for_url(config.file)))
    if guessed:
        why = f'is not set; "{config.language}" was taken, {guessed}'
        found.append(("site.language", why, f'write "language: {config.language}" below "site:", or another'))
    lines = _lines(config) if found else {}
    for place, why, fix in found:
        line = lines.get(place) or lines.get("site")
        yield Problem(path=config.file, line=line, severity=Severity.WARNING, what=place, why=why, fix=fix)


def _asks_for_url(file: str) -> bool:
    """Whether the file still says, as ``feeds init`` wrote it, that its address is to be written."""
    try:
        return f"# Note: {ASKS_FOR_URL}" in Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _lines(config: Config) -> dict[str, int]:
    """The line of each key of the file."""
    reader = Reader(config.file, {})
    reader.read(compose(config.file), shape(), "")
    return reader.lines
