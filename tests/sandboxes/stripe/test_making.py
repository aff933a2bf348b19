from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandboxes.base import Resource
from sandboxes.stripe import marking
from sandboxes.stripe.making import belongs_to, made
from tests.sandboxes.stripe.calls import MARKER, call, refusal, reply

PAYMENT = [("amount", "5"), ("currency", "eur")]


def _told(resources: Iterable[Resource]) -> set[tuple[str, str, bool]]:
    return {(each.kind, each.id, each.derived) for each in resources}


def test_the_made_object_comes_first_and_brings_what_it_tells_of() -> None:
    value = {
        "id": "pi_1A",
        "object": "payment_intent",
        "client_secret": "pi_1A_secret_x",
        "customer": "cus_1A",
        "latest_charge": {"id": "ch_1A", "balance_transaction": "txn_1A"},
        "payment_method": "pm_1A",
        "metadata": {"order": "in_9Z"},
        "transfer_data": {"destination": "acct_1A"},
    }
    found = made(call("POST", "/v1/payment_intents", [*PAYMENT, ("customer", "cus_1A")]), reply(200, value))
    assert found[0] == Resource("payment_intent", "pi_1A")
    assert _told(found[1:]) == {
        ("charge", "ch_1A", True),
        ("balance_transaction", "txn_1A", True),
        ("payment_method", "pm_1A", True),
    }
    assert {each.parent for each in found[1:]} == {"pi_1A"}


def test_what_several_may_share_is_never_derived() -> None:
    value = {
        "id": "sub_1A",
        "customer": "cus_1A",
        "latest_invoice": "in_1A",
        "items": {
            "data": [{"id": "si_1A", "price": {"id": "price_1A", "product": "prod_1A"}, "tax_rates": ["txr_1A"]}]
        },
        "discounts": [{"coupon": {"id": "SUMMER"}}],
        "on_behalf_of": "acct_1A",
    }
    found = made(call("POST", "/v1/subscriptions", [("customer", "cus_1A")]), reply(200, value))
    assert _told(found) == {
        ("subscription", "sub_1A", False),
        ("invoice", "in_1A", True),
        ("subscription_item", "si_1A", True),
    }


def test_a_product_that_a_price_describes_is_made_with_it() -> None:
    value = {"id": "price_1A", "object": "price", "product": "prod_1A"}
    described = call("POST", "/v1/prices", [("currency", "eur"), ("product_data[name]", "Tea")])
    assert _told(made(described, reply(200, value))) == {("price", "price_1A", False), ("product", "prod_1A", True)}
    named = call("POST", "/v1/prices", [("currency", "eur"), ("product", "prod_1A")])
    assert _told(made(named, reply(200, value))) == {("price", "price_1A", False)}


def test_sources_are_told_apart_and_know_their_customer() -> None:
    value = {"id": "card_1A", "object": "card", "customer": "cus_1A"}
    (card,) = made(call("POST", "/v1/customers/cus_1A/sources", [("source", "tok_visa")]), reply(200, value))
    assert card == Resource("card", "card_1A", parent="cus_1A")


def test_who_uses_what_a_browser_brought_owns_it() -> None:
    value = {"id": "pm_1A", "object": "payment_method", "customer": "cus_1A"}
    attach = call("POST", "/v1/payment_methods/pm_1A/attach", [("customer", "cus_1A")])
    assert _told(made(attach, reply(200, value))) == set()
    pay = call("POST", "/v1/payment_intents", [*PAYMENT, ("confirmation_token", "ctoken_1A")])
    found = made(pay, reply(200, {"id": "pi_1A", "payment_method": "pm_1A"}))
    assert _told(found) == {
        ("payment_intent", "pi_1A", False),
        ("confirmation_token", "ctoken_1A", True),
        ("payment_method", "pm_1A", True),
    }


def test_what_a_test_id_becomes_is_new() -> None:
    value = {"id": "pm_1A", "object": "payment_method", "customer": "cus_1A"}
    attach = call("POST", "/v1/payment_methods/pm_card_visa/attach", [("customer", "cus_1A")])
    assert made(attach, reply(200, value)) == (Resource("payment_method", "pm_1A", parent="cus_1A", derived=True),)


def test_a_customer_is_derived_from_a_session_of_ours_that_made_it_alone() -> None:
    ours = {"metadata": {marking.KEY: MARKER.text}}
    session: dict[str, Any] = {"id": "cs_test_a1", "object": "checkout.session", "customer": "cus_1A"}
    read = call("GET", "/v1/checkout/sessions/cs_test_a1")
    assert _told(made(read, reply(200, {**session, **ours, "customer_creation": "always"}))) == {
        ("customer", "cus_1A", True)
    }
    assert made(read, reply(200, {**session, **ours, "customer_creation": None})) == ()
    assert made(read, reply(200, {**session, "customer_creation": "always"})) == ()
    assert made(call("GET", "/v1/payment_intents/pi_1A"), reply(200, {"id": "pi_1A", "customer": "cus_1A"})) == ()


def test_nothing_is_derived_from_what_was_made_by_hand() -> None:
    value = {"id": "sub_1A", "object": "subscription", "latest_invoice": "in_1A"}
    assert made(call("GET", "/v1/subscriptions/sub_1A", unmapped=frozenset({"sub_1A"})), reply(200, value)) == ()
    assert _told(made(call("GET", "/v1/subscriptions/sub_1A"), reply(200, value))) == {("invoice", "in_1A", True)}


def test_of_lists_only_what_belongs_to_who_was_asked_for() -> None:
    page = {
        "object": "list",
        "data": [
            {"id": "in_1A", "object": "invoice", "customer": "cus_1A"},
            {"id": "in_2A", "object": "invoice", "customer": "cus_2A"},
        ],
    }
    scoped = call("GET", "/v1/invoices", query="customer=cus_1A")
    assert made(scoped, reply(200, page)) == (Resource("invoice", "in_1A", parent="cus_1A", derived=True),)
    assert made(call("GET", "/v1/invoices"), reply(200, page)) == ()
    assert (
        made(call("GET", "/v1/invoices", query="customer=cus_1A", unmapped=frozenset({"cus_1A"})), reply(200, page))
        == ()
    )


def test_failures_and_deletions_make_nothing() -> None:
    create = call("POST", "/v1/customers")
    assert made(create, refusal(400)) == ()
    deleted = {"id": "cus_1A", "object": "customer", "deleted": True}
    assert made(call("DELETE", "/v1/customers/cus_1A"), reply(200, deleted)) == ()


def test_what_an_object_belongs_to_the_nearest_first() -> None:
    invoice = {
        "id": "in_1A",
        "customer": {"id": "cus_1A"},
        "parent": {"subscription_details": {"subscription": "sub_1A"}},
    }
    assert belongs_to(invoice) == ("cus_1A", "sub_1A")
    charge = {"id": "ch_1A", "payment_intent": "pi_1A", "customer": "cus_1A", "invoice": None}
    assert belongs_to(charge) == ("pi_1A", "cus_1A")
    assert belongs_to({"id": "price_1A", "object": "price", "product": "tea"}) == ("tea",)
    assert belongs_to("pi_1A") == ()
