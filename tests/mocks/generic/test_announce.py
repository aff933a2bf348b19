"""What a document says is sent: which webhook follows which deed, where a callback goes, and how both are signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mocks.base import Target
from mocks.generic import announce
from tests.harness import Harness, value
from tests.mocks.generic import crm
from tests.mocks.generic.crm import KEY

HEADERS = {"x-crm-key": KEY}
SHAPES = ("contact", "contact.note", "sales.order")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("contact.created", ("contact", "create")),
        ("newContact", ("contact", "create")),
        ("CONTACT_DELETED", ("contact", "delete")),
        ("contacts/update", ("contact", "update")),
        ("on-contact-was-changed", ("contact", "update")),
        ("contact_note_created", ("contact.note", "create")),
        ("note.created", ("contact.note", "create")),
        ("order.created", ("sales.order", "create")),
        ("contact", None),
        ("created", None),
        ("contact.created.updated", None),
        ("invoice.created", None),
        ("contact.invoice.created", None),
    ],
)
def test_what_a_name_tells(name: str, found: tuple[str, str] | None) -> None:
    assert announce.deed_of(name, SHAPES) == found


def sent(schema: Any) -> dict[str, Any]:
    return {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}}


ENVELOPE = {
    "type": "object",
    "required": ["type", "data"],
    "properties": {
        "id": {"type": "string"},
        "type": {"type": "string"},
        "created": {"type": "integer"},
        "data": {"type": "object", "properties": {"object": {"$ref": "#/components/schemas/Contact"}}},
    },
}
WEBHOOKS = {
    "contact.created": sent(ENVELOPE),
    "contact.updated": sent({"$ref": "#/components/schemas/Contact"}),
    "contact.deleted": sent({}),
    "weather.changed": sent({}),
}


def with_callback(url: str) -> dict[str, Any]:
    paths: dict[str, Any] = deepcopy(crm.DOCUMENT["paths"])
    said = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    paths["/contacts"]["post"]["callbacks"] = {"ready": {url: sent(said)}}
    schema = deepcopy(crm.CONTACT)
    schema["properties"]["hook"] = {"type": "string"}
    paths["/contacts"]["post"]["requestBody"]["content"]["application/json"]["schema"] = schema
    return paths


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Harness]:
    made = crm.harness(tmp_path, paths=with_callback("{$request.body#/hook}"), **{"x-webhooks": WEBHOOKS})
    yield made
    await made.close()


async def events(shop: Harness) -> Sequence[Any]:
    return (await (await shop.store()).outbox.events())[::-1]


async def test_webhooks_follow_what_is_done(shop: Harness) -> None:
    contact = value(await shop.call("POST", "/v2/contacts", json={"name": "Ada"}, headers=HEADERS))
    place = f"/v2/contacts/{contact['id']}"
    await shop.call("GET", place, headers=HEADERS)
    await shop.call("PATCH", place, json={"stage": "customer"}, headers=HEADERS)
    await shop.call("DELETE", place, headers=HEADERS)
    await shop.call("DELETE", place, headers=HEADERS)
    made, changed, gone = await events(shop)
    assert [one.type for one in (made, changed, gone)] == ["contact.created", "contact.updated", "contact.deleted"]
    body = made.payload["body"]
    assert body["type"] == "contact.created"
    assert body["data"]["object"] == contact
    assert made.payload["method"] == "POST"
    assert changed.payload["body"] == {**contact, "stage": "customer"}
    assert gone.payload["body"]["id"] == contact["id"]


async def test_a_callback_goes_where_the_call_says(shop: Harness) -> None:
    sent = {"name": "Ada", "hook": "https://app.example/ready?x=1"}
    await shop.call("POST", "/v2/contacts", json=sent, headers=HEADERS)
    told = [one for one in await events(shop) if one.type == "callback.ready"]
    assert [one.payload["body"] for one in told] == [{"name": "Ada"}]
    store = await shop.store()
    (delivery,) = await store.outbox.deliveries(event_id=told[0].id)
    assert delivery.url == "https://app.example/ready?x=1"
    # The next call's callback does not go there again.
    await shop.call("POST", "/v2/contacts", json={"name": "Bob", "hook": "https://app.example/b"}, headers=HEADERS)
    urls = {one.url for one in await store.outbox.deliveries()}
    assert urls == {"https://app.example/ready?x=1", "https://app.example/b"}
    assert len(await store.outbox.deliveries(event_id=told[0].id)) == 1


@pytest.mark.parametrize("hook", [None, "", "javascript:alert(1)", "https://a b", 7])
async def test_what_is_no_address_is_not_called(shop: Harness, hook: Any) -> None:
    await shop.call("POST", "/v2/contacts", json={"name": "Ada", "hook": hook}, headers=HEADERS)
    assert "callback.ready" not in [one.type for one in await events(shop)]


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("$request.body#/hook", "https://app.example/h"),
        ("{$request.body#/hook}/{$response.body#/name}", "https://app.example/h/Ada"),
        ("https://app.example/{$request.query.q}?m={$method}", "https://app.example/seven?m=POST"),
        ("https://app.example/{$request.header.X-Where}", "https://app.example/there"),
        ("https://app.example{$url}", "https://app.example/v2/contacts"),
        ("{$request.body#/nothing}", None),
        ("{$request.body#/tags/1}", None),
        ("{$request.body}", None),
        ("{$nothing}", None),
    ],
)
async def test_expressions(tmp_path: Path, template: str, url: str | None) -> None:
    shop = crm.harness(tmp_path, paths=with_callback(template))
    try:
        await shop.call(
            "POST",
            "/v2/contacts",
            query={"q": "seven"},
            json={"name": "Ada", "hook": "https://app.example/h"},
            headers={**HEADERS, "x-where": "there"},
        )
        deliveries = await (await shop.store()).outbox.deliveries()
        assert [one.url for one in deliveries] == ([] if url is None else [url])
    finally:
        await shop.close()


def test_deliveries_are_signed_where_there_is_a_secret() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    payload = {"id": "evt_1", "type": "contact.created", "method": "PUT", "body": {"a": 1}}
    key = b"k" * 32
    target = Target("https://app.example:8443/h?x=1", "whsec_" + base64.b64encode(key).decode())
    request = announce.signed(payload, target, at)
    assert (request.method, request.path, request.query, request.host) == ("PUT", "/h", "x=1", "app.example:8443")
    assert orjson.loads(request.body) == {"a": 1}
    stamp = request.headers.get("webhook-timestamp")
    wanted = hmac.new(key, f"evt_1.{stamp}.".encode() + request.body, hashlib.sha256).digest()
    assert request.headers.get("webhook-signature") == "v1," + base64.b64encode(wanted).decode()
    earlier = [(target.secret, at + timedelta(seconds=1)), ("whsec_b3Zlcg==", at)]
    both = announce.signed(payload, replace(target, secret="whsec_bmV3", also=earlier), at)
    first, second = (both.headers.get("webhook-signature") or "").split(" ")
    assert (first != second, second) == (True, request.headers.get("webhook-signature")), "the last one is over"
    plain = announce.signed(payload, Target("https://app.example/h", ""), at)
    assert plain.headers.get("webhook-signature") is None


async def test_an_application_gets_the_secret_that_signs(shop: Harness) -> None:
    names = [spec.name for spec in shop.service.credentials]
    assert names == ["api_key", "webhook_secret"]
    _, secret = shop.service.credentials[0], shop.service.credentials[1].make(lambda length, alphabet: "k" * length)
    assert base64.b64decode(secret[0].removeprefix("whsec_")) == b"k" * 32
    assert not shop.service.credentials[1].presented
