"""What Stripe still has to know about a connected account, and what the account may do meanwhile.

https://docs.stripe.com/connect/required-verification-information and https://docs.stripe.com/connect/account-capabilities
(2026-11): the minimum of an account in the United States, without documents. Test mode believes all that it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mocks.stripe.calls import Object

#: What a person has to tell, as its requirements are named.
PERSON = (
    "address.city", "address.line1", "address.postal_code", "address.state", "dob.day", "dob.month", "dob.year",
    "email", "first_name", "last_name", "phone", "ssn_last_4",
)  # fmt: skip

COMPANY = (
    "address.city", "address.line1", "address.postal_code", "address.state", "name", "phone", "tax_id",
)  # fmt: skip

#: What only some countries ask for.
AMERICAN = frozenset(["address.state", "ssn_last_4"])

#: How an answer shows that a secret member was told.
PROVIDED = {"ssn_last_4": "ssn_last_4_provided", "tax_id": "tax_id_provided"}

REJECTED = {
    "fraud": "rejected.fraud", "terms_of_service": "rejected.terms_of_service", "other": "rejected.other",
}  # fmt: skip


def _lacking(found: Mapping[str, Any] | None, names: tuple[str, ...], country: str) -> Iterator[str]:
    for name in names:
        if name in AMERICAN and country != "US":
            continue
        value: Any = found or {}
        for step in PROVIDED.get(name, name).split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value in (None, "", False):
            yield name


def due(account: Object, representative: Object | None, external: bool) -> list[str]:
    """The names of what is missing, sorted."""
    country, kind = account["country"], account["business_type"]
    found: list[str] = []
    profile = account["business_profile"]
    if not profile["mcc"]:
        found.append("business_profile.mcc")
    if not (profile["url"] or profile["product_description"]):
        found.append("business_profile.url")
    if kind is None:
        found += ["business_type", "representative.first_name", "representative.last_name"]
    elif kind == "individual":
        found += [f"individual.{name}" for name in _lacking(representative, PERSON, country)]
    else:
        found += [f"company.{name}" for name in _lacking(account["company"], COMPANY, country)]
        found += [f"representative.{name}" for name in _lacking(representative, PERSON, country)]
    if not external:
        found.append("external_account")
    acceptance = account["tos_acceptance"]
    found += [f"tos_acceptance.{name}" for name in ("date", "ip") if not acceptance.get(name)]
    return sorted(found)


def requirements(missing: list[str], disabled: str | None) -> Object:
    """The hash of an account or of a capability."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": missing,
        "disabled_reason": disabled,
        "errors": [],
        "eventually_due": missing,
        "past_due": missing,
        "pending_verification": [],
    }


def assessed(account: Object, representative: Object | None, external: bool, *, trusted: bool) -> Object:
    """The account with what follows from all that is known of it. ``trusted`` accounts lack nothing."""
    missing = [] if trusted else due(account, representative, external)
    rejected = account["requirements"]["disabled_reason"] or ""
    reason = rejected if rejected.startswith("rejected.") else None
    if reason is None and missing:
        reason = "requirements.past_due"
    able = reason is None
    capabilities = dict.fromkeys(account["capabilities"], "active" if able else "inactive")
    return {
        **account,
        "capabilities": capabilities,
        "charges_enabled": able and any(name.endswith("_payments") for name in capabilities),
        "details_submitted": not [name for name in missing if name != "external_account"],
        "payouts_enabled": able and external,
        "requirements": requirements(missing, reason),
    }
