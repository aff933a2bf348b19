from __future__ import annotations

from sandboxes.base import Reference
from sandboxes.stripe.references import references
from tests.sandboxes.stripe.calls import call


def test_the_subject_comes_first() -> None:
    made = call("POST", "/v1/payment_methods/pm_1A/attach", [("customer", "cus_1A")])
    assert references(made) == (
        Reference("pm_1A", "payment_method", "payment_method", in_path=True, subject=True, bearer=True),
        Reference("cus_1A", "customer", "customer"),
    )


def test_of_two_ids_in_a_path_the_inner_one_is_the_subject() -> None:
    found = references(call("DELETE", "/v1/customers/cus_1A/sources/card_1A"))
    assert [(each.id, each.kind, each.subject, each.in_path) for each in found] == [
        ("card_1A", "card", True, True),
        ("cus_1A", "customer", False, True),
    ]


def test_a_nested_list_has_a_parent_and_no_subject() -> None:
    (parent,) = references(call("GET", "/v1/transfers/tr_1A/reversals"))
    assert (parent.id, parent.kind, parent.subject) == ("tr_1A", "transfer", False)


def test_bodies_are_read_to_their_depth() -> None:
    made = call(
        "POST",
        "/v1/subscriptions",
        [
            ("customer", "cus_1A"),
            ("items[0][price]", "price_1A"),
            ("items[1][price]", "my-plan"),
            ("default_tax_rates[0]", "txr_1A"),
            ("discounts[0][coupon]", "SUMMER"),
            ("metadata[owner]", "cus_9Z"),
            ("description", "cus_8Z"),
        ],
    )
    assert [(each.id, each.kind, each.param) for each in references(made)] == [
        ("cus_1A", "customer", "customer"),
        ("price_1A", "price", "items[0][price]"),
        ("my-plan", "price", "items[1][price]"),
        ("txr_1A", "tax_rate", "default_tax_rates[0]"),
        ("SUMMER", "coupon", "discounts[0][coupon]"),
    ]


def test_queries_cursors_and_lists_of_ids() -> None:
    found = references(
        call("GET", "/v1/products", query="ids[0]=shirt&starting_after=prod_1A&expand[]=data.default_price")
    )
    assert {(each.id, each.kind) for each in found} == {("shirt", "product"), ("prod_1A", "product")}
    (cursor,) = references(call("GET", "/v1/coupons", query="ending_before=WINTER"))
    assert (cursor.id, cursor.kind) == ("WINTER", "coupon")
    assert references(call("GET", "/v1/customers/search", query="query=email:'cus_1A'")) == ()


def test_test_ids_are_nobodys() -> None:
    form = [("amount", "100"), ("currency", "eur"), ("payment_method", "pm_card_visa"), ("confirm", "true")]
    assert references(call("POST", "/v1/payment_intents", form)) == ()
    assert references(call("POST", "/v1/charges", [("amount", "1"), ("currency", "eur"), ("source", "tok_visa")])) == ()
    attach = call("POST", "/v1/payment_methods/pm_card_visa/attach", [("customer", "cus_1A")])
    assert [each.id for each in references(attach)] == ["cus_1A"]


def test_what_browsers_bring_is_borne() -> None:
    form = [("amount", "100"), ("currency", "eur"), ("confirmation_token", "ctoken_1A"), ("customer", "cus_1A")]
    found = {each.id: each.bearer for each in references(call("POST", "/v1/payment_intents", form))}
    assert found == {"ctoken_1A": True, "cus_1A": False}
    (session,) = references(call("GET", "/v1/checkout/sessions/cs_test_a1B"))
    assert session.bearer


def test_a_connected_account_is_a_reference() -> None:
    made = call("POST", "/v1/customers", [("name", "Ada")], headers=[("stripe-account", "acct_1A")])
    assert references(made) == (Reference("acct_1A", "Stripe-Account", "account"),)


def test_an_id_that_a_create_wants_for_its_own_object_is_none_yet() -> None:
    assert references(call("POST", "/v1/coupons", [("id", "SUMMER"), ("percent_off", "10")])) == ()


def test_what_is_public_names_no_object() -> None:
    assert references(call("GET", "/v1/tax_codes/txcd_99999999")) == ()
    assert references(call("GET", "/v1/country_specs/DE")) == ()
    (account,) = references(call("GET", "/v1/accounts/acct_1A/capabilities/card_payments"))
    assert account.id == "acct_1A"
