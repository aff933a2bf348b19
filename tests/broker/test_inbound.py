"""A mail from outside arrives, through a whole server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from broker.app import Broker
from broker.errors import Conflict, EnvironmentClosed, InvalidInput, NotFound
from broker.inbound import Inbound
from broker.listening import Listening
from contracts.exchange import Headers, Request
from tests.broker.targets import site
from tests.mocks.test_mime import nested

RAW = b"From: Ada <ada@example.org>\r\nTo: inbox@parse.example.com, b@example.net\r\nSubject: Hi\r\n\r\nHello\r\n"


@pytest.fixture
async def inbound(broker: Broker) -> AsyncIterator[Inbound]:
    yield Inbound(broker.clock, broker.environments, broker.directory, broker.services, broker.mock)
    await broker.workflows.stop()
    await broker.upstream.close()


async def setting(broker: Broker, url: str) -> None:
    """An application waits for mail."""
    bundle = await broker.environments.bundle(await broker.environments.get_open("pr-1"))
    key = bundle["variables"]["SENDGRID_API_KEY"]
    body = b'{"hostname": "parse.example.com", "url": "%s"}' % url.encode()
    path = "/e/pr-1/sendgrid/v3/user/webhooks/parse/settings"
    fields = {"authorization": f"Bearer {key}", "content-type": "application/json", "content-length": str(len(body))}
    request = Request(method="POST", path=path, headers=Headers(fields.items()), body=body, sent_path=path)
    assert (await broker.gateway.answer(request)).status == 201


async def test_it_is_delivered_as_the_provider_posts_it(broker: Broker, inbound: Inbound) -> None:
    async with site() as target:
        await setting(broker, target.url("/in"))
        [planned] = await inbound.receive("pr-1", RAW)
        assert (planned["to"], planned["url"]) == (["inbox@parse.example.com"], target.url("/in"))
        uid = (await broker.environments.get_open("pr-1")).uid
        environment = await broker.environments.get_open("pr-1")
        ids = await broker.workflows.outbox.pending(environment)
        await broker.workflows.outbox.attempt_due(uid, ids)
        [heard] = await target.wait(1)
        assert heard.headers["Content-Type"] == "multipart/form-data; boundary=xYzZY"
        assert b'{"to":["inbox@parse.example.com"],"from":"ada@example.org"}' in heard.body


async def test_the_envelope_may_be_told(broker: Broker, inbound: Inbound) -> None:
    await setting(broker, "http://127.0.0.1:9/in")
    [planned] = await inbound.receive(
        "pr-1", RAW, to=["other@parse.example.com"], sender="", service="sendgrid", client="192.0.2.7", scope="t1"
    )
    assert planned["to"] == ["other@parse.example.com"]
    store = await broker.environments.store(await broker.environments.get_open("pr-1"))
    event = await store.outbox.event(planned["event"])
    assert event is not None
    assert (event.payload["from"], event.scope) == ("", "t1")


async def test_a_listener_hears_of_it_and_posts_nothing(broker: Broker, inbound: Inbound) -> None:
    await setting(broker, "http://127.0.0.1:9/in")
    listening = Listening(environments=broker.environments, clock=broker.clock)
    begun = await listening.since("pr-1", None)
    [planned] = await inbound.receive("pr-1", RAW)
    [heard] = (await listening.since("pr-1", begun.next, service="sendgrid")).heard
    assert (heard.event.id, heard.signed) == (planned["event"], None)


async def test_what_cannot_arrive(broker: Broker, inbound: Inbound) -> None:
    with pytest.raises(Conflict, match="nobody in pr-1 waits"):
        await inbound.receive("pr-1", RAW)
    for raw, to in ((b" \n", ["a@b.example"]), (b"Subject: x\n\ny", [])):
        with pytest.raises(InvalidInput):
            await inbound.receive("pr-1", raw, to=to)
    for name, service in (("pr-2", None), ("pr-1", "nothing")):
        with pytest.raises(NotFound):
            await inbound.receive(name, RAW, service=service)
    with pytest.raises(InvalidInput, match="sendgrid"):
        await inbound.receive("pr-1", RAW, service="s3")
    uid = (await broker.environments.get_open("pr-1")).uid
    await broker.storage.registry.update_environment(uid, status="closed")
    with pytest.raises(EnvironmentClosed):
        await inbound.receive("pr-1", RAW)


async def test_parts_in_parts_without_an_end_are_refused(broker: Broker, inbound: Inbound) -> None:
    await setting(broker, "http://127.0.0.1:1/parse")
    for deep in (nested(500), b"X: " + b"y" * (256 << 10) + b"\r\n" + nested(500)):
        with pytest.raises(InvalidInput, match="100 deep"):
            await inbound.receive("pr-1", deep, to=["inbox@parse.example.com"])
