"""Mail that arrives for a hostname of inbound parse."""

from __future__ import annotations

from typing import Any

from sendgrid.helpers.eventwebhook import EventWebhook

from broker.backends.mock import MockBackend
from broker.directory import Entry
from broker.policy import Policy
from broker.visit import Visit
from contracts.contract import Operation
from contracts.exchange import Request
from mocks.arriving import Arriving
from mocks.base import Call, Target
from mocks.posting import BODY
from mocks.sendgrid import inbound
from mocks.sendgrid.service import SERVICE
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_parse_settings import made

RAW = b"From: ada@example.org\r\nTo: inbox@parse.example.com\r\nSubject: Hi\r\n\r\nHello\r\n"
POLICIES = "/v3/user/webhooks/security/policies"
STATS = "/v3/user/webhooks/parse/stats"


async def arrive(sendgrid: Harness, *to: str, raw: bytes = RAW) -> list[Any]:
    backend: MockBackend = sendgrid.backend
    found: list[Any] = []

    async def run(call: Call) -> None:
        found.extend(await inbound.receive(call, Arriving(raw, to, "ada@example.org", "192.0.2.1")))

    entry = Entry(sendgrid.environment, Policy.from_normalised({}), {})
    now, started = sendgrid.clock.now(), sendgrid.clock.monotonic()
    visit = Visit("v", entry, SERVICE, None, Request(method="POST", path="/"), now, started)
    await backend.carry(visit, SERVICE, Operation(id="arrival", method="POST", path="/"), run)
    return found


async def test_it_is_posted_to_the_url_of_its_hostname(sendgrid: Harness) -> None:
    await made(sendgrid)
    await made(sendgrid, "other.example.com", url="https://other.example.com/in", send_raw=True)
    found = await arrive(
        sendgrid, "inbox@parse.example.com", "b@PARSE.example.com", "c@other.example.com", "d@nowhere.example.com"
    )
    assert [(each["url"], each["to"]) for each in found] == [
        ("https://app.example.com/inbound", ["inbox@parse.example.com", "b@PARSE.example.com"]),
        ("https://other.example.com/in", ["c@other.example.com"]),
    ]
    store = await sendgrid.store()
    deliveries = await store.outbox.deliveries()
    assert [(each.url, each.endpoint) for each in deliveries] == [
        ("https://app.example.com/inbound", "parse:parse.example.com"),
        ("https://other.example.com/in", "parse:other.example.com"),
    ]
    event = await store.outbox.event(found[0]["event"])
    assert event is not None
    assert (event.type, event.payload["subject"], event.payload["hostname"]) == ("inbound", "Hi", "parse.example.com")
    body = b"".join([chunk async for chunk in store.read_blob("sendgrid", event.payload[BODY]["id"])])
    assert len(body) == event.payload[BODY]["size"]
    assert b'name="text"\r\n\r\nHello\r\n' in body
    assert SERVICE.sign_event is not None
    assert SERVICE.batching is not None
    target = Target(deliveries[0].url, sendgrid.vault.unseal(deliveries[0].secret_sealed))
    request = SERVICE.sign_event(event.payload, target, sendgrid.clock.now())
    assert request.headers.get("content-type") == "multipart/form-data; boundary=xYzZY"
    assert not SERVICE.batching.of(event.payload)


async def test_nobody_waits_for_it(sendgrid: Harness) -> None:
    assert await arrive(sendgrid, "inbox@parse.example.com") == []
    store = await sendgrid.store()
    assert (await store.outbox.events(), (await store.inventory())["blobs"]["count"]) == ([], 0)


async def test_a_security_policy_signs_it_and_asks_for_a_token(sendgrid: Harness) -> None:
    oauth = {
        "client_id": "me",
        "client_secret": "mine",
        "token_url": "https://id.example.com/token",
        "scopes": ["a", "b"],
    }
    made_policy = await sendgrid.call(
        "POST",
        "/v3/user/webhooks/security/policies",
        json={"name": "x", "signature": {"enabled": True}, "oauth": oauth},
    )
    policy = value(made_policy)["policy"]
    await made(sendgrid, security_policy=policy["id"])
    await arrive(sendgrid, "inbox@parse.example.com")
    [delivery] = await (await sendgrid.store()).outbox.deliveries()
    target = Target(delivery.url, sendgrid.vault.unseal(delivery.secret_sealed))
    assert SERVICE.body_seal is not None
    assert SERVICE.granting is not None
    seal = SERVICE.body_seal(target, sendgrid.clock.now())
    assert seal is not None
    for chunk in (b"one", b"two"):
        seal.update(chunk)
    (_, signature), (_, stamp) = seal.headers()
    assert EventWebhook(policy["signature"]["public_key"]).verify_signature("onetwo", signature, stamp)
    asked = SERVICE.granting.ask(target)
    assert asked is not None
    assert asked[1].body == b"grant_type=client_credentials&scope=a+b"
    await sendgrid.call("DELETE", f"{POLICIES}/{policy['id']}")
    await arrive(sendgrid, "inbox@parse.example.com")
    *_, plain = await (await sendgrid.store()).outbox.deliveries()
    assert sendgrid.vault.unseal(plain.secret_sealed) == ""


async def test_mails_are_counted_by_day(sendgrid: Harness) -> None:
    await made(sendgrid)
    for _ in range(2):
        await arrive(sendgrid, "inbox@parse.example.com")
    today = sendgrid.clock.now().date().isoformat()
    counted = value(await sendgrid.call("GET", STATS, query={"start_date": today}))
    assert counted == [{"date": today, "stats": [{"metrics": {"received": 2}}]}]
    months = value(
        await sendgrid.call("GET", STATS, query={"start_date": "2020-01-01", "aggregated_by": "month", "limit": "1"})
    )
    assert months == [{"date": "2020-01-01", "stats": [{"metrics": {"received": 0}}]}]
    for query in ({}, {"start_date": "soon"}, {"start_date": today, "aggregated_by": "year"}):
        assert (await sendgrid.call("GET", STATS, query=query)).status == 400


async def test_a_subusers_mail_is_signed_and_counted_for_it(sendgrid: Harness) -> None:
    subuser = {"username": "ada", "email": "ada@example.com", "password": "a long password", "ips": ["127.0.0.1"]}
    assert (await sendgrid.call("POST", "/v3/subusers", json=subuser)).status == 200
    behalf = {"on-behalf-of": "ada"}
    body = {"name": "x", "signature": {"enabled": True}}
    policy = value(await sendgrid.call("POST", POLICIES, json=body, headers=behalf))["policy"]
    setting = {"hostname": "parse.example.com", "url": "https://sub.example.com/in", "security_policy": policy["id"]}
    path = "/v3/user/webhooks/parse/settings"
    assert (await sendgrid.call("POST", path, json=setting, headers=behalf)).status == 201
    assert (await sendgrid.call("GET", f"{path}/parse.example.com")).status == 404
    assert (await sendgrid.call("POST", path, json={**setting, "security_policy": ""})).status == 400, "taken"
    await arrive(sendgrid, "inbox@parse.example.com")
    [delivery] = await (await sendgrid.store()).outbox.deliveries()
    assert sendgrid.vault.unseal(delivery.secret_sealed) != ""
    today = {"start_date": sendgrid.clock.now().date().isoformat()}
    counts = [
        value(await sendgrid.call("GET", STATS, query=today, headers=headers))[0]["stats"][0]["metrics"]["received"]
        for headers in (behalf, {})
    ]
    assert counts == [1, 0]
    assert (await sendgrid.call("DELETE", "/v3/subusers/ada")).status == 204
    assert await arrive(sendgrid, "inbox@parse.example.com") == []
    assert (await sendgrid.call("POST", path, json={**setting, "security_policy": ""})).status == 201, "free again"
