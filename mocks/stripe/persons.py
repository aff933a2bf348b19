"""The people behind a connected account: https://docs.stripe.com/api/persons (2026-11).

Records of the account's own scope. Of numbers only that they were told is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.metadata import merged

KIND = "person"

NOTHING_DUE: Object = {
    "alternatives": [], "currently_due": [], "errors": [], "eventually_due": [], "past_due": [],
    "pending_verification": [],
}  # fmt: skip
NO_DOCUMENT: Object = dict.fromkeys(("back", "details", "details_code", "front"))

RELATIONSHIP: Object = {
    "authorizer": False, "director": False, "executive": False, "legal_guardian": False, "owner": False,
    "percent_ownership": None, "representative": False, "title": None,
}  # fmt: skip

#: Told, and shown only as told.
SECRET = {
    "id_number": "id_number_provided",
    "id_number_secondary": "id_number_secondary_provided",
    "ssn_last_4": "ssn_last_4_provided",
}
#: What is no member of the object.
UNSHOWN = ("documents", "expand", "person_token", "us_cfpb_data", "metadata", "verification")


def build(call: StripeCall, sent: Mapping[str, Any]) -> Object:
    """A person from what was told; not stored yet."""
    blank: Object = {
        "id": call.new_id("person_1", 23),
        "object": KIND,
        "account": call.account,
        "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        "created": call.timestamp,
        "dob": dict.fromkeys(("day", "month", "year")),
        "email": None,
        "first_name": None,
        "future_requirements": NOTHING_DUE,
        "id_number_provided": False,
        "last_name": None,
        "metadata": {},
        "phone": None,
        "relationship": RELATIONSHIP,
        "requirements": NOTHING_DUE,
        "ssn_last_4_provided": False,
        "verification": {
            "additional_document": NO_DOCUMENT,
            "details": None,
            "details_code": None,
            "document": NO_DOCUMENT,
            "status": "unverified",
        },
    }
    return {**blank, **told(sent, blank)}


def told(sent: Mapping[str, Any], old: Object) -> Object:
    """What parameters change of a person."""
    changes: Object = {}
    for name, value in sent.items():
        if name in SECRET:
            changes[SECRET[name]] = bool(value)
            if name == "id_number" and value:
                # The last four of an American number are known with it.
                changes["ssn_last_4_provided"] = True
        elif name in ("address", "dob", "registered_address", "relationship"):
            known = old.get(name) or {}
            changes[name] = {**known, **{key: part if part != "" else None for key, part in (value or {}).items()}}
        elif name not in UNSHOWN:
            changes[name] = value if value != "" else None
    if "metadata" in sent:
        changes["metadata"] = merged(old["metadata"], sent["metadata"])
    if sent.get("verification"):
        documents = {
            name: {**NO_DOCUMENT, **value}
            for name, value in sent["verification"].items()
            if name in ("document", "additional_document") and value
        }
        changes["verification"] = {**old["verification"], **documents}
    seen = {**old, **changes}
    if seen["ssn_last_4_provided"] and seen["dob"].get("year") and seen["last_name"]:
        changes["verification"] = {**seen["verification"], "status": "verified"}
    return changes


async def store(call: StripeCall, person: Object) -> None:
    """Write a person of the account that ``call`` is about."""
    await call.state.put(KIND, person["id"], person, {})


async def of_individual(call: StripeCall, sent: Mapping[str, Any], known: Object | None) -> Object:
    """The person that an account's ``individual`` is: made or changed, and stored."""
    sent = {**sent, "relationship": {**(sent.get("relationship") or {}), "representative": True}}
    person = build(call, sent) if known is None else {**known, **told(sent, known)}
    await store(call, person)
    return person


async def representative(call: StripeCall) -> Object | None:
    """Who opened the account."""
    found = await call.state.page(KIND, order="oldest", limit=100)
    return next((each for each in found if each["relationship"]["representative"]), None)


async def changed_by(call: StripeCall, old: Object, sent: Mapping[str, Any]) -> tuple[Object, Object]:
    """The person after an update's parameters, stored, and what it was before."""
    new, previous = changed(old, told(sent, old))
    await store(call, new)
    return new, previous
