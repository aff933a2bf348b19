"""Mode record: what passes is in the cassette, masked, and nothing else is."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.backends import record
from broker.cassettes.recorded import KEPT
from broker.visit import Visit
from contracts.exchange import Request, Response
from mocks.base import Missing
from tests.broker.backends.taping import SECRET, Taping, said
from tests.broker.tiny import code, pieces, value
from tests.clocks import HeldClock


@pytest.fixture
async def taping(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Taping]:
    taping = Taping(tmp_path, clock)
    yield taping
    await taping.close()


async def test_what_passes_is_written_down(taping: Taping) -> None:
    home, key = await taping.open("pr-1", "record")
    taping.provider.says = lambda request: said(
        {"id": "th_1", "email": "ada@b.org"}, request_id="req_1", set_cookie="s"
    )
    headers = {"idempotency-key": "k1", "user-agent": "tests", "range": "bytes=0-1"}
    made = await taping.gate.call("POST", "/v1/things?a=1&a=2", key=key, json={"name": "x"}, headers=headers)
    assert value(made) == {"id": "th_1", "email": "ada@b.org"}, "the caller gets it as it is"
    assert dict(made.headers)["broker-mode"] == "record"
    assert dict(made.headers)["broker-fidelity"] == "real"
    cassette = await taping.written()
    assert cassette is not None
    assert (cassette.environment, cassette.uid) == ("pr-1", home.uid)
    (one,) = cassette.exchanges
    assert (one.operation, one.method, one.path, one.status) == ("things.create", "POST", "/v1/things", 200)
    assert one.query == {"a": ["1", "2"]}
    assert one.request_headers == {"idempotency-key": "k1", "range": "bytes=0-1"}
    assert one.request.value == {"name": "x"}
    assert one.response.value["email"].startswith("masked-email-")
    assert one.response_headers == {"content-type": "application/json", "request-id": "req_1"}
    assert one.recorded_at.endswith("Z")
    text = taping.shelf.path("tiny", "first").read_text()
    assert key not in text
    assert "ada@" not in text


async def test_errors_of_the_provider_are_answers_and_refusals_of_the_broker_are_not(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    taping.provider.says = lambda request: said({"error": "declined"}, 402)
    assert (await taping.gate.call("GET", "/v1/things", key=key)).status == 402
    assert (await taping.gate.call("GET", "/v1/unknown", key=key)).status == 404
    taping.provider.fidelity = "stateful"
    await taping.gate.call("GET", "/v1/things", key=key)
    cassette = await taping.written()
    assert cassette is not None
    assert [one.status for one in cassette.exchanges] == [402]


@pytest.mark.parametrize(("crossed", "statuses"), [([], [404]), ([("th_9", "pr-2-abc")], [])])
async def test_what_is_not_the_environments_own_is_recorded_as_missing(
    taping: Taping, crossed: list[tuple[str, str]], statuses: list[int]
) -> None:
    """But never that somebody else has it."""
    _, key = await taping.open("pr-1", "record")

    async def missing(visit: Visit, *_: Any) -> Response:
        visit.crossed += crossed
        raise Missing("thing", "th_9")

    taping.provider.answer = missing  # type: ignore[method-assign]  # as isolation does
    assert (await taping.gate.call("GET", "/v1/things/th_9", key=key)).status == 404
    cassette = await taping.written()
    assert [one.status for one in cassette.exchanges] == statuses if cassette else statuses == []


async def test_the_cassette_is_called_as_the_environment_where_the_policy_names_none(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record", None)
    await taping.gate.call("GET", "/v1/things", key=key)
    assert await taping.written("pr-1") is not None


async def test_a_stream_is_recorded_at_its_end_and_its_trailers_pass(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    gone: list[str] = []

    async def telling() -> AsyncIterator[bytes]:
        try:
            yield b'{ "a":'
            yield b" 1 }"
        finally:
            gone.append("closed")

    class Body:
        trailers = {"x-sum": "7"}

        def __init__(self) -> None:
            self._pieces = pieces(b"\xff" * 10, 4)

        def __aiter__(self) -> Body:
            return self

        async def __anext__(self) -> bytes:
            return await anext(self._pieces)

    taping.provider.says = lambda request: Response(200, [("content-type", "application/json")], stream=telling())
    await taping.gate.call("PUT", "/v1/files/a", key=key, body=Body())  # type: ignore[arg-type]  # as verified bodies are
    assert taping.provider.trailers == {"x-sum": "7"}
    assert await taping.written() is None, "not taken to its end"
    answer = await taping.gate.call("GET", "/v1/files/a", key=key)
    assert answer.stream is not None
    assert b"".join([piece async for piece in answer.stream]) == b'{ "a": 1 }'
    cassette = await taping.written()
    assert cassette is not None
    (one,) = cassette.exchanges
    assert (one.response.form, one.response.raw()) == ("text", b'{ "a": 1 }'), "opaque: byte by byte"
    half = await taping.gate.call("GET", "/v1/files/a", key=key)
    assert half.stream is not None
    await anext(half.stream)
    await half.stream.aclose()  # type: ignore[attr-defined]  # a generator, as asgi.py closes it
    assert len(gone) == 2
    again = await taping.written()
    assert again is not None
    assert len(again.exchanges) == 1


async def test_a_long_body_is_kept_as_its_sum_and_the_length_of_a_head_stays(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    taping.provider.says = lambda request: Response(200, [("content-length", "12345")], b"")
    await taping.gate.call("PUT", "/v1/files/a", key=key, body=b"x" * (KEPT + 1))
    await taping.gate.call("HEAD", "/v1/files/a", key=key)
    cassette = await taping.written()
    assert cassette is not None
    put, head = cassette.exchanges
    assert put.request.value["size"] == KEPT + 1
    assert put.response_headers == {}
    assert head.response_headers == {"content-length": "12345"}


async def test_two_environments_never_write_into_one_cassette(taping: Taping) -> None:
    _, first = await taping.open("pr-1", "record")
    _, second = await taping.open("pr-2", "record")
    answers = await asyncio.gather(*[taping.gate.call("GET", "/v1/things", key=key) for key in (first, second)])
    assert sorted(answer.status for answer in answers) == [200, 400]
    refused = next(answer for answer in answers if answer.status == 400)
    assert code(refused) == "no_recording"
    assert len(taping.provider.asked) == 1, "refused before anything was sent"
    await taping.written()
    again = await asyncio.gather(*[taping.gate.call("GET", "/v1/things", key=key) for key in (first, second)])
    assert [answer.status for answer in again] == [answer.status for answer in answers]
    assert await taping.gate.incidents() == []


async def test_what_was_recorded_stays_its_recorders_until_it_is_deleted(taping: Taping) -> None:
    home, key = await taping.open("pr-1", "record")
    await taping.gate.call("GET", "/v1/things", key=key)
    await taping.written()
    taping.recording.ended(home.uid)
    await taping.gate.close_environment(home)
    _, later = await taping.open("pr-2", "record")
    refused = await taping.gate.call("GET", "/v1/things", key=later)
    assert code(refused) == "no_recording"
    assert "the environment pr-1 recorded" in value(refused)["error"]["message"]
    assert "broker cassette delete tiny first" in value(refused)["error"]["message"]
    taping.shelf.delete("tiny", "first")
    assert (await taping.gate.call("GET", "/v1/things", key=later)).status == 200


async def test_a_fork_never_records(taping: Taping) -> None:
    home, key = await taping.open("pr-1", "record")
    await taping.gate.storage.registry.update_environment(home.uid, trust="fork")
    taping.gate.changed(home)
    answer = await taping.gate.call("GET", "/v1/things", key=key)
    assert dict(answer.headers)["broker-mode"] == "mock"
    assert taping.provider.asked == []
    assert await taping.written() is None


@pytest.mark.parametrize("planted", [SECRET, "".join(f"%{ord(c):02x}" for c in SECRET)])
async def test_what_looks_secret_is_not_written_and_is_told(
    taping: Taping, planted: str, caplog: pytest.LogCaptureFixture
) -> None:
    home, key = await taping.open("pr-1", "record")
    await taping.gate.call("GET", "/v1/things", key=key)
    taping.provider.says = lambda request: said({"echo": f"you sent {planted}"})
    answer = await taping.gate.call("GET", "/v1/things/1", key=key)
    assert answer.status == 200, "the call is not hindered"
    with caplog.at_level(logging.CRITICAL):
        cassette = await taping.written()
    assert cassette is not None
    assert len(cassette.exchanges) == 1
    assert planted not in taping.shelf.path("tiny", "first").read_text()
    (incident,) = await taping.gate.incidents("pr-1")
    assert (incident.kind, incident.details["cassette"]) == ("unrecorded", "first")
    assert incident.details["exchange"] == dict(answer.headers)["broker-exchange"]
    assert "response.json.echo" in incident.message
    assert planted not in str(incident)
    (lost,) = taping.recording.record.lost["tiny", "first"]
    assert (lost.operation, lost.why) == ("things.retrieve", "secret")
    assert taping.recording.record.outcomes == {("tiny", "written"): 1, ("tiny", "secret"): 1}
    assert incident.uid == home.uid


async def test_one_that_must_not_be_written_keeps_no_other_from_it(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    values: list[Any] = [1, SECRET, 2, SECRET, 3]
    taping.provider.says = lambda request: said({"v": values[len(taping.provider.asked) - 1]})
    for _ in values:
        await taping.gate.call("GET", "/v1/things", key=key)
    cassette = await taping.written()
    assert cassette is not None
    assert [one.response.value["v"] for one in cassette.exchanges] == [1, 2, 3]
    assert len(await taping.gate.incidents("pr-1")) == 2


async def test_a_full_disk_is_told_and_hinders_no_call(
    taping: Taping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, key = await taping.open("pr-1", "record")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert (await taping.gate.call("GET", "/v1/things", key=key)).status == 200
        assert await taping.written() is None
    (incident,) = await taping.gate.incidents("pr-1")
    assert incident.kind == "unrecorded"
    assert "No space left" in incident.message
    assert "No space left" in caplog.text
    await taping.gate.call("GET", "/v1/things", key=key)
    assert await taping.written() is not None


async def test_without_the_accounts_credential_nothing_is_recorded(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    taping.known = False
    assert (await taping.gate.call("GET", "/v1/things", key=key)).status == 200
    assert await taping.written() is None
    assert [lost.why for lost in taping.recording.record.lost["tiny", "first"]] == ["failed"]


async def test_too_many_at_once_are_dropped_and_told(taping: Taping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_WAITING", 0)
    _, key = await taping.open("pr-1", "record")
    assert (await taping.gate.call("GET", "/v1/things", key=key)).status == 200
    assert await taping.written() is None
    assert taping.recording.record.outcomes == {("tiny", "dropped"): 1}


async def test_what_nobody_foresaw_is_told_as_well(
    taping: Taping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("x")

    monkeypatch.setattr(taping.shelf, "append", broken)
    _, key = await taping.open("pr-1", "record")
    await taping.gate.call("GET", "/v1/things", key=key)
    await taping.written()
    assert [lost.words for lost in taping.recording.record.lost["tiny", "first"]] == [
        "an exchange is not in its cassette: KeyError"
    ]
    assert "Traceback" in caplog.text


def test_a_request_body_is_held_as_the_replay_looks_for_it() -> None:
    from broker.cassettes.recorded import Body, Kept
    from tests.broker.tiny import OPERATIONS

    kept = Kept()
    kept.take(b'{"a":1}')
    request = Request(method="POST", path="/")
    by_id = {operation.id: operation for operation in OPERATIONS}
    assert record.request_body(request, by_id["things.create"], kept) == Body("json", {"a": 1})
    assert record.request_body(request, by_id["files.put"], kept) == Body("text", '{"a":1}')
