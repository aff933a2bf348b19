"""With the official stripe-python: money that goes back or on to others, and long lists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_stripe_python import client
from tests.journeys.test_webhooks import receiving, verified
from tests.mocks.stripe.connect import COMPLETE

MANY = 1000


@pytest.fixture
def shop(server: Broker, environment: dict[str, Any]) -> stripe.StripeClient:
    return client(server, environment, max_network_retries=3)


def paid(
    shop: stripe.StripeClient, amount: int, method: str = "pm_card_bypassPending", **more: Any
) -> stripe.PaymentIntent:
    asked: Any = {
        "amount": amount,
        "currency": "usd",
        "payment_method": method,
        "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        "expand": ["latest_charge.balance_transaction"],
        **more,
    }
    return shop.v1.payment_intents.create(asked)


def total(shop: stripe.StripeClient, **options: Any) -> int:
    """What the account has, available and pending."""
    balance = shop.v1.balance.retrieve(options=options.get("options"))
    return sum(each.amount for each in [*balance.available, *balance.pending])


def moved(shop: stripe.StripeClient, **options: Any) -> int:
    """What its balance transactions come to."""
    listed = shop.v1.balance_transactions.list({"limit": 100}, options=options.get("options"))
    return sum(each.net for each in listed.auto_paging_iter())


def test_partial_refunds_up_to_the_whole(shop: stripe.StripeClient) -> None:
    intent = paid(shop, 5000)
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    for amount in (1200, 800):
        refund = shop.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
        assert (refund.status, refund.amount) == ("succeeded", amount)
    half = shop.v1.charges.retrieve(charge.id)
    assert (half.amount_refunded, half.refunded) == (2000, False)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"charge": charge.id, "amount": 3001})
    assert refused.value.http_status == 400
    assert shop.v1.charges.retrieve(charge.id).amount_refunded == 2000
    rest = shop.v1.refunds.create({"charge": charge.id, "reason": "requested_by_customer", "metadata": {"why": "rest"}})
    assert rest.amount == 3000
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    whole = shop.v1.charges.retrieve(charge.id)
    assert (whole.amount_refunded, whole.refunded) == (5000, True)
    assert [each.amount for each in shop.v1.refunds.list({"charge": charge.id}).data] == [3000, 800, 1200]
    assert total(shop) == moved(shop)


@pytest.mark.parametrize(("evidence", "ends"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_a_dispute_is_answered(server: Broker, open_environment: OpenEnvironment, evidence: str, ends: str) -> None:
    with receiving() as receiver:
        environment = open_environment(webhooks={"stripe": receiver.url})
        shop = client(server, environment)
        before = total(shop)
        intent = paid(shop, 5000, "pm_card_createDispute")
        (dispute,) = shop.v1.disputes.list({"payment_intent": intent.id}).data
        assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 5000, "fraudulent")
        assert dispute.is_charge_refundable is False
        held = total(shop)
        answered = shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}, "submit": True})
        assert answered.status in ("under_review", ends)
        assert shop.v1.disputes.retrieve(dispute.id).status == ends
        after = total(shop)
        assert after > held if ends == "won" else after == held
        assert held < before + 5000
        assert after == moved(shop)
        wanted = {"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"}
        if ends == "won":
            wanted.add("charge.dispute.funds_reinstated")
        assert receiver.wait(lambda arrived: wanted <= {verified(one, environment).type for one in arrived})


def test_a_destination_charge_and_its_way_back(shop: stripe.StripeClient) -> None:
    asked: Any = COMPLETE
    seller = shop.v1.accounts.create(asked)
    assert seller.charges_enabled
    other = shop.v1.accounts.create({"type": "express", "country": "US"})
    intent = paid(
        shop, 10_000, application_fee_amount=1500, transfer_data={"destination": seller.id}, transfer_group="order-7"
    )
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    (transfer,) = shop.v1.transfers.list({"destination": seller.id}).data
    assert (charge.transfer, transfer.amount, transfer.source_transaction) == (transfer.id, 10_000, charge.id)
    theirs: Any = {"stripe_account": seller.id}
    assert total(shop, options=theirs) == 8500
    (fee,) = shop.v1.application_fees.list().data
    assert (fee.amount, fee.account, fee.originating_transaction) == (1500, seller.id, charge.id)
    refund = shop.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 4000, "reverse_transfer": True, "refund_application_fee": True}
    )
    assert refund.transfer_reversal
    assert shop.v1.transfers.retrieve(transfer.id).amount_reversed == 4000
    assert shop.v1.application_fees.retrieve(fee.id).amount_refunded == 600
    assert total(shop, options=theirs) == 8500 - 4000 + 600
    by_hand = shop.v1.transfers.reversals.create(transfer.id, {"amount": 1000})
    assert by_hand.amount == 1000
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.transfers.reversals.create(transfer.id, {"amount": 5001})
    assert total(shop, options=theirs) == 4100
    for options in ({}, {"options": theirs}):
        assert total(shop, **options) == moved(shop, **options)
    # What belongs to one connected account is not there for another.
    made = shop.v1.customers.create({"email": "theirs@example.com"}, theirs)
    for elsewhere in (None, {"stripe_account": other.id}):
        with pytest.raises(stripe.InvalidRequestError) as missed:
            shop.v1.customers.retrieve(made.id, options=elsewhere)  # type: ignore[arg-type]  # the SDK's own TypedDict
        assert missed.value.code == "resource_missing"


def test_a_thousand_objects_are_walked_through_both_ways(shop: stripe.StripeClient) -> None:
    def make(number: int) -> str:
        return shop.v1.customers.create({"name": f"customer {number}", "metadata": {"odd": str(number % 2)}}).id

    with ThreadPoolExecutor(16) as several:
        made = set(several.map(make, range(MANY)))
    walked = [each.id for each in shop.v1.customers.list({"limit": 100}).auto_paging_iter()]
    assert len(walked) == len(made) == MANY
    assert set(walked) == made
    back = shop.v1.customers.list({"limit": 100, "ending_before": walked[-1]}).auto_paging_iter()
    assert [each.id for each in back] == walked[:-1][::-1]
    found = shop.v1.customers.search({"query": "metadata['odd']:'1'", "limit": 100})
    assert len({each.id for each in found.auto_paging_iter()}) == MANY // 2
    (one,) = shop.v1.customers.search({"query": "name:'customer 500'"}).data
    assert one.name == "customer 500"
