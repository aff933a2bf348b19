"""Stripe's test bank accounts."""

from __future__ import annotations

import pytest

from mocks.stripe import banks, testbanks
from mocks.stripe.testbanks import behind, by_name


@pytest.mark.parametrize("bank", [each for each in testbanks.NAMED.values() if each.type == "sepa_debit"])
def test_ibans_are_right(bank: testbanks.TestBank) -> None:
    assert banks.details("sepa_debit", {"iban": bank.number})["last4"] == bank.number[-4:]


def test_names() -> None:
    closed = by_name("pm_usBankAccount_accountClosed")
    assert closed is not None
    assert (closed.number, closed.fails, closed.answers_in) == ("000111111113", "account_closed", testbanks.SOON)
    slow = by_name("pm_failedDelayed_fr")
    assert slow is not None
    assert (slow.fails, slow.answers_in) == ("generic_could_not_process", testbanks.LATER)
    assert by_name("pm_card_visa") is None
    assert by_name("usBankAccount_success") is None
    assert by_name("pm_usBankAccount") is by_name("pm_usBankAccount_success")


def test_accounts_of_one_number_differ_by_their_kind() -> None:
    canadian = testbanks.TestBank("acss_debit", "000123456789")
    assert behind("acss_debit", canadian.fingerprint) == canadian
    assert behind("us_bank_account", canadian.fingerprint) is None
    assert behind("us_bank_account", None) is None


def test_every_failure_has_words() -> None:
    codes = {each.fails for each in testbanks.BY_FINGERPRINT.values() if each.fails}
    assert codes <= set(testbanks.MESSAGES)
