"""Billing over months with the official stripe-python: a test clock drives renewals, and their events arrive signed."""

from __future__ import annotations

from typing import Any

import stripe

from demo.receiver import Arrived
from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_stripe_python import client
from tests.journeys.test_webhooks import receiving, verified

DAY = 86_400
#: 2026-03-01 12:00 UTC.
START = 1_772_366_400


def begun(shop: stripe.StripeClient, **more: Any) -> tuple[str, stripe.Customer, stripe.Subscription]:
    """A customer of a test clock, who pays 20 dollars a month."""
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": START})
    customer = shop.v1.customers.create({"test_clock": clock.id, "email": "ada@example.org"})
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    shop.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    price = shop.v1.prices.create(
        {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}, "product_data": {"name": "Tea"}}
    )
    asked: Any = {"customer": customer.id, "items": [{"price": price.id}], **more}
    return clock.id, customer, shop.v1.subscriptions.create(asked)


def test_a_trial_is_driven_to_its_third_invoice(server: Broker, open_environment: OpenEnvironment) -> None:
    with receiving() as receiver:
        environment = open_environment(webhooks={"stripe": receiver.url})
        shop = client(server, environment)
        clock, _, subscription = begun(shop, trial_period_days=14)
        assert subscription.status == "trialing"
        shop.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": START + 46 * DAY})
        assert shop.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"
        invoices = shop.v1.invoices.list({"subscription": subscription.id}).data
        assert [(each.status, each.amount_paid) for each in invoices] == [("paid", 2000), ("paid", 2000), ("paid", 0)]
        assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"
        wanted = {"customer.subscription.trial_will_end", "invoice.paid", "test_helpers.test_clock.ready"}

        def told(arrived: list[Arrived]) -> bool:
            return wanted <= {verified(one, environment).type for one in arrived}

        assert receiver.wait(told)


def test_a_failed_renewal_is_past_due_and_recovers(server: Broker, open_environment: OpenEnvironment) -> None:
    shop = client(server, open_environment())
    clock, customer, subscription = begun(shop)
    bad = shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    shop.v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
    shop.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": START + 32 * DAY})
    late = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert late.status == "past_due"
    assert isinstance(late.latest_invoice, stripe.Invoice)
    assert late.latest_invoice.next_payment_attempt == START + 34 * DAY + 3600
    good = shop.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    shop.v1.subscriptions.update(subscription.id, {"default_payment_method": good.id})
    shop.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": START + 35 * DAY})
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert shop.v1.invoices.retrieve(str(late.latest_invoice.id)).status == "paid"
