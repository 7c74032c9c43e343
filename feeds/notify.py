"""Tell somebody when a source turns bad, or good again: a command, a webhook, or both. Nothing waits for them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from feeds.log import without_secrets
from feeds.unpack import user_agent

if TYPE_CHECKING:
    from feeds.config import Config
    from feeds.config.settings import Notify
    from feeds.log import Log
    from feeds.poll.record import Polled

#: Seconds that a command may take.
_PATIENCE = 30


class Notifier:
    """Hears of polls, and tells of those after which a source is bad, or good again."""

    def __init__(self, settings: Notify, log: Log, *, user_agent: str, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._log = log
        self._user_agent = user_agent
        self._clock = clock
        self._threads: list[threading.Thread] = []

    @classmethod
    def of(cls, config: Config, log: Log, *, clock: Callable[[], datetime]) -> Notifier:
        """As ``notify:`` in sources.yaml says."""
        return cls(config.notify, log, user_agent=user_agent(config.site.url), clock=clock)

    def hear(self, polled: Polled) -> None:
        """Tell of it if there is something to tell, in a thread of its own."""
        event = turn(polled.job.before.failures, polled.state.failures, after=self._settings.after)
        if event is None or not (self._settings.command or self._settings.webhook):
            return
        subscription = polled.job.subscription
        reason = polled.state.failure_said or "it answers again"
        values = {"event": event, "source": subscription.source, "url": without_secrets(subscription.url)}
        thread = threading.Thread(target=self._tell, args=(values | {"reason": reason},), name="notify", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def close(self) -> None:
        """Wait for what is being told, within its bounds."""
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _tell(self, values: Mapping[str, str]) -> None:
        try:
            if self._settings.command:
                self._run(self._settings.command, values)
            if self._settings.webhook:
                self._post(self._settings.webhook, values)
        except Exception as error:  # noqa: BLE001 (a thread has nobody to tell)
            self._log.error("failed", job="notify", error=without_secrets(str(error)))

    def _run(self, command: str, values: Mapping[str, str]) -> None:
        env = os.environ | {f"FEEDS_{name.upper()}": value.replace("\0", "") for name, value in values.items()}
        done = subprocess.run(command, shell=True, env=env, timeout=_PATIENCE, check=False, capture_output=True)  # noqa: S602 (the user's own command)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-200:]
            self._log.error("failed", job="notify", error=f"the command ends with {done.returncode}: {said}")

    def _post(self, url: str, values: Mapping[str, str]) -> None:
        from feeds.sources.post import Poster  # noqa: PLC0415 (loads the HTTP library)

        with contextlib.closing(Poster(user_agent=self._user_agent)) as poster:
            posted = poster.post_json(url, values, allow_private=True, now=self._clock())
        if not posted.is_accepted:
            self._log.error("failed", job="notify", error=posted.sentence)


def turn(before: int, now: int, *, after: int) -> str | None:
    """``bad`` when failures in a row reach ``after``, ``good`` when they end after that, else None."""
    if before < after <= now:
        return "bad"
    return "good" if before >= after and now == 0 else None
