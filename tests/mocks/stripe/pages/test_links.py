"""Where a payment link leads."""

from __future__ import annotations

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD


async def test_each_visit_opens_a_session(stripe: Stripe) -> None:
    once = await price(stripe, 1500, None)
    link = await stripe.post(
        "payment_links",
        line_items=[{"price": once["id"], "quantity": 1}],
        metadata={"campaign": "spring"},
        after_completion={"type": "redirect", "redirect": {"url": "https://shop.example/{CHECKOUT_SESSION_ID}"}},
        restrictions={"completed_sessions": {"limit": 1}},
        inactive_message="Sold out",
    )
    there = f"{link['url']}?prefilled_email=ada@example.com&client_reference_id=42"
    to = (await stripe.visit(there, expect=303)).header("location") or ""
    await stripe.visit(there, expect=303)
    (_, session) = (await stripe.get("checkout/sessions", payment_link=link["id"]))["data"]
    assert session["url"] == to
    assert (session["metadata"], session["client_reference_id"]) == ({"campaign": "spring"}, "42")
    gone = await stripe.visit(to, {key: value for key, value in CARD.items() if key != "email"})
    assert gone.header("location") == f"https://shop.example/{session['id']}"
    done = await stripe.get(f"checkout/sessions/{session['id']}")
    assert (done["payment_status"], done["customer_details"]["email"]) == ("paid", "ada@example.com")
    used = await stripe.get(f"payment_links/{link['id']}")
    assert (used["active"], used["restrictions"]["completed_sessions"]["count"]) == (False, 1)
    assert "Sold out" in (await stripe.visit(link["url"])).body.decode()
    assert (await stripe.visit(f"{link['url']}x", expect=404)).status == 404


async def test_a_subscription_and_its_thanks(stripe: Stripe) -> None:
    monthly = await price(stripe)
    asked = {"line_items": [{"price": monthly["id"], "quantity": 1}], "subscription_data": {"metadata": {"a": "b"}}}
    link = await stripe.post("payment_links", **asked)
    to = (await stripe.visit(link["url"], expect=303)).header("location") or ""
    assert "Thanks" in (await stripe.visit(to, CARD, expect=200)).body.decode()
    (begun,) = (await stripe.get("subscriptions"))["data"]
    assert (begun["status"], begun["metadata"]) == ("active", {"a": "b"})


async def test_a_code_and_the_sellers_own_words(stripe: Stripe) -> None:
    coupon = await stripe.post("coupons", percent_off=10, duration="once")
    promotion = {"type": "coupon", "coupon": coupon["id"]}
    await stripe.post("promotion_codes", promotion=promotion, code="TEN")
    link = await stripe.post(
        "payment_links",
        line_items=[{"price": (await price(stripe, 1500, None))["id"], "quantity": 1}],
        allow_promotion_codes=True,
        after_completion={"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Come <again>."}},
    )
    there = (await stripe.visit(link["url"], expect=303)).header("location") or ""
    done = await stripe.visit(there, {**CARD, "promotionCode": "ten"}, expect=200)
    assert "Come &lt;again&gt;." in done.body.decode()
    (session,) = (await stripe.get("checkout/sessions", payment_link=link["id"]))["data"]
    assert (session["amount_total"], session["status"]) == (1350, "complete")
