"""The verbs, each a short story: open a site, check it, rebuild it, poll its sources."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.config import load_config, missing_folders
from feeds.errors import BusyError, ConfigError
from feeds.model import Article
from feeds.polled import Subscription
from feeds.rebuild.run import Options, Progress, Report, rebuild
from feeds.store import article_rows, source_rows
from feeds.store.packs import pack_bytes
from feeds.store.sql import Store, has_state, read_meta, write_meta
from feeds.unpack import settled, subscriptions_of, unobeyed, unpack, user_agent
from feeds.urls import host_of

if TYPE_CHECKING:  # most load the HTTP library
    from sqlalchemy import Connection

    from feeds.meet.audit import Audited
    from feeds.meet.links import LinkRound
    from feeds.meet.match import Judged
    from feeds.meet.why import Account
    from feeds.poll.ask import Fetches
    from feeds.poll.exchange import Exchanged
    from feeds.poll.run import Options as PollOptions
    from feeds.poll.run import Report as PollReport
    from feeds.poll.run import Round
    from feeds.poll.seek import Findings as Discovered
    from feeds.poll.status import Status
    from feeds.rebuild.check import Findings
    from feeds.sources.discover import Discovery
    from feeds.sources.post import Poster
    from feeds.sources.sandbox import Sandbox


#: Rendered entries that nothing uses may take so much room beside those that are used (bytes).
_WASTE_ALLOWED = 64 << 20


class App:
    """One site, opened from its sources.yaml. Raises ConfigError."""

    def __init__(self, config_path: str) -> None:
        #: ``remarks``: what is to be told of the values of sources.yaml.
        self.config, self.remarks = settled(load_config(config_path))
        self.site = unpack(self.config)

    def rebuild(self, options: Options, *, now: datetime, progress: Progress) -> Report:
        """Bring the output up to date. Raises BusyError when another run is at work, StoreError, PublishError."""
        with self._store() as store, store.lock():
            return self._rebuild(store, options, now=now, progress=progress)

    def _rebuild(self, store: Store, options: Options, *, now: datetime, progress: Progress) -> Report:
        done = rebuild(store, self.site, options, now=now, progress=progress)
        done.problems[:0] = self.remarks
        if not options.dry_run:
            self._write_desk(store)
        return done

    def _write_desk(self, store: Store) -> None:
        """The editor's pages, where sources.yaml wants them."""
        if self.config.pages.editor is None:
            return
        from feeds.editor import DeskPlan, write_desk  # noqa: PLC0415 (most sites have none)

        site = self.config.site
        plan = DeskPlan(
            folder=str(self.config.locate(self.config.pages.editor)),
            title=site.title,
            url=site.url,
            language=self.config.language,
            zone=self.site.facts.zone,
            sources=self.site.sources,
            gaps=self.site.publication.limit,
        )
        write_desk(store, plan)

    def check(self, *, now: datetime, progress: Progress) -> Findings:
        """Read everything and say what is wrong with it; write nothing."""
        from feeds.rebuild.check import check_site  # noqa: PLC0415 (a rebuild does without)

        with self._known_store() as store:
            findings = check_site(self.site, store, now=now, progress=progress)
        said = (*self.remarks, *missing_folders(self.config), *unobeyed(self.config))
        return replace(findings, problems=(*said, *findings.problems))

    @contextlib.contextmanager
    def tools(self) -> Iterator[Tools]:
        """What polling needs beside the state; whoever polls again and again keeps it."""
        from feeds.sources.fetch import Fetcher  # noqa: PLC0415 (a rebuild loads no HTTP library)
        from feeds.sources.post import Poster  # noqa: PLC0415
        from feeds.sources.sandbox import Sandbox  # noqa: PLC0415

        agent = user_agent(self.config.site.url)
        with (
            contextlib.closing(Fetcher(user_agent=agent)) as fetcher,
            contextlib.closing(Poster(user_agent=agent)) as poster,
            Sandbox(processes=os.cpu_count() or 1) as sandbox,
        ):
            yield Tools(fetcher, poster, sandbox)

    def poll(
        self,
        options: PollOptions,
        *,
        clock: Callable[[], datetime],
        report: PollReport,
        tools: Tools | None = None,
    ) -> Round:
        """Ask the sources that are due, or those that are named. Raises ConfigError for a name that none has."""
        subscriptions = subscriptions_of(self.config)
        _know_names(options.names, subscriptions)
        with self._store() as store:
            with contextlib.nullcontext(tools) if tools else self.tools() as using:
                found = _poll(store, using, subscriptions, options, clock=clock, report=report)
            # A rebuild that is at work now compares what came itself.
            with contextlib.suppress(BusyError), store.lock():
                from feeds.meet.link import link  # noqa: PLC0415 (a rebuild without news does without)

                with store.transaction() as connection:
                    link(connection, self.site.sources, self.site.words)
                self._write_desk(store)
        return found

    def run(self, *, clock: Callable[[], datetime], report: PollReport, progress: Progress) -> tuple[Round, Report]:
        """Poll what is due, match what came, and rebuild what that changes: once, for cron.

        Raises BusyError when another run is at work; nothing is asked then.
        """
        from feeds.poll.run import Options as PollOptions  # noqa: PLC0415 (likewise)

        with self._store() as store, store.lock(), self.tools() as tools:
            subscriptions = subscriptions_of(self.config)
            self._exchange(store, tools, now=clock())
            found = _poll(store, tools, subscriptions, PollOptions(), clock=clock, report=report)
            done = self._rebuild(store, Options(), now=clock(), progress=progress)
            self._exchange(store, tools, now=clock())
            return found, done

    # -- by itself ---------------------------------------------------------------------------------------------------

    @property
    def watched_folders(self) -> tuple[str, ...]:
        """Where articles are, and what they show."""
        return (*(root.path for root in self.site.roots), *self.site.facts.static)

    def configuration_stamp(self) -> tuple[tuple[int, int] | None, ...]:
        """Time and size of each file of the generator's configuration; None for one that is gone."""
        return tuple(map(_stamp, self.site.configuration))

    def moments(self, *, now: datetime) -> Moments:
        """When the next source and the next article are due."""
        with self._looking() as connection:
            if connection is None:
                return Moments(poll=now, article=None)
            is_due = bool(article_rows.paths_due(connection, now))
            return Moments(
                poll=source_rows.next_due(connection), article=now if is_due else article_rows.next_due(connection, now)
            )

    def exchange(self, tools: Tools, *, now: datetime) -> Exchanged:
        """Take in what hubs pushed, tell ours what changed, ask others to tell us. Raises StoreError, SourceError."""
        with self._store() as store:
            return self._exchange(store, tools, now=now)

    def _exchange(self, store: Store, tools: Tools, *, now: datetime) -> Exchanged:
        from feeds.poll.exchange import exchange  # noqa: PLC0415 (a rebuild loads no HTTP library)
        from feeds.poll.spool import SPOOL, Spool  # noqa: PLC0415

        spool = Spool(str(self.config.locate(SPOOL)))
        subscriptions, public = subscriptions_of(self.config), self.config.serve.url
        return exchange(store, tools.poster, spool, tools.sandbox, subscriptions, public=public, now=now)

    def tidy(self, *, now: datetime) -> dict[str, Any]:
        """Put the state in order; when most of what was rendered is not in use any more, render it anew."""
        with self._store() as store:
            store.tidy()
            with store.snapshot() as connection:
                live = article_rows.rendered_bytes(connection)
            size = pack_bytes(self.site.packs)
            is_wasted = size > 2 * live + _WASTE_ALLOWED
            if is_wasted:
                with store.lock():
                    rebuild(store, self.site, Options(full=True), now=now, progress=lambda *_: None)
        return {"rendered": live, "kept": size, "renewed": is_wasted}

    # -- sources -----------------------------------------------------------------------------------------------------

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
        self.config, self.remarks = settled(load_config(str(path)))
        first = FirstDocuments()
        for discovery in discoveries:
            first.add(discovery)
        subscriptions = subscriptions_of(self.config)
        names = frozenset(first.found.keys() & {subscription.url for subscription in subscriptions})
        if names:
            with self._store() as store, self.tools() as tools:
                own = replace(tools, fetcher=first)
                _poll(store, own, subscriptions, PollOptions(names=names), clock=clock, report=lambda *_: None)
        return [source.name for source in self.config.sources if source.name not in before]

    def match(self, entries: Path | None, *, progress: Progress) -> list[dict[str, Any]]:
        """Which articles the entries of a file, or of the state, meet. Raises ConfigError for a file that is none."""
        from feeds.meet.match import match_file, match_stored  # noqa: PLC0415 (a rebuild does without)
        from feeds.rebuild.workers import calm_collector  # noqa: PLC0415 (likewise)

        if entries is None:
            with self._looking() as connection:
                return list(match_stored(connection, self.config.source_specs)) if connection else []
        try:
            lines = entries.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{entries}: cannot be read: {error}") from error
        with calm_collector():
            return list(match_file(self._articles(progress), self.site.words, lines, name=str(entries)))

    def judge(self, entry: str, article: str, word: str | None, *, now: datetime) -> list[Judged]:
        """Keep what a person says of a pair; None takes it back. Raises ConfigError for unknown ones."""
        from feeds.meet.match import judge  # noqa: PLC0415 (a rebuild does without)

        with self._known_store() as store:
            if store is None:
                raise ConfigError("state: there is none yet (run feeds poll and feeds rebuild first)")
            with store.transaction() as connection:
                return judge(connection, entry, article, word, now=now)

    def audit(self, *, progress: Progress, clock: Callable[[], datetime] | None = None) -> Audited:
        """What the sources' own feeds say of each citation; with ``clock`` the cited pages are looked for first."""
        from feeds.meet.audit import audit  # noqa: PLC0415 (a rebuild does without)

        articles = self._articles(progress)
        links = self._look_for_pages(articles, clock=clock, progress=progress) if clock else None
        with self._looking() as connection:
            return replace(audit(articles, self.config.source_specs, connection), links=links)

    def _look_for_pages(
        self, articles: Iterable[Article], *, clock: Callable[[], datetime], progress: Progress
    ) -> LinkRound:
        from feeds.meet.links import LinkChecker, checkable_pages  # noqa: PLC0415 (likewise)
        from feeds.meet.links import Options as LinkOptions  # noqa: PLC0415
        from feeds.sources.fetch import Fetcher  # noqa: PLC0415

        private = [source for source in self.config.sources if source.allow_private]
        hosts = frozenset(host_of(url) for source in private for url in (*source.urls, source.site or ""))
        pages = checkable_pages((one for article in articles for one in article.citations), private_hosts=hosts)
        with (
            self._store() as store,
            contextlib.closing(Fetcher(user_agent=user_agent(self.config.site.url))) as fetcher,
        ):
            checker = LinkChecker(
                store,
                lambda request: fetcher.fetch(request, now=clock()),
                LinkOptions(private_hosts=hosts),
                clock=clock,
                report=progress,
            )
            return checker.go(pages)

    def why(self, what: str, other: str | None, *, now: datetime) -> tuple[Account, ...]:
        """What is known of something, or of an entry and an article, in words. Raises ConfigError for unknown names."""
        from feeds.why import explain  # noqa: PLC0415 (a rebuild does without)

        with self._looking() as connection:
            return explain(connection, self.site, what, other, now=now)

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
        from feeds.rebuild.check import read_site  # noqa: PLC0415 (a rebuild does without)

        with self._known_store() as store:
            return [article for article, _ in read_site(self.site, store, progress=progress).articles]

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


class Tools(Struct, frozen=True):
    """What polling needs beside the state."""

    fetcher: Fetches
    poster: Poster
    sandbox: Sandbox


class Moments(Struct, frozen=True, kw_only=True):
    """When something is to be done by itself; None when there is nothing."""

    #: The next source is due; in the past when it is now.
    poll: datetime | None
    #: An article has appeared or expired since the last rebuild, or will do next.
    article: datetime | None


def _poll(  # noqa: PLR0913 (what a round is made of)
    store: Store,
    tools: Tools,
    subscriptions: Sequence[Subscription],
    options: PollOptions,
    *,
    clock: Callable[[], datetime],
    report: PollReport,
) -> Round:
    from feeds.poll.ask import Asker  # noqa: PLC0415 (a rebuild loads no HTTP library)
    from feeds.poll.run import Poller  # noqa: PLC0415

    asker = Asker(tools.fetcher, tools.sandbox, clock=clock)
    return Poller(store, asker.ask, subscriptions, options, clock=clock, report=report).go()


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


def _know_names(names: Iterable[str], subscriptions: Iterable[Subscription]) -> None:
    """Raise ConfigError for a name that no source and no feed has."""
    known = {name for one in subscriptions for name in (one.source, one.url)}
    for name in names:
        if name not in known:
            from difflib import get_close_matches  # noqa: PLC0415 (only for a slip)

            near = get_close_matches(name, known, n=1)
            fix = f"did you mean {near[0]!r}?" if near else "feeds status lists them"
            raise ConfigError(f"source {name!r}: sources.yaml names none that has a feed ({fix})")


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
