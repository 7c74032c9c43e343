"""Tell systemd how we are (sd_notify(3)): ready, alive, stopping. Without systemd it is nothing."""

from __future__ import annotations

import contextlib
import os
import socket
import time


def notify(state: str) -> None:
    """Send ``READY=1``, ``WATCHDOG=1``, ``RELOADING=1`` or ``STOPPING=1``; never fails."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if state == "RELOADING=1":
        # Type=notify-reload wants to know since when.
        state += f"\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        # A name in the abstract namespace begins with a NUL.
        client.connect("\0" + address[1:] if address.startswith("@") else address)
        client.sendall(state.encode())
