"""Changes of a subscription that wait for their payment: ``payment_behavior`` is ``pending_if_incomplete``.

https://docs.stripe.com/billing/subscriptions/pending-updates (2026-11): what can be asked for so, and with what it can
be paid. The words of refusals are ours.
"""

from __future__ import annotations

from mocks.stripe import customers, invoices, pending, prorations
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

BEHAVIOUR = "pending_if_incomplete"
#: "Supported attributes for pending updates"; ``metadata`` since 2026-05-27, ``cancel_at_period_end`` since 2026-09-30
#: (docs.stripe.com/changelog). ``discounts`` are not built here.
SUPPORTED = frozenset([
    "add_invoice_items", "billing_cycle_anchor", "cancel_at_period_end", "expand", "items", "metadata",
    "payment_behavior", "proration_behavior", "proration_date", "trial_end", "trial_from_plan",
])  # fmt: skip
#: Of an item, inside of ``items`` and by itself.
OF_ITEM = frozenset(["deleted", "id", "plan", "price", "price_data", "quantity"])
BY_ITSELF = frozenset([
    "expand", "payment_behavior", "plan", "price", "price_data", "proration_behavior", "proration_date", "quantity",
    "subscription",
])  # fmt: skip
#: Payment methods that are supported.
METHODS = frozenset([
    "afterpay_clearpay", "alipay", "amazon_pay", "card", "cashapp", "crypto", "eps", "gopay", "kakao_pay", "klarna",
    "kr_card", "link", "naver_pay", "ng_card", "paypal", "payto", "pix", "promptpay", "revolut_pay", "satispay",
    "swish", "twint", "upi", "wechat_pay",
])  # fmt: skip


async def checked(call: StripeCall, subscription: Object, supported: frozenset[str] = SUPPORTED) -> None:
    """Refuses what cannot be a pending update, where one is asked for."""
    if call.body.get("payment_behavior") != BEHAVIOUR:
        return
    sent = [*(name for name in call.body if name not in supported)]
    for place, each in enumerate(call.body.get("items") or ()):
        sent += [f"items[{place}][{name}]" for name in each if name not in OF_ITEM]
    if sent:
        raise invalid(f"`{sent[0]}` cannot be sent with `payment_behavior={BEHAVIOUR}`.", param=sent[0])
    if subscription["collection_method"] != "charge_automatically":
        raise invalid(
            f"`payment_behavior={BEHAVIOUR}` needs a subscription with `collection_method=charge_automatically`.",
            param="payment_behavior",
        )
    customer = await call.referred(customers.KIND, subscription["customer"], "customer")
    method = await invoices.payer(call, {}, customer, subscription)
    if method is not None and method.get("type", "card") not in METHODS:
        raise invalid(
            f"`payment_behavior={BEHAVIOUR}` cannot be used with payment methods of type `{method['type']}`.",
            param="payment_behavior",
        )


async def settled(call: StripeCall, old: Object, new: Object) -> Object:
    """As ``prorations.settled``: a change that is not paid waits for that, where this is asked for."""
    if call.body.get("payment_behavior") != BEHAVIOUR:
        return await prorations.settled(call, old, new)
    begun = await prorations.noted(call, old, new)
    if begun is None:
        return new
    # "This updates values in the pending_update hash, voids the invoice associated with the previous pending update,
    # and creates a new invoice".
    new, former = await pending.forgotten(call, new)
    if former is not None:
        old = {**old, "pending_update": None}
        await _voided(call, former)
    done = await prorations.invoiced(call, new, begun)
    invoice = await call.named(invoices.KIND, done["latest_invoice"])
    if invoice["status"] == "paid":
        return {**done, "status": new["status"]}
    return await pending.held(call, old, new, invoice)


async def discarded(call: StripeCall, subscription: Object) -> Object:
    """The subscription without its pending update, whose time is over. Stored, with its invoice void."""
    record = await call.state.get(pending.KIND, subscription["id"])
    if record is None:
        return subscription
    await _voided(call, record["invoice"])
    return await call.named("subscription", subscription["id"])


async def _voided(call: StripeCall, key: str) -> None:
    invoice = await call.state.get(invoices.KIND, key)
    if invoice is not None and invoice["status"] == "open":
        await invoices.voided(call, invoice)
