"""Mode replay: the cassette answers, each environment has its own place in it, and what fits nowhere is explained."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from broker.cassettes.recorded import Cassette
from contracts.exchange import Response
from tests.broker.backends.taping import Taping, said
from tests.broker.cassettes.exchanges import asked
from tests.broker.tiny import code, value
from tests.clocks import HeldClock


@pytest.fixture
async def taping(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Taping]:
    taping = Taping(tmp_path, clock)
    yield taping
    await taping.close()


async def recorded(taping: Taping, *calls: tuple[str, str, Any]) -> list[Any]:
    """These calls recorded into ``first``; answers what was said."""
    _, key = await taping.open("pr-1", "record")
    answers = [await taping.gate.call(method, path, key=key, json=json) for method, path, json in calls]
    await taping.written()
    taping.provider.asked.clear()
    return [value(answer) for answer in answers]


async def test_what_was_recorded_is_said_again_without_the_provider(taping: Taping) -> None:
    taping.provider.says = lambda request: said({"n": len(taping.provider.asked)}, request_id="req_7")
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/v1/things", None),
        ("POST", "/v1/things", {"name": "x"}),
        ("GET", "/v1/things", None),
    ]
    heard = await recorded(taping, *calls)
    _, key = await taping.open("pr-2", "replay")
    again = [await taping.gate.call(method, path, key=key, json=json) for method, path, json in calls]
    assert [value(answer) for answer in again] == heard == [{"n": 1}, {"n": 2}, {"n": 3}]
    fields = dict(again[0].headers)
    assert (fields["broker-mode"], fields["broker-fidelity"]) == ("replay", "recorded")
    assert fields["request-id"] == "req_7"
    assert "x-tiny-request" not in fields, "the mock adds nothing"
    assert taping.provider.asked == []
    last = await taping.gate.call("GET", "/v1/things", key=key)
    assert value(last) == {"n": 3}, "the last one again"
    assert taping.recording.replay.outcomes == {("tiny", "played"): 4}


async def test_environments_have_places_of_their_own(taping: Taping) -> None:
    taping.provider.says = lambda request: said({"n": len(taping.provider.asked)})
    await recorded(taping, *[("GET", "/v1/things", None)] * 3)
    one, first = await taping.open("pr-2", "replay")
    _, second = await taping.open("pr-3", "replay")

    async def heard(key: str) -> int:
        return int(value(await taping.gate.call("GET", "/v1/things", key=key))["n"])

    assert [await heard(first), await heard(first), await heard(second), await heard(first)] == [1, 2, 1, 3]
    await taping.gate.environments.reset("pr-2")
    assert [await heard(first), await heard(second)] == [1, 2], "a reset begins anew, for one"
    taping.recording.ended(one.uid)
    assert taping.recording.replay._progress.keys().isdisjoint({one.uid})


async def test_another_file_begins_anew(taping: Taping) -> None:
    taping.provider.says = lambda request: said({"n": len(taping.provider.asked)})
    await recorded(taping, *[("GET", "/v1/things", None)] * 2)
    _, key = await taping.open("pr-2", "replay")
    await taping.gate.call("GET", "/v1/things", key=key)
    taping.shelf.put(Cassette("tiny", "first", [asked("GET", answer={"n": n}, operation="") for n in (7, 8)]))
    heard = [value(await taping.gate.call("GET", "/v1/things", key=key)) for _ in range(2)]
    assert heard == [{"n": 7}, {"n": 8}]


async def test_the_callers_own_values_come_back(taping: Taping) -> None:
    await recorded(taping, ("POST", "/v1/things", {"name": "x", "email": "ada@b.org", "order": "pr-1-7"}))
    assert "ada@b.org" not in taping.shelf.path("tiny", "first").read_text()
    _, key = await taping.open("pr-2", "replay")
    answer = await taping.gate.call(
        "POST", "/v1/things", key=key, json={"order": "pr-2-7", "email": "bob@c.org", "name": "x"}
    )
    assert value(answer) == {"id": "th_1", "name": "x", "email": "bob@c.org", "order": "pr-2-7"}


async def test_what_fits_nowhere_is_explained_in_the_providers_shape(taping: Taping) -> None:
    await recorded(taping, ("POST", "/v1/things", {"name": "x", "size": 1}))
    _, key = await taping.open("pr-2", "replay")
    missed = await taping.gate.call("POST", "/v1/things", key=key, json={"name": "y", "size": 1})
    assert (missed.status, code(missed)) == (400, "no_recording")
    assert value(missed)["error"]["message"] == (
        "no_recording: Nothing in the cassette first fits this call (things.create). The closest of 1 is exchange 1 "
        "(POST /v1/things): body.name was recorded as 'x' and is 'y' here."
    )
    other = await taping.gate.call("GET", "/v1/things", key=key)
    assert "It holds no things.list; it holds things.create." in value(other)["error"]["message"]
    assert taping.recording.replay.outcomes == {("tiny", "missing"): 2}
    assert await taping.gate.incidents() == []


async def test_no_cassette_and_a_broken_one_say_so(taping: Taping) -> None:
    _, key = await taping.open("pr-2", "replay")
    absent = await taping.gate.call("GET", "/v1/things", key=key)
    assert code(absent) == "no_recording"
    assert "there is none" in value(absent)["error"]["message"]
    path = taping.shelf.path("tiny", "first")
    path.parent.mkdir(parents=True)
    path.write_text("cassette: [")
    broken = await taping.gate.call("GET", "/v1/things", key=key)
    assert "cannot be read" in value(broken)["error"]["message"]


async def test_bodies_that_were_too_long_are_not_made_up(taping: Taping) -> None:
    _, key = await taping.open("pr-1", "record")
    taping.provider.says = lambda request: Response(200, [("etag", '"1"')], b"x" * (1 << 20 | 1))
    await taping.gate.call("GET", "/v1/files/a", key=key)
    await taping.gate.call("PUT", "/v1/files/a", key=key, body=b"y" * (1 << 20 | 1))
    await taping.written()
    _, again = await taping.open("pr-2", "replay")
    refused = await taping.gate.call("GET", "/v1/files/a", key=again)
    assert code(refused) == "no_recording"
    assert "1048577 bytes" in value(refused)["error"]["message"]
    other = await taping.gate.call("PUT", "/v1/files/a", key=again, body=b"z" * (1 << 20 | 1))
    assert "body was recorded as 'sha256" in value(other)["error"]["message"]


async def test_bytes_and_heads_come_back_as_they_were(taping: Taping) -> None:
    raw = bytes(range(256)) * 10
    _, key = await taping.open("pr-1", "record")
    taping.provider.says = lambda request: Response(
        200, [("etag", '"1"'), ("content-length", str(len(raw)))], b"" if request.method == "HEAD" else raw
    )
    for mode, name in (("record", "pr-1"), ("replay", "pr-2")):
        _, key = (await taping.open(name, mode)) if name != "pr-1" else (None, key)
        put = await taping.gate.call("PUT", "/v1/files/a", key=key, body=raw)
        got = await taping.gate.call("GET", "/v1/files/a", key=key)
        head = await taping.gate.call("HEAD", "/v1/files/a", key=key)
        assert (put.status, got.body, dict(head.headers)["content-length"]) == (200, raw, str(len(raw)))
        await taping.written()


async def test_a_fork_gets_the_mock(taping: Taping) -> None:
    home, key = await taping.open("pr-2", "replay")
    await taping.gate.storage.registry.update_environment(home.uid, trust="fork")
    taping.gate.changed(home)
    answer = await taping.gate.call("GET", "/v1/things", key=key)
    assert dict(answer.headers)["broker-mode"] == "mock"


async def test_operations_are_those_of_todays_contract(taping: Taping) -> None:
    one = asked("GET", path="/v1/things", answer={"n": 1}, operation="things.once_called_so")
    taping.shelf.put(Cassette("tiny", "first", [one]))
    _, key = await taping.open("pr-2", "replay")
    assert value(await taping.gate.call("GET", "/v1/things", key=key)) == {"n": 1}


async def test_a_long_body_is_taken_apart_as_a_short_one_is(taping: Taping) -> None:
    await recorded(taping, ("POST", "/v1/things", {"name": "x" * 50_000, "size": 1}))
    _, key = await taping.open("pr-2", "replay")
    again = await taping.gate.call("POST", "/v1/things", key=key, json={"size": 1, "name": "x" * 50_000})
    assert again.status == 200


async def test_what_the_contract_refuses_is_refused_as_while_recording(taping: Taping) -> None:
    await recorded(taping, ("POST", "/v1/things", {"name": "x"}))
    _, key = await taping.open("pr-2", "replay")
    wrong = await taping.gate.call("POST", "/v1/things", key=key, json={"size": 1})
    assert code(wrong) != "no_recording"
    assert wrong.status == 400
