from __future__ import annotations

import pytest

from sandboxes.stripe import kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cus_NffrFeUfNV2Hib", "customer"),
        ("pi_3MtwBwLkdIwHu7ix28a3tqPa", "payment_intent"),
        ("pm_1MqLiJLkdIwHu7ixUEgbFdYk", "payment_method"),
        ("card_1NGTaT2eZvKYlo2CZWSctn5n", "card"),
        ("sub_sched_1Mr3YcLkdIwHu7ixYCFhXHNb", "subscription_schedule"),
        ("sub_1MowQVLkdIwHu7ixeRlqHVzs", "subscription"),
        ("cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u", "checkout.session"),
        ("in_1MtHbELkdIwHu7ixl4OzzPMv", "invoice"),
        ("acct_1Nv0FGQ9RKHgCVdK", "account"),
        ("wCdTRtwvkQuCxo", None),
        ("cus_abcdefghijklmn", "customer"),  # no digit, but long
    ],
)
def test_prefixes_tell_the_kind(text: str, kind: str | None) -> None:
    assert kinds.kind_of(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        *("pm_card_visa", "tok_visa", "tok_chargeDeclinedInsufficientFunds", "btok_us_verified", "pm_usBankAccount"),
        *("tok_visa_debit", "tok_us", "pm_card_authenticationRequired", "src_eur_card"),
        # Values of enumerations.
        *("card_present", "li_vat", "in_gst", "re_x", "price_data"),
        *("", "cus_", "hello", "unknown_1ABC", "https://example.com/cus_1"),
    ],
)
def test_what_is_everybodys_or_no_id_has_no_kind(text: str) -> None:
    assert kinds.kind_of(text) is None


def test_a_client_secret_names_its_object() -> None:
    assert kinds.bare("pi_1A_secret_9x") == "pi_1A"
    assert kinds.bare("cs_test_a1_secret_fid") == "cs_test_a1"
    assert kinds.bare("cus_1") == "cus_1"
    assert kinds.bare("a_secret_garden_of_mine") == "a_secret_garden_of_mine"


def test_ids_are_found_wherever_they_are_and_text_is_passed_over() -> None:
    value = {
        "customer": "cus_1",
        "items": [{"price": "monthly"}, {"price": "price_1"}],
        "metadata": {"customer": "cus_2"},
        "description": "cus_3",
        "success_url": "cus_4",
        "transfer_data": {"destination": "acct_1"},
        "amount": 5,
        "coupon": "SUMMER",
    }
    assert [(found, kind) for _, found, kind in kinds.mentions(value)] == [
        ("cus_1", "customer"),
        ("monthly", "price"),
        ("price_1", "price"),
        ("acct_1", "account"),
        ("SUMMER", "coupon"),
    ]
    assert next(kinds.mentions(value["items"], ("items",)))[0] == ("items", "0", "price")
