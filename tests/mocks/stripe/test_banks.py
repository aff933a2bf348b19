"""Payment methods that are no cards."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe import banks
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


def test_test_methods() -> None:
    assert banks.test_method("pm_usBankAccount_success") == "us_bank_account"
    assert banks.test_method("pm_card_visa") is None
    assert banks.test_details("pm_sepaDebit")["country"] == "DE"


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
