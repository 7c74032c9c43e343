"""Bound what a request for somebody else's route may send: how much, and for how long."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A hub pushes a whole feed; the largest that we take when polling is as large.
LARGEST_BODY = 8 << 20
#: Seconds for a body to come.
BODY_SECONDS = 20.0
#: What is left of the body must not be waited for.
_CLOSE = {"connection": "close"}


async def bounded(app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, seconds: float = BODY_SECONDS) -> None:
    """Run a route; reading a body that passes the bounds raises the exception that Starlette answers 408 or 413 for."""
    deadline = asyncio.get_running_loop().time() + seconds
    taken = 0
    is_whole = False

    async def receive_bounded() -> Message:
        nonlocal taken, is_whole
        if is_whole:
            # From here on only the end of the connection can come.
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, headers=_CLOSE) from error
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(413, headers=_CLOSE)
        is_whole = not message.get("more_body", False)
        return message

    await app(scope, receive_bounded, send)
