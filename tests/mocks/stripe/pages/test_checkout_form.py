"""The form of a checkout page."""

from __future__ import annotations

from mocks.stripe.pages.checkout_form import BANKS, METHODS, offered
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import opened


def test_every_bank_has_words() -> None:
    assert set(BANKS) <= set(METHODS)


def test_only_cards_are_saved() -> None:
    types = ["card", "link", "ideal", "boleto"]
    assert offered({"mode": "payment", "payment_method_types": types}) == ["card", "ideal"]
    assert offered({"mode": "subscription", "payment_method_types": types}) == ["card"]
    assert offered({"mode": "payment", "payment_method_types": ["link"]}) == ["card"]


async def test_what_the_page_asks(stripe: Stripe) -> None:
    cup = await price(stripe, 300, None)
    made = await opened(
        stripe,
        billing_address_collection="required",
        shipping_address_collection={"allowed_countries": ["US", "ZW"]},
        consent_collection={"promotions": "auto", "terms_of_service": "required"},
        custom_text={"submit": {"message": "We <ship> on Mondays."}, "terms_of_service_acceptance": {"message": "Yes"}},
        name_collection={"business": {"enabled": True, "optional": True}, "individual": {"enabled": True}},
        optional_items=[{"price": cup["id"], "quantity": 1}],
        tax_id_collection={"enabled": True},
        allowed_payment_method_types=["card", "sepa_debit", "klarna"],
        custom_fields=[
            {"key": "size", "label": {"type": "custom", "custom": "Size"}, "type": "dropdown", "optional": True,
             "dropdown": {"options": [{"label": "Large", "value": "l"}]}},
            {"key": "no", "label": {"type": "custom", "custom": "Number"}, "type": "numeric",
             "numeric": {"maximum_length": 4}},
        ],
    )  # fmt: skip
    page = (await stripe.visit(made["url"])).body.decode()
    for name in (
        "billingAddressLine1", "shippingName", "shippingCountry", "shippingPostalCode", "promotionsConsentCheckbox",
        "termsOfServiceConsentCheckbox", "businessName", "individualName", "optional[0]", "taxIdType", "taxId",
        "custom[size]", "custom[no]", "paymentMethod", "sepa_debit[iban]",
    ):  # fmt: skip
        assert f'name="{name}"' in page, name
    assert "We &lt;ship&gt; on Mondays." in page
    assert 'maxlength="4"' in page
    assert "You go on to Klarna to pay." in page
    assert '<option value="ZW">ZW</option>' in page
