"""A real credential that a provider quotes is hidden, wherever it stands in the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from broker.concealing import HIDDEN, concealed, without
from contracts.exchange import Response
from sandboxes.base import Secret

SECRET = Secret("AKIDAKIDAKID", "sec/ret+sec/ret", "token=token=")


def test_what_others_say_is_freed_of_credentials() -> None:
    said = "AKIDAKIDAKID signed with sec/ret+sec/ret and token=token=, in a form sec%2Fret%2Bsec%2Fret"
    assert without(said, None, SECRET) == f"{HIDDEN} signed with {HIDDEN} and {HIDDEN}, in a form {HIDDEN}"
    assert without("a key", Secret("key")) == "a key", "too short to be told from a word"
    assert "AKID" not in repr(SECRET)


def test_a_part_that_holds_another_is_hidden_whole() -> None:
    assert without("akidakid-and-more", Secret("akidakid", "akidakid-and-more")) == HIDDEN


def test_an_answer_without_it_is_the_same_object() -> None:
    word = Response(200, [], b"token=t minioadmin")
    assert concealed(word, Secret("minioadmin", "minioadmin")) is word, "a stand-in's default is a word in an object"
    for response in (
        Response(200, [("x", "y")], b"AKID"),
        Response(404),
        Response(200, stream=pieces(b"AKIDAKIDAKID")),
    ):
        assert concealed(response, SECRET) is response


def test_body_and_fields_are_freed_and_the_length_is_right() -> None:
    body = b'{"error": "Invalid API Key: AKIDAKIDAKID"}'
    given = Response(401, [("content-length", str(len(body))), ("x-key", "AKIDAKIDAKID"), ("x-other", "a")], body)
    given.value = {"error": "Invalid API Key: AKIDAKIDAKID"}
    found = concealed(given, SECRET)
    assert found.body == b'{"error": "Invalid API Key: [hidden]"}'
    assert found.headers == [("content-length", str(len(found.body))), ("x-key", HIDDEN), ("x-other", "a")]
    assert found.value is not given.value, "what was read before holds it too"


@pytest.mark.parametrize("size", [1, 5, 11, 12, 13, 1000])
async def test_a_long_refusal_is_freed_on_its_way_however_it_is_cut(size: int) -> None:
    body = b"AKIDAKIDAKID <Key>AKIDAKIDAKID</Key><Token>token=token=</Token> sec/ret+sec/re AKIDAKIDAKI"
    cut = [body[start : start + size] for start in range(0, len(body), size)]
    found = concealed(Response(500, [("content-length", str(len(body)))], stream=pieces(*cut)), SECRET)
    assert found.stream is not None
    sent = b"".join([piece async for piece in found.stream])
    assert sent == b"************ <Key>************</Key><Token>************</Token> sec/ret+sec/re AKIDAKIDAKI"
    assert len(sent) == int(found.header("content-length") or 0)


async def test_an_objects_bytes_pass_as_they_are() -> None:
    found = concealed(Response(200, [("x-key", "AKIDAKIDAKID")], stream=pieces(b"AKIDAKIDAKID")), SECRET)
    assert found.headers == [("x-key", HIDDEN)]
    assert found.stream is not None
    assert [piece async for piece in found.stream] == [b"AKIDAKIDAKID"]


async def test_a_stream_that_is_given_up_ends_its_source() -> None:
    ended = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 100
        finally:
            ended.append(True)

    stream = concealed(Response(500, stream=endless()), SECRET).stream
    assert stream is not None
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator's
    assert ended == [True]


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
