"""Payment methods that are no cards: what is kept of their details, and how a payment with them goes on.

https://docs.stripe.com/testing#non-card-payments (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.objects import nonempty
from mocks.stripe.testcards import fingerprint

#: The bank answers after days: the payment is ``processing`` until then.
DELAYED = frozenset(["acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "sepa_debit", "us_bank_account"])

#: The customer pays without leaving the page.
DIRECT = frozenset(["card", "link"])

#: End of ``pm_usBankAccount_...`` -> account number: https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment
#: (test account numbers). What the bank says days later is not carried out.
TEST_ACCOUNTS = {
    "success": "000123456789", "accountClosed": "000111111113", "noAccount": "000111111116",
    "insufficientFunds": "000222222227", "debitNotAuthorized": "000333333335", "invalidCurrency": "000444444440",
    "dispute": "000555555559", "failMicrodeposits": "000666666661", "processing": "000000000009",
}  # fmt: skip

#: ``pm_...`` ids of the documentation -> type.
TEST_METHODS = {
    **{f"pm_usBankAccount_{name}": "us_bank_account" for name in TEST_ACCOUNTS},
    "pm_usBankAccount": "us_bank_account",
    "pm_sepaDebit": "sepa_debit",
}

#: Details that a payment method of that type cannot be without.
NEEDED = {
    "boleto": ("tax_id",),
    "custom": ("type",),
    "fpx": ("bank",),
    "nz_bank_account": ("account_number", "bank_code", "branch_code"),
    "sepa_debit": ("iban",),
}

#: Country -> digits of the bank's and of the branch's code behind the check digits (the registry of ISO 13616).
PARTS = {
    "AT": (5, 0), "BE": (3, 0), "CH": (5, 0), "DE": (8, 0), "ES": (4, 4), "FI": (3, 0), "FR": (5, 5), "GB": (4, 6),
    "HR": (7, 0),    "IE": (4, 6), "LU": (3, 0), "NL": (4, 0), "PT": (4, 4),
}  # fmt: skip

TEST_IBAN = "DE89370400440532013000"


def test_method(id: str) -> str | None:
    """The type behind a test payment method's id; None when it is none."""
    return TEST_METHODS.get(id)


def test_details(id: str) -> Object:
    """The details behind a test payment method's id."""
    if TEST_METHODS[id] == "sepa_debit":
        return _sepa({"iban": TEST_IBAN})
    number = TEST_ACCOUNTS[id.partition("_usBankAccount_")[2] or "success"]
    return _us_bank({"account_number": number, "routing_number": "110000000"})


def details(type: str, sent: Mapping[str, Any]) -> Object:
    """What a payment method shows of the details that were sent: account numbers only as last four and fingerprint."""
    sent = nonempty(sent)
    for name in NEEDED.get(type, ()):
        if name not in sent:
            raise missing_param(f"{type}[{name}]" if sent else type)
    if type == "sepa_debit":
        return _sepa(sent)
    if type == "us_bank_account":
        return _us_bank(sent)
    if type in ("bacs_debit", "au_becs_debit", "acss_debit"):
        number = str(sent.get("account_number") or "")
        shown = {name: value for name, value in sent.items() if name != "account_number"}
        return {**shown, "fingerprint": fingerprint(number), "last4": number[-4:]}
    if type == "nz_bank_account":
        shown = {name: sent.get(name) for name in ("account_holder_name", "bank_code", "branch_code", "suffix")}
        return {**shown, "bank_name": "STRIPE TEST BANK", "last4": str(sent["account_number"])[-4:]}
    if type == "naver_pay":
        return {"buyer_id": None, "funding": sent.get("funding", "card")}
    return dict(sent)


def _sepa(sent: Mapping[str, Any]) -> Object:
    iban = str(sent.get("iban") or "").replace(" ", "").upper()
    if not (15 <= len(iban) <= 34 and iban[:2].isalpha() and iban[2:4].isdigit() and _sums(iban)):
        raise invalid("The IBAN you provided is invalid.", code="invalid_bank_account_iban", param="sepa_debit[iban]")
    bank, branch = PARTS.get(iban[:2], (8, 0))
    return {
        "bank_code": iban[4 : 4 + bank],
        "branch_code": iban[4 + bank : 4 + bank + branch],
        "country": iban[:2],
        "fingerprint": fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }


def _sums(iban: str) -> bool:
    """The check digits of ISO 13616."""
    turned = iban[4:] + iban[:4]
    return turned.isalnum() and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _us_bank(sent: Mapping[str, Any]) -> Object:
    number, routing = str(sent.get("account_number") or ""), sent.get("routing_number")
    return {
        "account_holder_type": sent.get("account_holder_type") or "individual",
        "account_type": sent.get("account_type") or "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": sent.get("financial_connections_account"),
        "fingerprint": fingerprint(f"{routing}:{number}"),
        "last4": number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": routing,
        "status_details": {},
    }
