"""What each room needs of sources.yaml: no room below the verbs sees the Config itself."""

from __future__ import annotations

import os
import posixpath
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feeds import __version__
from feeds.config import Config, remarks
from feeds.config.kinds import parse_duration
from feeds.config.settings import Content
from feeds.content.articles import SiteFacts
from feeds.content.files import ContentRoot, scan
from feeds.content.generator import DateRules, Generator
from feeds.content.plain_tree import PlainTree
from feeds.content.rules import GUESSED_MATH, MathRules, RenderRules
from feeds.errors import ConfigError
from feeds.model import Person, Problem, Scope, Severity
from feeds.polled import Subscription
from feeds.publish.select import FILENAMES, PAGE_NAME, Edition, Publication, with_editions
from feeds.publish.terms import fold, make_rules
from feeds.rebuild.values import CombinedFeed, Site
from feeds.sites.description import Edition as KnownEdition
from feeds.sites.description import SiteDescription, Tree
from feeds.sites.recognise import GeneratorSite, recognise, trees_for
from feeds.sites.term_pages import TermPages, term_pages_of
from feeds.urls import slugify
from feeds.where import parse_where

#: Libraries whose every version may write an article differently.
_SHAPING_LIBRARIES = ("comrak", "feedgen", "lxml", "markdown-it-py", "nh3")


def unpack(config: Config) -> Site:
    """What the house needs of sources.yaml; no room below this one sees the Config itself.

    Raises:
        ConfigError: the configuration of the site's generator cannot be read, or there are no articles to be found.
    """
    known = recognised(config)
    publication = _publication(config)
    if known is not None and known.says.editions:
        publication = with_editions(publication, _editions(config, known.says))
    roots = _roots(config, known)
    term_pages = _term_pages(config, known, publication)
    topics = [(topic.name, topic.aliases) for topic in config.topics]
    rules = make_rules(config.tags.aliases, topics or None)
    combined = tuple(
        CombinedFeed(
            name=feed.name,
            slug=feed.slug or slugify(feed.name),
            where=parse_where(feed.where).renamed(rules.own_name),
        )
        for feed in config.feeds
    )
    slugs = {(str(Scope.TOPIC), fold(topic.name)): topic.slug for topic in config.topics if topic.slug}
    return Site(
        folder=config.folder,
        roots=roots,
        configuration=known.says.files if known else (),
        facts=_facts(config, known),
        publication=replace(publication, has_own_terms=term_pages is not None),
        term_pages=term_pages,
        rules=rules,
        sources=config.source_specs,
        combined=combined,
        slugs=slugs | {(str(Scope.COMBINED), fold(feed.name)): feed.slug for feed in combined},
        entries=_adopted(config),
        editor=frozenset(Scope(name) for name in config.output.editor),
        words=aliases_of(config),
        has_desk=config.pages.editor is not None,
        infer_terms=(known is None or not known.says.kind) if config.infer_terms is None else config.infer_terms,
        min_articles=config.output.min_articles,
        output=str(config.locate(config.output.path)),
        packs=str(config.locate(".feeds/entries")),
        fingerprint=_fingerprint(config, known, roots),
    )


def settled(config: Config) -> tuple[Config, tuple[Problem, ...]]:
    """sources.yaml with a language in any case, and what is to be told of its values at each run."""
    guessed = ""
    if config.site.language is None:
        from feeds.content.fields import language_of  # noqa: PLC0415 (most sites state theirs)

        known = recognised(config)
        language = language_of(known.says.language) if known else None
        if language is None:
            language, guessed = _guessed_language(config, known)
        config = replace(config, site=replace(config.site, language=language))
    return config, tuple(remarks(config, guessed=guessed))


def _guessed_language(config: Config, known: Known | None) -> tuple[str, str]:
    """A language, and from what it was guessed."""
    from feeds.content.languages import guess_site_language  # noqa: PLC0415 (most sites state theirs)

    language, count = guess_site_language(scan(_roots(config, known)).files)
    if language:
        return language, f"guessed from the text of {count} of its articles"
    return config.language, "since no article tells"


def user_agent(site_url: str) -> str:
    """Who asks, and where to complain (RFC 9110 §10.1.5)."""
    return f"feeds/{__version__} (+{site_url})"


def _adopted(config: Config) -> dict[Scope, str]:
    taken = {Scope(name): getattr(config.output.entries, name) for name in config.output.entries.__struct_fields__}
    return {scope: which for scope, which in taken.items() if which != "none"}


def subscriptions_of(config: Config) -> tuple[Subscription, ...]:
    """Every feed to be polled, with how to ask for it; a feed that two sources name is asked once."""
    found: dict[str, Subscription] = {}
    for source in config.sources:
        headers = dict(source.headers)
        if source.auth is not None:
            pair = f"{source.auth.username}:{source.auth.password}".encode()
            headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        every = None if source.every == "adaptive" else parse_duration(source.every)
        for url in source.urls:
            found.setdefault(
                url,
                Subscription(
                    source=source.name, url=url, every=every, headers=headers, allow_private=source.allow_private
                ),
            )
    return tuple(found.values())


def aliases_of(config: Config) -> dict[str, tuple[str, ...]]:
    """Names and their other names, as sources.yaml has them for sources, topics and tags."""
    sources = {source.name: tuple(source.aliases) for source in config.sources if source.aliases}
    topics = {topic.name: tuple(topic.aliases) for topic in config.topics if topic.aliases}
    return sources | topics | {name: tuple(aliases) for name, aliases in config.tags.aliases.items()}


class Known(Struct, frozen=True):
    """The site's generator, as far as there is one."""

    #: Absolute folder of its configuration.
    folder: Path
    site: GeneratorSite
    says: SiteDescription


def recognised(config: Config) -> Known | None:
    """The generator that the site is built with; None when there is none that we know.

    Raises:
        ConfigError: a file of its configuration cannot be read, or there is none of the kind that is named.
    """
    found = recognise(Path(config.folder), config.generator, [content.path for content in config.content])
    if found is None:
        if config.generator not in {"auto", "none"}:
            why = f"{config.file}: generator: there is no configuration of {config.generator} here"
            raise ConfigError(f"{why} (write auto, or lay sources.yaml beside it)")
        return None
    return Known(found[0], found[1], found[1].describe())


def unobeyed(config: Config) -> Iterator[Problem]:
    """What the site's generator is told and we do not obey: worth a note in ``feeds check``."""
    known = recognised(config)
    says = known.says if known else SiteDescription()
    for note in says.notes:
        yield Problem(path=says.read_from, severity=Severity.NOTE, what=says.kind or "content", why=note)


def _roots(config: Config, known: Known | None) -> tuple[ContentRoot, ...]:
    given = config.content
    if not given and known is None:
        raise ConfigError(f"{config.file}: content: names no folder of articles (write content: [{{path: content}}])")
    if not given and known is not None:
        inside = os.path.relpath(known.folder, config.folder).replace(os.sep, "/")
        return tuple(_known_root(config, known, tree.path, tree, inside, None) for tree in known.says.trees)
    return tuple(root for content in given for root in _given_roots(config, known, content))


def _given_roots(config: Config, known: Known | None, content: Content) -> Iterator[ContentRoot]:
    if known is not None:
        inside = os.path.relpath(known.folder, config.folder).replace(os.sep, "/")
        path = os.path.relpath(config.locate(content.path), known.folder).replace(os.sep, "/")
        trees = known.says.trees
        if not known.says.kind:  # read as Markdown: its own folders, and no others
            trees = tuple(tree for tree in trees if tree.path == path)
        found = trees_for(path, trees)
        yield from (_known_root(config, known, folder, tree, inside, content) for folder, tree in found)
        if found:
            return
    yield ContentRoot(
        path=str(config.locate(content.path)),
        name=content.path,
        glob=content.glob,
        url=content.url,
        section=content.section_name,
        generator=PlainTree(
            dates=_dates(config, DateRules()), is_project=config.locate(content.path) == Path(config.folder)
        ),
    )


def _known_root(  # noqa: PLR0913, PLR0917 (a root, and whence its parts come)
    config: Config, known: Known, path: str, tree: Tree, inside: str, content: Content | None
) -> ContentRoot:
    """A folder of the generator's content; ``inside`` leads from sources.yaml to the folder of the site."""
    return ContentRoot(
        path=str(known.folder / path),
        name=posixpath.normpath(posixpath.join(inside, path)).removeprefix("./"),
        glob=content.glob if content else None,
        url=content.url if content else None,
        section=tree.below if known.says.kind or content is None or content.section is None else content.section,
        is_layer=bool(known.says.kind),
        generator=_with_dates(config, known.site.tree(config.site.url, tree)),
    )


def _with_dates(config: Config, generator: Generator) -> Generator:
    dates = _dates(config, generator.dates)
    return generator if dates is generator.dates else generator.with_dates(dates)


def _dates(config: Config, usual: DateRules) -> DateRules:
    """The rules of the generator, with ``front_matter.date`` of sources.yaml for the date."""
    if config.front_matter.date is None:
        return usual
    from feeds.content.sheet import fold_key  # noqa: PLC0415 (few sites say what is a date)

    given = [key.lower() for key in config.front_matter.date]
    folded = [key if key.startswith(":") else fold_key(key) for key in given]
    keys = [one for key in folded for one in (usual.published if key == ":default" else (key,))]
    return msgspec.structs.replace(usual, published=tuple(dict.fromkeys(keys)))


def _facts(config: Config, known: Known | None) -> SiteFacts:
    front_matter = config.front_matter
    says = known.says if known else SiteDescription()
    static = [str(config.locate(path)) for path in config.static or ()]
    if config.static is None:
        static = [str(known.folder / path) for path in says.static] if known else [str(config.locate("static"))]
    return SiteFacts(
        url=config.site.url,
        language=config.language,
        # Of a site in several languages each edition has its own, which the publication knows.
        author=None if says.editions else config.author,
        zone=_zone(_timezone(config, says)),
        static=tuple(static),
        tag_keys=front_matter.tags or tuple(one.key for one in says.tags) or ("tags",),
        rendering=_rendering(says),
        topic_keys=front_matter.topics or tuple(one.key for one in says.topics) or ("main_topics",),
    )


def _term_pages(config: Config, known: Known | None, publication: Publication) -> TermPages | None:
    if known is None:
        return None
    generator = known.site.tree(config.site.url, Tree(path="."))
    urls = {key: own.url for key, own in publication.editions.items()}
    return term_pages_of(known.says, generator, config.site.url, urls)


def _editions(config: Config, says: SiteDescription) -> list[Edition]:
    """The languages of the site, that of sources.yaml first."""
    from feeds.content.fields import language_of  # noqa: PLC0415 (most sites have one)

    site, base = config.site, config.output.url or config.site.url
    found = []
    for number, one in enumerate(says.editions):
        # Languages with addresses of their own lie side by side in folders, which are served at different hosts.
        own = site.url if one.url and number == 0 else one.url
        folder = f"{one.key}/" if one.url else one.folder
        found.append(
            Edition(
                key=one.key,
                title=site.title if number == 0 else one.title or site.title,
                url=own or site.url + folder,
                folder=folder,
                base_url=own or base + folder,
                description=(site.description if number == 0 else one.description) or "",
                language=config.language if number == 0 else language_of(one.language) or one.key,
                author=_author_of(config, one, is_default=number == 0),
            )
        )
    return found


def _author_of(config: Config, edition: KnownEdition, *, is_default: bool) -> Person:
    """Who is not named is the site itself, by the name that it has in this language."""
    if is_default or not (edition.author or config.site.author is None):
        return config.author
    return Person(name=edition.author or edition.title or config.site.title)


def _rendering(says: SiteDescription) -> RenderRules:
    """What the generator makes of Markdown; formulas are guessed where it does not say which there are."""
    settings = says.rendering
    math: MathRules | None = GUESSED_MATH if says.kind != "hugo" else None
    if "math" in settings:
        pairs = {kind: tuple(map(tuple, settings["math"].get(kind, ()))) for kind in ("block", "inline")}
        math = MathRules(block=pairs["block"], inline=pairs["inline"])
    return RenderRules(dialect=settings.get("dialect", ""), math=math, emoji=bool(settings.get("emoji")))


def _publication(config: Config) -> Publication:
    output, site = config.output, config.site
    # The page comes last: what is first must be a feed.
    formats = (*output.formats, *([PAGE_NAME] if config.pages.public else []))
    return Publication(
        title=site.title,
        url=site.url,
        base_url=output.url or site.url,
        description=site.description or "",
        language=config.language,
        author=config.author,
        icon=config.icon,
        hub=site.hub,
        layout={scope: getattr(output.layout, scope.value) for scope in Scope},
        filenames={name: FILENAMES[name] for name in formats},
        limit=output.limit,
        archived_scopes=frozenset(Scope(name) for name in output.archives),
        descriptions={
            (Scope.COMBINED, fold(feed.name)): feed.description or f"{feed.name}: {feed.where}" for feed in config.feeds
        },
    )


def _timezone(config: Config, says: SiteDescription) -> str:
    """That of sources.yaml; the generator's where sources.yaml names none but UTC, which is its default."""
    if config.site.timezone != "UTC" or not says.timezone:
        return config.site.timezone
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (a site in UTC need not load it)

    try:
        return ZoneInfo(says.timezone).key
    except (LookupError, ValueError, OSError):  # no zone of that name
        return config.site.timezone


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (a site in UTC need not load it)

    return ZoneInfo(name)


def _fingerprint(config: Config, known: Known | None, roots: Sequence[ContentRoot]) -> str:
    """Hash of all that shapes the output beside the articles: every setting, and the versions of what writes it."""
    settings = msgspec.structs.asdict(config)
    shaping = {key: value for key, value in settings.items() if key not in _SHAPELESS}
    shaping["pages"] = msgspec.structs.replace(config.pages, editor=None)
    described = [repr(known.says), *map(repr, roots)] if known else []
    versions = [__version__, *map(_version, _SHAPING_LIBRARIES)]
    return blake2b(
        msgspec.json.encode([shaping, versions, described], order="deterministic"), digest_size=16
    ).hexdigest()


#: Settings that no document depends on.
_SHAPELESS = frozenset({"file", "folder", "notify", "schedule", "serve", "state"})


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
