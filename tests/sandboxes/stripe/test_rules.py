"""The table of contents agrees with the contract, and everything that passes can be taken back."""

from __future__ import annotations

from contracts import library
from sandboxes.stripe import finding, revoking
from sandboxes.stripe.rules import RULES

CONTRACT = library.load("stripe")
OPERATIONS = CONTRACT.operations()
MADE = sorted({rule.kind for rule in RULES.values() if rule.effect == "create"})

#: Kinds that are revoked and cannot be found by a listing: Stripe keeps no metadata of theirs.
UNMARKED = {
    *("billing.alert", "billing.meter", "credit_note", "ephemeral_key", "person", "plan", "product_feature"),
    *("payment_method", "source", "tax_id"),
}


def test_every_rule_is_about_an_operation_of_the_contract() -> None:
    assert not set(RULES) - set(OPERATIONS)


def test_ids_are_parameters_of_the_operation() -> None:
    wrong = []
    for name, rule in RULES.items():
        body = CONTRACT.details(OPERATIONS[name])["body"] or {}
        places = OPERATIONS[name].path, *(f"{{{each}}}" for each in body.get("schema", {}).get("properties", {}))
        if rule.id_param and not any(f"{{{rule.id_param}}}" in place for place in places):
            wrong.append(name)
    assert not wrong


def test_effects_fit_the_methods() -> None:
    for name, rule in RULES.items():
        method = OPERATIONS[name].method
        if method == "GET":
            assert rule.effect in ("read", "list"), name
        elif rule.effect in ("read", "list"):
            assert name.endswith("preview"), name  # a POST that makes nothing
        if rule.effect == "delete":
            assert method == "DELETE", name


def test_what_changes_names_what_it_changes() -> None:
    for name, rule in RULES.items():
        if rule.effect in ("update", "delete"):
            assert rule.id_param, name


def test_everything_that_is_made_has_its_end() -> None:
    """Revoked, or knowingly kept; never both."""
    assert not [kind for kind in MADE if kind not in revoking.WAYS and kind not in revoking.KEPT]
    assert not set(revoking.WAYS) & revoking.KEPT


def test_everything_that_is_revoked_is_found_or_known_by_the_ledger_alone() -> None:
    found = {listing.kind for listing in finding.LISTINGS}
    revoked = {kind for kind in MADE if kind in revoking.WAYS}
    assert revoked - found == UNMARKED
    assert found <= set(revoking.WAYS)


def test_the_order_names_every_kind_that_is_revoked() -> None:
    assert set(revoking.WAYS) <= set(revoking.ORDER)
    for first, then in [
        ("subscription", "customer"),
        ("customer", "product"),
        ("price", "product"),
        ("card", "customer"),
    ]:
        assert revoking.ORDER.index(first) < revoking.ORDER.index(then)


def test_what_is_the_accounts_own_does_not_pass() -> None:
    areas = ("webhook_endpoints", "issuing", "treasury", "terminal", "radar", "oauth", "apps", "v2", "identity")
    assert not [name for name in RULES if name.split(".")[0] in areas]
    for name in (
        "payouts.create",
        "topups.create",
        "tax.settings.update",
        "balance_settings.update",
        "accounts.reject",
    ):
        assert name not in RULES


def test_what_applications_need_does_pass() -> None:
    for name in (
        *("customers.create", "payment_intents.confirm", "checkout.sessions.create", "subscriptions.cancel"),
        *("invoices.pay", "billing_portal.sessions.create", "files.create", "accounts.create", "refunds.create"),
        *("test_helpers.test_clocks.advance", "prices.search", "events.list", "quotes.accept"),
    ):
        assert name in RULES


def test_scopes() -> None:
    assert RULES["balance.retrieve"].scope == "account"
    assert RULES["country_specs.list"].scope == "public"
    assert RULES["events.list"].scope == "own"
