"""What each of Stripe's operations does there, for applications that take payments, bill, connect and upload.

An operation that is not here is refused: settings of the whole account, webhook endpoints (the broker owns the sixteen
that an account has), payouts and top-ups, issuing, treasury, terminal, radar, identity, OAuth, and all of ``/v2``.
Paths and parameters are the contract's; what becomes of each kind at teardown stands in ``revoking.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandboxes.base import Effect, Rule, Scope


def _group(
    name: str,
    kind: str,
    id_param: str,
    *,
    reads: str = "retrieve",
    lists: str = "list",
    creates: str = "create",
    updates: str = "",
    deletes: str = "",
    names_itself: bool = False,
) -> dict[str, Rule]:
    """The rules of one group of operations, by the last word of their ids. ``names_itself``: a create may say which id
    it wants."""
    rules: dict[str, Rule] = {}
    by_id: Sequence[tuple[str, Effect]] = ((reads, "read"), (updates, "update"), (deletes, "delete"))
    for words, effect in by_id:
        rules |= {f"{name}.{word}": Rule(effect, kind, id_param) for word in words.split()}
    rules |= {f"{name}.{word}": Rule("list", kind) for word in lists.split()}
    made = Rule("create", kind, "id" if names_itself else "", id_pointer=("id",))
    return rules | {f"{name}.{word}": made for word in creates.split()}


def _readable(name: str, kind: str, id_param: str, scope: Scope, *, lists: str = "list") -> dict[str, Rule]:
    """What can be looked at and nothing else."""
    rules = {f"{name}.{word}": Rule("list", kind, scope=scope) for word in lists.split()}
    return rules | {f"{name}.retrieve": Rule("read", kind, id_param, scope=scope)}


_PAYMENTS: dict[str, Rule] = {
    **_group("charges", "charge", "charge", lists="list search", updates="update capture"),
    **_group("disputes", "dispute", "dispute", creates="", updates="update close"),
    **_group("refunds", "refund", "refund", updates="update cancel"),
    "test_helpers.refunds.expire": Rule("update", "refund", "refund"),
    **_group(
        "payment_intents",
        "payment_intent",
        "intent",
        lists="list search amount_details_line_items.list",
        updates="update confirm capture cancel apply_customer_balance increment_authorization verify_microdeposits",
    ),
    **_group("setup_intents", "setup_intent", "intent", updates="update confirm cancel verify_microdeposits"),
    "setup_attempts.list": Rule("list", "setup_attempt"),
    **_group("payment_methods", "payment_method", "payment_method", updates="update attach detach"),
    **_group("tokens", "token", "token", lists=""),
    **_group("sources", "source", "source", lists="transactions.list", updates="update verify"),
    "sources.detach": Rule("delete", "source", "id"),
    "confirmation_tokens.retrieve": Rule("read", "confirmation_token", "confirmation_token"),
    "test_helpers.confirmation_tokens.create": Rule("create", "confirmation_token", id_pointer=("id",)),
    "mandates.retrieve": Rule("read", "mandate", "mandate"),
    **_group("reviews", "review", "review", creates="", updates="approve"),
    "balance_transactions.retrieve": Rule("read", "balance_transaction", "id"),
    **_group("events", "event", "id", creates=""),
    **_group("checkout.sessions", "checkout.session", "session", lists="list line_items.list", updates="update expire"),
    **_group("payment_links", "payment_link", "payment_link", lists="list line_items.list", updates="update"),
}

_CUSTOMERS: dict[str, Rule] = {
    **_group(
        "customers",
        "customer",
        "customer",
        reads="retrieve cash_balance.retrieve",
        lists="list search",
        updates="update delete_discount cash_balance.update funding_instructions.create",
        deletes="delete",
    ),
    "test_helpers.customers.fund_cash_balance": Rule("update", "customer", "customer"),
    **_group("customers.balance_transactions", "customer_balance_transaction", "transaction", updates="update"),
    **_group("customers.cash_balance_transactions", "customer_cash_balance_transaction", "transaction", creates=""),
    **_group("customers.payment_methods", "payment_method", "payment_method", creates=""),
    **_group("customers.payment_sources", "source", "id", updates="update verify", deletes="delete"),
    **_group("customers.tax_ids", "tax_id", "id", deletes="delete"),
    **_group("tax_ids", "tax_id", "id", deletes="delete"),
    # What these make ends by itself within minutes or hours, and opens nothing but the objects that it names.
    "customer_sessions.create": Rule("send", "customer_session"),
    "billing_portal.sessions.create": Rule("send", "billing_portal.session"),
    **_group("ephemeral_keys", "ephemeral_key", "key", reads="", lists="", deletes="delete"),
}

_CATALOG: dict[str, Rule] = {
    **_group("products", "product", "id", lists="list search", updates="update", deletes="delete", names_itself=True),
    **_group("products.features", "product_feature", "id", deletes="delete"),
    **_group("prices", "price", "price", lists="list search", updates="update"),
    **_group("plans", "plan", "plan", updates="update", deletes="delete", names_itself=True),
    **_group("coupons", "coupon", "coupon", updates="update", deletes="delete", names_itself=True),
    **_group("promotion_codes", "promotion_code", "promotion_code", updates="update"),
    **_group("tax_rates", "tax_rate", "tax_rate", updates="update"),
    **_group("shipping_rates", "shipping_rate", "shipping_rate_token", updates="update"),
    **_group("entitlements.features", "entitlements.feature", "id", updates="update"),
    **_group("entitlements.active_entitlements", "entitlements.active_entitlement", "id", creates=""),
    **_readable("tax_codes", "tax_code", "id", "public"),
}

_BILLING: dict[str, Rule] = {
    # A canceled subscription stays readable, so to cancel it is to change it.
    **_group(
        "subscriptions",
        "subscription",
        "subscription_exposed_id",
        lists="list search",
        updates="update cancel delete_discount",
    ),
    **{
        f"subscriptions.{word}": Rule("update", "subscription", "subscription")
        for word in ("migrate", "pause", "resume")
    },
    **_group("subscription_items", "subscription_item", "item", updates="update", deletes="delete"),
    **_group("subscription_schedules", "subscription_schedule", "schedule", updates="update cancel release"),
    **_group(
        "invoices",
        "invoice",
        "invoice",
        lists="list search line_items.list",
        updates="update finalize_invoice pay send_invoice void_invoice mark_uncollectible add_lines remove_lines "
        "update_lines attach_payment line_items.update",
        deletes="delete",
    ),
    "invoices.create_preview": Rule("read", "invoice"),
    **_group("invoice_items", "invoiceitem", "invoiceitem", updates="update", deletes="delete"),
    **_group("invoice_payments", "invoice_payment", "invoice_payment", creates=""),
    **_group(
        "credit_notes",
        "credit_note",
        "id",
        lists="list line_items.list preview_lines.list",
        updates="update void_credit_note",
    ),
    "credit_notes.preview": Rule("read", "credit_note"),
    **_group(
        "quotes",
        "quote",
        "quote",
        reads="retrieve pdf",
        lists="list line_items.list computed_upfront_line_items.list",
        updates="update finalize_quote accept cancel",
    ),
    **_group("billing_portal.configurations", "billing_portal.configuration", "configuration", updates="update"),
    **_group(
        "billing.meters",
        "billing.meter",
        "id",
        lists="list event_summaries.list",
        updates="update deactivate reactivate",
    ),
    # Usage of the environment's own customer: counted, never taken back, and of no effect once the customer is gone.
    "billing.meter_events.create": Rule("send", "billing.meter_event"),
    **_group("billing.alerts", "billing.alert", "id", updates="activate deactivate archive"),
    **_group("billing.credit_grants", "billing.credit_grant", "id", updates="update expire void_grant"),
    "billing.credit_balance_summary.retrieve": Rule("read", "billing.credit_balance_summary"),
    **_group("billing.credit_balance_transactions", "billing.credit_balance_transaction", "id", creates=""),
    **_group("test_helpers.test_clocks", "test_helpers.test_clock", "test_clock", updates="advance", deletes="delete"),
    **_group("tax.calculations", "tax.calculation", "calculation", lists="line_items.list"),
    **_group(
        "tax.transactions",
        "tax.transaction",
        "transaction",
        lists="line_items.list",
        creates="create_from_calculation create_reversal",
    ),
}

_FILES: dict[str, Rule] = {
    **_group("files", "file", "file"),
    **_group("file_links", "file_link", "link", updates="update"),
}

#: Accounts that a test key makes can be deleted at any time (https://docs.stripe.com/api/accounts/delete).
_CONNECT: dict[str, Rule] = {
    **_group("accounts", "account", "account", updates="update", deletes="delete"),
    # A capability's id is its name, the same in every account.
    "accounts.capabilities.retrieve": Rule("read", "account", "account"),
    "accounts.capabilities.list": Rule("list", "capability"),
    "accounts.capabilities.update": Rule("update", "account", "account"),
    **_group("accounts.external_accounts", "external_account", "id", updates="update", deletes="delete"),
    **_group("accounts.persons", "person", "person", updates="update", deletes="delete"),
    "accounts.login_links.create": Rule("send", "login_link"),
    "account_links.create": Rule("send", "account_link"),
    "account_sessions.create": Rule("send", "account_session"),
    **_group("transfers", "transfer", "transfer", updates="update"),
    **_group("transfers.reversals", "transfer_reversal", "id", updates="update"),
    **_group("application_fees", "application_fee", "id", creates=""),
    **_group("application_fees.refunds", "fee_refund", "id", creates=""),
}

#: Each shows what all environments of the account did, or how its owner set it up.
_ACCOUNT: dict[str, Rule] = {
    "accounts.retrieve_current": Rule("read", "account", scope="account"),
    "balance.retrieve": Rule("read", "balance", scope="account"),
    "balance_settings.retrieve": Rule("read", "balance_settings", scope="account"),
    "balance_transactions.list": Rule("list", "balance_transaction", scope="account"),
    **_readable("payouts", "payout", "payout", "account"),
    **_readable("topups", "topup", "topup", "account"),
    **_readable("invoice_rendering_templates", "invoice_rendering_template", "template", "account"),
    **_readable("payment_method_configurations", "payment_method_configuration", "configuration", "account"),
    **_readable("payment_method_domains", "payment_method_domain", "payment_method_domain", "account"),
    "tax.settings.retrieve": Rule("read", "tax.settings", scope="account"),
    **_readable("tax.registrations", "tax.registration", "id", "account"),
    **_readable("country_specs", "country_spec", "country", "public"),
    **_readable("exchange_rates", "exchange_rate", "rate_id", "public"),
}

RULES: dict[str, Rule] = {**_PAYMENTS, **_CUSTOMERS, **_CATALOG, **_BILLING, **_FILES, **_CONNECT, **_ACCOUNT}
