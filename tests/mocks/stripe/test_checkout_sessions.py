"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe

BACK = "https://shop.example/done?session={CHECKOUT_SESSION_ID}"


async def _session(stripe: Stripe, mode: str = "payment", expect: int = 200, **more: Any) -> Any:
    return await stripe.post("checkout/sessions", expect=expect, mode=mode, success_url=BACK, **more)


async def test_a_session_is_open_and_has_an_address(stripe: Stripe) -> None:
    once, customer = await price(stripe, 1500, None), await stripe.customer(email="ada@example.com")
    items = [{"price": once["id"], "quantity": 2}]
    made = await _session(stripe, customer=customer["id"], line_items=items, metadata={"order": "6735"})
    assert made["id"].startswith("cs_test_")
    assert made["url"].endswith(made["id"])
    assert (made["status"], made["payment_status"], made["ui_mode"]) == ("open", "unpaid", "hosted_page")
    assert (made["amount_total"], made["currency"], made["success_url"]) == (3000, "usd", BACK)
    assert made["customer_details"]["email"] == "ada@example.com"
    assert made["expires_at"] - made["created"] == 86_400
    assert "line_items" not in made
    path = f"checkout/sessions/{made['id']}"
    assert await stripe.get(path) == made
    shown = (await stripe.get(path, expand=["line_items"]))["line_items"]
    assert shown == await stripe.get(f"{path}/line_items")
    assert (shown["data"][0]["price"], shown["data"][0]["description"]) == (once, "Tea")
    assert (await stripe.post(path, metadata={"more": "1"}))["metadata"] == {"order": "6735", "more": "1"}


async def test_prices_of_its_own(stripe: Stripe) -> None:
    tea = {"currency": "eur", "unit_amount": 700, "product_data": {"name": "Tea"}}
    product = await stripe.post("products", name="Pot")
    pot = {"currency": "eur", "unit_amount": 900, "product": product["id"]}
    made = await _session(stripe, line_items=[{"price_data": tea, "quantity": 1}, {"price_data": pot}])
    assert (made["amount_total"], made["currency"], made["customer_creation"]) == (1600, "eur", "if_required")
    assert made["customer_details"] is None
    listed = await stripe.get(f"checkout/sessions/{made['id']}/line_items")
    assert [item["description"] for item in listed["data"]] == ["Tea", "Pot"]
    nameless = await stripe.error(
        "POST",
        "checkout/sessions",
        400,
        mode="payment",
        success_url=BACK,
        line_items=[{"price_data": {"currency": "eur", "unit_amount": 1}}],
    )
    assert nameless["param"] == "line_items[0][price_data][product]"


async def test_subscriptions_and_setups(stripe: Stripe) -> None:
    monthly = await price(stripe)
    made = await _session(stripe, "subscription", line_items=[{"price": monthly["id"]}], customer_email="a@example.com")
    assert (made["payment_method_collection"], made["customer_creation"]) == ("always", "always")
    assert made["customer_details"]["email"] == "a@example.com"
    customer = await stripe.customer()
    setup = await _session(stripe, "setup", customer=customer["id"], currency="usd")
    assert (setup["payment_status"], setup["amount_total"], setup["currency"]) == ("no_payment_required", None, "usd")
    assert (await stripe.get(f"setup_intents/{setup['setup_intent']}"))["customer"] == customer["id"]


async def test_an_embedded_one_has_a_secret_and_no_address(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    made = await stripe.post(
        "checkout/sessions",
        mode="payment",
        ui_mode="embedded_page",
        return_url=BACK,
        line_items=[{"price": once["id"]}],
    )
    assert (made["url"], made["return_url"]) == (None, BACK)
    assert made["client_secret"].startswith(f"{made['id']}_secret_")


async def test_an_expired_one_is_over(stripe: Stripe) -> None:
    made = await _session(stripe, line_items=[{"price": (await price(stripe, 100, None))["id"]}])
    other = await _session(stripe, line_items=[{"price": (await price(stripe, 100, None))["id"]}])
    path = f"checkout/sessions/{made['id']}"
    over = await stripe.post(f"{path}/expire")
    assert (over["status"], over["url"]) == ("expired", None)
    assert "status of `expired`" in (await stripe.error("POST", f"{path}/expire", 400))["message"]
    assert "checkout.session.expired" in await stripe.event_types()
    assert [each["id"] for each in (await stripe.get("checkout/sessions", status="open"))["data"]] == [other["id"]]
    assert len((await stripe.get("checkout/sessions"))["data"]) == 2
    assert (await stripe.get("checkout/sessions", payment_intent="pi_none"))["data"] == []


async def test_what_a_session_needs(stripe: Stripe) -> None:
    once, monthly = (await price(stripe, 100, None))["id"], (await price(stripe))["id"]
    customer = (await stripe.customer())["id"]

    async def refused(**params: Any) -> tuple[str | None, str]:
        error = await stripe.error("POST", "checkout/sessions", 400, **params)
        return error.get("param"), error["message"]

    asked = {"mode": "payment", "success_url": BACK, "line_items": [{"price": once}]}
    assert (await refused(**{**asked, "success_url": ""}))[0] == "success_url"
    assert (await refused(success_url=BACK))[0] == "mode"
    assert (await refused(mode="payment", success_url=BACK))[0] == "line_items"
    assert (await refused(**{**asked, "line_items": [{"price": "price_none"}]}))[0] == "line_items[0][price]"
    assert (await refused(**{**asked, "line_items": [{"quantity": 1}]}))[0] == "line_items[0][price]"
    assert (await refused(**asked, customer="cus_none"))[0] == "customer"
    assert "parameters" in (await refused(**asked, customer=customer, customer_email="a@example.com"))[1]
    assert "recurring price" in (await refused(**{**asked, "line_items": [{"price": monthly}]}))[1]
    assert "at least one recurring" in (await refused(**{**asked, "mode": "subscription"}))[1]
    assert (await refused(**{**asked, "mode": "setup"}))[0] == "line_items"


async def test_what_a_payment_says_may_change_until_it_is_made(stripe: Stripe) -> None:
    tea = await price(stripe, 1500, None)
    made = await stripe.post(
        "checkout/sessions",
        mode="payment",
        success_url="https://shop.example/done",
        line_items=[{"price": tea["id"], "quantity": 1}],
        payment_intent_data={"description": "Old", "metadata": {"order": "1"}},
    )
    await stripe.post(f"checkout/sessions/{made['id']}", payment_intent_data={"description": "New"})
    card = {"email": "a@example.com", "cardNumber": "4242424242424242", "cardExpiry": "12/44", "cardCvc": "123"}
    await stripe.visit(made["url"], card)
    done = await stripe.get(f"checkout/sessions/{made['id']}", expand=["payment_intent"])
    assert (done["payment_intent"]["description"], done["payment_intent"]["metadata"]) == ("New", {"order": "1"})
    late = {"payment_intent_data": {"description": "Late"}}
    await stripe.error("POST", f"checkout/sessions/{made['id']}", 400, **late)
