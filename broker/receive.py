"""Reading a request's body: as a stream that a slow or gone peer ends, or whole and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from broker.turns import SILENT, Turn, Turns
from contracts.exchange import Request
from mocks.base import Refusal

Message = MutableMapping[str, Any]


class ClientGone(Exception):
    """The caller hung up before its request was complete: there is nobody to answer."""


#: Bytes of a body that come without a turn.
_FREE = 64 << 10


async def stream(
    receive_message: Callable[[], Awaitable[Message]], silence_seconds: float, turns: Turns
) -> AsyncIterator[bytes]:
    """The chunks of an ASGI request body, large ones in their turn. Raises Refusal after ``silence_seconds`` without a
    byte, ClientGone when the connection ends early."""
    come = 0
    turn: Turn | None = None
    # Whose bytes come one by one gets a turn when they are there, and not to wait for them.
    prompt = True
    try:
        while True:
            if come >= _FREE and prompt:
                turn = await turns.take(turn)
            waits_since = turns.now()
            message = await _next(receive_message, silence_seconds)
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            if chunk:
                if come >= _FREE:
                    prompt = turns.now() - waits_since < SILENT
                    turn = await turns.take(turn)
                    turns.came(turn, len(chunk))
                come += len(chunk)
                yield chunk
            if not message.get("more_body", False):
                return
            if turn is not None and prompt:
                turns.taken(turn)
            else:
                turns.end(turn)
                turn = None
    finally:
        turns.end(turn)


async def _next(receive_message: Callable[[], Awaitable[Message]], silence_seconds: float) -> Message:
    try:
        async with asyncio.timeout(silence_seconds):
            return await receive_message()
    except TimeoutError:
        raise Refusal("body_timeout", f"No byte of the request body arrived for {silence_seconds:g} seconds.") from None


async def receive(request: Request, limit: int) -> None:
    """Move the stream into ``request.body``; raises Refusal beyond ``limit`` bytes, before they are read where the
    caller declares them."""
    if request.stream is None:
        return
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    request.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    request.stream = None


def _too_large(limit: int) -> Refusal:
    return Refusal(
        "body_too_large", f"The request body is larger than {limit >> 20} MiB, the limit for this operation."
    )
