"""What the billing portal shows."""

from __future__ import annotations

from typing import Any

from mocks.stripe.pages.portal_views import REASONS
from mocks.stripe.portal_configurations import REASONS as USUAL
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


def test_every_reason_has_words() -> None:
    assert set(USUAL) <= set(REASONS)


async def configured(stripe: Stripe, *prices: Any, **features: Any) -> Any:
    """A configuration that lets customers change to these prices."""
    listed = [{"product": each["product"], "prices": [each["id"]]} for each in prices]
    update = {"enabled": True, "default_allowed_updates": ["price", "quantity", "promotion_code"], "products": listed,
              "proration_behavior": "always_invoice"}  # fmt: skip
    return await stripe.post("billing_portal/configurations", features={"subscription_update": update, **features})


async def test_plans_and_reasons(stripe: Stripe) -> None:
    tea, cake = await price(stripe), await price(stripe, 3000, product_data={"name": "Cake"})
    other = await price(stripe, 9900, product_data={"name": "Feast"})
    reasons = {"enabled": True, "options": ["too_expensive", "unused"]}
    rules = await configured(stripe, tea, cake, subscription_cancel={"enabled": True, "cancellation_reason": reasons})
    assert "products" not in rules["features"]["subscription_update"]
    customer = await payer(stripe)
    begun = await subscribed(stripe, customer, tea)
    session = await stripe.post("billing_portal/sessions", customer=customer["id"], configuration=rules["id"])
    home = (await stripe.visit(session["url"])).body.decode()
    assert f'id="update-{begun["id"]}"' in home
    assert f'id="cancel-{begun["id"]}"' in home
    update = (await stripe.visit(f"{session['url']}?view=update&subscription={begun['id']}")).body.decode()
    assert "Cake: $30.00 per month" in update
    assert other["id"] not in update
    cancel = (await stripe.visit(f"{session['url']}?view=cancel&subscription={begun['id']}")).body.decode()
    assert REASONS["unused"] in cancel.replace("&#x27;", "'")
    assert REASONS["other"] not in cancel


async def test_views_that_are_not_to_be_seen(stripe: Stripe) -> None:
    customer, stranger = await payer(stripe), await payer(stripe)
    theirs = await subscribed(stripe, stranger, await price(stripe))
    session = await stripe.post("billing_portal/sessions", customer=customer["id"])
    page = (await stripe.visit(f"{session['url']}?view=cancel&subscription={theirs['id']}")).body.decode()
    assert "no such subscription" in page
    assert "Tea" not in page
    for view in ("update", "confirm", "fly"):
        assert "Payment method" in (await stripe.visit(f"{session['url']}?view={view}")).body.decode()


async def test_invoices_have_their_pages(stripe: Stripe) -> None:
    customer = await payer(stripe)
    begun = await subscribed(stripe, customer, await price(stripe))
    session = await stripe.post("billing_portal/sessions", customer=customer["id"])
    invoice = await stripe.get(f"invoices/{begun['latest_invoice']}")
    assert invoice["hosted_invoice_url"] in (await stripe.visit(session["url"])).body.decode()
