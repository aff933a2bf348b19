"""How what was made at Stripe is taken back, by kind: deleted where Stripe deletes, else brought to its end.

Every way is idempotent and looks again when Stripe says that an object is in another state than thought. What Stripe
never lets go of (payments that were made, refunds, events, files, tokens) is kept and costs no call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from contracts.exchange import Response
from sandboxes.base import Outcome, Resource, Tell, Upstream
from sandboxes.stripe import asking, making, wire
from sandboxes.stripe.asking import Form

Way = Callable[[Resource, Upstream], Awaitable[Outcome]]

_INACTIVE: Form = (("active", "false"),)
_NOW = (("expires_at", "now"),)


def _path(template: str, resource: Resource) -> str:
    return template.format(id=quote(resource.id, safe=""), parent=quote(resource.parent, safe=""))


async def _state(send: Upstream, path: str) -> Mapping[str, Any] | None:
    """The object as it is now; None where it is gone."""
    answer = await asking.get(send, path)
    if asking.missing(answer):
        return None
    value = wire.read(answer)
    if answer.status != 200 or not isinstance(value, Mapping):
        raise asking.refusal(answer)
    return None if value.get("deleted") is True else value


def _wrong_state(answer: Response) -> bool:
    """A refusal that another look may explain; rates, locks, permissions and failures are tried again later."""
    return answer.status in (400, 402, 404)


def _deleted(template: str, *, otherwise: Way | None = None) -> Way:
    async def way(resource: Resource, send: Upstream) -> Outcome:
        answer = await asking.delete(send, _path(template, resource))
        if answer.status == 200:
            return "deleted"
        if asking.missing(answer):
            return "absent"
        if otherwise is not None and answer.status == 400:
            return await otherwise(resource, send)
        raise asking.refusal(answer)

    return way


def _posted(template: str, form: Form = (), outcome: Outcome = "archived", *, otherwise: Way | None = None) -> Way:
    async def way(resource: Resource, send: Upstream) -> Outcome:
        answer = await asking.post(send, _path(template, resource), form)
        if answer.status == 200:
            return outcome
        if asking.missing(answer):
            return "absent"
        if otherwise is not None and answer.status == 400:
            return await otherwise(resource, send)
        raise asking.refusal(answer)

    return way


def _closed(template: str, verb: str, ends: Mapping[str, Outcome], *, by_delete: bool = False) -> Way:
    """Ended by a verb, and where Stripe refuses, by itself already: the status says."""

    async def way(resource: Resource, send: Upstream) -> Outcome:
        path = _path(template, resource)
        answer = await (asking.delete(send, path) if by_delete else asking.post(send, f"{path}/{verb}"))
        if answer.status == 200:
            return "canceled"
        if not _wrong_state(answer):
            raise asking.refusal(answer)
        value = await _state(send, path)
        outcome: Outcome | None = "absent" if value is None else ends.get(str(value.get("status")))
        if outcome is None:
            raise asking.refusal(answer)
        return outcome

    return way


async def _kept(resource: Resource, send: Upstream) -> Outcome:
    return "kept"


async def _invoice(resource: Resource, send: Upstream) -> Outcome:
    """A draft is deleted, unless it is a subscription's; what is final is voided; what is paid is a record
    (https://docs.stripe.com/api/invoices/delete, /void)."""
    path = _path("/v1/invoices/{id}", resource)
    first = await _state(send, path)
    if first is None:
        return "absent"
    status = first.get("status")
    if status == "draft":
        answer = await asking.delete(send, path)
        if answer.status == 200:
            return "deleted"
        if not _wrong_state(answer):
            raise asking.refusal(answer)
        final = await asking.post(send, f"{path}/finalize", [("auto_advance", "false")])
        value = wire.read(final)
        if final.status != 200 or not isinstance(value, Mapping):
            raise asking.refusal(final)
        status = value.get("status")
    if status == "paid":
        return "kept"
    return await _VOIDED(resource, send)


_VOIDED = _closed("/v1/invoices/{id}", "void", {"void": "canceled", "paid": "kept"})


async def _price(resource: Resource, send: Upstream) -> Outcome:
    """A product's default price is let go of first: "This price cannot be archived because it is the default price
    of its product" (https://github.com/stripe/stripe-python/issues/658)."""
    value = await _state(send, _path("/v1/prices/{id}", resource))
    named = making.identity(value.get("product")) if value else None
    path = f"/v1/products/{quote(named or '', safe='')}"
    product = await _state(send, path) if named else None
    if product and making.identity(product.get("default_price")) == resource.id:
        await asking.post(send, path, [("default_price", "")])
    return await _posted("/v1/prices/{id}", _INACTIVE)(resource, send)


async def _file_link(resource: Resource, send: Upstream) -> Outcome:
    """One that has expired cannot be changed any more (https://docs.stripe.com/api/file_links/update), nor need it."""
    value = await _state(send, _path("/v1/file_links/{id}", resource))
    if value is None:
        return "absent"
    if value.get("expired"):
        return "archived"
    return await _posted("/v1/file_links/{id}", _NOW)(resource, send)


async def _detached(resource: Resource, send: Upstream) -> Outcome:
    """Refused where it is attached to nobody, which is all that a payment method's end is. One that an answer told of
    goes with its customer, who may be nobody's to take away."""
    if resource.parent:
        return "kept"
    value = await _state(send, _path("/v1/payment_methods/{id}", resource))
    if value is None:
        return "absent"
    if value.get("customer"):
        return await _posted("/v1/payment_methods/{id}/detach")(resource, send)
    return "archived"


async def _source(resource: Resource, send: Upstream) -> Outcome:
    """Of a customer; one without goes with whatever it is in, or expires."""
    if not resource.parent.startswith("cus_"):
        return "kept"
    return await _deleted("/v1/customers/{parent}/sources/{id}")(resource, send)


async def _tax_id(resource: Resource, send: Upstream) -> Outcome:
    of_customer = resource.parent.startswith("cus_")
    template = "/v1/customers/{parent}/tax_ids/{id}" if of_customer else "/v1/tax_ids/{id}"
    return await _deleted(template)(resource, send)


async def _transfer(resource: Resource, send: Upstream) -> Outcome:
    """Reversed in whole; kept where the connected account has not got the money any more: it is test money."""
    path = _path("/v1/transfers/{id}", resource)
    value = await _state(send, path)
    if value is None:
        return "absent"
    if value.get("reversed"):
        return "canceled"
    # Reversed at most once, however often this is tried.
    answer = await asking.post(send, f"{path}/reversals", key=f"pb-reversal-{resource.id}")
    if answer.status == 200:
        return "canceled"
    if answer.status == 400:
        return "kept"
    raise asking.refusal(answer)


async def _meter(resource: Resource, send: Upstream) -> Outcome:
    value = await _state(send, _path("/v1/billing/meters/{id}", resource))
    if value is None:
        return "absent"
    if value.get("status") == "inactive":
        return "archived"
    return await _posted("/v1/billing/meters/{id}/deactivate")(resource, send)


async def _alert(resource: Resource, send: Upstream) -> Outcome:
    value = await _state(send, _path("/v1/billing/alerts/{id}", resource))
    if value is None:
        return "absent"
    if value.get("status") == "archived":
        return "archived"
    return await _posted("/v1/billing/alerts/{id}/archive")(resource, send)


async def _grant(resource: Resource, send: Upstream) -> Outcome:
    value = await _state(send, _path("/v1/billing/credit_grants/{id}", resource))
    if value is None:
        return "absent"
    if value.get("voided_at"):
        return "canceled"
    used = _posted("/v1/billing/credit_grants/{id}/expire", outcome="canceled", otherwise=_kept)
    return await _posted("/v1/billing/credit_grants/{id}/void", outcome="canceled", otherwise=used)(resource, send)


#: Kind -> the way that it is taken back.
WAYS: Mapping[str, Way] = {
    "account": _deleted("/v1/accounts/{id}"),
    "bank_account": _source,
    "billing.alert": _alert,
    "billing.credit_grant": _grant,
    "billing.meter": _meter,
    # The portal's default configuration cannot be switched off; Stripe has one in every account.
    "billing_portal.configuration": _posted("/v1/billing_portal/configurations/{id}", _INACTIVE, otherwise=_kept),
    "card": _source,
    "checkout.session": _closed("/v1/checkout/sessions/{id}", "expire", {"complete": "kept", "expired": "canceled"}),
    "coupon": _deleted("/v1/coupons/{id}"),
    "credit_note": _posted("/v1/credit_notes/{id}/void", outcome="canceled", otherwise=_kept),
    "customer": _deleted("/v1/customers/{id}"),
    "entitlements.feature": _posted("/v1/entitlements/features/{id}", _INACTIVE),
    "ephemeral_key": _deleted("/v1/ephemeral_keys/{id}"),
    "file_link": _posted("/v1/file_links/{id}", _NOW, otherwise=_file_link),
    "invoice": _invoice,
    # One that is on a final invoice is a record of it.
    "invoiceitem": _deleted("/v1/invoiceitems/{id}", otherwise=_kept),
    "payment_intent": _closed("/v1/payment_intents/{id}", "cancel", {"canceled": "canceled", "succeeded": "kept"}),
    "payment_link": _posted("/v1/payment_links/{id}", _INACTIVE),
    "payment_method": _detached,
    # The last one of an account may not go before it.
    "person": _deleted("/v1/accounts/{parent}/persons/{id}", otherwise=_kept),
    "plan": _deleted("/v1/plans/{id}", otherwise=_posted("/v1/plans/{id}", _INACTIVE)),
    "price": _posted("/v1/prices/{id}", _INACTIVE, otherwise=_price),
    # "This product cannot be deleted because it has one or more user-created prices" (seen), and prices stay.
    "product": _deleted("/v1/products/{id}", otherwise=_posted("/v1/products/{id}", _INACTIVE)),
    "product_feature": _deleted("/v1/products/{parent}/features/{id}"),
    "promotion_code": _posted("/v1/promotion_codes/{id}", _INACTIVE),
    "quote": _closed("/v1/quotes/{id}", "cancel", {"accepted": "kept", "canceled": "canceled"}),
    "setup_intent": _closed("/v1/setup_intents/{id}", "cancel", {"canceled": "canceled", "succeeded": "kept"}),
    "shipping_rate": _posted("/v1/shipping_rates/{id}", _INACTIVE),
    "source": _source,
    # A canceled one is missing to who cancels it again, and readable.
    "subscription": _closed(
        "/v1/subscriptions/{id}", "", {"canceled": "canceled", "incomplete_expired": "canceled"}, by_delete=True
    ),
    "subscription_schedule": _closed(
        "/v1/subscription_schedules/{id}",
        "cancel",
        {"canceled": "canceled", "completed": "kept", "released": "kept"},
    ),
    "tax_id": _tax_id,
    "tax_rate": _posted("/v1/tax_rates/{id}", _INACTIVE),
    # With its customers and all that is theirs (https://docs.stripe.com/api/test_clocks/delete).
    "test_helpers.test_clock": _deleted("/v1/test_helpers/test_clocks/{id}"),
    "transfer": _transfer,
}

#: Kinds that Stripe deletes for nobody, or that go with what they are part of.
KEPT = frozenset(
    {
        *("application_fee", "balance_transaction", "billing.meter_event", "capability", "charge", "dispute", "event"),
        *("confirmation_token", "customer_balance_transaction", "customer_cash_balance_transaction", "discount"),
        *("entitlements.active_entitlement", "external_account", "fee_refund", "file", "invoice_payment", "line_item"),
        *("mandate", "refund", "review", "setup_attempt", "subscription_item", "tax.calculation", "tax.transaction"),
        *("token", "transfer_reversal"),
    }
)

#: What depends on others comes first. A test clock takes its customers and their subscriptions with it at one stroke.
ORDER = (
    "test_helpers.test_clock",
    "billing.alert",
    "payment_link",
    "checkout.session",
    "quote",
    "subscription_schedule",
    "subscription",
    "subscription_item",
    "credit_note",
    "invoice",
    "invoiceitem",
    "payment_intent",
    "setup_intent",
    "transfer",
    "promotion_code",
    "billing.credit_grant",
    "file_link",
    "ephemeral_key",
    "tax_id",
    "source",
    "card",
    "bank_account",
    "payment_method",
    "customer",
    "billing_portal.configuration",
    "coupon",
    "plan",
    "price",
    "product_feature",
    "product",
    "entitlements.feature",
    "billing.meter",
    "tax_rate",
    "shipping_rate",
    "person",
    "account",
)


async def revoke(resource: Resource, send: Upstream, tell: Tell) -> Outcome:
    """Raises Refused for what must be tried again, and Unreachable."""
    return await WAYS.get(resource.kind, _kept)(resource, send)
