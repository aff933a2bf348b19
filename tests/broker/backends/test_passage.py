"""One call on its way: what of the application's request goes out, and how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from broker.backends import passage
from contracts.exchange import UNSET, Request, Response
from sandboxes.base import Refused
from tests.broker.backends.real import Real
from tests.broker.tiny import code
from tests.clocks import HeldClock


@pytest.fixture
async def real(tmp_path: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Real]:
    monkeypatch.setattr(passage, "_FIRST_WAIT", 0.0)
    real = Real(tmp_path, clock)
    yield real
    await real.gate.close()


async def test_what_belongs_to_the_connection_or_to_us_stays_here(real: Real) -> None:
    _, key = await real.open("pr-1")
    headers = {
        "accept-encoding": "gzip",
        "expect": "100-continue",
        "x-forwarded-for": "10.0.0.1",
        "broker-scope": "a",
        "x-own": "kept",
        "user-agent": "an SDK",
    }
    answer = await real.gate.call("GET", "/v1/things", key=key, headers=headers)
    (sent,) = real.sending.sent
    assert {name for name, _ in sent.headers} == {"x-own", "user-agent", "authorization", "broker-exchange"}
    assert sent.headers.get("broker-exchange") == dict(answer.headers)["broker-exchange"]


async def test_each_attempt_takes_a_turn(real: Real) -> None:
    home, key = await real.open("pr-1")
    real.outside.fail(500, "GET", times=2)
    assert (await real.gate.call("GET", "/v1/things", key=key)).status == 200
    assert real.scheduler.usage("one")["environments"][home.uid]["calls"] == 3


async def test_a_refusal_for_the_rate_rests_the_account(real: Real) -> None:
    _, key = await real.open("pr-1")
    real.outside.fail(429, "POST")
    assert (await real.gate.call("POST", "/v1/things", key=key, json={"name": "x"})).status == 429
    assert real.scheduler.usage("one")["resting"] > 0


async def test_a_cancelled_call_leaves_its_line(real: Real) -> None:
    """The caller is gone, and what was sent may have its effect."""
    import asyncio

    home, key = await real.open("pr-1")
    real.outside.takes = 5
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await real.gate.call("POST", "/v1/things", key=key, json={"name": "x"})
    assert [status for _, status, _ in await real.states(home)] == ["pending"]


def test_a_json_answer_is_parsed_once() -> None:
    response = Response(200, [], b'{"id": 1}')
    passage._parse(response)
    assert response.value == {"id": 1}
    response.value = "parsed before"
    passage._parse(response)
    assert response.value == "parsed before"
    for body in (b"<html>", b"{broken", b""):
        other = Response(200, [], body)
        passage._parse(other)
        assert other.value is UNSET


async def test_a_driver_may_refuse_to_write_a_call(tmp_path: Path, clock: HeldClock) -> None:
    def refusing(*_: object) -> Request:
        raise Refused(403, "this changes the whole account")

    real = Real(tmp_path, clock, outbound=refusing)
    home, key = await real.open("pr-1")
    refused = await real.gate.call("POST", "/v1/things", key=key, json={"name": "x"})
    assert (refused.status, code(refused)) == (403, "refused_by_policy")
    assert [status for _, status, _ in await real.states(home)] == ["gone"]
    assert real.scheduler.usage("one")["running"] == 0
    await real.gate.close()


@pytest.mark.parametrize("part", ["narrow", "inbound"])
async def test_an_answer_that_a_driver_cannot_read_does_not_pass(tmp_path: Path, clock: HeldClock, part: str) -> None:
    def unreadable(*_: object) -> Response:
        raise Refused(200, "it is no list")

    async def narrowed(*_: object) -> Response:
        return unreadable()

    real = Real(tmp_path, clock, **{part: narrowed if part == "narrow" else unreadable})
    _, key = await real.open("pr-1")
    failed = await real.gate.call("GET", "/v1/things", key=key)
    assert (failed.status, code(failed)) == (502, "upstream_failed")
    assert b"it is no list" in failed.body
    await real.gate.close()


async def test_mapped_names_are_listed_by_the_driver_also_in_a_part_of_its_own(
    tmp_path: Path, clock: HeldClock
) -> None:
    real = Real(tmp_path, clock, aliased=frozenset({"thing"}))
    _, key = await real.open("pr-1", isolation="account")
    real.outside.objects["thi_hand"] = {"id": "thi_hand", "kind": "thing", "marker": "", "parent": ""}
    listed = await real.gate.call("GET", "/v1/things", key=key)
    assert orjson.loads(listed.body)["data"] == []
    await real.gate.close()
