"""What a customer wrote into a checkout page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, again, opened

SHIPPED = {
    "shippingName": "Ada Lovelace", "shippingAddressLine1": "1 Main St", "shippingLocality": "Denver",
    "shippingAdministrativeArea": "CO", "shippingPostalCode": "80014", "shippingCountry": "US",
}  # fmt: skip
THERE = {"line1": "1 Main St", "line2": None, "city": "Denver", "state": "CO", "postal_code": "80014", "country": "US"}
OWN = [
    {"key": "no", "label": {"type": "custom", "custom": "Number"}, "type": "numeric", "numeric": {"minimum_length": 2}}
]


async def test_where_it_is_sent_to(stripe: Stripe) -> None:
    made = await opened(stripe, shipping_address_collection={"allowed_countries": ["US"]}, customer_creation="always")
    await stripe.visit(made["url"], {**CARD, **SHIPPED})
    done = await again(stripe, made)
    assert done["collected_information"]["shipping_details"] == {"address": THERE, "name": "Ada Lovelace"}
    intent = await stripe.get(f"payment_intents/{done['payment_intent']}")
    assert intent["shipping"]["address"] == THERE
    assert (await stripe.get(f"customers/{done['customer']}"))["shipping"]["name"] == "Ada Lovelace"


async def test_a_customer_is_kept_current(stripe: Stripe) -> None:
    customer = await stripe.customer(email="ada@example.com")
    made = await opened(
        stripe,
        customer=customer["id"],
        customer_update={"address": "auto", "name": "auto", "shipping": "auto"},
        billing_address_collection="required",
        shipping_address_collection={"allowed_countries": ["US"]},
    )
    await stripe.visit(
        made["url"], {**CARD, **SHIPPED, "billingAddressLine1": "2 Side St", "billingLocality": "London"}
    )
    found = await stripe.get(f"customers/{customer['id']}")
    assert (found["name"], found["address"]["line1"], found["address"]["city"]) == (
        "Ada Lovelace",
        "2 Side St",
        "London",
    )
    assert found["shipping"]["address"]["city"] == "Denver"


async def test_names_tax_ids_and_consent(stripe: Stripe) -> None:
    made = await opened(
        stripe,
        consent_collection={"promotions": "auto", "terms_of_service": "required"},
        name_collection={"individual": {"enabled": True}},
        tax_id_collection={"enabled": True},
    )
    said = {"individualName": "Ada", "businessName": "Engines Ltd", "taxIdType": "eu_vat", "taxId": "DE123456789",
            "termsOfServiceConsentCheckbox": "1", "promotionsConsentCheckbox": "1"}  # fmt: skip
    await stripe.visit(made["url"], {**CARD, **said})
    done = await again(stripe, made)
    assert done["consent"] == {"promotions": "opt_in", "terms_of_service": "accepted"}
    assert done["collected_information"]["individual_name"] == "Ada"
    details = done["customer_details"]
    assert (details["business_name"], details["tax_ids"]) == (
        "Engines Ltd", [{"type": "eu_vat", "value": "DE123456789"}],
    )  # fmt: skip


async def test_something_is_added(stripe: Stripe) -> None:
    cup = await price(stripe, 300, None)
    made = await opened(stripe, optional_items=[{"price": cup["id"], "quantity": 2}])
    await stripe.visit(made["url"], {**CARD, "optional[0]": "2"})
    assert (await again(stripe, made))["amount_total"] == 2100
    assert len((await stripe.get(f"checkout/sessions/{made['id']}/line_items"))["data"]) == 2


@pytest.mark.parametrize(
    ("asked", "said", "words"),
    [
        ({"billing_address_collection": "required"}, {}, "billing address is incomplete"),
        ({"shipping_address_collection": {"allowed_countries": ["US"]}}, {}, "shipping address is incomplete"),
        (
            {"shipping_address_collection": {"allowed_countries": ["US"]}},
            {**SHIPPED, "shippingCountry": "FR"},
            "does not ship",
        ),
        ({"consent_collection": {"terms_of_service": "required"}}, {}, "terms of service"),
        ({"name_collection": {"business": {"enabled": True}}}, {}, "business name is needed"),
        ({"tax_id_collection": {"enabled": True}}, {"taxIdType": "eu_vat", "taxId": "1"}, "Invalid value"),
        ({"custom_fields": OWN}, {}, "Number is needed"),
        ({"custom_fields": OWN}, {"custom[no]": "1"}, "too short"),
        ({"custom_fields": OWN}, {"custom[no]": "ab"}, "is a number"),
        ({}, {"paymentMethod": "klarna"}, "not on offer"),
        ({}, {"paymentMethod": "pm_none"}, "not on offer"),
        (
            {"allowed_payment_method_types": ["card", "sepa_debit"]},
            {"paymentMethod": "sepa_debit"},
            "IBAN is missing",
        ),
    ],
)
async def test_answers_that_are_none(stripe: Stripe, asked: Any, said: Any, words: str) -> None:
    made = await opened(stripe, **asked)
    before = stripe.records()
    refused = await stripe.visit(made["url"], {**CARD, **said}, expect=400)
    assert words in refused.body.decode()
    assert stripe.records() == before


async def test_a_saved_card_and_one_that_is_saved(stripe: Stripe) -> None:
    customer = await stripe.customer(email="ada@example.com")
    asked = {"customer": customer["id"], "saved_payment_method_options": {"payment_method_save": "enabled"}}
    made = await opened(stripe, **asked)
    await stripe.visit(made["url"], {**CARD, "enableStripePass": "1"})
    (card,) = (await stripe.get("payment_methods", customer=customer["id"]))["data"]
    assert card["allow_redisplay"] == "always"
    second = await opened(stripe, **asked)
    assert "ending in 4242" in (await stripe.visit(second["url"])).body.decode()
    await stripe.visit(second["url"], {"paymentMethod": card["id"]})
    done = await again(stripe, second)
    intent = await stripe.get(f"payment_intents/{done['payment_intent']}")
    assert (done["payment_status"], intent["payment_method"]) == ("paid", card["id"])


async def test_another_page_is_where_it_is_paid(stripe: Stripe) -> None:
    made = await opened(stripe, allowed_payment_method_types=["card", "klarna"])
    bank = (await stripe.visit(made["url"], {**CARD, "paymentMethod": "klarna"})).header("location") or ""
    assert bank.endswith("/bank")
    await stripe.visit(bank, {"outcome": "complete"})
    done = await again(stripe, made)
    assert (done["payment_status"], done["status"]) == ("paid", "complete")


async def test_an_embedded_session_has_its_page_too(stripe: Stripe) -> None:
    made = await stripe.post(
        "checkout/sessions",
        mode="payment",
        ui_mode="embedded_page",
        return_url="https://shop.example/back?session={CHECKOUT_SESSION_ID}",
        line_items=[{"price": (await price(stripe, 1500, None))["id"], "quantity": 1}],
    )
    assert made["url"] is None
    gone = await stripe.visit(f"http://localhost/e/pr-1/stripe/c/pay/{made['id']}", CARD)
    assert gone.header("location") == f"https://shop.example/back?session={made['id']}"
