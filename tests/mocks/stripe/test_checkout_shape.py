"""What a session shows of what it asks its customer for."""

from __future__ import annotations

from mocks.stripe.checkout_shape import collections
from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe


def test_what_nobody_asks_for() -> None:
    assert collections({}) == {"after_expiration": None, "consent_collection": None}


def test_defaults_of_what_is_asked_for() -> None:
    found = collections(
        {
            "after_expiration": {"recovery": {"enabled": True}},
            "consent_collection": {"promotions": "auto"},
            "tax_id_collection": {"enabled": True},
            "name_collection": {"business": {"enabled": True}},
            "ui_mode": "embedded_page",
        }
    )
    recovery = {"allow_promotion_codes": False, "enabled": True, "expires_at": None, "url": None}
    assert found["after_expiration"] == {"recovery": recovery}
    assert found["consent_collection"]["terms_of_service"] == "none"
    assert found["tax_id_collection"] == {"enabled": True, "required": "never"}
    assert found["name_collection"] == {"business": {"enabled": True, "optional": False}}
    assert found["redirect_on_completion"] == "always"


async def test_optional_items_are_prices(stripe: Stripe) -> None:
    cup, tea = await price(stripe, 300, None), await price(stripe, 1500, None)
    asked = {
        "mode": "payment",
        "success_url": "https://shop.example/",
        "line_items": [{"price": tea["id"], "quantity": 1}],
    }
    made = await stripe.post("checkout/sessions", **asked, optional_items=[{"price": cup["id"], "quantity": 1}])
    assert made["optional_items"] == [{"adjustable_quantity": None, "price": cup["id"], "quantity": 1}]
    wrong = [{"price": "price_none", "quantity": 1}]
    error = await stripe.error("POST", "checkout/sessions", 400, **asked, optional_items=wrong)
    assert (error["code"], error["param"]) == ("resource_missing", "optional_items[0][price]")
