"""Payment methods: https://docs.stripe.com/api/payment_methods."""

from __future__ import annotations

import pytest

from tests.mocks.stripe.client import Stripe

CARD = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}


async def test_a_card_by_number_shows_no_number(stripe: Stripe) -> None:
    made = await stripe.post("payment_methods", type="card", card=CARD, billing_details={"name": "Ada"})
    assert made["card"]["last4"] == "4242"
    assert "4242424242424242" not in str(made)
    assert made["billing_details"]["name"] == "Ada"
    assert made["customer"] is None


async def test_one_number_has_one_fingerprint(stripe: Stripe) -> None:
    one = await stripe.post("payment_methods", type="card", card=CARD)
    two = await stripe.post("payment_methods", type="card", card={"token": "tok_visa"})
    assert one["card"]["fingerprint"] == two["card"]["fingerprint"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 2019}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "99"}, "invalid_cvc", "cvc"),
    ],
)
async def test_impossible_cards_are_card_errors(
    stripe: Stripe, change: dict[str, object], code: str, param: str
) -> None:
    error = await stripe.error("POST", "payment_methods", 402, type="card", card=CARD | change)
    assert (error["type"], error["code"], error["param"]) == ("card_error", code, param)


async def test_attach_list_update_detach(stripe: Stripe) -> None:
    customer = await stripe.customer()
    attached = await stripe.post("payment_methods/pm_card_mastercard/attach", customer=customer["id"])
    assert attached["card"]["brand"] == "mastercard"
    assert attached["card"]["checks"]["cvc_check"] == "pass"
    key = attached["id"]
    assert (await stripe.get(f"customers/{customer['id']}/payment_methods"))["data"] == [attached]
    assert await stripe.get(f"customers/{customer['id']}/payment_methods/{key}") == attached
    updated = await stripe.post(f"payment_methods/{key}", billing_details={"address": {"city": "Rome"}},
                                card={"exp_year": 2035})  # fmt: skip
    assert updated["billing_details"]["address"]["city"] == "Rome"
    assert updated["card"]["exp_year"] == 2035
    await stripe.post(f"customers/{customer['id']}", invoice_settings={"default_payment_method": key})
    freed = await stripe.post(f"payment_methods/{key}/detach")
    assert freed["customer"] is None
    assert (await stripe.get(f"customers/{customer['id']}"))["invoice_settings"]["default_payment_method"] is None
    detached = (await stripe.get("events", type="payment_method.detached"))["data"][0]
    assert detached["data"]["previous_attributes"] == {"customer": customer["id"]}


async def test_a_detached_method_is_spent(stripe: Stripe) -> None:
    customer = await stripe.customer()
    method = await stripe.post("payment_methods/pm_card_visa/attach", customer=customer["id"])
    await stripe.post(f"payment_methods/{method['id']}/detach")
    error = await stripe.error("POST", f"payment_methods/{method['id']}/attach", 400, customer=customer["id"])
    assert "may not be used again" in error["message"]
    again = await stripe.error("POST", f"payment_methods/{method['id']}/detach", 400)
    assert "not attached to a customer" in again["message"]


async def test_a_method_has_one_owner(stripe: Stripe) -> None:
    one, two = await stripe.customer(), await stripe.customer()
    method = await stripe.post("payment_methods/pm_card_visa/attach", customer=one["id"])
    assert await stripe.post(f"payment_methods/{method['id']}/attach", customer=one["id"]) == method
    error = await stripe.error("POST", f"payment_methods/{method['id']}/attach", 400, customer=two["id"])
    assert "already been attached" in error["message"]


async def test_a_declined_card_cannot_be_attached_but_another_only_fails_later(stripe: Stripe) -> None:
    customer = await stripe.customer()
    error = await stripe.error("POST", "payment_methods/pm_card_chargeDeclined/attach", 402, customer=customer["id"])
    assert (error["code"], error["decline_code"], error["param"]) == ("card_declined", "generic_decline", "")
    kept = await stripe.post("payment_methods/pm_card_chargeCustomerFail/attach", customer=customer["id"])
    assert kept["customer"] == customer["id"]


async def test_missing_ones_are_404_in_the_path_and_400_in_a_parameter(stripe: Stripe) -> None:
    customer = await stripe.customer()
    error = await stripe.error("POST", "payment_methods/invalid/attach", 404, customer=customer["id"])
    assert error["param"] == "payment_method"
    assert error["message"].startswith("No such PaymentMethod: 'invalid'")
    error = await stripe.error("POST", "payment_methods/pm_card_visa/attach", 400, customer="cus_none")
    assert (error["code"], error["param"]) == ("resource_missing", "customer")


async def test_retrieving_a_test_method_makes_a_new_one(stripe: Stripe) -> None:
    made = await stripe.get("payment_methods/pm_card_jp")
    assert made["card"]["country"] == "JP"
    assert made["id"] != "pm_card_jp"
    assert await stripe.get(f"payment_methods/{made['id']}") == made


async def test_bank_accounts_keep_only_their_last_digits(stripe: Stripe) -> None:
    made = await stripe.post(
        "payment_methods",
        type="sepa_debit",
        sepa_debit={"iban": "DE89 3704 0044 0532 0130 00"},
        billing_details={"name": "Ada", "email": "ada@example.org"},
    )
    assert made["sepa_debit"]["last4"] == "3000"
    assert made["sepa_debit"]["country"] == "DE"
    bad = await stripe.error("POST", "payment_methods", 400, type="sepa_debit", sepa_debit={"iban": "DE00"})
    assert bad["code"] == "invalid_bank_account_iban"
