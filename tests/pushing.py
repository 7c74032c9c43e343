"""A world in which feeds are pushed: a site, a hub, our callbacks behind a real web server, and a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from feeds.poll.hubs import HubAsked, learn, subscribe_due
from feeds.poll.push import Pushed, take_pushed
from feeds.poll.record import Polled
from feeds.poll.spool import Spool
from feeds.sources.post import Poster
from feeds.store import websub_rows
from feeds.store.websub_rows import SubscriptionRow
from feeds.web.websub import Callbacks, finder
from tests.hub import Hub
from tests.polling import World


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    """A web server on loopback for the time of a ``with``; gives its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none", access_log=False, loop="asyncio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < until, "uvicorn did not start"
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@dataclass
class PushedWorld:
    """Polls and is pushed to."""

    world: World
    hub: Hub
    spool: Spool
    callbacks: Callbacks
    public: str
    #: What polling was told: whether pushes make it a mere precaution.
    told: list[bool] = field(default_factory=list)

    def poll(self) -> int:
        """One round; gives how many entries were new."""
        found: list[Polled] = []
        self.world.poll(report=lambda polled, *_: found.append(polled))
        with self.world.store.transaction() as connection:
            self.told = [learn(connection, one.job, one.asked, has_new=one.new > 0) for one in found]
        return sum(one.new for one in found)

    def subscribe(self) -> list[HubAsked]:
        """Ask the hubs, and read what they ask back."""
        poster = Poster(user_agent="feeds/test (+https://example.org/)")
        try:
            asked = subscribe_due(
                self.world.store, poster, self.world.subscriptions, public=self.public, now=self.world.now
            )
        finally:
            poster.close()
        return asked

    def take(self) -> list[Pushed]:
        """Record what hubs sent."""
        return take_pushed(self.world.store, self.spool, self.world.sandbox, now=self.world.now)

    @property
    def rows(self) -> list[SubscriptionRow]:
        """All subscriptions."""
        with self.world.store.snapshot() as connection:
            return websub_rows.all_subscriptions(connection)

    @property
    def row(self) -> SubscriptionRow:
        """The only one."""
        (row,) = self.rows
        return row

    @property
    def callback(self) -> str:
        """Of the only one."""
        return f"{self.public}websub/{self.row.token}"


@contextmanager
def pushing(world: World, hub: Hub, folder: Path) -> Iterator[PushedWorld]:
    """The world with our callbacks."""
    spool = Spool(str(folder / "pushes"))
    callbacks = Callbacks(finder(lambda: world.store), spool, clock=lambda: world.now)
    with running(Starlette(routes=callbacks.routes())) as public:
        yield PushedWorld(world, hub, spool, callbacks, public)
