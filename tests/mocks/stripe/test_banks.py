"""Payment methods that are no cards."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe import banks, testbanks
from mocks.stripe.banks import details
from tests.mocks.stripe.client import Stripe

IBANS = ("DE89370400440532013000", "FR14 2004 1010 0505 0001 3M02 606", "GB82WEST12345698765432")


@pytest.mark.parametrize("iban", IBANS)
def test_ibans_with_right_check_digits(iban: str) -> None:
    found = details("sepa_debit", {"iban": iban})
    assert found["last4"] == iban.replace(" ", "")[-4:]
    assert found["country"] == iban[:2]
    assert iban.replace(" ", "") not in str(found)


@pytest.mark.parametrize("iban", ["DE88370400440532013000", "DE89", "not an iban", "1234567890123456"])
def test_ibans_with_wrong_ones(iban: str) -> None:
    with pytest.raises(ServiceError) as refused:
        details("sepa_debit", {"iban": iban})
    assert refused.value.code == "invalid_bank_account_iban"


@pytest.mark.parametrize(
    ("kind", "sent", "param"),
    [("fpx", {}, "fpx"), ("sepa_debit", {}, "sepa_debit"), ("nz_bank_account", {"bank_code": "1"},
     "nz_bank_account[account_number]")],
)  # fmt: skip
def test_details_that_cannot_be_left_out(kind: str, sent: dict[str, str], param: str) -> None:
    with pytest.raises(ServiceError) as refused:
        details(kind, sent)
    assert (refused.value.code, refused.value.details["param"]) == ("parameter_missing", param)


def test_account_numbers_are_not_kept() -> None:
    for kind in ("us_bank_account", "bacs_debit", "acss_debit", "au_becs_debit"):
        found = details(kind, {"account_number": "000123456789", "routing_number": "110000000"})
        assert found["last4"] == "6789"
        assert "000123456789" not in str(found)


@pytest.mark.parametrize("name", testbanks.NAMED)
def test_a_test_account_is_found_again_by_its_details(name: str) -> None:
    bank = testbanks.NAMED[name]
    found = banks.behind({"type": bank.type, bank.type: banks.test_details(bank)})
    assert found is not None
    assert (found.type, found.fails, found.delayed, found.disputed) == (
        bank.type,
        bank.fails,
        bank.delayed,
        bank.disputed,
    )


def test_an_ordinary_account_is_none_of_them() -> None:
    sent = {"account_number": "5550000", "bank_code": "01", "branch_code": "0000"}
    assert banks.behind({"type": "nz_bank_account", "nz_bank_account": details("nz_bank_account", sent)}) is None
    other = details("us_bank_account", {"account_number": "000111111113", "routing_number": "110000001"})
    assert banks.behind({"type": "us_bank_account", "us_bank_account": other}) is None
    assert banks.behind({"type": "ideal", "ideal": {}}) is None


def test_a_charge_shows_what_the_bank_was_told() -> None:
    kept = details("us_bank_account", {"account_number": "000123456789", "routing_number": "110000000"})
    assert sorted(banks.used("us_bank_account", kept)) == [
        "account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "mandate", "payment_reference",
        "routing_number",
    ]  # fmt: skip
    assert banks.used("ideal", {"bank": "ing"}) == {"bank": "ing"}


async def test_test_accounts_have_numbers_of_their_own(stripe: Stripe) -> None:
    shown = {}
    for name in ("success", "accountClosed", "insufficientFunds", "debitNotAuthorized"):
        paid = await stripe.pay(f"pm_usBankAccount_{name}", payment_method_types=["us_bank_account"])
        method = await stripe.get(f"payment_methods/{paid['payment_method']}")
        shown[name] = (paid["status"], method["us_bank_account"]["last4"])
    assert shown == {
        "success": ("processing", "6789"),
        "accountClosed": ("processing", "1113"),
        "insufficientFunds": ("processing", "2227"),
        "debitNotAuthorized": ("processing", "3335"),
    }
