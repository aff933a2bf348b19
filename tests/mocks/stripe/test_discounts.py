"""Coupons at work: https://docs.stripe.com/billing/subscriptions/coupons."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _payer(stripe: Stripe, **more: Any) -> Any:
    asked = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    return await stripe.customer(**asked, **more)


async def _price(stripe: Stripe) -> str:
    made = await stripe.post("prices", currency="usd", unit_amount=1000, recurring={"interval": "month"},
                             product_data={"name": "Tea"})  # fmt: skip
    return str(made["id"])


async def _subscribe(stripe: Stripe, customer: Any, **more: Any) -> Any:
    items = [{"price": await _price(stripe)}]
    return await stripe.post("subscriptions", customer=customer["id"], items=items, **more)


async def test_a_subscription_with_a_coupon_pays_less(stripe: Stripe) -> None:
    await stripe.post("coupons", id="QUARTER", percent_off=25, duration="forever")
    customer = await _payer(stripe)
    made = await _subscribe(stripe, customer, discounts=[{"coupon": "QUARTER"}],
                            expand=["latest_invoice", "discounts.source.coupon"])  # fmt: skip
    (discount,), invoice = made["discounts"], made["latest_invoice"]
    assert (discount["subscription"], discount["source"]["coupon"]["percent_off"]) == (made["id"], 25.0)
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (1000, 750, 750)
    assert invoice["total_discount_amounts"] == [{"amount": 250, "discount": discount["id"]}]
    assert invoice["lines"]["data"][0]["discount_amounts"] == [{"amount": 250, "discount": discount["id"]}]
    assert (await stripe.get("coupons/QUARTER"))["times_redeemed"] == 1
    assert "customer.discount.created" in await stripe.event_types()
    old = await stripe.get(f"subscriptions/{made['id']}", headers={"Stripe-Version": "2024-06-20"})
    assert old["discount"]["coupon"]["id"] == "QUARTER"
    gone = await stripe.delete(f"subscriptions/{made['id']}/discount")
    assert (gone["id"], gone["deleted"]) == (discount["id"], True)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["discounts"] == []
    await stripe.error("DELETE", f"subscriptions/{made['id']}/discount", 404)


async def test_a_coupon_for_once_is_used_up_by_the_first_invoice(stripe: Stripe) -> None:
    await stripe.post("coupons", id="FREE", percent_off=100)
    made = await _subscribe(stripe, await stripe.customer(), coupon="FREE", expand=["latest_invoice"])
    assert (made["status"], made["discounts"], made["latest_invoice"]["amount_due"]) == ("active", [], 0)


async def test_a_customers_coupon_works_on_what_has_none(stripe: Stripe) -> None:
    await stripe.post("coupons", id="THREE", amount_off=300, currency="usd", duration="repeating", duration_in_months=2)
    customer = await _payer(stripe, coupon="THREE")
    assert customer["discount"]["source"] == {"coupon": "THREE", "type": "coupon"}
    assert customer["discount"]["end"] > customer["discount"]["start"]
    made = await _subscribe(stripe, customer, expand=["latest_invoice"])
    assert (made["discounts"], made["latest_invoice"]["total"]) == ([], 700)
    assert made["latest_invoice"]["discounts"] == [customer["discount"]["id"]]
    await stripe.post("coupons", id="HALF", percent_off=50)
    changed = await stripe.post(f"customers/{customer['id']}", coupon="HALF")
    assert changed["discount"]["source"]["coupon"] == "HALF"
    assert (await stripe.post(f"customers/{customer['id']}", coupon=""))["discount"] is None
    types = [kind for kind in await stripe.event_types() if kind.startswith("customer.discount")]
    assert types == ["customer.discount.created", "customer.discount.deleted", "customer.discount.created",
                     "customer.discount.deleted"]  # fmt: skip
    await stripe.post(f"customers/{customer['id']}", coupon="HALF")
    assert (await stripe.delete(f"customers/{customer['id']}/discount"))["deleted"] is True


async def test_promotion_codes_are_redeemed_by_whom_they_are_for(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10, duration="forever")
    promotion = {"type": "coupon", "coupon": "TEN"}
    code = await stripe.post("promotion_codes", promotion=promotion, max_redemptions=1,
                             restrictions={"first_time_transaction": True})  # fmt: skip
    customer = await _payer(stripe)
    made = await _subscribe(stripe, customer, discounts=[{"promotion_code": code["id"]}], expand=["discounts"])
    assert made["discounts"][0]["promotion_code"] == code["id"]
    spent = await stripe.get(f"promotion_codes/{code['id']}")
    assert (spent["times_redeemed"], spent["active"]) == (1, False)
    first = await stripe.post("promotion_codes", promotion=promotion, restrictions={"first_time_transaction": True})
    refused = await stripe.error("POST", f"customers/{customer['id']}", 400, promotion_code=first["id"])
    assert "prior transactions" in refused["message"]
    other = await stripe.post("promotion_codes", promotion=promotion, customer=customer["id"])
    await stripe.error("POST", "customers", 400, promotion_code=other["id"])
    assert (await stripe.error("POST", "customers", 400, promotion_code=code["id"]))["code"] == "coupon_expired"


async def test_an_update_replaces_discounts_and_keeps_named_ones(stripe: Stripe) -> None:
    for name in ("ONE", "TWO"):
        await stripe.post("coupons", id=name, percent_off=10, duration="forever")
    made = await _subscribe(stripe, await _payer(stripe), discounts=[{"coupon": "ONE"}])
    path, (first,) = f"subscriptions/{made['id']}", made["discounts"]
    both = (await stripe.post(path, discounts=[{"discount": first}, {"coupon": "TWO"}]))["discounts"]
    assert (both[0], len(both)) == (first, 2)
    assert (await stripe.post(path, discounts=""))["discounts"] == []
    for sent, param in (
        ({"coupon": "NONE"}, "discounts[0][coupon]"),
        ({"promotion_code": "promo_none"}, "discounts[0][promotion_code]"),
        ({"discount": "di_none"}, "discounts[0][discount]"),
        ({"coupon": "ONE", "promotion_code": "promo_none"}, "coupon"),
    ):
        assert (await stripe.error("POST", path, 400, discounts=[sent]))["param"] == param


async def test_an_invoice_with_a_discount_of_its_own(stripe: Stripe) -> None:
    await stripe.post("coupons", id="HALF", percent_off=50)
    customer = await _payer(stripe)
    invoice = await stripe.post("invoices", customer=customer["id"], discounts=[{"coupon": "HALF"}])
    await stripe.post("invoiceitems", customer=customer["id"], invoice=invoice["id"], amount=900, currency="usd")
    found = await stripe.get(f"invoices/{invoice['id']}", expand=["discounts"])
    assert (found["subtotal"], found["total"], found["discounts"][0]["invoice"]) == (900, 450, invoice["id"])
    paid = await stripe.post(f"invoices/{invoice['id']}/pay")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 450)


async def test_a_refused_subscription_redeems_nothing(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    customer = await stripe.customer()
    items = [{"price": await _price(stripe)}]
    before = stripe.records()
    await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=items,
                       discounts=[{"coupon": "TEN"}])  # fmt: skip
    assert stripe.records() == before


async def test_a_refused_update_redeems_nothing(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TEN", percent_off=10)
    made = await _subscribe(stripe, await _payer(stripe))
    before = stripe.records()
    await stripe.post(f"subscriptions/{made['id']}", expect=400, headers={"Idempotency-Key": "one"},
                      discounts=[{"coupon": "TEN"}], items=[{"id": "si_none"}])  # fmt: skip
    assert stripe.records() == before


async def test_a_discount_runs_with_the_renewals(stripe: Stripe) -> None:
    await stripe.post("coupons", id="TWO", percent_off=50, duration="repeating", duration_in_months=2)
    clock = await stripe.post("test_helpers/test_clocks", frozen_time=1_700_000_000)
    customer = await _payer(stripe, test_clock=clock["id"])
    made = await _subscribe(stripe, customer, discounts=[{"coupon": "TWO"}])
    await stripe.post(f"test_helpers/test_clocks/{clock['id']}/advance", frozen_time=1_700_000_000 + 95 * 86_400)
    invoices = (await stripe.get("invoices", subscription=made["id"]))["data"]
    assert [each["total"] for each in reversed(invoices)] == [500, 500, 1000, 1000]
    assert (await stripe.get(f"subscriptions/{made['id']}"))["discounts"] == []
