"""Keep time: poll what is due, publish what changed, at once and for as long as nobody says stop."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from feeds.errors import BusyError, FeedsError
from feeds.events import log_poll, log_rebuild
from feeds.log import Log
from feeds.notify import Notifier
from feeds.rebuild.run import Options
from feeds.systemd import notify
from feeds.timetable import cron_trigger, every, is_quiet
from feeds.watch import Watcher

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.base import BaseTrigger

    from feeds.app import App, Tools
    from feeds.poll.record import Polled

#: Seconds between two looks at what is due. A look costs a query.
TICK = 2.0
#: A round waits no longer for the pauses between two requests to one domain: the next tick goes on.
PATIENCE = timedelta(seconds=20)
#: Seconds between two looks at what hubs have pushed: they say at once what others say when they are asked.
_HUB_TICK = 1.0
#: Changes are published when there was none for so many seconds, or after so many.
_DEBOUNCE, _MOST_DEBOUNCE = 0.4, 1.0
#: Seconds between two looks whether somebody said stop, or the clock jumped.
_HEARTBEAT = 0.25
#: Seconds until a rebuild that failed is tried again, and one that found another at work: mostly the end of a round,
#: which compares what came and is soon done.
_AGAIN, _AGAIN_SOON = 15.0, 1.0
#: How long what is under way may take after a signal to stop: a request (30 s), and reading what came.
_LAST_WAIT = 60.0
#: The clock jumped, or the machine slept, when it went so many seconds more or less than time itself.
_JUMP = 5.0
#: Hour and minute, in the zone of the site, at which nobody minds a longer look at the state.
_NIGHT = "17 3 * * *"


class Daemon:
    """One site, kept up to date. ``run`` belongs to the main thread; ``stop`` and ``reload`` may come from a signal."""

    def __init__(self, open_site: Callable[[], App], log: Log, *, clock: Callable[[], datetime]) -> None:
        """``open_site`` reads sources.yaml; it raises ConfigError, at the start and at each reload."""
        self._open_site = open_site
        self._log = log
        self._clock = clock
        self._site = open_site()
        self._holding = contextlib.ExitStack()
        self._tools: Tools | None = None
        self._notifier = self._make_notifier()
        self._stopping = threading.Event()
        self._is_to_stop = self._is_to_reload = False
        #: Set when something is to be published.
        self._changed = threading.Event()
        #: Of the generator's configuration as it was read; a change of it is followed as SIGHUP is.
        self._stamp = self._site.configuration_stamp()
        #: Something came that no rebuild has begun to publish.
        self._is_unpublished = False
        #: True until a round has brought the state in step with sources.yaml.
        self._is_fresh = True
        #: The last rebuild found another one at work, which was told.
        self._is_waiting = False
        self._scheduler = _scheduler()
        self._publisher = threading.Thread(target=self._publish_forever, name="publisher", daemon=True)
        self._watcher = Watcher(self._on_files)

    def run(self) -> None:
        """Until ``stop``; what is under way then ends within a minute."""
        self._changed.set()
        self._watcher.watch(self._site.watched_folders)
        self._tools = self._holding.enter_context(self._site.tools())
        self._scheduler.start()
        self._plan()
        self._publisher.start()
        notify("READY=1")
        self._log.info("started", sources=len(self._site.site.sources), folders=list(self._site.watched_folders))
        self._keep_watch()
        self._end()

    # A signal handler may run while the main thread holds the lock of an Event, so these two only leave a word.

    def stop(self) -> None:
        """Let what is under way end, then return from ``run``."""
        self._is_to_stop = True

    def reload(self) -> None:
        """Read sources.yaml again; a broken one changes nothing."""
        self._is_to_reload = True

    # -- the main thread ---------------------------------------------------------------------------------------------

    def _keep_watch(self) -> None:
        wall, ticks = self._clock(), time.monotonic()
        while not self._is_to_stop:
            time.sleep(_HEARTBEAT)
            notify("WATCHDOG=1")
            self._watcher.look()
            passed = time.monotonic() - ticks
            jump = (self._clock() - wall).total_seconds() - passed
            wall, ticks = self._clock(), time.monotonic()
            if abs(jump) > _JUMP:
                self._log.warning("the clock jumped", seconds=round(jump))
                self._heed(jump)
            stamp = self._site.configuration_stamp()
            if stamp != self._stamp:
                self._stamp, self._is_to_reload = stamp, True
            if self._is_to_reload:
                self._is_to_reload = False
                self._reload()

    def _heed(self, jump: float) -> None:
        """The scheduler reckons by the clock that jumped. What a sleeping machine has missed is done now, once."""
        if jump > 0:
            self._scheduler.wakeup()
        else:
            # Its next times lie ahead by as much as the clock was put back, and so do those of the feeds.
            self._is_fresh = True
            self._plan()

    def _reload(self) -> None:
        notify("RELOADING=1")
        try:
            self._site = self._open_site()
        except FeedsError as error:
            self._log.error("the old configuration stays", error=str(error))
        else:
            self._stamp = self._site.configuration_stamp()
            self._is_fresh = True
            self._notifier = self._make_notifier()
            self._watcher.watch(self._site.watched_folders)
            self._plan()
            self._changed.set()
            self._log.info("reloaded", sources=len(self._site.site.sources))
        notify("READY=1")

    def _make_notifier(self) -> Notifier:
        return Notifier.of(self._site.config, self._log, clock=self._clock)

    def _plan(self) -> None:
        """Give the scheduler its jobs, each from now on; those that it had are replaced."""
        zone, schedule = self._site.site.facts.zone, self._site.config.schedule
        self._scheduler.remove_all_jobs()
        self._job("tick", self._tick, every(TICK))
        # Beside the ticks, since a slow hub must not hold them up.
        self._job("hubs", self._exchange, every(_HUB_TICK))
        if schedule.poll != "adaptive":
            self._job("poll", self._poll, cron_trigger(schedule.poll, zone))
        if schedule.rebuild != "on-change":
            self._job("rebuild", self._changed.set, cron_trigger(schedule.rebuild, zone))
        self._job("night", self._tidy, cron_trigger(_NIGHT, zone))

    def _job(self, name: str, work: Callable[[], None], trigger: BaseTrigger) -> None:
        self._scheduler.add_job(self._guarded, trigger, args=(name, work), id=name)

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """A job that fails is told, and done again at its time."""
        try:
            work()
        except BusyError:
            self._log.info("waiting", job=name, reason="another run is at work")
        except FeedsError as error:
            self._log.error("failed", job=name, error=str(error))
        # What a library in Rust raises when it panics is no Exception.
        except BaseException as error:  # noqa: BLE001 (nothing may end a daemon but a signal)
            self._log.error("failed", job=name, error=repr(error), exc_info=True)

    def _end(self) -> None:
        notify("STOPPING=1")
        self._log.info("stopping")
        self._stopping.set()
        self._changed.set()
        self._watcher.stop()
        deadline = time.monotonic() + _LAST_WAIT
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        for thread in (ending, self._publisher):
            thread.join(max(0.0, deadline - time.monotonic()))
        if self._is_unpublished and not self._publisher.is_alive() and time.monotonic() < deadline:
            # What the last poll brought.
            self._guarded("rebuild", self._publish)
        self._notifier.close()
        self._holding.close()
        self._log.info("stopped", left=[one.name for one in (ending, self._publisher) if one.is_alive()])

    # -- polling -----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Ask those that are due, if anybody is; and see whether an article has appeared or expired by itself."""
        now = self._clock()
        moments = self._site.moments(now=now)
        if moments.article is not None and moments.article <= now:
            self._note_change()
        is_due = self._is_fresh or (moments.poll is not None and moments.poll <= now)
        if is_due and self._site.config.schedule.poll == "adaptive":
            self._poll()

    def _poll(self) -> None:
        if is_quiet(self._clock(), self._site.config.schedule.quiet_hours, self._site.site.facts.zone):
            return
        from feeds.poll.run import Options as PollOptions  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)

        options = PollOptions(patience=PATIENCE, is_stopping=self._stopping.is_set)
        found = self._site.poll(options, clock=self._clock, report=self._heard, tools=self._tools)
        self._is_fresh = False
        if found.is_offline:
            self._log.warning("offline", waiting=len(found.waiting))

    def _heard(self, polled: Polled, _done: int, _total: int) -> None:
        log_poll(self._log, polled)
        self._notifier.hear(polled)
        if polled.new or polled.changed:
            self._on_news()

    def _exchange(self) -> None:
        """Hear what hubs push, tell ours what changed, ask others to tell us."""
        assert self._tools is not None  # noqa: S101 (run made them)
        found = self._site.exchange(self._tools, now=self._clock())
        for push in found.pushed:
            self._log.info("push", hub=push.hub, topic=push.topic, kind=push.kind, new=push.new, changed=push.changed)
        for asked in found.asked:
            self._log.info("hub", hub=asked.hub, topic=asked.topic, mode=asked.mode, error=asked.error)
        if found.pinged.requests:
            failed, given_up = len(found.pinged.failed), len(found.pinged.given_up)
            self._log.info("ping", told=len(found.pinged.told), failed=failed, given_up=given_up)
        if found.has_news:
            self._on_news()

    # -- publishing --------------------------------------------------------------------------------------------------

    def _on_news(self) -> None:
        if self._site.config.schedule.rebuild == "on-change":
            self._note_change()

    _on_files = _on_news

    def _note_change(self) -> None:
        self._is_unpublished = True
        self._changed.set()

    def _publish_forever(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait()
            self._debounce()
            if self._stopping.is_set():
                return
            self._guarded("rebuild", self._publish)

    def _debounce(self) -> None:
        """Wait until nothing has changed for a moment: an editor saves in steps, a round brings several polls."""
        deadline = time.monotonic() + _MOST_DEBOUNCE
        while time.monotonic() < deadline and not self._stopping.is_set():
            self._changed.clear()
            if not self._changed.wait(_DEBOUNCE):
                return
        self._changed.clear()

    def _publish(self) -> None:
        started = time.monotonic()
        self._is_unpublished = False
        try:
            report = self._site.rebuild(Options(), now=self._clock(), progress=lambda *_: None)
        except BusyError:
            if not self._is_waiting:
                self._log.info("waiting", job="rebuild", reason="another run is at work")
            self._is_waiting = True
            self._try_again(_AGAIN_SOON)
            return
        except FeedsError:
            self._try_again(_AGAIN)
            raise
        self._is_waiting = False
        log_rebuild(self._log, report, seconds=time.monotonic() - started)
        if report.failure:
            self._try_again(_AGAIN)

    def _try_again(self, seconds: float) -> None:
        self._is_unpublished = True
        timer = threading.Timer(seconds, self._changed.set)
        timer.daemon = True
        timer.start()

    def _tidy(self) -> None:
        """What may take a while: the database's own upkeep, and rendered entries that nothing uses any more."""
        tidied = self._site.tidy(now=self._clock())
        self._log.info("tidied", **tidied)


def _scheduler() -> BackgroundScheduler:
    """One scheduler, whose memory is the state's: a missed job is made good once, and none runs twice at a time."""
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 (only the daemon keeps time)

    # What it says of jobs that come while the one before is at work is no news: a round may take a minute.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return BackgroundScheduler(timezone=UTC, job_defaults=defaults)
