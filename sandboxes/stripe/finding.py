"""What carries a marker at Stripe and is not at its end: by listing, because lists show at once what was made.

Searches are up to a minute late (https://docs.stripe.com/search#data-freshness). Kinds without metadata (files,
tokens, meters, tax ids) cannot be found; they are known by the ledger alone, and end with what they belong to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandboxes.base import Found, Marker, Refused, Resource, Upstream
from sandboxes.stripe import marking
from sandboxes.stripe.asking import Form, pages


def _never(value: Mapping[str, Any]) -> bool:
    """Deleted objects are not listed, and these have no other end."""
    return False


def _inactive(value: Mapping[str, Any]) -> bool:
    return value.get("active") is False


def _in_state(*states: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda value: value.get("status") in states


def _reversed(value: Mapping[str, Any]) -> bool:
    return bool(value.get("reversed"))


@dataclass(frozen=True, slots=True)
class Listing:
    """Where objects of a kind are listed, and which of them are at their end."""

    kind: str
    path: str
    ended: Callable[[Mapping[str, Any]], bool] = _never
    query: Form = ()


LISTINGS: tuple[Listing, ...] = (
    Listing("test_helpers.test_clock", "/v1/test_helpers/test_clocks"),
    Listing("payment_link", "/v1/payment_links", _inactive),
    Listing("checkout.session", "/v1/checkout/sessions", _in_state("complete", "expired")),
    Listing("quote", "/v1/quotes", _in_state("accepted", "canceled")),
    Listing("subscription_schedule", "/v1/subscription_schedules", _in_state("canceled", "completed", "released")),
    Listing("subscription", "/v1/subscriptions", _in_state("canceled", "incomplete_expired"), (("status", "all"),)),
    Listing("invoice", "/v1/invoices", _in_state("paid", "void")),
    Listing("invoiceitem", "/v1/invoiceitems", lambda value: bool(value.get("invoice"))),
    Listing("payment_intent", "/v1/payment_intents", _in_state("canceled", "succeeded")),
    Listing("setup_intent", "/v1/setup_intents", _in_state("canceled", "succeeded")),
    Listing("transfer", "/v1/transfers", _reversed),
    Listing("promotion_code", "/v1/promotion_codes", _inactive),
    Listing("billing.credit_grant", "/v1/billing/credit_grants", lambda value: bool(value.get("voided_at"))),
    Listing("file_link", "/v1/file_links", lambda value: bool(value.get("expired"))),
    Listing("customer", "/v1/customers"),
    Listing("billing_portal.configuration", "/v1/billing_portal/configurations", _inactive),
    Listing("coupon", "/v1/coupons"),
    Listing("price", "/v1/prices", _inactive),
    Listing("product", "/v1/products", _inactive),
    Listing("entitlements.feature", "/v1/entitlements/features", _inactive),
    Listing("tax_rate", "/v1/tax_rates", _inactive),
    Listing("shipping_rate", "/v1/shipping_rates", _inactive),
    Listing("account", "/v1/accounts"),
)


async def find(marker: Marker, since: datetime, send: Upstream) -> AsyncIterator[Found]:
    """Of one environment, or of all of the instance. A kind that the key must not list is told at the end, when all
    others have been looked through: raises Refused."""
    refused: Refused | None = None
    for listing in LISTINGS:
        try:
            async for found in _of_kind(listing, marker, since, send):
                yield found
        except Refused as error:
            if error.status == 429 or error.status >= 500:
                raise
            refused = refused or Refused(error.status, f"{listing.path}: {error}")
    if refused is not None:
        raise refused


async def _of_kind(listing: Listing, marker: Marker, since: datetime, send: Upstream) -> AsyncIterator[Found]:
    async for page in pages(send, listing.path, listing.query):
        ages = [_created(value) for value in page]
        for value, created in zip(page, ages, strict=True):
            owner = _owner(value, marker)
            if owner and not listing.ended(value):
                yield Found(Resource(listing.kind, str(value.get("id"))), owner, created)
        # Newest first (https://docs.stripe.com/api/pagination). Not every list has a `created` filter.
        if ages and all(created is not None and created < since for created in ages):
            return


def _created(value: Mapping[str, Any]) -> datetime | None:
    seconds = value.get("created")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _owner(value: Mapping[str, Any], marker: Marker) -> str | None:
    """The uid of the marker that it carries."""
    text = marking.own_marker(value)
    if text is None or (text != marker.text and (marker.uid or not text.startswith(marker.text))):
        return None
    return text.removeprefix(Marker(marker.instance).text)
