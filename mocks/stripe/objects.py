"""Pieces that many of Stripe's objects share: addresses, billing details, lists of nothing.

The dicts here are shared and must not be changed in place, as no object of this mock ever is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.calls import Object

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
NO_ADDRESS: Object = dict.fromkeys(ADDRESS)


def nonempty(sent: Any) -> Any:
    """What was sent without the members that an empty string unsets, at any depth."""
    if isinstance(sent, Mapping):
        return {name: nonempty(value) for name, value in sent.items() if value != ""}
    return sent


def address(sent: Any) -> Object | None:
    """An address with all of its members; None when nothing was sent or it was emptied."""
    if not sent:
        return None
    return {name: sent.get(name) or None for name in ADDRESS}


def shipping(sent: Any) -> Object | None:
    """A customer's shipping details."""
    if not sent:
        return None
    return {"address": address(sent.get("address")) or NO_ADDRESS, "name": sent.get("name"), "phone": sent.get("phone")}


def parcel(sent: Any) -> Object | None:
    """A payment's shipping details: with carrier and tracking number."""
    if not sent:
        return None
    return {
        "address": address(sent.get("address")) or NO_ADDRESS,
        "carrier": sent.get("carrier"),
        "name": sent.get("name"),
        "phone": sent.get("phone"),
        "tracking_number": sent.get("tracking_number"),
    }


def billing_details(sent: Any, old: Mapping[str, Any] | None = None) -> Object:
    """Billing details with all of their members, merged over ``old`` ones."""
    found: Object = {"address": NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}
    found.update(old or {})
    for name, value in (sent or {}).items():
        if name == "address":
            known = found["address"]
            found["address"] = NO_ADDRESS if not value else {**known, **{k: v or None for k, v in value.items()}}
        else:
            found[name] = value or None
    return found
