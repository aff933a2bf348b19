from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import stripe

from contracts.exchange import Headers, Request
from sandboxes.base import BadSignature, HookEndpoint, Refused, Resource
from sandboxes.stripe import hooks, marking
from tests.sandboxes.stripe.calls import MARKER, MISSING, NOW, Scripted, pairs_of, refusal, reply

URL = "https://broker.example/_broker/hooks/x1"
SECRET = "whsec_one"


def _signed(value: Any, *secrets: str, at: int | None = None, header: str | None = None) -> Request:
    body = value if isinstance(value, bytes) else json.dumps(value, indent=2).encode()
    stamp = int(NOW.timestamp()) if at is None else at
    signatures = [
        hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets
    ]
    text = ",".join([f"t={stamp}", *(f"v1={each}" for each in signatures), "v0=old"]) if header is None else header
    return Request(method="POST", path="/", headers=Headers([("stripe-signature", text)]), body=body)


def _event(thing: Mapping[str, Any], type: str = "invoice.paid", **members: Any) -> dict[str, Any]:
    return {"id": "evt_1A", "object": "event", "type": type, "data": {"object": thing}, **members}


def test_an_event_tells_what_it_is_about_in_order() -> None:
    invoice = {
        "id": "in_1A",
        "object": "invoice",
        "customer": "cus_1A",
        "payment_intent": "pi_1A",
        "subscription": "sub_1A",
        "metadata": {"a": "1", marking.KEY: MARKER.text},
        "lines": {"data": [{"metadata": {marking.KEY: "pb:k3x9qa:other"}}]},
    }
    (event,) = hooks.verify(_signed(_event(invoice, account="acct_1A"), SECRET), SECRET, NOW)
    assert (event.id, event.type) == ("evt_1A", "invoice.paid")
    assert event.ids == ("in_1A", "pi_1A", "sub_1A", "cus_1A", "acct_1A")
    assert event.markers == (MARKER.text, "pb:k3x9qa:other")
    assert event.resources == (Resource("invoice", "in_1A", parent="pi_1A", derived=True),)


def test_the_application_sees_nothing_of_the_broker() -> None:
    thing = {"id": "cus_1A", "object": "customer", "metadata": {marking.KEY: MARKER.text}}
    request = {"id": "req_1", "idempotency_key": "pb-8f3kd02ma1-order-1"}
    (event,) = hooks.verify(_signed(_event(thing, request=request), SECRET), SECRET, NOW)
    assert event.payload["data"]["object"]["metadata"] == {}
    assert event.payload["request"]["idempotency_key"] == "order-1"
    assert event.resources == ()


def test_stripes_own_sdk_signs_what_is_verified() -> None:
    body = json.dumps(_event({"id": "in_1A", "object": "invoice"})).encode()
    stamp = int(NOW.timestamp())
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", SECRET)
    assert hooks.verify(_signed(body, header=f"t={stamp},v1={signature}"), SECRET, NOW)


def test_one_of_several_signatures_and_one_of_several_secrets_is_enough() -> None:
    event = _event({"id": "in_1A"})
    assert hooks.verify(_signed(event, "whsec_rolled", SECRET), SECRET, NOW)
    assert hooks.verify(_signed(event, SECRET), f"whsec_other {SECRET}", NOW)


@pytest.mark.parametrize("away", [-301, 301])
def test_an_old_signature_is_none(away: int) -> None:
    stamp = int(NOW.timestamp()) + away
    with pytest.raises(BadSignature, match="five minutes"):
        hooks.verify(_signed(_event({}), SECRET, at=stamp), SECRET, NOW)
    assert hooks.verify(_signed(_event({}), SECRET, at=stamp), SECRET, NOW + timedelta(seconds=away))


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=ab", "t=1,t=2,v1=ab", "t=x,v1=ab", "t=1,v1=", "t=²,v1=ab", f"t={int(NOW.timestamp())},v1=ä"],
)
def test_what_stripe_did_not_sign(header: str) -> None:
    with pytest.raises(BadSignature):
        hooks.verify(_signed(_event({}), header=header), SECRET, NOW)


def test_another_secret_and_another_body_are_refused() -> None:
    with pytest.raises(BadSignature):
        hooks.verify(_signed(_event({}), "whsec_wrong"), SECRET, NOW)
    good = _signed(_event({}), SECRET)
    good.body += b" "
    with pytest.raises(BadSignature):
        hooks.verify(good, SECRET, NOW)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"id": 1, "type": "x"}', b'{"id": "evt_1"}'])
def test_a_signed_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(ValueError, match="webhook"):
        hooks.verify(_signed(body, SECRET), SECRET, NOW)


def test_events_without_an_object_and_of_the_second_version() -> None:
    (event,) = hooks.verify(_signed(_event({"object": "balance"}, "balance.available"), SECRET), SECRET, NOW)
    assert (event.ids, event.markers, event.resources) == ((), (), ())
    thin = {"id": "evt_2A", "type": "v2.core.account.updated", "related_object": {"id": "acct_1A", "type": "account"}}
    (event,) = hooks.verify(_signed(thin, SECRET), SECRET, NOW)
    assert event.ids == ("acct_1A",)


def test_what_was_deleted_and_what_may_be_shared_need_not_be_taken_back() -> None:
    for thing in ({"id": "in_1A", "deleted": True}, {"id": "prod_1A", "object": "product"}):
        (event,) = hooks.verify(_signed(_event(thing), SECRET), SECRET, NOW)
        assert event.resources == ()


# -- endpoints -----------------------------------------------------------------------------------------------


def _endpoint(key: str, **members: Any) -> dict[str, Any]:
    return {"id": key, "url": URL, "status": "enabled", "enabled_events": ["*"], **members}


EMPTY = reply(200, {"object": "list", "data": [], "has_more": False})


async def test_two_are_made_where_there_are_none() -> None:
    made = [reply(200, _endpoint(f"we_{each}", secret=f"whsec_{each}")) for each in (1, 2)]
    send = Scripted(EMPTY, *made)
    assert await hooks.ensure(URL, None, send) == HookEndpoint("we_1 we_2", "whsec_1 whsec_2")
    first, second = (pairs_of(each) for each in send.asked[1:])
    assert first == {"url": URL, "enabled_events[]": "*", "description": "preview-broker"}
    assert second == {**first, "connect": "true"}


async def test_an_account_that_is_no_platform_has_one() -> None:
    send = Scripted(EMPTY, reply(200, _endpoint("we_1", secret="whsec_1")), refusal(400))
    assert await hooks.ensure(URL, None, send) == HookEndpoint("we_1", "whsec_1")
    with pytest.raises(Refused):
        await hooks.ensure(URL, None, Scripted(EMPTY, refusal(400)))
    with pytest.raises(Refused):
        await hooks.ensure(URL, None, Scripted(EMPTY, reply(200, _endpoint("we_1", secret="s")), refusal(500)))


async def test_living_ones_are_left_alone() -> None:
    send = Scripted(reply(200, _endpoint("we_1")), reply(200, _endpoint("we_2")))
    assert await hooks.ensure(URL, HookEndpoint("we_1 we_2"), send) == HookEndpoint("we_1 we_2", None)


async def test_a_disabled_one_is_switched_on_again() -> None:
    send = Scripted(reply(200, _endpoint("we_1", status="disabled")), reply(200, _endpoint("we_1")))
    assert await hooks.ensure(URL, HookEndpoint("we_1"), send) == HookEndpoint("we_1", None)
    assert (send.lines[1], pairs_of(send.asked[1])) == ("POST /v1/webhook_endpoints/we_1", {"disabled": "false"})


@pytest.mark.parametrize(
    "state",
    [MISSING, reply(200, _endpoint("we_1", url="https://else")), reply(200, _endpoint("we_1", enabled_events=["a"]))],
)
async def test_one_that_is_gone_or_another_is_made_anew(state: Any) -> None:
    """Whatever else stands at our address goes, because nobody knows its secret any more."""
    at_ours = reply(
        200, {"data": [_endpoint("we_7"), {**_endpoint("we_8"), "url": "https://somebody"}], "has_more": False}
    )
    send = Scripted(
        state, at_ours, reply(200, {"deleted": True}), reply(200, _endpoint("we_9", secret="whsec_9")), refusal(400)
    )
    assert await hooks.ensure(URL, HookEndpoint("we_1"), send) == HookEndpoint("we_9", "whsec_9")
    assert "DELETE /v1/webhook_endpoints/we_7" in send.lines
    assert "DELETE /v1/webhook_endpoints/we_8" not in send.lines


async def test_removing_is_idempotent() -> None:
    send = Scripted(reply(200, {"deleted": True}), MISSING)
    await hooks.remove(HookEndpoint("we_1 we_2"), send)
    assert send.lines == ["DELETE /v1/webhook_endpoints/we_1", "DELETE /v1/webhook_endpoints/we_2"]
    with pytest.raises(Refused):
        await hooks.remove(HookEndpoint("we_1"), Scripted(refusal(500)))
