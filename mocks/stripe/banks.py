"""Payment methods that are no cards: what is kept of their details, and how a payment with them goes on.

https://docs.stripe.com/testing#non-card-payments (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import testbanks
from mocks.stripe.calls import Object
from mocks.stripe.errors import invalid, missing_param
from mocks.stripe.objects import nonempty
from mocks.stripe.testbanks import TestBank
from mocks.stripe.testcards import fingerprint

#: The bank answers after days: the payment is ``processing`` until then.
DELAYED = frozenset(["acss_debit", "au_becs_debit", "bacs_debit", "nz_bank_account", "sepa_debit", "us_bank_account"])

#: The customer pays without leaving the page.
DIRECT = frozenset(["card", "link"])

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
    "EE": (2, 2), "HR": (7, 0), "IE": (4, 6), "LU": (3, 0), "NL": (4, 0), "PT": (4, 4),
}  # fmt: skip

#: Accounts whose owner is verified before the first debit: https://docs.stripe.com/payments/bank-debits-transfers.
VERIFIED = frozenset(["acss_debit", "us_bank_account"])


def test_details(bank: TestBank) -> Object:
    """The details of a test account."""
    sent: Object = {"account_number": bank.number, "routing_number": bank.routing}
    match bank.type:
        case "sepa_debit":
            sent = {"iban": bank.number}
        case "bacs_debit":
            sent = {"account_number": bank.number, "sort_code": "108800"}
        case "au_becs_debit":
            sent = {"account_number": bank.number, "bsb_number": "000000"}
        case "acss_debit":
            sent = {"account_number": bank.number, "institution_number": "000", "transit_number": "11000"}
        case "nz_bank_account":
            sent = {"account_number": bank.number[:7], "bank_code": "11", "branch_code": "0000"}
            sent["suffix"] = bank.number[7:]
    return details(bank.type, sent)


def behind(method: Mapping[str, Any]) -> TestBank | None:
    """The test account that a payment method was made from; None for an ordinary one."""
    kind = method["type"]
    shown = method.get(kind) or {}
    if kind == "nz_bank_account":
        # The API shows no fingerprint of these.
        numbers = {each.number: each for each in testbanks.NAMED.values() if each.type == kind}
        return numbers.get(f"{str(shown['last4'])[:1] * 7}{shown['suffix']}") if shown["bank_code"] == "11" else None
    return testbanks.behind(kind, shown.get("fingerprint"))


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


#: Type -> what a charge shows of it, each of them a bank account's.
USED = {
    "acss_debit": ("bank_name", "fingerprint", "institution_number", "last4", "transit_number"),
    "au_becs_debit": ("bsb_number", "fingerprint", "last4"),
    "bacs_debit": ("fingerprint", "last4", "sort_code"),
    "nz_bank_account": ("account_holder_name", "bank_code", "bank_name", "branch_code", "last4", "suffix"),
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4"),
    "us_bank_account": (
        "account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number",
    ),
}  # fmt: skip


def used(type: str, kept: Mapping[str, Any]) -> Object:
    """What a charge shows of a payment method that is no card."""
    if type not in USED:
        return dict(kept)
    shown: Object = {name: kept.get(name) for name in USED[type]}
    if type != "nz_bank_account":
        shown["mandate"] = None
    if type == "us_bank_account":
        shown["payment_reference"] = None
    return dict(sorted(shown.items()))


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
