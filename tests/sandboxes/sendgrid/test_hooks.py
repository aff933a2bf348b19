"""The account's event webhook, and what arrives there."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.exchange import Headers, Request, Response
from sandboxes.base import BadSignature, HookEndpoint, HookEvent, Refused
from sandboxes.sendgrid import hooks
from tests.sandboxes.sendgrid.calls import MARKER, NOW, Scripted, reply

URL = "https://broker.example/_broker/hooks/abc"
ON = {"enabled": True, "url": URL, **dict.fromkeys(hooks._EVENTS, True)}
PRIVATE = ec.derive_private_key(12345, ec.SECP256R1())
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
#: The public key of RFC 8410, 10.1: of another kind.
ED25519 = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
EVENT = {
    "email": "a@example.com",
    "event": "delivered",
    "sg_event_id": "ev1",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    "timestamp": 1_764_000_000,
    "order": "7",
    "preview_broker": MARKER.text,
}


def delivery(value: Any, *, key: ec.EllipticCurvePrivateKey = PRIVATE, age: timedelta = timedelta(0)) -> Request:
    """A delivery as SendGrid signs it."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode() + b"\r\n"
    stamp = str(int((NOW - age).timestamp()))
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = Headers([(hooks.SIGNATURE, signature), (hooks.TIMESTAMP, stamp)])
    return Request(method="POST", path="/", headers=headers, body=body)


def verified(request: Request) -> Sequence[HookEvent]:
    return hooks.verify(request, PUBLIC, NOW)


async def test_a_webhook_is_made_beside_those_that_are_there() -> None:
    send = Scripted(
        reply(200, {"max_allowed": 5, "webhooks": [{"id": "w0", "url": "https://owner.example"}]}),
        reply(201, {**ON, "id": "w1"}),
        reply(200, {"id": "w1", "public_key": ""}),
        reply(200, {"id": "w1", "public_key": PUBLIC}),
    )
    assert await hooks.ensure(URL, None, send) == HookEndpoint("w1", PUBLIC)
    base = "/v3/user/webhooks/event/settings"
    assert send.lines == [f"GET {base}/all", f"POST {base}", f"GET {base}/signed/w1", f"PATCH {base}/signed/w1"]
    assert send.body(1) == {**ON, "friendly_name": "preview-broker"}
    assert send.body(3) == {"enabled": True}


async def test_a_webhook_that_is_well_is_left_alone() -> None:
    send = Scripted(reply(200, {"webhooks": [{**ON, "id": "w1"}]}), reply(200, {"public_key": PUBLIC}))
    assert await hooks.ensure(URL, HookEndpoint("w1"), send) == HookEndpoint("w1", PUBLIC)
    assert {each.method for each in send.asked} == {"GET"}


@pytest.mark.parametrize("change", [{"enabled": False}, {"url": "https://old.example"}, {"bounce": False}])
async def test_a_webhook_that_was_changed_is_set_right(change: dict[str, Any]) -> None:
    send = Scripted(
        reply(200, {"webhooks": [{**ON, **change, "id": "w1"}]}), reply(200, {}), reply(200, {"public_key": PUBLIC})
    )
    await hooks.ensure(URL, HookEndpoint("w1"), send)
    assert send.lines[1] == "PATCH /v3/user/webhooks/event/settings/w1"
    assert send.body(1) == ON


async def test_a_plan_without_room_is_told() -> None:
    send = Scripted(reply(200, {"webhooks": []}), reply(400, {"errors": [{"message": "max allowed"}]}))
    with pytest.raises(Refused, match=r"max allowed.*plan allows a few"):
        await hooks.ensure(URL, None, send)


@pytest.mark.parametrize("read", [0, 1, 3])
async def test_an_answer_that_cannot_be_used_is_a_refusal(read: int) -> None:
    """And never taken for an account without webhooks, where another one would be made each time."""
    answers = [
        reply(200, {"webhooks": []}),
        reply(201, {**ON, "id": "w1"}),
        reply(404, {"errors": []}),
        reply(200, {"public_key": PUBLIC}),
    ]
    answers[read] = Response(200, [], b"<html>maintenance")
    send = Scripted(*answers)
    with pytest.raises(Refused, match="cannot be used"):
        await hooks.ensure(URL, None, send)
    assert len(send.asked) == read + 1


@pytest.mark.parametrize("status", [204, 404])
async def test_a_webhook_is_removed_once_and_for_all(status: int) -> None:
    send = Scripted(reply(status))
    await hooks.remove(HookEndpoint("w1"), send)
    assert send.lines == ["DELETE /v3/user/webhooks/event/settings/w1"]


def test_each_event_of_a_delivery_is_one() -> None:
    other = {"event": "group_unsubscribe", "sg_event_id": "ev2", "asm_group_id": 12, "email": "b@example.com"}
    one, two = verified(delivery([EVENT, other]))
    assert (one.id, one.type) == ("ev1", "delivered")
    assert one.ids == ["14c5d75ce93"]
    assert one.markers == [MARKER.text]
    assert one.payload == {name: value for name, value in EVENT.items() if name != "preview_broker"}
    assert (two.id, two.type, two.ids, two.markers) == ("ev2", "group_unsubscribe", ["12"], [])


def test_events_without_an_id_are_told_apart() -> None:
    bare = {"event": "open", "email": "a@example.com", "timestamp": 1}
    one, two = verified(delivery([bare, {**bare, "timestamp": 2}]))
    assert one.id != two.id


@pytest.mark.parametrize("age", [timedelta(minutes=9), timedelta(minutes=-9)])
def test_clocks_may_differ(age: timedelta) -> None:
    assert verified(delivery([EVENT], age=age))


@pytest.mark.parametrize("age", [timedelta(minutes=11), timedelta(minutes=-11)])
def test_a_copy_of_yesterday_is_refused(age: timedelta) -> None:
    with pytest.raises(BadSignature, match="ten minutes"):
        verified(delivery([EVENT], age=age))


def test_another_key_signs_nothing_here() -> None:
    with pytest.raises(BadSignature):
        verified(delivery([EVENT], key=ec.derive_private_key(54321, ec.SECP256R1())))


def test_a_key_with_its_lines_is_the_same_key() -> None:
    pem = f"-----BEGIN PUBLIC KEY-----\n{PUBLIC[:64]}\n{PUBLIC[64:]}\n-----END PUBLIC KEY-----\n"
    assert hooks.verify(delivery([EVENT]), pem, NOW)


@pytest.mark.parametrize("key", ["", "no key", "AAAA", ED25519])
def test_what_is_no_key_verifies_nothing(key: str) -> None:
    with pytest.raises(BadSignature, match="public key"):
        hooks.verify(delivery([EVENT]), key, NOW)


def test_a_changed_body_is_refused() -> None:
    request = delivery([EVENT])
    request.body = request.body.replace(b"delivered", b"bounced")
    with pytest.raises(BadSignature):
        verified(request)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(hooks.SIGNATURE, "not base64!"), (hooks.TIMESTAMP, "1")],
        [(hooks.SIGNATURE, "AAAA")],
        [(hooks.SIGNATURE, "AAAA"), (hooks.TIMESTAMP, "now")],
        [(hooks.SIGNATURE, "AAAA"), (hooks.TIMESTAMP, "9" * 400)],
        [(hooks.SIGNATURE, "AAAA"), (hooks.TIMESTAMP, str(int(NOW.timestamp())))],
        [(hooks.SIGNATURE, "Ünïcode"), (hooks.TIMESTAMP, "²")],
    ],
)
def test_what_is_not_signed_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(BadSignature):
        verified(Request(method="POST", path="/", headers=Headers(headers), body=b"[]"))


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"nothing", b""])
def test_what_is_signed_and_no_array_of_events_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="not an array"):
        verified(delivery(body))
