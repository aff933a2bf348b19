"""Addresses that Stripe answers at although its SDKs no longer know them, and where the same is found today.

Lists of a customer (``cards``, ``bank_accounts``, ``subscriptions``), of a charge (``refunds``) and of an account stand
in what Stripe's own objects say as their ``url``; stripe/openapi, openapi/spec3.json (2019-2024) has them all. Upcoming
invoices ended with basil: docs.stripe.com/changelog/basil/2025-03-31/invoice-preview-api-deprecations (2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.exchange import Request
from mocks.stripe.calls import StripeCall
from mocks.stripe.versions.parameters import Pair

#: What an old address answers in the place of today's answer.
Shape = Callable[[StripeCall, Any], Awaitable[Any]]


async def _charge(call: StripeCall, refund: Any) -> Any:
    """The charge that was refunded."""
    return await call.named("charge", refund["charge"])


async def _fee(call: StripeCall, refund: Any) -> Any:
    """The application fee that was given back."""
    return await call.named("application_fee", refund["fee"])


async def _unnamed(call: StripeCall, invoice: Any) -> Any:
    """An ``id`` is "always present unless the invoice is an upcoming invoice": docs.stripe.com/api/invoices/object."""
    return {name: value for name, value in invoice.items() if name != "id"}


async def _lines(call: StripeCall, invoice: Any) -> Any:
    """What the invoice would charge for."""
    return invoice["lines"]


async def _usage_record(call: StripeCall, event: Any) -> Any:
    """What was used of a subscription's item, before there were meters."""
    return {
        "id": event["identifier"],
        "object": "usage_record",
        "livemode": False,
        "quantity": int(event["payload"]["value"]),
        "subscription_item": event["event_name"],
        "timestamp": event["timestamp"],
    }


async def _usage_summaries(call: StripeCall, found: Any) -> Any:
    """What was used of a subscription's item in its period."""
    shown = [
        {
            "id": each["id"],
            "object": "usage_record_summary",
            "invoice": None,
            "livemode": False,
            "period": {"end": each["end_time"], "start": each["start_time"]},
            "subscription_item": each["meter"],
            "total_usage": each["aggregated_value"],
        }
        for each in found["data"]
    ]
    return {**found, "data": shown, "url": f"/v1/subscription_items/{call.path('id')}/usage_record_summaries"}


@dataclass(frozen=True, slots=True)
class Address:
    """``path`` and ``now`` have ``{names}``. ``adds`` are parameters that the path told; ``methods`` are all if empty.
    ``becomes`` is today's method, and ``before`` the first version that knows the address no more."""

    path: str
    now: str
    methods: frozenset[str] = frozenset()
    adds: Mapping[str, str] = field(default_factory=dict)
    becomes: str | None = None
    before: str | None = None
    shape: Shape | None = None


_GET, _POST, _DELETE = frozenset({"GET"}), frozenset({"POST"}), frozenset({"DELETE"})
_UPCOMING = "/v1/invoices/create_preview"
_ITEM = "/v1/subscription_items/{si}"

ADDRESSES: Sequence[Address] = (
    Address("/v1/customers/{c}/cards", "/v1/customers/{c}/sources", _GET, {"object": "card"}),
    Address("/v1/customers/{c}/cards", "/v1/customers/{c}/sources"),
    Address("/v1/customers/{c}/cards/{id}", "/v1/customers/{c}/sources/{id}"),
    Address("/v1/customers/{c}/bank_accounts", "/v1/customers/{c}/sources", _GET, {"object": "bank_account"}),
    Address("/v1/customers/{c}/bank_accounts", "/v1/customers/{c}/sources"),
    Address("/v1/customers/{c}/bank_accounts/{id}", "/v1/customers/{c}/sources/{id}"),
    Address("/v1/customers/{c}/bank_accounts/{id}/verify", "/v1/customers/{c}/sources/{id}/verify", _POST),
    Address("/v1/customers/{c}/subscriptions", "/v1/subscriptions", adds={"customer": "{c}"}),
    Address("/v1/customers/{c}/subscriptions/{id}", "/v1/subscriptions/{id}"),
    Address("/v1/customers/{c}/subscriptions/{id}/discount", "/v1/subscriptions/{id}/discount", _DELETE),
    Address("/v1/charges/{ch}/refund", "/v1/refunds", _POST, {"charge": "{ch}"}, shape=_charge),
    Address("/v1/charges/{ch}/refunds", "/v1/refunds", adds={"charge": "{ch}"}),
    Address("/v1/charges/{ch}/refunds/{id}", "/v1/refunds/{id}"),
    Address("/v1/application_fees/{fee}/refund", "/v1/application_fees/{fee}/refunds", _POST, shape=_fee),
    Address("/v1/balance/history", "/v1/balance_transactions"),
    Address("/v1/balance/history/{id}", "/v1/balance_transactions/{id}"),
    Address("/v1/accounts/{a}/bank_accounts", "/v1/accounts/{a}/external_accounts", _GET, {"object": "bank_account"}),
    Address("/v1/accounts/{a}/bank_accounts", "/v1/accounts/{a}/external_accounts"),
    Address("/v1/accounts/{a}/bank_accounts/{id}", "/v1/accounts/{a}/external_accounts/{id}"),
    Address("/v1/accounts/{a}/people", "/v1/accounts/{a}/persons"),
    Address("/v1/accounts/{a}/people/{id}", "/v1/accounts/{a}/persons/{id}"),
    Address(
        f"{_ITEM}/usage_records",
        "/v1/billing/meter_events",
        _POST,
        {"event_name": "{si}"},
        before="2025-03-31",
        shape=_usage_record,
    ),
    Address(
        f"{_ITEM}/usage_record_summaries",
        "/v1/billing/meters/{si}/event_summaries",
        _GET,
        {"customer": "{si}", "start_time": "0", "end_time": "0"},
        before="2025-03-31",
        shape=_usage_summaries,
    ),
    Address("/v1/invoices/upcoming", _UPCOMING, _GET, becomes="POST", before="2025-03-31", shape=_unnamed),
    Address("/v1/invoices/upcoming/lines", _UPCOMING, _GET, becomes="POST", before="2025-03-31", shape=_lines),
)


def _pattern(path: str) -> re.Pattern[str]:
    # An id of Stripe's, and no dot segment: what is found there goes into another path.
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[\\w-]+)", path) + r"\Z", re.ASCII)


_PATTERNS: Sequence[tuple[re.Pattern[str], Address]] = tuple((_pattern(each.path), each) for each in ADDRESSES)
#: The beginnings of all of them: most requests are for none, and are asked this alone.
_SOME = re.compile(
    r"/v1/(?:customers/[^/]+/(?:cards|bank_accounts|subscriptions)|charges/[^/]+/refunds?|application_fees/[^/]+/refund\Z"
    r"|balance/history|accounts/[^/]+/(?:bank_accounts|people)|invoices/upcoming"
    r"|subscription_items/[^/]+/usage_record(?:s|_summaries))(?:/|\Z)"
)


def _found(request: Request) -> tuple[re.Match[str], Address] | None:
    if _SOME.match(request.path) is None:
        return None
    for pattern, address in _PATTERNS:
        match = pattern.match(request.path)
        if match is not None and (not address.methods or request.method in address.methods):
            return match, address
    return None


def relocate(request: Request) -> Request:
    """The request at today's address. Its parameters are still those that were sent: ``added`` has the others."""
    found = _found(request)
    if found is None:
        return request
    match, address = found
    path = address.now.format(**match.groupdict())
    return replace(request, method=address.becomes or request.method, path=path, original=request)


def address_of(request: Request) -> Address | None:
    """The old address that a request was sent to, if it was to one."""
    found = _found(request.original) if request.original is not None else None
    return None if found is None else found[1]


def added(request: Request) -> list[Pair]:
    """The parameters that an old address told in its path."""
    found = _found(request.original) if request.original is not None else None
    if found is None:
        return []
    match, address = found
    return [((name,), value.format(**match.groupdict())) for name, value in address.adds.items()]


def shape_of(call: StripeCall) -> Shape | None:
    """What becomes of the answer at an old address; None where it is today's."""
    address = address_of(call.request)
    return None if address is None else address.shape
