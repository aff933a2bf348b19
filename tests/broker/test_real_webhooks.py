"""Webhooks as the real providers send them, through to what an application's official SDK accepts: signed by the
provider for the broker, and by the broker with the environment's own secret for the application."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import stripe
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sendgrid.helpers.eventwebhook import EventWebhook

from broker.clock import SystemClock
from broker.errors import InvalidInput
from broker.storage.base import Environment
from contracts.exchange import Headers, Request
from mocks.sendgrid.service import SERVICE as MOCK_SENDGRID
from mocks.stripe.service import SERVICE as MOCK_STRIPE
from sandboxes.base import Resource
from sandboxes.sendgrid.provider import PROVIDER as SENDGRID
from sandboxes.stripe.provider import PROVIDER as STRIPE
from tests.broker.hooked import Hooked, marker
from tests.broker.targets import Heard, Site, site

SECRET = "whsec_of_the_real_account"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Hooked]:
    made = Hooked(tmp_path, SystemClock(), services=[MOCK_STRIPE, MOCK_SENDGRID], providers=[STRIPE, SENDGRID])
    yield made
    await made.close()


@asynccontextmanager
async def two(world: Hooked, service: str) -> AsyncIterator[tuple[list[Environment], list[Site]]]:
    """Two environments, each with an application that listens."""
    async with site() as first, site() as second:
        sites = [first, second]
        yield (
            [
                await world.open(f"pr-{number}", of=service, webhooks=[{"url": each.url()}])
                for number, each in enumerate(sites, 1)
            ],
            sites,
        )


async def delivered(world: Hooked, environment: Environment, target: Site) -> Sequence[Heard]:
    assert await world.outbox.attempt_due(environment.uid, world.notified.get(environment.uid, [])) is None
    return target.heard


async def virtual(world: Hooked, environment: Environment, service: str) -> dict[str, tuple[str, str | None]]:
    bundle = await world.environments.bundle(environment)
    return bundle["variables"]


def as_stripe_sends(event: dict[str, Any], at: float, secret: str = SECRET) -> Request:
    """https://docs.stripe.com/webhooks/signature"""
    body, stamp = orjson.dumps(event, option=orjson.OPT_INDENT_2), int(at)
    signature = hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    headers = Headers([("content-type", "application/json"), ("stripe-signature", f"t={stamp},v1={signature}")])
    return Request(method="POST", path="/x", headers=headers, body=body)


def charge(number: int, **members: Any) -> dict[str, Any]:
    thing = {"id": f"ch_{number}", "object": "charge", "amount": 4200, "metadata": {"order": "17"}, **members}
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "charge.succeeded",
        "created": 1_790_000_000,
        "livemode": False,
        "pending_webhooks": 1,
        "data": {"object": thing},
    }


async def test_stripe(world: Hooked) -> None:
    await world.account("main", service="stripe", hook_secret_sealed=world.vault.seal(SECRET))
    async with two(world, "stripe") as ((one, other), (first, second)):
        await world.ledger.learn(one.uid, "stripe", "main", [Resource("customer", "cus_1")], origin="made")
        await world.ledger.learn(other.uid, "stripe", "main", [Resource("payment_intent", "pi_2")], origin="made")
        now = world.clock.now().timestamp()
        marked = {"order": "17", "preview_broker": marker(one)}
        for event in (
            charge(1, customer="cus_1", metadata=marked),
            charge(2, payment_intent="pi_2", customer="cus_9"),
            charge(3, customer="cus_nobody"),
        ):
            assert await world.hooks.receive("path-of-main", as_stripe_sends(event, now)) == (1, 1)
        assert await world.hooks.route_waiting() == 2

        [got] = await delivered(world, one, first)
        [others] = await delivered(world, other, second)
        secret = (await virtual(world, one, "stripe"))["STRIPE_WEBHOOK_SECRET"]
        accepted = stripe.Webhook.construct_event(got.body, got.headers["stripe-signature"], secret)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        assert accepted.id == "evt_1"
        assert json.loads(got.body)["data"]["object"]["metadata"] == {"order": "17"}
        assert b"pb:" not in got.body, "an application sees nothing of the marker"
        assert json.loads(others.body)["id"] == "evt_2"
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(others.body, others.headers["stripe-signature"], secret)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    assert [row.event_id for row in await world.external.hooks(claimed=False)] == ["evt_3"]


async def test_stripe_signed_by_somebody_else(world: Hooked) -> None:
    await world.account("main", service="stripe", hook_secret_sealed=world.vault.seal(SECRET))
    now = world.clock.now().timestamp()
    for wrong in (as_stripe_sends(charge(1), now, "whsec_guessed"), as_stripe_sends(charge(1), now - 3600)):
        with pytest.raises(InvalidInput, match="signature"):
            await world.hooks.receive("path-of-main", wrong)
    assert await world.external.hooks() == []


async def test_sendgrid(world: Hooked) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    sealed = world.vault.seal(base64.b64encode(public).decode())
    await world.account("mails", service="sendgrid", hook_secret_sealed=sealed)
    async with two(world, "sendgrid") as ((one, other), (first, second)):
        events = [
            {
                "email": "ada@example.com",
                "timestamp": 1_790_000_000,
                "event": "delivered",
                "sg_event_id": f"event-{number}",
                "sg_message_id": f"message-{number}.filter-1",
                "preview_broker": marker(environment),
            }
            for number, environment in enumerate((one, other), 1)
        ]
        body = orjson.dumps(events) + b"\r\n"
        stamp = str(int(world.clock.now().timestamp()))
        signature = private.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
        headers = Headers(
            [
                ("x-twilio-email-event-webhook-signature", base64.b64encode(signature).decode()),
                ("x-twilio-email-event-webhook-timestamp", stamp),
            ]
        )
        request = Request(method="POST", path="/x", headers=headers, body=body)
        assert await world.hooks.receive("path-of-mails", request) == (2, 2)
        assert await world.hooks.route_waiting() == 2

        [got] = await delivered(world, one, first)
        [others] = await delivered(world, other, second)
        assert [each["sg_event_id"] for each in json.loads(got.body)] == ["event-1"]
        assert [each["sg_event_id"] for each in json.loads(others.body)] == ["event-2"]
        assert b"pb:" not in got.body
        judge = EventWebhook((await virtual(world, one, "sendgrid"))["SENDGRID_WEBHOOK_PUBLIC_KEY"])
        fields = {name.lower(): value for name, value in got.headers.items()}
        assert judge.verify_signature(
            got.body.decode(),
            fields["x-twilio-email-event-webhook-signature"],
            fields["x-twilio-email-event-webhook-timestamp"],
        )
