"""Until 2019-02-19 an account's owner, settings and requirements had other places.

docs.stripe.com/changelog/2019-02-19/several-fields-accounts-refactored, /business-details-moved-business-profile-object
and docs.stripe.com/connect/required-updates/accounts-arguments. A company's representative, who is a person of its own
today, cannot be told here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.versions.parameters import Pair, Path

BEFORE = "2019-02-19"

#: Then -> now, answers and parameters alike.
MOVED: dict[str, Path] = {
    "business_logo": ("settings", "branding", "icon"),
    "business_name": ("business_profile", "name"),
    "business_primary_color": ("settings", "branding", "primary_color"),
    "business_url": ("business_profile", "url"),
    "debit_negative_balances": ("settings", "payouts", "debit_negative_balances"),
    "decline_charge_on": ("settings", "card_payments", "decline_on"),
    "display_name": ("settings", "dashboard", "display_name"),
    "mcc": ("business_profile", "mcc"),
    "payout_schedule": ("settings", "payouts", "schedule"),
    "payout_statement_descriptor": ("settings", "payouts", "statement_descriptor"),
    "product_description": ("business_profile", "product_description"),
    "statement_descriptor": ("settings", "payments", "statement_descriptor"),
    "support_address": ("business_profile", "support_address"),
    "support_email": ("business_profile", "support_email"),
    "support_phone": ("business_profile", "support_phone"),
    "support_url": ("business_profile", "support_url"),
    "timezone": ("settings", "dashboard", "timezone"),
}
GONE = ("business_profile", "settings", "requirements", "company", "individual", "business_type")

#: Of ``legal_entity``: what is the company's, by its name of today; all else is the individual's.
COMPANY = {
    "additional_owners": "",
    "business_name": "name",
    "business_name_kana": "name_kana",
    "business_name_kanji": "name_kanji",
    "business_tax_id": "tax_id",
    "business_vat_id": "vat_id",
    "phone_number": "phone",
}
INDIVIDUAL = {
    "personal_address": "address",
    "personal_address_kana": "address_kana",
    "personal_address_kanji": "address_kanji",
    "personal_email": "email",
    "personal_id_number": "id_number",
    "personal_phone_number": "phone",
}
_SHARED = ("address", "address_kana", "address_kanji", "phone_number")


def _at(object: Mapping[str, Any], path: Path) -> Any:
    found: Any = object
    for step in path:
        found = (found or {}).get(step)
    return found


async def account(call: StripeCall, object: Object) -> Object:
    """``legal_entity``, ``verification`` and what stood beside them."""
    if object.get("deleted") or "legal_entity" in object:
        return object
    found = {name: value for name, value in object.items() if name not in GONE}
    needs: Mapping[str, Any] = object.get("requirements") or {}
    reason = needs.get("disabled_reason")
    return {
        **found,
        **{name: _at(object, path) for name, path in MOVED.items()},
        "legal_entity": _legal_entity(object),
        "verification": {
            "disabled_reason": "fields_needed" if reason == "requirements.past_due" else reason,
            "due_by": needs.get("current_deadline"),
            "fields_needed": [_needed(each) for each in needs.get("currently_due") or ()],
        },
    }


def _legal_entity(object: Object) -> Object:
    company: Mapping[str, Any] = object.get("company") or {}
    person: Mapping[str, Any] = object.get("individual") or {}
    verification: Mapping[str, Any] = person.get("verification") or {}
    return {
        "additional_owners": [],
        "address": person.get("address") or company.get("address"),
        "business_name": company.get("name"),
        "business_tax_id_provided": company.get("tax_id_provided", False),
        "dob": person.get("dob") or {"day": None, "month": None, "year": None},
        "first_name": person.get("first_name"),
        "last_name": person.get("last_name"),
        "personal_address": person.get("address") or company.get("address"),
        "personal_id_number_provided": person.get("id_number_provided", False),
        "ssn_last_4_provided": person.get("ssn_last_4_provided", False),
        "type": object.get("business_type"),
        "verification": {
            "details": verification.get("details"),
            "details_code": verification.get("details_code"),
            "document": (verification.get("document") or {}).get("front"),
            "status": verification.get("status", "unverified"),
        },
    }


def _needed(name: str) -> str:
    """``individual.first_name`` was ``legal_entity.first_name``."""
    first, dot, rest = name.partition(".")
    if name == "business_type":
        return "legal_entity.type"
    if first in ("individual", "company"):
        return f"legal_entity{dot}{rest}"
    return rest if first == "business_profile" else name


def _account(pairs: Sequence[Pair]) -> list[Pair]:
    kind = next((value for path, value in pairs if path == ("legal_entity", "type")), "individual")
    found: list[Pair] = []
    for path, value in pairs:
        if path[0] in MOVED:
            found.append(((*MOVED[path[0]], *path[1:]), value))
        elif path[0] == "legal_entity" and len(path) > 1:
            found += [(there, value) for there in _owner(path[1:], company=kind == "company")]
        else:
            found.append((path, value))
    return found


def _owner(path: Path, *, company: bool) -> list[Path]:
    name, *rest = path
    if name == "type":
        return [("business_type",)]
    if name in COMPANY and (company or name not in _SHARED):
        new = COMPANY[name]
        return [("company", new, *rest)] if new and company else []
    if company:
        return [("company", name, *rest)] if name in _SHARED else []
    if name == "verification":
        return [("individual", "verification", "document", "front")] if rest == ["document"] else []
    return [("individual", "phone" if name == "phone_number" else INDIVIDUAL.get(name, name), *rest)]


CHANGES = {"account": account}
SENT = {"accounts.create": _account, "accounts.update": _account}
