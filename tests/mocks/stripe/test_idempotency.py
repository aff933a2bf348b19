"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

from __future__ import annotations

import asyncio
from typing import Any

from contracts.exchange import Response
from tests.harness import value
from tests.mocks.stripe import connect
from tests.mocks.stripe.client import Stripe


async def _make(stripe: Stripe, key: str, path: str = "customers", **params: Any) -> Response:
    return await stripe.send("POST", path, params, {"Idempotency-Key": key})


async def test_a_retry_gets_the_first_answer(stripe: Stripe) -> None:
    first = await _make(stripe, "k", name="Ada")
    again = await _make(stripe, "k", name="Ada")
    assert value(again) == value(first)
    assert again.header("idempotent-replayed") == "true"
    assert first.header("idempotent-replayed") is None
    assert first.header("original-request") == first.header("request-id")
    assert again.header("original-request") == first.header("request-id")
    assert again.header("request-id") != first.header("request-id")
    assert len((await stripe.get("customers"))["data"]) == 1
    event = (await stripe.get("events"))["data"][0]
    assert event["request"] == {"id": first.header("request-id"), "idempotency_key": "k"}


async def test_a_key_stands_for_one_request(stripe: Stripe) -> None:
    await _make(stripe, "k", name="Ada")
    other = value(await _make(stripe, "k", name="Bob"))["error"]
    assert other["type"] == "idempotency_error"
    assert other["message"].startswith("Keys for idempotent requests can only be used with the same parameters")
    elsewhere = await _make(stripe, "k", "products", name="Ada")
    assert elsewhere.status == 400
    assert "('/v1/products' vs '/v1/customers')" in value(elsewhere)["error"]["message"]


async def test_declines_are_replayed_too(stripe: Stripe) -> None:
    params = {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa_chargeDeclined",
              "payment_method_types": ["card"]}  # fmt: skip
    first = await _make(stripe, "k", "payment_intents", **params)
    again = await _make(stripe, "k", "payment_intents", **params)
    assert (first.status, again.status) == (402, 402)
    kept, replayed = value(first)["error"], value(again)["error"]
    assert kept.pop("request_log_url") != replayed.pop("request_log_url")
    assert kept == replayed
    assert len((await stripe.get("charges"))["data"]) == 1


async def test_refusals_of_an_endpoint_are_replayed_in_the_same_words(stripe: Stripe) -> None:
    customer = await stripe.customer()
    for path, params in (("customers/cus_none", {"name": "x"}),
                         ("payment_methods/pm_none/attach", {"customer": customer["id"]}),
                         ("refunds", {"charge": "ch_none"})):  # fmt: skip
        first, again = await _make(stripe, path, path, **params), await _make(stripe, path, path, **params)
        assert again.header("idempotent-replayed") == "true"
        assert first.status == again.status
        kept, replayed = value(first)["error"], value(again)["error"]
        assert {**kept, "request_log_url": ""} == {**replayed, "request_log_url": ""}


async def test_parameters_that_do_not_validate_leave_no_trace(stripe: Stripe) -> None:
    assert (await _make(stripe, "k", nonsense=1)).status == 400
    assert (await _make(stripe, "k", name="Ada")).status == 200


async def test_a_key_is_forgotten_after_a_day(stripe: Stripe) -> None:
    first = await _make(stripe, "k", name="Ada")
    stripe.wait(24 * 60 * 60)
    second = await _make(stripe, "k", name="Ada")
    assert value(second)["id"] != value(first)["id"]


async def test_a_key_has_a_longest_length(stripe: Stripe) -> None:
    assert (await _make(stripe, "k" * 255)).status == 200
    assert (await _make(stripe, "k" * 256)).status == 400


async def test_thirty_at_once_have_one_effect(stripe: Stripe) -> None:
    answers = await asyncio.gather(*(_make(stripe, "k", name="Ada") for _ in range(30)))
    made = [answer for answer in answers if answer.status == 200]
    turned_away = [answer for answer in answers if answer.status == 409]
    assert len({value(answer)["id"] for answer in made}) == 1
    assert len(made) + len(turned_away) == 30
    assert all(value(answer)["error"]["code"] == "idempotency_key_in_use" for answer in turned_away)
    assert all(answer.header("stripe-should-retry") == "true" for answer in turned_away)
    assert len((await stripe.get("customers"))["data"]) == 1


async def test_other_methods_have_no_keys(stripe: Stripe) -> None:
    answer = await stripe.send("GET", "customers", {}, {"Idempotency-Key": "k"})
    assert answer.status == 200
    for name in ("idempotency-key", "original-request", "stripe-should-retry"):
        assert answer.header(name) is None


async def test_an_invalid_version_is_refused(stripe: Stripe) -> None:
    answer = await stripe.send("GET", "customers", {}, {"Stripe-Version": "yesterday"})
    assert answer.status == 400
    assert value(answer)["error"]["message"] == "Invalid Stripe API version: yesterday"
    assert (await stripe.send("GET", "customers", {}, {"Stripe-Version": "2020-08-27"})).status == 200


async def test_refused_calls_leave_the_state_as_it_was(stripe: Stripe) -> None:
    """With a key a refusal is committed, so nothing may have been written before it."""
    customer = await stripe.customer(source="tok_visa")
    paid = await stripe.pay()
    token = await stripe.post("tokens", card={"number": "4000000000000002", "exp_month": 5, "exp_year": 2031})
    method = {"type": "card", "card": {"token": "tok_visa"}}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("customers", {"source": token["id"]}),
        ("customers", {"payment_method": "pm_card_visa", "source": "tok_none"}),
        ("customers", {"expand": ["bogus"]}),
        (f"customers/{customer['id']}", {"source": "tok_none", "name": "x"}),
        (f"customers/{customer['id']}", {"metadata": {"k" * 41: "v"}}),
        (f"customers/{customer['id']}/sources", {"source": token["id"]}),
        ("products", {"name": "x", "default_price_data": {"currency": "xxx", "unit_amount": 1}}),
        ("prices", {"currency": "usd", "product_data": {"name": "x"}}),
        ("payment_methods", {**method, "metadata": {"k": "v" * 501}}),
        ("payment_intents", {"amount": 2000, "currency": "usd", "payment_method_data": method, "confirm": True}),
        ("payment_intents", {"amount": 2000, "currency": "usd", "payment_method": paid["payment_method"]}),
        (f"payment_intents/{paid['id']}/capture", {}),
        (f"payment_intents/{paid['id']}/cancel", {}),
        ("refunds", {"payment_intent": paid["id"], "amount": 2001}),
        ("charges", {"amount": 1, "currency": "usd", "source": "tok_visa"}),
        ("webhook_endpoints", {"url": "nowhere", "enabled_events": ["*"]}),
    ]
    before = stripe.records()
    for number, (path, params) in enumerate(calls):
        answer = await _make(stripe, f"refused-{number}", path, **params)
        assert 400 <= answer.status < 500, (path, answer.body)
        assert stripe.records() == before, path


async def test_a_secret_that_is_shown_once_is_kept_sealed(stripe: Stripe) -> None:
    params = {"url": "https://example.com/hook", "enabled_events": ["*"]}
    first = await _make(stripe, "k", "webhook_endpoints", **params)
    again = await _make(stripe, "k", "webhook_endpoints", **params)
    secret = value(first)["secret"]
    assert value(again) == value(first)
    assert again.header("idempotent-replayed") == "true"
    folder = stripe.harness.storage._folder
    assert not [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


async def test_what_a_cards_number_was_hashed_to_is_sealed_too(stripe: Stripe) -> None:
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    first = await _make(stripe, "k", "tokens", card=card)
    again = await _make(stripe, "k", "tokens", card=card)
    assert (value(again), again.header("idempotent-replayed")) == (value(first), "true")
    card["cvc"] = "124"
    assert value(await _make(stripe, "k", "tokens", card=card))["error"]["type"] == "idempotency_error"
    (record,) = [
        row[0]
        for row in (await stripe.harness.store())._state.connection.execute(  # type: ignore[attr-defined]  # SQLite's
            "SELECT body FROM records WHERE scope LIKE '%idempotency_key'"
        )
    ]
    assert b"digest" not in record


async def test_connected_accounts_have_keys_of_their_own(stripe: Stripe) -> None:
    accounts = [(await connect.account(stripe))["id"] for _ in range(2)]
    asked = [{}, *(connect.on(account) for account in accounts)]

    async def make(on: dict[str, str]) -> Response:
        return await stripe.send("POST", "customers", {"name": "Ada"}, {"Idempotency-Key": "k", **on})

    made = await asyncio.gather(*(make(on) for on in asked))
    assert [answer.status for answer in made] == [200, 200, 200], "nobody else's key is in use"
    assert len({value(answer)["id"] for answer in made}) == 3
    for on, first in zip(asked, made, strict=True):
        again = await make(on)
        assert (value(again), again.header("idempotent-replayed")) == (value(first), "true")


async def test_an_empty_key_is_none(stripe: Stripe) -> None:
    first, second = [await _make(stripe, "", name="Ada") for _ in range(2)]
    assert value(first)["id"] != value(second)["id"]
    assert second.header("idempotent-replayed") is None


DESTINATION = {
    "name": "mine", "type": "webhook_endpoint", "event_payload": "thin",
    "enabled_events": ["v1.billing.meter.no_meter_found"],
    "webhook_endpoint": {"url": "https://example.com/hook"},
}  # fmt: skip


async def _v2(
    stripe: Stripe, key: str, path: str = "event_destinations", body: Any = DESTINATION, method: str = "POST"
) -> Response:
    return await stripe.harness.call(method, f"/v2/core/{path}", json=body, headers={"Idempotency-Key": key})


async def test_v2_answers_what_has_become_of_it_and_makes_nothing_again(stripe: Stripe) -> None:
    first = await _v2(stripe, "k")
    assert (first.status, first.header("idempotency-key")) == (200, "k")
    path = f"event_destinations/{value(first)['id']}"
    await _v2(stripe, "other", path, {"name": "renamed"})
    again = await _v2(stripe, "k")
    assert value(again) == {**value(first), "name": "renamed", "updated": value(again)["updated"]}
    assert again.header("idempotent-replayed") == "true"
    assert again.header("original-request") == first.header("request-id")
    listed = await stripe.harness.call("GET", "/v2/core/event_destinations")
    assert len(value(listed)["data"]) == 1
    other = await _v2(stripe, "k", body={**DESTINATION, "name": "x"})
    assert (other.status, value(other)["error"]["type"]) == (400, "idempotency_error")


async def test_v2_has_keys_for_each_api(stripe: Stripe) -> None:
    first = value(await _v2(stripe, "k"))
    path = f"event_destinations/{first['id']}"
    assert (await _v2(stripe, "k", path, {"name": "renamed"})).status == 200
    assert (await _make(stripe, "k", name="Ada")).status == 200, "and v1 has its own"
    gone = await _v2(stripe, "k", path, None, "DELETE")
    again = await _v2(stripe, "k", path, None, "DELETE")
    assert (gone.status, value(again)) == (200, value(gone))
    assert again.header("idempotent-replayed") == "true"
    assert (await _v2(stripe, "other", path, None, "DELETE")).status == 404


async def test_v2_tries_again_what_failed(stripe: Stripe) -> None:
    path = "event_destinations/ed_none"
    first = await _v2(stripe, "k", path, {"name": "x"})
    again = await _v2(stripe, "k", path, {"name": "y"})
    assert (first.status, again.status) == (404, 404)
    assert again.header("idempotent-replayed") is None
    made = value(await _v2(stripe, "k"))
    assert made["name"] == "mine"


async def test_v2_remembers_for_thirty_days(stripe: Stripe) -> None:
    first = value(await _v2(stripe, "k"))
    stripe.wait(days=29)
    assert value(await _v2(stripe, "k"))["id"] == first["id"]
    stripe.wait(days=1)
    assert value(await _v2(stripe, "k"))["id"] != first["id"]


async def test_v2_thirty_at_once_have_one_effect(stripe: Stripe) -> None:
    answers = await asyncio.gather(*(_v2(stripe, "k") for _ in range(30)))
    made = {value(answer)["id"] for answer in answers if answer.status == 200}
    assert len(made) == 1
    assert {answer.status for answer in answers} <= {200, 409}


async def test_what_a_call_wrote_before_it_was_refused_is_taken_back(stripe: Stripe) -> None:
    """Paying a draft finalizes it first: a refused one is a draft still, with a key and without."""
    customer = await stripe.customer()
    await stripe.post("invoiceitems", customer=customer["id"], amount=500, currency="usd")
    draft = await stripe.post("invoices", customer=customer["id"], auto_advance=False,
                              pending_invoice_items_behavior="include")  # fmt: skip
    before, events = stripe.records(), await stripe.event_types()
    for headers in ({"Idempotency-Key": "k"}, {"Idempotency-Key": "k"}, {}):
        answer = await stripe.send("POST", f"invoices/{draft['id']}/pay", {"payment_method": "pm_none"}, headers)
        assert (answer.status, value(answer)["error"]["code"]) == (400, "resource_missing")
        assert stripe.records() == before
    assert await stripe.event_types() == events
