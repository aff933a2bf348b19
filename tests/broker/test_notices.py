"""Notices: stored once, signed as Standard Webhooks says, attempted until they are heard."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import pytest
from aiohttp import web

from broker.notices import Notices
from broker.settings import InvalidSetting
from broker.upstream import Timeouts
from tests.broker.targets import World, site, statuses
from tests.clocks import HeldClock

RAW = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(RAW).decode()


def notices_of(world: World, url: str | None, secret: str | None = SECRET) -> Notices:
    return Notices(
        external=world.storage.external,
        clock=world.clock,
        upstream=world.upstream,
        url=url,
        secret=secret,
        timeouts=Timeouts(connect=2, total=2),
    )


async def test_a_notice_is_signed_and_told_once(world: World) -> None:
    announced: list[str] = []
    async with site() as target:
        notices = notices_of(world, target.url("/told"))
        notices.announce = announced.append
        await notices.put("closed-pr-1", "environment.closed", {"environment": "pr-1"})
        await notices.put("closed-pr-1", "environment.closed", {"environment": "again"})
        assert announced == ["ntc_closed-pr-1"] == list(await notices.pending())
        assert await notices.attempt("ntc_closed-pr-1") is None
        assert await notices.attempt("ntc_closed-pr-1") is None
        assert await notices.attempt("ntc_unknown") is None
    [heard] = target.heard
    assert heard.event == {
        "type": "environment.closed",
        "timestamp": "2026-03-01T12:00:00+00:00",
        "data": {"environment": "pr-1"},
    }
    headers = {name.lower(): value for name, value in heard.headers.items()}
    assert headers["webhook-id"] == "ntc_closed-pr-1"
    signed = f"ntc_closed-pr-1.{headers['webhook-timestamp']}.".encode() + heard.body
    expected = base64.b64encode(hmac.new(RAW, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(world.clock.now().timestamp()))
    [stored] = await world.storage.external.notices()
    assert (stored.status, stored.attempts) == ("delivered", 1)
    assert notices.counts == {("environment.closed", "delivered"): 1}
    assert await notices.pending() == []


async def test_it_is_attempted_until_it_is_heard(world: World, clock: HeldClock) -> None:
    async with site(statuses(500, 302, 200)) as target:
        notices = notices_of(world, target.url())
        await notices.put("n", "teardown.stuck", {})
        first = await notices.attempt("ntc_n")
        assert first is not None
        assert 3.75 <= first <= 5
        [stored] = await world.storage.external.notices()
        assert (stored.status, stored.attempts, stored.error) == ("pending", 1, "it answered 500")
        # Not due yet.
        assert await notices.attempt("ntc_n") == pytest.approx(first)
        clock.advance(first)
        second = await notices.attempt("ntc_n")
        assert second is not None
        assert 7.5 <= second <= 10
        clock.advance(second)
        assert await notices.attempt("ntc_n") is None
    assert len(target.heard) == 3
    ids = {heard.headers["webhook-id"] for heard in target.heard}
    assert ids == {"ntc_n"}


async def test_waits_end_at_an_hour(world: World, clock: HeldClock) -> None:
    notices = notices_of(world, "http://127.0.0.1:9/")
    await notices.put("n", "teardown.stuck", {})
    for _ in range(15):
        wait = await notices.attempt("ntc_n")
        assert wait is not None
        clock.advance(wait)
    assert 2700 <= wait <= 3600
    [stored] = await world.storage.external.notices()
    assert "cannot connect" in stored.error


async def test_two_rounds_make_one_attempt(world: World) -> None:
    released = asyncio.Event()

    async def answer(request: web.Request, number: int) -> web.Response:
        await released.wait()
        return web.Response()

    async with site(answer) as target:
        notices = notices_of(world, target.url())
        await notices.put("n", "teardown.stuck", {})
        first: Any = asyncio.gather(notices.attempt("ntc_n"))
        await target.wait(1)
        assert await notices.attempt("ntc_n") == 1
        released.set()
        assert await first == [None]
    assert len(target.heard) == 1


async def test_nothing_is_told_without_an_address(world: World) -> None:
    notices = notices_of(world, None, None)
    await notices.put("n", "environment.closed", {})
    assert await world.storage.external.notices() == []
    assert await notices.pending() == []


@pytest.mark.parametrize(
    ("secret", "words"),
    [(None, "needed"), ("", "needed"), ("short", "too short"), ("whsec_?", "base64"), ("whsec_AAAA", "too short")],
)
def test_a_secret_that_cannot_sign_is_refused(world: World, secret: str | None, words: str) -> None:
    with pytest.raises(InvalidSetting, match=words):
        notices_of(world, "http://127.0.0.1:9/", secret)


async def test_a_plain_secret_signs_as_it_is(world: World) -> None:
    text = "a plain text that is long enough"
    async with site() as target:
        notices = notices_of(world, target.url(), text)
        await notices.put("n", "environment.closed", {})
        await notices.attempt("ntc_n")
    [heard] = target.heard
    signed = f"ntc_n.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    digest = hmac.new(text.encode(), signed, hashlib.sha256).digest()
    assert heard.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
