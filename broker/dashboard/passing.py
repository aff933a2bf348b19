"""Bytes that a control route streams, passed on by a page or taken whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from starlette.responses import StreamingResponse

from broker.control.answering import Answer


def passed_on(answer: Answer, headers: Mapping[str, str] | None = None, media: str | None = None) -> StreamingResponse:
    """As the route answers them, or under other header fields and another type."""
    given = answer.headers if headers is None else headers
    return StreamingResponse(_pieces(answer.stream), headers=dict(given), media_type=media or answer.media)


async def whole(answer: Answer) -> bytes:
    """All of them: for what is known to be short."""
    return b"".join([piece async for piece in _pieces(answer.stream)])


async def _pieces(stream: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    if stream is not None:
        async for piece in stream:
            yield piece
