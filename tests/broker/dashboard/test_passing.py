"""What routes stream, as pages pass it on."""

from __future__ import annotations

from collections.abc import AsyncIterator

from broker.control.answering import Answer
from broker.dashboard.passing import passed_on, whole


async def pieces() -> AsyncIterator[bytes]:
    yield b"one "
    yield b"two"


async def test_a_stream_is_passed_on_with_its_fields_or_others() -> None:
    answer = passed_on(Answer(stream=pieces(), media="text/html", headers={"x-one": "1"}))
    assert b"".join([bytes(piece) async for piece in answer.body_iterator]) == b"one two"
    assert (answer.headers["x-one"], answer.media_type) == ("1", "text/html")
    other = passed_on(Answer(stream=pieces(), headers={"x-one": "1"}), {"x-two": "2"}, "image/png")
    assert ("x-one" in other.headers, other.headers["x-two"], other.media_type) == (False, "2", "image/png")


async def test_it_is_taken_whole() -> None:
    assert await whole(Answer(stream=pieces())) == b"one two"
    assert await whole(Answer(value={})) == b""
