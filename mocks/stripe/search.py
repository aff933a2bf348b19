"""Search: https://docs.stripe.com/search and https://docs.stripe.com/api/pagination/search (2026-11).

Stripe's own search is up to a minute late. Here what was made is found at once; the policy's option ``search_lag``
(seconds) hides what is younger than that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from mocks.base import UnknownCursor
from mocks.stripe import charges, customers, endings, invoices, payment_intents, prices, products
from mocks.stripe.calls import Object, StripeCall, StripeHandler
from mocks.stripe.errors import invalid
from mocks.stripe.lists import MOST, limit_of
from mocks.stripe.search_language import Fields, Query, parse

#: Resource -> its kind and the fields that can be searched by, besides ``metadata``:
#: https://docs.stripe.com/search#supported-query-fields-for-each-resource.
RESOURCES: dict[str, tuple[str, Fields]] = {
    "charges": (
        charges.KIND,
        {
            "amount": "numeric",
            "billing_details.*.postal_code": "token",
            "created": "numeric",
            "currency": "token",
            "customer": "token",
            "disputed": "token",
            "payment_method_details.*.brand": "token",
            "payment_method_details.*.exp_month": "numeric",
            "payment_method_details.*.exp_year": "numeric",
            "payment_method_details.*.fingerprint": "token",
            "payment_method_details.*.last4": "token",
            "refunded": "token",
            "status": "token",
        },
    ),
    "customers": (
        customers.KIND,
        {"created": "numeric", "email": "string", "name": "string", "phone": "string"},
    ),
    "invoices": (
        invoices.KIND,
        {
            "created": "numeric",
            "currency": "token",
            "customer": "token",
            "last_finalization_error_code": "token",
            "last_finalization_error_type": "token",
            "number": "string",
            "receipt_number": "string",
            "status": "string",
            "subscription": "string",
            "total": "numeric",
        },
    ),
    "payment_intents": (
        payment_intents.KIND,
        {"amount": "numeric", "created": "numeric", "currency": "token", "customer": "token", "status": "token"},
    ),
    "prices": (
        prices.KIND,
        {"active": "token", "currency": "token", "lookup_key": "string", "product": "string", "type": "token"},
    ),
    "products": (
        products.KIND,
        {"active": "token", "description": "string", "name": "string", "shippable": "token", "url": "string"},
    ),
    "subscriptions": (
        endings.KIND,
        {"canceled_at": "numeric", "created": "numeric", "status": "token"},
    ),
}


#: "The minimum supported API Version to use search": https://docs.stripe.com/search. Wording ours.
OLDEST = "2020-08-27"


def searching(resource: str) -> StripeHandler:
    """The handler of a resource's search."""
    kind, fields = RESOURCES[resource]

    async def search(call: StripeCall) -> Object:
        if call.version < OLDEST:
            raise invalid(f"Search needs version {OLDEST} of the API or a later one; this call's is {call.version}.")
        query = parse(call.body["query"], fields, resource)
        limit = limit_of(call)
        after = _opened(call.body["page"]) if call.body.get("page") else None
        counted = "total_count" in _expands(call)
        found, total = await _found(call, kind, query, after, None if counted else limit)
        more = len(found) > limit
        answer: Object = {
            "object": "search_result",
            "data": found[:limit],
            "has_more": more,
            "next_page": _sealed(found[limit - 1]["id"]) if more else None,
            "url": call.operation.path,
        }
        return {**answer, "total_count": total} if counted else answer

    return search


HANDLERS: dict[str, StripeHandler] = {f"{resource}.search": searching(resource) for resource in RESOURCES}


async def _found(
    call: StripeCall, kind: str, query: Query, after: str | None, limit: int | None
) -> tuple[list[Object], int]:
    """What matches after a cursor, newest first, one more than ``limit``; with no limit all of it and how many match
    at all."""
    lag = call.options.get("search_lag")
    newest = call.timestamp - (lag if isinstance(lag, (int, float)) else 0)
    found: list[Object] = []
    total, cursor, passed = 0, None if limit is None else after, after is None or limit is not None
    while limit is None or len(found) <= limit:
        try:
            records = await call.state.page(kind, limit=MOST, after=cursor)
        except UnknownCursor:
            raise _bad_page() from None
        for record in records:
            if record.get("created", 0) <= newest and query.matches(_searched(record)):
                total += 1
                if passed:
                    found.append(record)
            passed = passed or record["id"] == after
        if len(records) < MOST:
            break
        cursor = records[-1]["id"]
    return found, total


def _searched(record: Object) -> Object:
    """The object with what search finds under names of its own (an invoice's ``subscription``)."""
    if record["object"] != invoices.KIND:
        return record
    parent = (record.get("parent") or {}).get("subscription_details") or {}
    error = record.get("last_finalization_error") or {}
    return {
        **record,
        "subscription": parent.get("subscription"),
        "last_finalization_error_code": error.get("code"),
        "last_finalization_error_type": error.get("type"),
    }


def _expands(call: StripeCall) -> Sequence[str]:
    asked = call.body.get("expand") or ()
    return [asked] if isinstance(asked, str) else asked


def _sealed(key: str) -> str:
    """The opaque name of the next page: after the object with that id."""
    return base64.urlsafe_b64encode(f"after:{key}".encode()).decode().rstrip("=")


def _opened(page: str) -> str:
    try:
        text = base64.urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode()
    except (binascii.Error, ValueError):
        raise _bad_page() from None
    if not text.startswith("after:"):
        raise _bad_page()
    return text.removeprefix("after:")


def _bad_page() -> Exception:
    return invalid("Invalid page: use the `next_page` of an earlier answer.", param="page")
