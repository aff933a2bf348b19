"""Headers, keys and signatures; the official SDK checks what we sign."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import stripe as official

from contracts.exchange import Headers, Request
from mocks.base import BindingView, Target
from mocks.stripe import wire
from mocks.stripe.calls import API_VERSION
from tests.mocks.stripe.client import Stripe


def _with(value: str) -> Request:
    return Request(method="GET", path="/v1/customers", headers=Headers([("authorization", value)]))


def test_a_key_is_a_bearer_token_or_a_user_name() -> None:
    basic = base64.b64encode(b"sk_test_abcdefghijkl:").decode()
    for value in ("Bearer sk_test_abcdefghijkl", f"Basic {basic}"):
        found = wire.credential(_with(value))
        assert found is not None
        assert (found.key, found.live, found.familiar) == ("sk_test_abcdefghijkl", False, True)
        assert found.hint == "sk_test_********ijkl"
    assert wire.credential(Request(method="GET", path="/")) is None
    for value in ("Basic !!", "Digest x", "Bearer "):
        assert wire.credential(_with(value)) is None


@pytest.mark.parametrize("prefix", ["sk_live_", "rk_live_", "pk_live_"])
def test_production_keys_are_known_by_their_shape(prefix: str) -> None:
    found = wire.credential(_with(f"Bearer {prefix}0123456789abcdef"))
    assert found is not None
    assert found.live
    assert "0123456789" not in found.hint


def test_virtual_keys_look_like_stripes() -> None:
    made = {spec.name: spec.make(lambda length, alphabet: alphabet[0] * length)[0] for spec in wire.CREDENTIALS}
    assert made["secret_key"].startswith("sk_test_51")
    assert len(made["secret_key"]) == 107
    assert made["publishable_key"].startswith("pk_test_51")
    assert len(made["webhook_secret"]) == len("whsec_") + 32
    binding = BindingView("http://x/e/pr-1/stripe", "http://x", {name: (key, None) for name, key in made.items()})
    assert set(wire.variables(binding)) == {
        "STRIPE_API_BASE", "STRIPE_API_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET",
    }  # fmt: skip


def test_the_official_sdk_accepts_a_signed_event() -> None:
    now = datetime.now(UTC)  # noqa: TID251 (the SDK compares the signature's time with the real one)
    payload = {"id": "evt_1", "object": "event", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}
    target = Target("https://shop.example/hook?a=b", "whsec_secret")
    request = wire.sign_event(payload, target, now)
    assert request.body == orjson.dumps(payload, option=orjson.OPT_INDENT_2)
    assert (request.method, request.path, request.query) == ("POST", "/hook", "a=b")
    signature = request.headers.get("stripe-signature")
    assert signature is not None
    event = official.Webhook.construct_event(request.body, signature, target.secret)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    assert event.id == "evt_1"
    with pytest.raises(official.SignatureVerificationError):
        official.Webhook.construct_event(request.body, signature, "whsec_other")  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def test_while_a_secret_is_rolled_both_sign() -> None:
    now = datetime.now(UTC)  # noqa: TID251 (the SDK compares the signature's time with the real one)
    also = [("whsec_old", now + timedelta(hours=1)), ("whsec_over", now)]
    request = wire.sign_event(
        {"id": "evt_1", "object": "event"}, Target("https://x.example", "whsec_new", also=also), now
    )
    signature = request.headers.get("stripe-signature") or ""
    assert signature.count("v1=") == 2
    for secret in ("whsec_new", "whsec_old"):
        official.Webhook.construct_event(request.body, signature, secret)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    with pytest.raises(official.SignatureVerificationError):
        official.Webhook.construct_event(request.body, signature, "whsec_over")  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


async def test_every_answer_has_stripes_headers(stripe: Stripe) -> None:
    for answer in (
        await stripe.send("GET", "customers", {}),
        await stripe.send("GET", "customers/cus_none", {}),
        await stripe.send("POST", "customers", {"nonsense": 1}),
    ):
        assert str(answer.header("request-id")).startswith("req_")
        assert answer.header("stripe-version") == API_VERSION
        assert answer.header("cache-control") == "no-cache, no-store"
        assert answer.header("access-control-allow-origin") == "*"
        assert answer.header("stripe-account") is None
    answer = await stripe.send("GET", "customers", {}, {"Stripe-Version": "2020-08-27", "Stripe-Account": "acct_1"})
    assert answer.header("stripe-version") == "2020-08-27"
    assert answer.header("stripe-account") == "acct_1"
    answer = await stripe.send("POST", "customers", {}, {"Idempotency-Key": "k"})
    assert answer.header("idempotency-key") == "k"
    assert answer.header("stripe-should-retry") == "false"


@pytest.mark.parametrize("secret", ["pi_3Abc_secret_XTSTvub", "seti_1Abc_secret_TL2hj4", "whsec_0123456789abcdef"])
def test_secrets_of_answers_are_known(secret: str) -> None:
    assert any(sign in secret and pattern.search(f'"{secret}"') for sign, pattern in wire.SECRETS.items())


def test_the_version_is_the_pinned_sdks() -> None:
    assert official.api_version == API_VERSION


@pytest.mark.parametrize(
    "key", ["hunter2", "correct horse battery staple 42", "sk_test_1234", "SG.abcdefghijkl.mnopqrstuv"]
)
def test_of_what_is_no_stripe_key_nothing_is_shown(key: str) -> None:
    assert wire.masked(key) == "*" * len(key)


async def test_a_body_of_another_media_type_is_refused(stripe: Stripe) -> None:
    answer = await stripe.harness.call("POST", "/v1/customers", json={"email": "ada@example.com"})
    error = orjson.loads(answer.body)["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert "unsupported Content-Type application/json" in error["message"]
    assert (await stripe.get("customers"))["data"] == []
