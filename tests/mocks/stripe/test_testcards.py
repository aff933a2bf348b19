"""The numbers, tokens and payment methods of https://docs.stripe.com/testing."""

from __future__ import annotations

from mocks.stripe import testcards
from mocks.stripe.testcards import BY_NUMBER, behind, by_name, by_number, fingerprint


def test_names_in_both_forms() -> None:
    assert by_name("pm_card_visa", "pm_card_") is by_name("tok_visa", "tok_") is by_number("4242 4242 4242 4242")
    assert by_name("pm_card_nonsense", "pm_card_") is None
    assert by_name("tok_visa", "pm_card_") is None


def test_every_listed_number_is_possible() -> None:
    for number, card in BY_NUMBER.items():
        assert by_number(number) is card
        assert behind(card.fingerprint) is not None


def test_unlisted_numbers_are_ordinary_cards() -> None:
    card = by_number("4111111111111111")
    assert card is not None
    assert (card.brand, card.declined, card.last4) == ("visa", None, "1111")
    assert by_number("4111111111111112") is None
    assert by_number("hello") is None


def test_a_fingerprint_does_not_tell_the_number() -> None:
    assert len(fingerprint("4242424242424242")) == 16
    assert "4242" not in fingerprint("4242424242424242")


def test_cards_of_disputes_say_what_follows() -> None:
    later = {"createDispute": "dispute", "createDisputeProductNotReceived": "product_not_received",
             "createDisputeInquiry": "inquiry", "riskLevelElevated": "review"}  # fmt: skip
    assert {name: testcards.NAMED[name].later for name in later} == later


def test_every_listed_number_can_be_a_card_number() -> None:
    for number in testcards.BY_NUMBER:
        spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
        assert testcards.by_number(spaced) is testcards.BY_NUMBER[number]
        assert testcards._luhn(number), number


def test_numbers_that_differ_by_two_digits_are_not_mixed_up() -> None:
    """https://docs.stripe.com/testing#disputes and https://docs.stripe.com/disputes/api/visa-ce3."""
    assert testcards.NAMED["createMultipleDisputes"].number == "4000000404000079"
    assert testcards.NAMED["createCe3EligibleDispute"].number == "4000000404000038"


def test_cards_of_other_brands_and_countries() -> None:
    found = [testcards.by_number(number) for number in ("5200007840000022", "5555558265554449", "3530111333300000")]
    shown = [(card.brand, card.country) for card in found if card is not None]
    assert shown == [("mastercard", "AE"), ("mastercard", "GB"), ("jcb", "JP")]
