"""Run the application under uvicorn: one process or several, bounded, stopped by SIGTERM when answers are out."""

from __future__ import annotations

import contextlib
import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from feeds.app import App
from feeds.errors import ConfigError
from feeds.log import open_log
from feeds.model import Scope
from feeds.store.feed_rows import feed_rows
from feeds.store.metric_rows import Figures, read_figures
from feeds.store.sql import Store, has_state, read_meta

if TYPE_CHECKING:
    from feeds.web.retired import Fates

#: Where the settings stand for the processes that uvicorn starts.
_VARIABLE = "FEEDS_SERVE"
#: Connections of one process. An idle one costs 10 KB; beyond it 503 with Retry-After.
_CONNECTIONS = 2_000
#: Seconds for which an idle connection is kept: readers fetch several feeds of a site in a row.
_IDLE_SECONDS = 15
#: Seconds within which answers that are under way must be out once we are told to stop.
_STOP_SECONDS = 10
_BACKLOG = 1_024
#: Files that a process has open besides its connections.
_OTHER_FILES = 100


class Settings(Struct, frozen=True, kw_only=True):
    """What a serving process is told."""

    #: Path of sources.yaml.
    config: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    #: Who may read /metrics and /healthz.
    metrics: Literal["private", "public"] = "private"
    access_log: bool = True
    #: ``module:function`` that is given the App and returns the routes of others.
    routes: str = ""
    connections: int = _CONNECTIONS
    log_json: bool = False


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``announce`` is told the address once it is listened at.

    Raises:
        ConfigError: The address cannot be listened at.
    """
    import uvicorn  # noqa: PLC0415 (0.2 s, and no other command needs it)
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415 (likewise)

    from feeds.web.limits import BoundedProtocol  # noqa: PLC0415 (likewise)

    _allow_files(settings.connections + _OTHER_FILES)
    with _listen(settings.host, settings.port) as listener, _told(settings):
        config = uvicorn.Config(
            "feeds.web.serve:factory",
            factory=True,
            workers=settings.workers,
            http=BoundedProtocol,
            ws="none",
            interface="asgi3",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            # Who a proxy says that it speaks for is asked only for /metrics: app.is_near.
            proxy_headers=False,
            limit_concurrency=settings.connections,
            backlog=_BACKLOG,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
            h11_max_incomplete_event_size=16 << 10,
        )
        announce(address_of(listener))
        if settings.workers > 1:
            # Older versions of uvicorn also want to be told what to run.
            target = {"target": uvicorn.Server(config).run} if "target" in signature(Multiprocess).parameters else {}
            Multiprocess(config, sockets=[listener], **target).run()
            return
        # uvicorn raises the signal again once it has stopped; to have stopped in good order is no failure.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        uvicorn.Server(config).run(sockets=[listener])


def _allow_files(wanted: int) -> None:
    """Systems allow 1,024 open files unless one asks for more; each connection is one."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 (POSIX only)

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def address_of(listener: socket.socket) -> str:
    """As people type it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextlib.contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = "is in use already" if error.errno == errno.EADDRINUSE else str(error.strerror or error)
        raise ConfigError(f"serve: {host}:{port}: {why} (choose another --host or --port)") from error
    with listener:
        listener.set_inheritable(True)
        yield listener


@contextlib.contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Processes started from here on know the settings, and count requests where all of them see it."""
    from feeds.web.metrics import SHARED_FOLDER  # noqa: PLC0415 (prometheus-client, only to serve)

    with contextlib.ExitStack() as stack:
        told = {_VARIABLE: msgspec.json.encode(asdict(settings)).decode()}
        if settings.workers > 1:
            told[SHARED_FOLDER] = stack.enter_context(tempfile.TemporaryDirectory(prefix="feeds-metrics-"))
        os.environ.update(told)
        try:
            yield
        finally:
            for name in told:
                os.environ.pop(name, None)


def factory() -> Any:
    """The application of one process, as its environment tells it. uvicorn calls this."""
    from feeds.web.app import make_app  # noqa: PLC0415 (Starlette, only to serve)
    from feeds.web.health import Health  # noqa: PLC0415
    from feeds.web.metrics import HttpFigures  # noqa: PLC0415
    from feeds.web.retired import Retired  # noqa: PLC0415

    settings = msgspec.json.decode(os.environ[_VARIABLE].encode(), type=Settings)
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    site = App(settings.config)
    publication = site.site.publication

    def read_state() -> Figures | None:
        with _state(site) as connection:
            return None if connection is None else read_figures(connection, now=datetime.now(UTC))

    return make_app(
        output=site.site.output,
        address=publication.address,
        hub=publication.hub,
        memory=str(site.config.locate(".feeds/served.db")),
        retired=Retired(lambda: fates_of(site)),
        health=Health(site.site.output, read_state),
        figures=HttpFigures(read_state),
        metrics=settings.metrics,
        routes=_routes(settings.routes, site),
        log=access_log(as_json=settings.log_json) if settings.access_log else None,
    )


def _end_with_parent() -> None:
    """Those whose parent is killed would serve on, and keep the address from whoever is started in its place."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 (factory looked)
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


#: Key of the JSON list of files that were pruned (store.sql.read_meta).
GONE = "gone"


def fates_of(site: App) -> Fates:
    """What has become of feeds that are no longer there. Raises StoreError."""
    from feeds.web.retired import Fates, moved_folders  # noqa: PLC0415 (only to serve)

    config, gone = site.config, "[]"
    editions = site.site.publication.editions or ("",)
    slugs = {(edition, *term): slug for edition in editions for term, slug in site.site.slugs.items()}
    with _state(site) as connection:
        if connection is not None:
            slugs |= {(row.edition, row.scope, row.key): row.slug for row in feed_rows(connection).values()}
            gone = read_meta(connection, GONE, "[]")
    topics = [(topic.name, topic.aliases) for topic in config.topics]
    aliases = {Scope.TAG: list(config.tags.aliases.items()), Scope.TOPIC: topics}
    return Fates(moved_folders(site.site.publication, aliases, slugs), frozenset(msgspec.json.decode(gone)))


@contextlib.contextmanager
def _state(site: App) -> Iterator[Connection | None]:
    """A view of the state, opened for this once; None when there is none."""
    config = site.config
    if not has_state(config.state, folder=config.folder):
        yield None
        return
    with contextlib.closing(Store(config.state, folder=config.folder)) as store, store.snapshot() as connection:
        yield connection


def _routes(name: str, site: App) -> Sequence[Any]:
    if not name:
        return ()
    from importlib import import_module  # noqa: PLC0415 (beside its only use)

    module, _, function = name.partition(":")
    made: Sequence[Any] = getattr(import_module(module), function)(site)
    return made


def access_log(*, as_json: bool) -> Any:
    """The logger of requests, on standard error; JSON is the quicker one, by a third of what a 304 takes."""
    import structlog  # noqa: PLC0415 (40 ms, only where something is logged)

    if not as_json:
        open_log(as_json=False, verbosity=0)
    elif not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
            cache_logger_on_first_use=True,
        )
    # Bound once: the lazy logger would find its way anew for each event.
    return structlog.get_logger("feeds.web").bind()


def _as_json(event: Any, **_: Any) -> bytes:
    encoded: bytes = msgspec.json.encode(event)
    return encoded
