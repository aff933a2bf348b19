"""Each kind's way to its end, and that the way may be gone twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.exchange import Request, Response
from sandboxes.base import Outcome, Refused, Resource
from sandboxes.stripe.provider import PROVIDER
from sandboxes.stripe.revoking import KEPT, WAYS, revoke
from tests.sandboxes.stripe.calls import MISSING, Scripted, pairs_of, refusal, reply

OK = reply(200, {"id": "x"})
WRONG = refusal(400, message="You cannot do that now.")


def _in(status: str, **members: Any) -> Response:
    return reply(200, {"id": "x", "status": status, **members})


async def _revoke(resource: Resource, *answers: Response) -> tuple[Outcome, Scripted]:
    send = Scripted(*answers)
    outcome = await revoke(resource, send, lambda parts: None)
    assert not send.answers, "every answer was asked for"
    return outcome, send


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("customer", "DELETE /v1/customers/x"),
        ("coupon", "DELETE /v1/coupons/x"),
        ("account", "DELETE /v1/accounts/x"),
        ("plan", "DELETE /v1/plans/x"),
        ("product", "DELETE /v1/products/x"),
        ("invoiceitem", "DELETE /v1/invoiceitems/x"),
        ("ephemeral_key", "DELETE /v1/ephemeral_keys/x"),
        ("test_helpers.test_clock", "DELETE /v1/test_helpers/test_clocks/x"),
        ("tax_id", "DELETE /v1/tax_ids/x"),
    ],
)
async def test_what_stripe_deletes(kind: str, line: str) -> None:
    outcome, send = await _revoke(Resource(kind, "x"), OK)
    assert (outcome, send.lines) == ("deleted", [line])
    assert (await _revoke(Resource(kind, "x"), MISSING))[0] == "absent"


@pytest.mark.parametrize(
    ("resource", "line"),
    [
        (Resource("card", "card_1", parent="cus_1"), "DELETE /v1/customers/cus_1/sources/card_1"),
        (Resource("tax_id", "txi_1", parent="cus_1"), "DELETE /v1/customers/cus_1/tax_ids/txi_1"),
        (Resource("person", "person_1", parent="acct_1"), "DELETE /v1/accounts/acct_1/persons/person_1"),
        (Resource("product_feature", "f_1", parent="prod_1"), "DELETE /v1/products/prod_1/features/f_1"),
    ],
)
async def test_what_lives_in_something(resource: Resource, line: str) -> None:
    outcome, send = await _revoke(resource, OK)
    assert (outcome, send.lines) == ("deleted", [line])


@pytest.mark.parametrize(
    ("kind", "path", "form"),
    [
        ("payment_link", "/v1/payment_links/x", {"active": "false"}),
        ("price", "/v1/prices/x", {"active": "false"}),
        ("promotion_code", "/v1/promotion_codes/x", {"active": "false"}),
        ("shipping_rate", "/v1/shipping_rates/x", {"active": "false"}),
        ("tax_rate", "/v1/tax_rates/x", {"active": "false"}),
        ("entitlements.feature", "/v1/entitlements/features/x", {"active": "false"}),
        ("file_link", "/v1/file_links/x", {"expires_at": "now"}),
        ("billing_portal.configuration", "/v1/billing_portal/configurations/x", {"active": "false"}),
    ],
)
async def test_what_stripe_only_archives(kind: str, path: str, form: Mapping[str, str]) -> None:
    outcome, send = await _revoke(Resource(kind, "x"), OK)
    assert (outcome, send.lines) == ("archived", [f"POST {path}"])
    assert pairs_of(send.asked[0]) == form
    assert (await _revoke(Resource(kind, "x"), MISSING))[0] == "absent"


@pytest.mark.parametrize(
    ("kind", "line", "ends"),
    [
        ("payment_intent", "POST /v1/payment_intents/x/cancel", {"canceled": "canceled", "succeeded": "kept"}),
        ("setup_intent", "POST /v1/setup_intents/x/cancel", {"canceled": "canceled", "succeeded": "kept"}),
        ("checkout.session", "POST /v1/checkout/sessions/x/expire", {"expired": "canceled", "complete": "kept"}),
        ("quote", "POST /v1/quotes/x/cancel", {"canceled": "canceled", "accepted": "kept"}),
        (
            "subscription_schedule",
            "POST /v1/subscription_schedules/x/cancel",
            {"canceled": "canceled", "released": "kept", "completed": "kept"},
        ),
        ("subscription", "DELETE /v1/subscriptions/x", {"canceled": "canceled", "incomplete_expired": "canceled"}),
    ],
)
async def test_what_is_ended_by_a_verb(kind: str, line: str, ends: Mapping[str, Outcome]) -> None:
    outcome, send = await _revoke(Resource(kind, "x"), OK)
    assert (outcome, send.lines) == ("canceled", [line])
    for status, expected in ends.items():
        assert (await _revoke(Resource(kind, "x"), WRONG, _in(status)))[0] == expected
    assert (await _revoke(Resource(kind, "x"), MISSING, MISSING))[0] == "absent"
    with pytest.raises(Refused, match="cannot do that now"):
        await _revoke(Resource(kind, "x"), WRONG, _in("processing"))


async def test_a_canceled_subscription_is_missing_to_who_cancels_it_and_readable() -> None:
    assert (await _revoke(Resource("subscription", "x"), MISSING, _in("canceled")))[0] == "canceled"


async def test_a_product_with_prices_is_archived() -> None:
    outcome, send = await _revoke(Resource("product", "x"), WRONG, OK)
    assert (outcome, send.lines) == ("archived", ["DELETE /v1/products/x", "POST /v1/products/x"])
    assert pairs_of(send.asked[1]) == {"active": "false"}


async def test_a_link_that_has_expired_is_over() -> None:
    outcome, send = await _revoke(Resource("file_link", "x"), WRONG, reply(200, {"id": "x", "expired": True}))
    assert (outcome, send.lines) == ("archived", ["POST /v1/file_links/x", "GET /v1/file_links/x"])
    assert (await _revoke(Resource("file_link", "x"), WRONG, MISSING))[0] == "absent"
    with pytest.raises(Refused):
        await _revoke(Resource("file_link", "x"), WRONG, reply(200, {"id": "x", "expired": False}), WRONG)


async def test_a_default_price_is_let_go_of_first() -> None:
    price = reply(200, {"id": "price_1", "product": "prod_1"})
    product = reply(200, {"id": "prod_1", "default_price": "price_1"})
    outcome, send = await _revoke(Resource("price", "price_1"), WRONG, price, product, OK, OK)
    assert outcome == "archived"
    assert send.lines[3:] == ["POST /v1/products/prod_1", "POST /v1/prices/price_1"]
    assert pairs_of(send.asked[3]) == {"default_price": ""}


async def test_a_product_that_prefers_another_price_is_left_alone() -> None:
    price = reply(200, {"id": "price_1", "product": "prod_1"})
    product = reply(200, {"id": "prod_1", "default_price": "price_2"})
    with pytest.raises(Refused):
        await _revoke(Resource("price", "price_1"), WRONG, price, product, WRONG)


@pytest.mark.parametrize(
    ("answers", "outcome", "verbs"),
    [
        ([MISSING], "absent", ["GET"]),
        ([_in("draft"), OK], "deleted", ["GET", "DELETE"]),
        ([_in("draft"), WRONG, _in("open"), OK], "canceled", ["GET", "DELETE", "finalize", "void"]),
        ([_in("draft"), WRONG, _in("paid")], "kept", ["GET", "DELETE", "finalize"]),
        ([_in("open"), OK], "canceled", ["GET", "void"]),
        ([_in("open"), WRONG, _in("paid")], "kept", ["GET", "void", "GET"]),
        ([_in("uncollectible"), OK], "canceled", ["GET", "void"]),
        ([_in("void"), WRONG, _in("void")], "canceled", ["GET", "void", "GET"]),
        ([_in("paid")], "kept", ["GET"]),
    ],
)
async def test_an_invoice_in_every_state(answers: list[Response], outcome: Outcome, verbs: list[str]) -> None:
    found, send = await _revoke(Resource("invoice", "in_1"), *answers)
    assert found == outcome
    assert [each.path.rpartition("in_1/")[2] if each.method == "POST" else each.method for each in send.asked] == verbs


async def test_a_payment_method_is_detached_from_its_customer() -> None:
    attached, loose = reply(200, {"id": "pm_1", "customer": "cus_1"}), reply(200, {"id": "pm_1", "customer": None})
    outcome, send = await _revoke(Resource("payment_method", "pm_1"), attached, OK)
    assert (outcome, send.lines[1]) == ("archived", "POST /v1/payment_methods/pm_1/detach")
    assert (await _revoke(Resource("payment_method", "pm_1"), loose))[0] == "archived"
    assert (await _revoke(Resource("payment_method", "pm_1"), MISSING))[0] == "absent"


async def test_one_that_an_answer_told_of_may_be_anybodys_and_stays() -> None:
    told = Resource("payment_method", "pm_1", parent="pi_1", derived=True)
    assert (await _revoke(told))[0] == "kept"
    assert (await _revoke(Resource("card", "card_1", parent="ch_1", derived=True)))[0] == "kept"


async def test_a_transfer_is_reversed_once() -> None:
    outcome, send = await _revoke(Resource("transfer", "tr_1"), reply(200, {"id": "tr_1", "reversed": False}), OK)
    assert (outcome, send.lines[1]) == ("canceled", "POST /v1/transfers/tr_1/reversals")
    assert send.asked[1].headers.get("idempotency-key") == "pb-reversal-tr_1"
    assert (await _revoke(Resource("transfer", "tr_1"), reply(200, {"reversed": True})))[0] == "canceled"
    assert (await _revoke(Resource("transfer", "tr_1"), reply(200, {"reversed": False}), WRONG))[0] == "kept"
    assert (await _revoke(Resource("transfer", "tr_1"), MISSING))[0] == "absent"


async def test_meters_alerts_and_grants() -> None:
    assert (await _revoke(Resource("billing.meter", "x"), _in("active"), OK))[0] == "archived"
    assert (await _revoke(Resource("billing.meter", "x"), _in("inactive")))[0] == "archived"
    assert (await _revoke(Resource("billing.alert", "x"), _in("active"), OK))[0] == "archived"
    assert (await _revoke(Resource("billing.alert", "x"), _in("archived")))[0] == "archived"
    assert (await _revoke(Resource("billing.credit_grant", "x"), reply(200, {"voided_at": None}), OK))[0] == "canceled"
    used, send = await _revoke(Resource("billing.credit_grant", "x"), reply(200, {"voided_at": None}), WRONG, OK)
    assert (used, send.lines[-1]) == ("canceled", "POST /v1/billing/credit_grants/x/expire")
    assert (await _revoke(Resource("billing.credit_grant", "x"), reply(200, {"voided_at": 1})))[0] == "canceled"


@pytest.mark.parametrize("kind", ["invoiceitem", "credit_note", "billing_portal.configuration", "person"])
async def test_records_of_something_final_are_kept(kind: str) -> None:
    assert (await _revoke(Resource(kind, "x", parent="acct_1"), WRONG))[0] == "kept"


async def test_a_deleted_connected_account_is_absent() -> None:
    assert (await _revoke(Resource("account", "acct_1"), refusal(403, "account_invalid")))[0] == "absent"


@pytest.mark.parametrize("kind", sorted(KEPT))
async def test_what_stripe_never_lets_go_of_costs_no_call(kind: str) -> None:
    assert (await _revoke(Resource(kind, "x")))[0] == "kept"


@pytest.mark.parametrize("kind", sorted(WAYS))
@pytest.mark.parametrize(
    "answer",
    [refusal(429, "lock_timeout", "Locked."), refusal(500, message="Oops."), refusal(403, message="Not allowed.")],
)
async def test_what_must_be_tried_again_is_refused_in_stripes_words(kind: str, answer: Response) -> None:
    parent = "cus_1" if kind in ("card", "source", "bank_account") else ""
    with pytest.raises(Refused, match=r"Locked|Oops|Not allowed") as caught:
        await revoke(Resource(kind, "x", parent=parent), Scripted(answer), lambda parts: None)
    assert caught.value.status == answer.status


@pytest.mark.parametrize("kind", sorted(WAYS))
async def test_every_request_is_an_operation_of_the_contract(kind: str) -> None:
    """Whatever is asked on the way, in the states that lead farthest."""
    contract = PROVIDER.contract()

    async def send(request: Request) -> Response:
        match = contract.match(request)
        assert match is not None, f"{request.method} {request.path}"
        contract.read(match, request)
        if request.method == "GET":
            return _in("active", customer="cus_1", product="prod_1", default_price="x", reversed=False)
        return OK

    parent = {"person": "acct_1", "product_feature": "prod_1"}.get(kind, "cus_1" if kind in ("card", "tax_id") else "")
    await revoke(Resource(kind, "x", parent=parent), send, lambda parts: None)


async def test_ids_that_applications_chose_stay_in_their_place() -> None:
    _, send = await _revoke(Resource("coupon", "50% off/ü"), OK)
    assert send.lines == ["DELETE /v1/coupons/50%25%20off%2F%C3%BC"]
