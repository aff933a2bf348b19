"""Quotes: https://docs.stripe.com/api/quotes and https://docs.stripe.com/quotes/overview."""

from __future__ import annotations

from tests.mocks.stripe.billing import opened, payer, price, quoted
from tests.mocks.stripe.client import Stripe

DAY = 86_400


async def quote_events(stripe: Stripe) -> list[str]:
    return [each for each in await stripe.event_types() if each.startswith("quote.")]


async def test_a_draft_tells_what_is_sold_and_when_it_ends(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once, monthly = await price(stripe, 1500, None), await price(stripe, 1000)
    made = await quoted(stripe, customer, once, monthly, header="Hello", metadata={"a": "b"})
    assert (made["status"], made["number"], made["currency"]) == ("draft", None, "usd")
    assert made["expires_at"] == made["created"] + 30 * DAY
    assert (made["amount_subtotal"], made["amount_total"], made["header"]) == (5000, 5000, "Hello")
    assert made["computed"]["upfront"]["amount_total"] == 5000
    recurring = made["computed"]["recurring"]
    assert (recurring["amount_total"], recurring["interval"], recurring["interval_count"]) == (2000, "month", 1)
    path = f"quotes/{made['id']}"
    assert await stripe.get(path) == made
    shown = await stripe.get(path, expand=["line_items", "computed.upfront.line_items", "customer"])
    assert shown["line_items"] == await stripe.get(f"{path}/line_items")
    assert shown["computed"]["upfront"]["line_items"] == await stripe.get(f"{path}/computed_upfront_line_items")
    assert [each["amount_total"] for each in shown["line_items"]["data"]] == [3000, 2000]
    assert shown["customer"]["id"] == customer["id"]
    assert (await stripe.get("quotes", status="draft", customer=customer["id"]))["data"] == [made]
    assert (await stripe.get("quotes", status="open"))["data"] == []
    assert await quote_events(stripe) == ["quote.created"]


async def test_a_draft_is_changed_and_an_open_quote_is_not(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once = await price(stripe, 1000, None)
    made = await stripe.post("quotes", description="Draft")
    assert (made["customer"], made["amount_total"], made["currency"]) == (None, 0, None)
    path = f"quotes/{made['id']}"
    assert (await stripe.error("POST", f"{path}/finalize", 400))["param"] == "customer"
    await stripe.post(path, customer=customer["id"])
    assert (await stripe.error("POST", f"{path}/finalize", 400))["param"] == "line_items"
    other = await stripe.customer()
    assert (await stripe.error("POST", path, 400, customer=other["id"]))["param"] == "customer"
    await stripe.post(path, line_items=[{"price": once["id"]}])
    (item,) = (await stripe.get(f"{path}/line_items"))["data"]
    twice = await stripe.post(path, line_items=[{"id": item["id"], "quantity": 2}, {"price": once["id"]}], footer="Bye")
    assert (twice["amount_total"], twice["footer"]) == (3000, "Bye")
    unknown = await stripe.error("POST", path, 400, line_items=[{"id": "li_none"}])
    assert unknown["code"] == "resource_missing"
    final = await stripe.post(f"{path}/finalize", expires_at=made["created"] + 5 * DAY)
    assert final["expires_at"] == made["created"] + 5 * DAY
    await stripe.error("POST", path, 400, description="Later")
    assert (await stripe.post(path, expires_at=made["created"] + 9 * DAY))["status"] == "open"
    await stripe.error("POST", f"{path}/finalize", 400)
    await stripe.post(f"{path}/accept")
    for deed in ("accept", "cancel", "finalize"):
        await stripe.error("POST", f"{path}/{deed}", 400)
    await stripe.error("POST", path, 400, metadata={"a": "b"})


async def test_it_is_canceled_by_hand_and_by_time(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once = await price(stripe, 1000, None)
    made = await quoted(stripe, customer, once)
    gone = await stripe.post(f"quotes/{made['id']}/cancel")
    assert gone["status"] == "canceled"
    assert gone["status_transitions"]["canceled_at"]
    late = await opened(stripe, customer, once)
    stripe.wait(days=31)
    expired = await stripe.get(f"quotes/{late['id']}")
    assert (expired["status"], expired["status_transitions"]["canceled_at"]) == ("canceled", late["expires_at"])
    await stripe.error("POST", f"quotes/{late['id']}/accept", 400)
    assert (await quote_events(stripe)).count("quote.canceled") == 2


async def test_a_test_clock_ends_it(stripe: Stripe) -> None:
    start = (await stripe.customer())["created"]
    clock = await stripe.post("test_helpers/test_clocks", frozen_time=start)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await opened(stripe, customer, await price(stripe, 1000, None))
    assert made["test_clock"] == clock["id"]
    await stripe.post(f"test_helpers/test_clocks/{clock['id']}/advance", frozen_time=start + 31 * DAY)
    assert (await stripe.get(f"quotes/{made['id']}"))["status"] == "canceled"


async def test_it_is_revised_and_duplicated(stripe: Stripe) -> None:
    customer = await payer(stripe)
    once = await price(stripe, 1000, None)
    coupon = await stripe.post("coupons", amount_off=100, currency="usd", duration="once")
    draft = await quoted(stripe, customer, once, discounts=[{"coupon": coupon["id"]}])
    revising = {"quote": draft["id"], "is_revision": True}
    assert (await stripe.error("POST", "quotes", 400, from_quote=revising))["param"] == "from_quote[quote]"
    await stripe.post(f"quotes/{draft['id']}/finalize")
    both = await stripe.error("POST", "quotes", 400, from_quote=revising, description="x")
    assert both["param"] == "description"
    revised = await stripe.post("quotes", from_quote=revising)
    assert revised["from_quote"] == {"is_revision": True, "quote": draft["id"]}
    assert (revised["status"], revised["amount_total"], revised["number"]) == ("draft", 1900, None)
    prefix = f"QT-{customer['invoice_prefix']}"
    assert (await stripe.post(f"quotes/{revised['id']}/finalize"))["number"] == f"{prefix}-0001-2"
    copied = await stripe.post("quotes", from_quote={"quote": draft["id"]})
    assert (await stripe.post(f"quotes/{copied['id']}/finalize"))["number"] == f"{prefix}-0002-1"


async def test_a_finalized_quote_is_a_document(stripe: Stripe) -> None:
    made = await quoted(stripe, await payer(stripe), await price(stripe, 1500, None))
    await stripe.error("GET", f"quotes/{made['id']}/pdf", 400)
    await stripe.post(f"quotes/{made['id']}/finalize")
    response = await stripe.send("GET", f"quotes/{made['id']}/pdf", {})
    assert response.status == 200
    assert ("content-type", "application/pdf") in response.headers
    assert response.body.startswith(b"%PDF-")
