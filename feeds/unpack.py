"""What each room needs of sources.yaml: no room below the verbs sees the Config itself."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, tzinfo
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version

import msgspec
from msgspec.structs import replace

from feeds import __version__
from feeds.config import Config, remarks
from feeds.config.kinds import parse_duration
from feeds.content.articles import SiteFacts
from feeds.content.files import ContentRoot, scan
from feeds.model import Problem, Scope
from feeds.polled import Subscription
from feeds.publish.select import FILENAMES, PAGE_NAME, Publication
from feeds.publish.terms import fold, make_rules
from feeds.rebuild.values import CombinedFeed, Site
from feeds.urls import slugify
from feeds.where import parse_where

#: Libraries whose every version may write an article differently.
_SHAPING_LIBRARIES = ("comrak", "feedgen", "lxml", "markdown-it-py", "nh3")


def unpack(config: Config) -> Site:
    """What the house needs of sources.yaml; no room below this one sees the Config itself."""
    publication = _publication(config)
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
        roots=_roots(config),
        facts=_facts(config),
        publication=publication,
        rules=rules,
        sources=config.source_specs,
        combined=combined,
        slugs=slugs | {(str(Scope.COMBINED), fold(feed.name)): feed.slug for feed in combined},
        entries=_adopted(config),
        editor=frozenset(Scope(name) for name in config.output.editor),
        words=aliases_of(config),
        has_desk=config.pages.editor is not None,
        infer_terms=config.infer_terms,
        min_articles=config.output.min_articles,
        output=str(config.locate(config.output.path)),
        packs=str(config.locate(".feeds/entries")),
        fingerprint=_fingerprint(config),
    )


def settled(config: Config) -> tuple[Config, tuple[Problem, ...]]:
    """sources.yaml with a language in any case, and what is to be told of its values at each run."""
    guessed = ""
    if config.site.language is None:
        language, guessed = _guessed_language(config)
        config = replace(config, site=replace(config.site, language=language))
    return config, tuple(remarks(config, guessed=guessed))


def _guessed_language(config: Config) -> tuple[str, str]:
    """A language, and from what it was guessed."""
    from feeds.content.languages import guess_site_language  # noqa: PLC0415 (most sites state theirs)

    language, count = guess_site_language(scan(_roots(config)).files)
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


def _roots(config: Config) -> tuple[ContentRoot, ...]:
    return tuple(
        ContentRoot(
            path=str(config.locate(content.path)),
            name=content.path,
            glob=content.glob,
            url=content.url,
            section=content.section_name,
        )
        for content in config.content
    )


def _facts(config: Config) -> SiteFacts:
    return SiteFacts(
        url=config.site.url,
        language=config.language,
        author=config.author,
        zone=_zone(config.site.timezone),
        static=tuple(str(config.locate(path)) for path in config.static),
        tag_keys=config.front_matter.tags,
        topic_keys=config.front_matter.topics,
    )


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


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (a site in UTC need not load it)

    return ZoneInfo(name)


def _fingerprint(config: Config) -> str:
    """Hash of all that shapes the output beside the articles: every setting, and the versions of what writes it."""
    settings = msgspec.structs.asdict(config)
    shaping = {key: value for key, value in settings.items() if key not in _SHAPELESS}
    shaping["pages"] = msgspec.structs.replace(config.pages, editor=None)
    versions = [__version__, *map(_version, _SHAPING_LIBRARIES)]
    return blake2b(msgspec.json.encode([shaping, versions], order="deterministic"), digest_size=16).hexdigest()


#: Settings that no document depends on.
_SHAPELESS = frozenset({"file", "folder", "notify", "schedule", "serve", "state"})


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
