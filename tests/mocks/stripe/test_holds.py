"""What can be done with held money: https://docs.stripe.com/payments/flexible-payments."""

from __future__ import annotations

import pytest

from mocks.stripe import holds

ALL = {"card": {f"request_{name}": "if_available" for name in holds.BRANDS}}


@pytest.mark.parametrize(
    ("brand", "able"),
    [
        ("visa", {"extended_authorization", "incremental_authorization", "multicapture", "overcapture"}),
        ("mastercard", {"extended_authorization", "incremental_authorization", "multicapture"}),
        ("jcb", {"multicapture"}),
        ("eftpos_au", set()),
    ],
)
def test_what_a_card_can_do(brand: str, able: set[str]) -> None:
    card = holds.features(brand, 1000, 0, True, ALL)
    charge = {"amount_captured": 0, "payment_method_details": {"card": card}}
    assert {name for name in holds.BRANDS if holds.can(charge, name)} == able
    assert holds.limit(charge, 1000) == (1150 if "overcapture" in able else 1000)


def test_nothing_without_asking_or_holding() -> None:
    for held, options in ((True, None), (True, {}), (False, ALL)):
        card = holds.features("visa", 1000, 0, held, options)
        charge = {"amount_captured": 0, "payment_method_details": {"card": card}}
        assert not [name for name in holds.BRANDS if holds.can(charge, name)]
        assert ("capture_before" in card) == held


def test_more_is_held() -> None:
    charge = {"amount_captured": 0, "payment_method_details": {"card": holds.features("visa", 1000, 0, True, ALL)}}
    card = holds.raised(charge, 2000)["card"]
    assert (card["amount_authorized"], card["overcapture"]["maximum_amount_capturable"]) == (2000, 2300)


def test_a_hold_without_a_card_ends_after_a_week() -> None:
    charge = {"created": 5, "payment_method_details": {"link": {}}}
    assert holds.ends(charge) == 5 + 7 * 86_400
