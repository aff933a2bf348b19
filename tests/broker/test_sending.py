"""The way to a real account: its address, the hosts that may be reached, and its turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from broker.scheduler import Scheduler
from broker.sending import Sending, WrongHost
from broker.settings import Settings
from broker.upstream import Timeouts, Upstream
from contracts.exchange import Request
from sandboxes.base import Account, Secret, Unreachable
from tests.broker.sandbox import KEY, Outside, tiny_provider
from tests.broker.targets import site
from tests.clocks import HeldClock

PROVIDER = tiny_provider()
LIST = Request(method="GET", path="/v1/things", query="limit=1")


@pytest.fixture
async def sending(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Sending]:
    upstream = Upstream(Settings(data=tmp_path, private_targets="no"))
    scheduler = Scheduler(clock)
    scheduler.configure("one", rate=100, concurrency=2)
    yield Sending(upstream, scheduler, clock, timeouts=Timeouts(connect=1, total=0.3))
    await upstream.close()


def account(endpoint: str = PROVIDER.endpoint, **options: str) -> Account:
    return Account("one", endpoint, Secret(KEY), options)


async def test_a_driver_is_signed_for_and_answered_whole(sending: Sending) -> None:
    outside = Outside()
    async with site(outside.answer) as target:
        send = sending.driver(PROVIDER, account(target.url("")), environment="pr-1")
        answer = await send(LIST)
    assert answer.status == 200, "the provider knew the key"
    assert answer.stream is None
    assert target.heard[0].path == "/v1/things?limit=1"
    assert sending._scheduler.usage("one")["environments"]["pr-1"]["calls"] == 1


async def test_a_driver_waits_for_its_turn_and_rests_when_it_is_told_to(sending: Sending) -> None:
    outside = Outside()
    outside.fail(429, "GET")
    async with site(outside.answer) as target:
        send = sending.driver(PROVIDER, account(target.url("")))
        assert (await send(LIST)).status == 429
    assert sending._scheduler.usage("one")["resting"] > 0


async def test_an_owner_may_point_an_account_at_this_machine_and_a_provider_not(sending: Sending) -> None:
    """Private targets are closed to everybody else on this server."""
    async with site() as target:
        assert (await sending.send(PROVIDER, account(target.url("")), LIST)).status == 200
        with pytest.raises(Unreachable, match="loopback") as forbidden:
            await sending.send(
                replace(PROVIDER, hosts=frozenset({f"127.0.0.1:{target.port}"}), endpoint=target.url("")),
                account(target.url("")),
                LIST,
            )
    assert not forbidden.value.sent


@pytest.mark.parametrize("host", ["evil.test", "api.tiny.test.evil.test", "127.0.0.1", "api.tiny.test:8443"])
async def test_a_host_that_is_not_the_providers_is_never_called(sending: Sending, host: str) -> None:
    with pytest.raises(WrongHost) as wrong:
        await sending.send(PROVIDER, account(), replace(LIST, host=host))
    assert not wrong.value.sent


async def test_a_request_may_name_another_address_of_its_account(sending: Sending) -> None:
    async with site() as first, site() as second:
        reached = account(first.url(""), token_endpoint=second.url(""))
        await sending.send(PROVIDER, reached, replace(LIST, host=f"127.0.0.1:{second.port}"))
        with pytest.raises(WrongHost):
            # The provider's own host is not reached with the credential of an account that lives elsewhere.
            await sending.send(PROVIDER, reached, replace(LIST, host="api.tiny.test"))
    assert (len(first.heard), len(second.heard)) == (0, 1)


async def test_silence_is_late_and_a_refused_connection_is_certain(sending: Sending) -> None:
    async def silent(request: web.Request, number: int) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with site(silent) as target:
        with pytest.raises(Unreachable) as late:
            await sending.send(PROVIDER, account(target.url("")), LIST)
    assert (late.value.sent, late.value.late) == (True, True)
    with pytest.raises(Unreachable) as closed:
        await sending.send(PROVIDER, account(f"http://127.0.0.1:{target.port}"), LIST)
    assert (closed.value.sent, closed.value.late) == (False, False)


async def test_an_answer_without_end_is_not_read_by_a_driver(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.sending._DRIVERS_BODY", 1000)

    async def endless(request: web.Request, number: int) -> web.Response:
        return web.Response(body=b"x" * 100_000)

    async with site(endless) as target:
        with pytest.raises(Unreachable, match="answer of more"):
            await sending.driver(PROVIDER, account(target.url("")))(LIST)


async def test_no_credential_comes_back(sending: Sending) -> None:
    """Neither in an answer, nor in what is said of one that nobody can read."""
    outside = Outside()
    outside.fail(401, "GET", words=f"Invalid key: {KEY}")

    async def quoting(request: web.Request, number: int) -> web.StreamResponse:
        if number > 1:
            assert request.transport is not None
            request.transport.write(f"{KEY} is no key of mine\r\n\r\n".encode())  # type: ignore[attr-defined]  # a socket's
            request.transport.close()
        return await outside.answer(request, number)

    async with site(quoting) as target:
        answer = await sending.driver(PROVIDER, account(target.url("")))(LIST)
        assert (answer.status, answer.body) == (401, b'{"error":"Invalid key: [hidden]"}')
        with pytest.raises(Unreachable) as garbled:
            await sending.send(PROVIDER, account(target.url("")), LIST)
    assert "is no key of mine" in str(garbled.value)
    assert KEY not in str(garbled.value)


def test_the_longest_call_is_told(sending: Sending) -> None:
    assert sending.longest == pytest.approx(1.3)
