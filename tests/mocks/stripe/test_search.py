"""Search over what was made: https://docs.stripe.com/search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mocks.stripe.service import SERVICE
from tests.harness import Harness
from tests.mocks.stripe.client import Stripe


async def _names(stripe: Stripe, query: str, **more: Any) -> list[str]:
    found = await stripe.get("customers/search", query=query, **more)
    return [customer["name"] for customer in found["data"]]


async def test_customers_are_found_by_what_they_are_and_carry(stripe: Stripe) -> None:
    await stripe.customer(name="Amy", email="amy@rocketrides.io", metadata={"tier": "gold"})
    await stripe.customer(name="Bob", email="bob@rocketrides.io")
    assert await _names(stripe, 'email:"AMY@rocketrides.io"') == ["Amy"]
    assert await _names(stripe, 'email~"rocket"') == ["Bob", "Amy"]
    assert await _names(stripe, "metadata['tier']:'gold'") == ["Amy"]
    assert await _names(stripe, '-metadata["tier"]:null') == ["Amy"]
    assert await _names(stripe, 'name:"amy" OR name:"bob"') == ["Bob", "Amy"]
    assert await _names(stripe, 'name:"amy" -metadata["tier"]:"gold"') == []
    assert await _names(stripe, "created>1") == ["Bob", "Amy"]


async def test_a_search_is_read_page_by_page(stripe: Stripe) -> None:
    for name in ("one", "two", "three"):
        await stripe.customer(name=name, email="all@shop.example")
    first = await stripe.get("customers/search", query='email:"all@shop.example"', limit=2)
    assert (first["object"], first["url"], first["has_more"]) == ("search_result", "/v1/customers/search", True)
    rest = await stripe.get("customers/search", query='email:"all@shop.example"', limit=2, page=first["next_page"])
    assert [each["name"] for each in first["data"] + rest["data"]] == ["three", "two", "one"]
    assert (rest["has_more"], rest["next_page"]) == (False, None)
    counted = await stripe.get("customers/search", query='email:"all@shop.example"', limit=2, expand=["total_count"],
                               page=first["next_page"])  # fmt: skip
    assert (counted["total_count"], [each["name"] for each in counted["data"]]) == (3, ["one"])


async def test_payments_products_prices_and_subscriptions(stripe: Stripe) -> None:
    paid = await stripe.pay(metadata={"order": "6735"})
    found = await stripe.get("payment_intents/search", query='status:"succeeded" AND metadata["order"]:"6735"')
    assert [each["id"] for each in found["data"]] == [paid["id"]]
    by_card = await stripe.get("charges/search", query='payment_method_details.card.last4:"4242" amount>=2000')
    assert [each["payment_intent"] for each in by_card["data"]] == [paid["id"]]
    product = await stripe.post("products", name="Oolong tea")
    price = await stripe.post("prices", product=product["id"], currency="usd", unit_amount=100,
                              recurring={"interval": "month"})  # fmt: skip
    found = await stripe.get("products/search", query="active:'true' AND name~'oolong'", expand=["data.default_price"])
    assert [each["id"] for each in found["data"]] == [product["id"]]
    found = await stripe.get("prices/search", query=f"product:'{product['id']}' AND type:'recurring'")
    assert [each["id"] for each in found["data"]] == [price["id"]]
    customer = await stripe.customer(payment_method="pm_card_visa",
                                     invoice_settings={"default_payment_method": "pm_card_visa"})  # fmt: skip
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"price": price["id"]}])
    found = await stripe.get("subscriptions/search", query="status:'active'")
    assert [each["id"] for each in found["data"]] == [made["id"]]
    found = await stripe.get("invoices/search", query=f"subscription:'{made['id']}' total:100")
    assert [each["id"] for each in found["data"]] == [made["latest_invoice"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("amy", "This search query cannot be read."),
        ("email:amy", "This search query cannot be read."),
        ('foo:"bar"', "`foo` is no field that customers can be searched by:"),
        ('name:"a" AND email:"b" OR phone:"c"', "`AND` and `OR`"),
        ('name>"a"', "operator"),
    ],
)
async def test_what_is_no_query(stripe: Stripe, query: str, said: str) -> None:
    error = await stripe.error("GET", "customers/search", 400, query=query)
    assert said in error["message"]
    assert error["type"] == "invalid_request_error"


async def test_a_query_is_needed_and_a_page_is_an_earlier_answers(stripe: Stripe) -> None:
    assert (await stripe.error("GET", "customers/search", 400))["code"] == "parameter_missing"
    for page in ("nonsense", "YWZ0ZXI6Y3VzX25vYm9keQ"):
        assert (await stripe.error("GET", "customers/search", 400, query='name:"a"', page=page))["param"] == "page"
    assert (await stripe.error("GET", "customers/search", 400, query='name:"a"', limit=101))["param"] == "limit"


async def test_search_may_be_late(tmp_path: Path) -> None:
    harness = Harness(SERVICE, tmp_path, policy={"services": {"stripe": {"options": {"search_lag": 60}}}})
    late = Stripe(harness, tmp_path)
    await late.customer(name="Amy")
    assert await _names(late, 'name:"amy"') == []
    harness.clock.advance(60)  # type: ignore[attr-defined]  # the harness holds a HeldClock
    assert await _names(late, 'name:"amy"') == ["Amy"]
    await harness.close()


async def test_older_versions_cannot_search(stripe: Stripe) -> None:
    asked = {"query": 'email:"amy@example.com"'}
    refused = await stripe.get("customers/search", headers={"Stripe-Version": "2020-03-02"}, expect=400, **asked)
    assert "2020-08-27" in refused["error"]["message"]
    assert (await stripe.get("customers/search", headers={"Stripe-Version": "2020-08-27"}, **asked))["data"] == []
