"""The line items of a quote: https://docs.stripe.com/api/quotes/line_items/list."""

from __future__ import annotations

from tests.mocks.stripe.billing import payer, price, quoted
from tests.mocks.stripe.client import Stripe


async def test_items_are_named_changed_and_left_out(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once, other = await price(stripe, 1000, None), await price(stripe, 300, None)
    rate = await stripe.post("tax_rates", display_name="VAT", percentage=10, inclusive=False)
    made = await quoted(stripe, customer, once, other)
    path = f"quotes/{made['id']}"
    first, second = (await stripe.get(f"{path}/line_items"))["data"]
    taxed = await stripe.post(path, line_items=[{"id": second["id"], "tax_rates": [rate["id"]]}])
    assert (taxed["amount_subtotal"], taxed["amount_total"]) == (600, 660)
    changed = await stripe.post(path, line_items=[{"id": second["id"], "price": once["id"]}])
    assert (changed["amount_subtotal"], changed["total_details"]["amount_tax"]) == (2000, 200)
    gone = await stripe.error("POST", path, 400, line_items=[{"id": first["id"]}])
    assert (gone["code"], gone["param"]) == ("resource_missing", "line_items[0][id]")


async def test_an_item_brings_its_own_price(stripe: Stripe) -> None:
    product = await stripe.post("products", name="Tea")
    own = {"currency": "usd", "product": product["id"], "unit_amount": 900}
    made = await stripe.post("quotes", line_items=[{"price_data": own, "quantity": 3}], expand=["line_items"])
    (item,) = made["line_items"]["data"]
    assert (item["amount_total"], item["description"], item["price"]["unit_amount"]) == (2700, "Tea", 900)
    once = await price(stripe, 1000, None)
    both = await stripe.error("POST", "quotes", 400, line_items=[{"price_data": own, "price": once["id"]}])
    assert both["code"] == "parameters_exclusive"
    none = await stripe.error("POST", "quotes", 400, line_items=[{"quantity": 1}])
    assert none["param"] == "line_items[0][price]"
