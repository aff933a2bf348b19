"""The real Stripe, as the broker sees it: its table of contents."""

from __future__ import annotations

from contracts import library
from sandboxes.base import Limits, SandboxProvider
from sandboxes.stripe import finding, lists, making, revoking, subaccounts, wire
from sandboxes.stripe.hooks import HOOKS
from sandboxes.stripe.references import references
from sandboxes.stripe.rules import RULES

#: The names of https://docs.stripe.com/keys/permissions-reference; each ``write`` includes its ``read``.
PERMISSIONS = (
    *("charge_write", "dispute_write", "payment_intent_write", "payment_method_write", "setup_intent_write"),
    *("source_write", "token_write", "customer_write", "customer_session_write", "ephemeral_key_write"),
    *("checkout_session_write", "payment_links_write", "product_write", "plan_write", "coupon_write"),
    *("promotion_code_write", "tax_rate_write", "shipping_rate_write", "subscription_write", "invoice_write"),
    *("credit_note_write", "quote_write", "customer_portal_write", "billing_clock_write", "usage_record_write"),
    *("tax_calculations_and_transactions_write", "file_write", "event_read", "webhook_write"),
    *("balance_transaction_source_read", "connected_account_write", "account_link_write", "transfer_write"),
)

PROVIDER = SandboxProvider(
    name="stripe",
    hosts=frozenset({"api.stripe.com", wire.FILES_HOST}),
    endpoint=wire.ENDPOINT,
    contract=lambda: library.load("stripe"),
    rules=RULES,
    # https://docs.stripe.com/rate-limits: a sandbox bears 25 calls a second.
    limits=Limits(rate=25.0, concurrency=20),
    isolations=frozenset({"ledger", "account"}),
    order=revoking.ORDER,
    permissions=PERMISSIONS,
    options={
        wire.FILES_OPTION: "Where files and documents go, if the account's own address is not Stripe's.",
        subaccounts.COUNTRY_OPTION: "The country of connected accounts that are made for environments; US by default, "
        "whose accounts can take payments at once.",
    },
    allows=subaccounts.allows,
    check_secret=wire.check_secret,
    references=references,
    outbound=wire.outbound,
    sign=wire.sign,
    inbound=wire.inbound,
    made=making.made,
    repeatable=wire.repeatable,
    throttled=wire.throttled,
    serial=wire.serial,
    cost=wire.cost,
    narrow=lists.narrow,
    revoke=revoking.revoke,
    find=finding.find,
    issue=subaccounts.issue,
    hooks=HOOKS,
)
