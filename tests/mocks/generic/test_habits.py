"""A provider's habits are data: Stripe's lists, ids and emptied members come out of a table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts import library
from mocks import generic
from mocks.generic import Habits
from tests.harness import Harness, value

STRIPE = Habits(
    id_prefix=lambda resource: {"coupon": "", "invoiceitem": "ii_"}.get(resource, f"{resource[:2]}_"),
    page_limit=10,
    most=100,
    unset=frozenset({""}),
    noun=lambda resource: resource.replace("_", " "),
    ends={"subscriptions.cancel": {"status": "canceled"}},
)


@pytest.fixture
async def stripe(tmp_path: Path) -> AsyncIterator[Harness]:
    made = Harness(generic.service("stripe", lambda: library.load("stripe"), habits=STRIPE), tmp_path)
    yield made
    await made.close()


async def test_ids_begin_as_the_provider_begins_them(stripe: Harness) -> None:
    made = value(await stripe.call("POST", "/v1/invoiceitems", form={"customer": "cus_1"}))
    assert made["id"].startswith("ii_")
    assert len(made["id"]) == 27
    assert stripe.environment.tag in made["id"]


async def test_lists_are_wrapped_as_the_contract_wraps_them(stripe: Harness) -> None:
    ids = [value(await stripe.call("POST", "/v1/coupons", form={"percent_off": "5"}))["id"] for _ in range(12)]
    first = value(await stripe.call("GET", "/v1/coupons"))
    assert {name: first[name] for name in ("object", "has_more", "url")} == {
        "object": "list",
        "has_more": True,
        "url": "/v1/coupons",
    }
    assert [coupon["id"] for coupon in first["data"]] == ids[:1:-1]
    rest = value(await stripe.call("GET", "/v1/coupons", query={"starting_after": first["data"][-1]["id"], "limit": 5}))
    assert [coupon["id"] for coupon in rest["data"]] == ids[1::-1]
    assert rest["has_more"] is False


async def test_an_empty_text_takes_a_member_away(stripe: Harness) -> None:
    made = value(
        await stripe.call("POST", "/v1/coupons", form={"name": "Five", "metadata[a]": "1", "metadata[b]": "2"})
    )
    changed = value(await stripe.call("POST", f"/v1/coupons/{made['id']}", form={"name": "", "metadata[a]": ""}))
    assert changed["name"] is None
    assert changed["metadata"] == {"b": "2"}


async def test_the_providers_word_names_what_is_missing(stripe: Harness) -> None:
    gone = await stripe.call("GET", "/v1/tax_rates/txr_none")
    assert gone.status == 404
    assert value(gone)["error"]["message"] == "No such tax rate: 'txr_none'"


async def test_a_delete_may_only_end_its_object(stripe: Harness) -> None:
    made = value(
        await stripe.call("POST", "/v1/subscriptions", form={"customer": "cus_1", "items[0][price]": "price_1"})
    )
    assert made["status"] == "active"
    ended = value(await stripe.call("DELETE", f"/v1/subscriptions/{made['id']}"))
    assert (ended["id"], ended["status"]) == (made["id"], "canceled")
    assert value(await stripe.call("GET", f"/v1/subscriptions/{made['id']}"))["status"] == "canceled"
