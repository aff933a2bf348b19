"""Who hears an event, and the events of a test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

from broker.storage.base import Delivery, Event
from contracts.exchange import Request
from mocks.base import Target
from mocks.sendgrid import accounts, event_targets, happenings
from mocks.sendgrid import event_webhooks as webhooks
from mocks.sendgrid.service import SERVICE
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_event_webhooks import PATH, made

TEST = "/v3/user/webhooks/event/test"
OAUTH = {"oauth_client_id": "me", "oauth_client_secret": "mine", "oauth_token_url": "https://id.example.com/token"}


async def found(sendgrid: Harness) -> list[Target]:
    store = await sendgrid.store()
    state = store.begin("sendgrid")
    try:
        return list(await event_targets.targets(state, sendgrid.vault.unseal))
    finally:
        await state.rollback()


def heard(target: Target, account: str = "") -> set[str]:
    return {kind for kind in happenings.KINDS if target.wants({"event": kind, "_account": account})}


async def sent(sendgrid: Harness) -> list[tuple[Event, Delivery]]:
    outbox = (await sendgrid.store()).outbox
    pairs = []
    for delivery in await outbox.deliveries():
        event = await outbox.event(delivery.event_id)
        assert event is not None
        pairs.append((event, delivery))
    return pairs


def request(sendgrid: Harness, pairs: list[tuple[Event, Delivery]]) -> Request:
    assert SERVICE.batching is not None
    delivery = pairs[0][1]
    target = Target(delivery.url, sendgrid.vault.unseal(delivery.secret_sealed), endpoint=delivery.endpoint)
    return SERVICE.batching.sign([event.payload for event, _ in pairs], target, sendgrid.clock.now())


def verified(key: str, posted: Request) -> bool:
    signature = posted.headers.get(EventWebhookHeader.SIGNATURE.lower())
    stamp = posted.headers.get(EventWebhookHeader.TIMESTAMP.lower())
    return bool(EventWebhook(key).verify_signature(posted.body.decode(), signature, stamp))


@pytest.mark.parametrize("kind", happenings.KINDS)
async def test_each_kind_is_heard_where_it_is_asked_for(sendgrid: Harness, kind: str) -> None:
    setting = webhooks.SETTINGS[kind]
    await made(sendgrid, enabled=True, **{setting: True})
    [target] = await found(sendgrid)
    assert heard(target) == {kind}
    assert heard(target, "somebody else's") == set()


async def test_what_is_switched_off_hears_nothing(sendgrid: Harness) -> None:
    await made(sendgrid, "https://a.example.com", enabled=False, open=True)
    assert await found(sendgrid) == []
    assert await found(sendgrid) == []
    assert "event_webhook" in accounts.SHARED


async def test_a_target_has_what_its_webhook_signs_with(sendgrid: Harness) -> None:
    webhook = await made(sendgrid, enabled=True, **OAUTH)
    [target] = await found(sendgrid)
    assert (target.endpoint, target.url) == (webhook["id"], "https://app.example.com/hook")
    assert SERVICE.granting is not None
    asked = SERVICE.granting.ask(target)
    assert asked is not None
    assert asked[0] == OAUTH["oauth_token_url"]
    await sendgrid.call("PATCH", f"{PATH}/signed/{webhook['id']}", json={"enabled": True})
    await sendgrid.call("PATCH", f"{PATH}/{webhook['id']}", json=dict.fromkeys(OAUTH, ""))
    [target] = await found(sendgrid)
    assert SERVICE.granting.ask(target) is None
    assert target.secret


async def test_a_test_posts_one_event_of_each_kind_unsigned(sendgrid: Harness) -> None:
    assert (await sendgrid.call("POST", TEST, json={"url": "https://app.example.com/test"})).status == 204
    pairs = await sent(sendgrid)
    posted = request(sendgrid, pairs)
    assert {delivery.url for _, delivery in pairs} == {"https://app.example.com/test"}
    events = json.loads(posted.body)
    assert [event["event"] for event in events] == list(happenings.KINDS)
    assert {event["email"] for event in events} == {"example@test.com"}
    assert posted.headers.get(EventWebhookHeader.SIGNATURE.lower()) is None


async def test_a_test_of_a_webhook_is_signed_as_its_own(sendgrid: Harness) -> None:
    webhook = await made(sendgrid, enabled=False)
    key = value(await sendgrid.call("PATCH", f"{PATH}/signed/{webhook['id']}", json={"enabled": True}))["public_key"]
    for body in ({"url": webhook["url"]}, {"url": "https://elsewhere.example.com", "id": webhook["id"]}):
        before = len(await sent(sendgrid))
        assert (await sendgrid.call("POST", TEST, json=body)).status == 204
        assert verified(key, request(sendgrid, (await sent(sendgrid))[before:]))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"url": "nowhere"}, 400),
        ({"url": "https://a.example.com", "id": "nobody"}, 404),
        ({"url": "https://a.example.com", "oauth_client_id": "me"}, 400),
    ],
)
async def test_a_test_that_cannot_be(sendgrid: Harness, body: dict[str, Any], status: int) -> None:
    assert (await sendgrid.call("POST", TEST, json=body)).status == status
    assert await sent(sendgrid) == []


async def test_a_test_takes_the_secret_that_is_stored(sendgrid: Harness) -> None:
    webhook = await made(sendgrid, **OAUTH)
    body = {"url": webhook["url"], "oauth_client_id": "other", "oauth_token_url": OAUTH["oauth_token_url"]}
    assert (await sendgrid.call("POST", TEST, json=body)).status == 204
    [(_, delivery), *_] = await sent(sendgrid)
    assert SERVICE.granting is not None
    asked = SERVICE.granting.ask(Target(delivery.url, sendgrid.vault.unseal(delivery.secret_sealed)))
    assert asked is not None
    assert asked[1].headers.get("authorization") == "Basic b3RoZXI6bWluZQ=="


async def test_a_subusers_webhooks_are_its_own_and_hear_its_own(sendgrid: Harness) -> None:
    subuser = {"username": "ada", "email": "ada@example.com", "password": "a long password", "ips": ["127.0.0.1"]}
    assert (await sendgrid.call("POST", "/v3/subusers", json=subuser)).status == 200
    behalf = {"on-behalf-of": "ada"}
    own = await made(sendgrid, "https://parent.example.com", enabled=True, processed=True)
    body = {"url": "https://parent.example.com", "enabled": True, "processed": True}
    theirs = await sendgrid.call("POST", PATH, json=body, headers=behalf)
    assert theirs.status == 201, "another account may go to the same URL"
    assert (await sendgrid.call("GET", f"{PATH}/{own['id']}", headers=behalf)).status == 404
    listed = value(await sendgrid.call("GET", f"{PATH}/all", headers=behalf))["webhooks"]
    assert [each["id"] for each in listed] == [value(theirs)["id"]]
    [parent, child] = await found(sendgrid)
    assert parent.wants({"event": "processed"})
    assert not child.wants({"event": "processed"})
    assert (await sendgrid.call("POST", TEST, json={"url": "https://t.example.com"}, headers=behalf)).status == 204
    [(event, _), *_] = await sent(sendgrid)
    assert child.wants({**event.payload, "event": "processed"})
    assert not parent.wants({**event.payload, "event": "processed"})
    assert (await sendgrid.call("DELETE", "/v3/subusers/ada")).status == 204
    assert [each.url for each in await found(sendgrid)] == ["https://parent.example.com"]
    assert len(await found(sendgrid)) == 1
