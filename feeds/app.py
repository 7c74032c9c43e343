"""The verbs, each a short story: open a site, check it, rebuild it, poll its sources."""

from __future__ import annotations

import contextlib
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from feeds import __version__
from feeds.config import Config, load_config, missing_folders
from feeds.config.kinds import parse_duration
from feeds.content.articles import SiteFacts
from feeds.content.files import ContentRoot
from feeds.errors import ConfigError
from feeds.model import Article, Scope
from feeds.polled import Subscription
from feeds.publish.render import FORMATS
from feeds.publish.select import Publication
from feeds.publish.terms import fold, make_rules
from feeds.rebuild.check import Findings, check_site
from feeds.rebuild.prepare import CombinedFeed, Site
from feeds.rebuild.run import Options, Progress, Report, rebuild
from feeds.store.sql import Store, has_state, read_meta, write_meta
from feeds.urls import slugify
from feeds.where import parse_where

if TYPE_CHECKING:  # most load the HTTP library
    from sqlalchemy import Connection

    from feeds.meet.audit import Audited
    from feeds.poll.ask import Fetches
    from feeds.poll.run import Options as PollOptions
    from feeds.poll.run import Report as PollReport
    from feeds.poll.run import Round
    from feeds.poll.seek import Findings as Discovered
    from feeds.poll.status import Status
    from feeds.sources.discover import Discovery

#: Libraries whose every version may write an article differently.
_SHAPING_LIBRARIES = ("comrak", "feedgen", "lxml", "markdown-it-py", "nh3")


class App:
    """One site, opened from its sources.yaml. Raises ConfigError."""

    def __init__(self, config_path: str) -> None:
        self.config = load_config(config_path)
        self.site = unpack(self.config)

    def rebuild(self, options: Options, *, now: datetime, progress: Progress) -> Report:
        """Bring the output up to date. Raises BusyError when another run is at work, StoreError, PublishError."""
        with self._store() as store, store.lock():
            return rebuild(store, self.site, options, now=now, progress=progress)

    def check(self, *, progress: Progress) -> Findings:
        """Read everything and say what is wrong with it; write nothing."""
        with self._known_store() as store:
            findings = check_site(self.site, store, progress=progress)
        return replace(findings, problems=(*missing_folders(self.config), *findings.problems))

    def poll(self, options: PollOptions, *, clock: Callable[[], datetime], report: PollReport) -> Round:
        """Ask the sources that are due, or those that are named. Raises ConfigError for a name that none has."""
        from feeds.sources.fetch import Fetcher  # noqa: PLC0415 (a rebuild loads no HTTP library)

        subscriptions = subscriptions_of(self.config)
        _know_names(options.names, subscriptions)
        with contextlib.closing(Fetcher(user_agent=user_agent(self.config.site.url))) as fetcher:
            return self._poll(fetcher, subscriptions, options, clock=clock, report=report)

    def _poll(
        self,
        fetcher: Fetches,
        subscriptions: Sequence[Subscription],
        options: PollOptions,
        *,
        clock: Callable[[], datetime],
        report: PollReport,
    ) -> Round:
        from feeds.poll.ask import Asker  # noqa: PLC0415 (likewise)
        from feeds.poll.run import Poller  # noqa: PLC0415
        from feeds.sources.sandbox import Sandbox  # noqa: PLC0415

        with self._store() as store, Sandbox(processes=os.cpu_count() or 1) as sandbox:
            asker = Asker(fetcher, sandbox, clock=clock)
            return Poller(store, asker.ask, subscriptions, options, clock=clock, report=report).go()

    def discover(self, *, limit: int, is_offline: bool, now: datetime, progress: Progress) -> Discovered:
        """Find the feeds of the hosts that the articles cite most."""
        from feeds.poll.seek import Memory, seek  # noqa: PLC0415 (likewise)
        from feeds.sources.discover import rank_hosts  # noqa: PLC0415
        from feeds.sources.fetch import Fetcher  # noqa: PLC0415

        articles = self._articles(progress)
        citations = [citation for article in articles for citation in article.citations]
        hosts = rank_hosts(citations, configured=self.config.source_specs)
        if is_offline:
            return seek(hosts[:limit], None, Memory("", now=now), report=progress)
        with (
            self._store() as store,
            contextlib.closing(Fetcher(user_agent=user_agent(self.config.site.url))) as fetcher,
        ):
            with store.snapshot() as connection:
                memory = Memory(read_meta(connection, "discovered"), now=now)
            found = seek(hosts[:limit], lambda request: fetcher.fetch(request, now=now), memory, report=progress)
            with store.transaction() as connection:
                write_meta(connection, "discovered", memory.text)
            return found

    def add_sources(self, discoveries: Sequence[Discovery], *, clock: Callable[[], datetime]) -> list[str]:
        """Write sources into sources.yaml, and store what discovery has fetched of them. Returns their names.

        Raises ConfigError, and changes nothing, when the file cannot be edited without touching anything else in it.
        """
        from feeds.poll.run import Options as PollOptions  # noqa: PLC0415 (likewise)
        from feeds.poll.seek import FirstDocuments  # noqa: PLC0415
        from feeds.sources.stanza import add_sources  # noqa: PLC0415

        path = Path(self.config.file)
        before = {source.name for source in self.config.sources}
        text = path.read_bytes().decode("utf-8")
        replace_file(path, add_sources(text, discoveries).encode("utf-8"))
        self.config = load_config(str(path))
        first = FirstDocuments()
        for discovery in discoveries:
            first.add(discovery)
        subscriptions = subscriptions_of(self.config)
        names = frozenset(first.found.keys() & {subscription.url for subscription in subscriptions})
        if names:
            self._poll(first, subscriptions, PollOptions(names=names), clock=clock, report=lambda *_: None)
        return [source.name for source in self.config.sources if source.name not in before]

    def match(self, entries: Path | None, *, progress: Progress) -> list[dict[str, Any]]:
        """Which articles the entries of a file, or of the state, meet. Raises ConfigError for a file that is none."""
        from feeds.meet.match import match_file, match_stored  # noqa: PLC0415 (a rebuild does without)

        articles = self._articles(progress)
        specs, words = self.config.source_specs, aliases_of(self.config)
        if entries is not None:
            try:
                lines = entries.read_text("utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"{entries}: cannot be read: {error}") from error
            return list(match_file(articles, words, lines, name=str(entries)))
        with self._looking() as connection:
            return list(match_stored(articles, words, connection, specs)) if connection else []

    def audit(self, *, progress: Progress) -> Audited:
        """What the sources' own feeds say of each citation."""
        from feeds.meet.audit import audit  # noqa: PLC0415 (a rebuild does without)

        articles = self._articles(progress)
        with self._looking() as connection:
            return audit(articles, self.config.source_specs, connection)

    def export_opml(self) -> bytes:
        """The subscription list of the feeds that are followed."""
        from feeds.publish.opml import OpmlFeed, render_opml  # noqa: PLC0415 (beside its only use)

        feeds = [
            OpmlFeed(title=spec.name, xml_url=url, html_url=spec.site)
            for spec in self.config.source_specs
            for url in spec.feeds
        ]
        return render_opml(f"{self.config.site.title}: sources", [("", feeds)], owner=self.config.author)

    def status(self, *, now: datetime) -> Status:
        """What is known of every source."""
        from feeds.poll.status import read_status  # noqa: PLC0415 (likewise)

        with self._looking() as connection:
            return read_status(connection, self.config.source_specs, now=now)

    def _articles(self, progress: Progress) -> list[Article]:
        """Every article that can be read, with its terms."""
        return [article for article, _ in self.check(progress=progress).articles]

    @contextlib.contextmanager
    def _looking(self) -> Iterator[Connection | None]:
        """A view of the state, to read only; None when there is none."""
        with self._known_store() as store:
            if store is None:
                yield None
                return
            with store.snapshot() as connection:
                yield connection

    @contextlib.contextmanager
    def _known_store(self) -> Iterator[Store | None]:
        """The state; None when there is none, since looking must not create it."""
        if not has_state(self.config.state, folder=self.config.folder):
            yield None
            return
        with self._store() as store:
            yield store

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store]:
        store = Store(self.config.state, folder=self.config.folder)
        try:
            yield store
        finally:
            store.close()


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
        infer_terms=config.infer_terms,
        min_articles=config.output.min_articles,
        output=str(config.locate(config.output.path)),
        packs=str(config.locate(".feeds/entries")),
        fingerprint=_fingerprint(config),
    )


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


def replace_file(path: Path, data: bytes) -> None:
    """Put ``data`` in place in one step: whoever reads sees the old file or the new one, and its rights stay."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(data)
        shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written: {error.strerror} (check its folder's permissions)") from error


def user_agent(site_url: str) -> str:
    """Who asks, and where to complain (RFC 9110 §10.1.5)."""
    return f"feeds/{__version__} (+{site_url})"


def _know_names(names: Iterable[str], subscriptions: Iterable[Subscription]) -> None:
    """Raise ConfigError for a name that no source and no feed has."""
    known = {name for one in subscriptions for name in (one.source, one.url)}
    for name in names:
        if name not in known:
            from difflib import get_close_matches  # noqa: PLC0415 (only for a slip)

            near = get_close_matches(name, known, n=1)
            fix = f"did you mean {near[0]!r}?" if near else "feeds status lists them"
            raise ConfigError(f"source {name!r}: sources.yaml names none that has a feed ({fix})")


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
        language=config.site.language,
        author=config.author,
        zone=_zone(config.site.timezone),
        static=tuple(str(config.locate(path)) for path in config.static),
        tag_keys=config.front_matter.tags,
        topic_keys=config.front_matter.topics,
    )


def _publication(config: Config) -> Publication:
    output, site = config.output, config.site
    return Publication(
        title=site.title,
        url=site.url,
        base_url=output.url or site.url,
        description=site.description or "",
        language=site.language,
        author=config.author,
        icon=config.icon,
        hub=site.hub,
        layout={scope: getattr(output.layout, scope.value) for scope in Scope},
        filenames={name: FORMATS[name].filename for name in output.formats},
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
    shaping = {key: value for key, value in settings.items() if key not in {"file", "folder", "schedule", "state"}}
    versions = [__version__, *map(_version, _SHAPING_LIBRARIES)]
    return blake2b(msgspec.json.encode([shaping, versions], order="deterministic"), digest_size=16).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
