"""Stripe's table of contents: which operations have behaviour of their own. All others answer from the generic engine.

Operation ids are the pinned SDK's (``customers.create`` is ``client.v1.customers.create``).
"""

from __future__ import annotations

from contracts import library
from mocks.base import MockService
from mocks.stripe import (
    balance,
    cards,
    charges,
    customers,
    engine,
    events,
    idempotency,
    payment_intents,
    payment_methods,
    prices,
    products,
    refunds,
    refusals,
    setup_intents,
    tokens,
    webhook_endpoints,
    wire,
)
from mocks.stripe.calls import StripeHandler, opened

OPERATIONS: dict[str, StripeHandler] = {
    "balance_transactions.list": balance.list_all,
    "balance_transactions.retrieve": balance.retrieve,
    "charges.capture": charges.capture,
    "charges.create": charges.create,
    "charges.list": charges.list_all,
    "charges.retrieve": charges.retrieve,
    "charges.update": charges.update,
    "customers.create": customers.create,
    "customers.delete": customers.delete,
    "customers.delete_discount": customers.delete_discount,
    "customers.list": customers.list_all,
    "customers.retrieve": customers.retrieve,
    "customers.update": customers.update,
    "customers.payment_methods.list": payment_methods.list_of_customer,
    "customers.payment_methods.retrieve": payment_methods.retrieve_of_customer,
    "customers.payment_sources.create": cards.create,
    "customers.payment_sources.delete": cards.delete,
    "customers.payment_sources.list": cards.list_all,
    "customers.payment_sources.retrieve": cards.retrieve,
    "customers.payment_sources.update": cards.update,
    "events.list": events.list_all,
    "events.retrieve": events.retrieve,
    "payment_intents.cancel": payment_intents.cancel,
    "payment_intents.capture": payment_intents.capture,
    "payment_intents.confirm": payment_intents.confirm,
    "payment_intents.create": payment_intents.create,
    "payment_intents.list": payment_intents.list_all,
    "payment_intents.retrieve": payment_intents.retrieve,
    "payment_intents.update": payment_intents.update,
    "payment_methods.attach": payment_methods.attach,
    "payment_methods.create": payment_methods.create,
    "payment_methods.detach": payment_methods.detach,
    "payment_methods.list": payment_methods.list_all,
    "payment_methods.retrieve": payment_methods.retrieve,
    "payment_methods.update": payment_methods.update,
    "prices.create": prices.create,
    "prices.list": prices.list_all,
    "prices.retrieve": prices.retrieve,
    "prices.update": prices.update,
    "products.create": products.create,
    "products.delete": products.delete,
    "products.list": products.list_all,
    "products.retrieve": products.retrieve,
    "products.update": products.update,
    "refunds.cancel": refunds.cancel,
    "refunds.create": refunds.create,
    "refunds.list": refunds.list_all,
    "refunds.retrieve": refunds.retrieve,
    "refunds.update": refunds.update,
    "setup_attempts.list": setup_intents.list_attempts,
    "setup_intents.cancel": setup_intents.cancel,
    "setup_intents.confirm": setup_intents.confirm,
    "setup_intents.create": setup_intents.create,
    "setup_intents.list": setup_intents.list_all,
    "setup_intents.retrieve": setup_intents.retrieve,
    "setup_intents.update": setup_intents.update,
    "tokens.create": tokens.create,
    "tokens.retrieve": tokens.retrieve,
    "webhook_endpoints.create": webhook_endpoints.create,
    "webhook_endpoints.delete": webhook_endpoints.delete,
    "webhook_endpoints.list": webhook_endpoints.list_all,
    "webhook_endpoints.retrieve": webhook_endpoints.retrieve,
    "webhook_endpoints.update": webhook_endpoints.update,
}

SERVICE = MockService(
    name="stripe",
    contract=lambda: library.load("stripe"),
    operations={name: opened(handler) for name, handler in OPERATIONS.items()},
    fallback=engine.answer,
    credential=wire.credential,
    credentials=wire.CREDENTIALS,
    variables=wire.variables,
    render_error=refusals.render_error,
    around=idempotency.wall({**customers.INCLUDES, **prices.INCLUDES, **charges.INCLUDES}),
    decorate=wire.decorate,
    sign_event=wire.sign_event,
    webhook_credential="webhook_secret",
    targets=events.targets,
    secrets=wire.SECRETS,
    limits=(
        "A payment that waits for 3-D Secure, a redirect or a bank debit stays in that status: there is no hosted "
        "page and "
        "no settlement yet. Billing, Checkout, Connect, disputes and search answer from the generic engine, without "
        "events."
    ),
)
