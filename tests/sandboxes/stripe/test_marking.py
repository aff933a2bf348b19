from __future__ import annotations

import json

import pytest

from contracts import library
from contracts.form import decode
from sandboxes.stripe import marking
from tests.sandboxes.stripe.calls import MARKER, call

MARK = "metadata[preview_broker]"


def _marks(body: bytes) -> list[str]:
    """Where the form carries the marker."""
    found = []

    def walk(node: object, path: str) -> None:
        if isinstance(node, dict):
            for name, inner in node.items():
                if name == marking.KEY:
                    assert inner == MARKER.text
                    found.append(path)
                else:
                    walk(inner, f"{path}.{name}" if path else name)

    walk(decode(body.decode()), "")
    return sorted(found)


@pytest.mark.parametrize(
    ("path", "form", "places"),
    [
        ("/v1/customers", [], ["metadata"]),
        ("/v1/customers", [("name", "Ada"), ("metadata[a]", "1")], ["metadata"]),
        ("/v1/prices", [("currency", "eur"), ("product", "prod_1A")], ["metadata"]),
        ("/v1/quotes", [("from_quote[quote]", "qt_1A")], []),
        (
            "/v1/prices",
            [("currency", "eur"), ("product_data[name]", "Shirt")],
            ["metadata", "product_data.metadata"],
        ),
        (
            "/v1/products",
            [("name", "Shirt"), ("default_price_data[currency]", "eur")],
            ["default_price_data.metadata", "metadata"],
        ),
        ("/v1/checkout/sessions", [("mode", "payment")], ["metadata", "payment_intent_data.metadata"]),
        ("/v1/checkout/sessions", [("mode", "subscription")], ["metadata", "subscription_data.metadata"]),
        ("/v1/checkout/sessions", [("mode", "setup")], ["metadata", "setup_intent_data.metadata"]),
        (
            "/v1/checkout/sessions",
            [
                ("mode", "payment"),
                ("line_items[0][price]", "price_1A"),
                ("line_items[1][price_data][product_data][name]", "Tea"),
                ("line_items[1][price_data][currency]", "eur"),
                ("invoice_creation[enabled]", "true"),
            ],
            ["line_items.1.price_data.product_data.metadata", "metadata", "payment_intent_data.metadata"],
        ),
        (
            "/v1/payment_links",
            [
                ("line_items[0][price]", "price_1A"),
                ("line_items[0][quantity]", "1"),
                ("subscription_data[trial_period_days]", "3"),
            ],
            ["metadata", "subscription_data.metadata"],
        ),
        (
            "/v1/subscription_schedules",
            [("customer", "cus_1A"), ("phases[0][items][0][price]", "price_1A")],
            ["metadata", "phases.0.metadata"],
        ),
        ("/v1/tokens", [("pii[id_number]", "1")], []),
    ],
)
def test_what_is_made_is_marked_where_it_is_described(
    path: str, form: list[tuple[str, str]], places: list[str]
) -> None:
    made = call("POST", path, form)
    body = marking.marked(made, MARKER)
    assert _marks(body) == places
    assert body.startswith(made.request.body), "what the application sent stays as it was"
    # And Stripe takes it: the contract reads the marked form too.
    call("POST", path, body)


def test_an_application_can_neither_set_nor_change_a_marker() -> None:
    own = b"name=Ada&metadata%5Bpreview_broker%5D=pb%3Ak3x9qa%3Asomebody&metadata[a]=1"
    made = marking.marked(call("POST", "/v1/customers", own), MARKER)
    assert _marks(made) == ["metadata"]
    changed = marking.marked(call("POST", "/v1/customers/cus_1A", own), MARKER)
    assert changed == b"name=Ada&metadata[a]=1"


def test_an_update_gets_no_marker() -> None:
    assert marking.marked(call("POST", "/v1/customers/cus_1A", [("name", "Ada")]), MARKER) == b"name=Ada"


def test_fifty_keys_of_the_applications_own_leave_no_room() -> None:
    form = [("name", "Ada"), *((f"metadata[k{number}]", "v") for number in range(50))]
    assert _marks(marking.marked(call("POST", "/v1/customers", form), MARKER)) == []
    assert _marks(marking.marked(call("POST", "/v1/customers", form[:-1]), MARKER)) == ["metadata"]


def test_metadata_that_is_set_empty_makes_room() -> None:
    body = marking.marked(call("POST", "/v1/customers", b"metadata=&name=Ada"), MARKER)
    assert decode(body.decode()) == {"name": "Ada", "metadata": {marking.KEY: MARKER.text}}


def test_elements_without_positions_are_not_marked() -> None:
    form = b"mode=payment&line_items[][price_data][product_data][name]=Tea&line_items[][price_data][currency]=eur"
    body = marking.marked(call("POST", "/v1/checkout/sessions", form), MARKER)
    assert _marks(body) == ["metadata", "payment_intent_data.metadata"]


@pytest.mark.parametrize("name", [None, "Monthly"])
def test_a_test_clock_is_marked_by_its_name(name: str | None) -> None:
    form = [("frozen_time", "1577836800"), *([("name", name)] if name else [])]
    sent = decode(marking.marked(call("POST", "/v1/test_helpers/test_clocks", form), MARKER).decode())["name"]
    clock = {"id": "clock_1", "object": "test_helpers.test_clock", "name": sent}
    assert marking.own_marker(clock) == MARKER.text
    assert json.loads(marking.unmarked(json.dumps(clock).encode()))["name"] == name


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"metadata": {"preview_broker": "pb:k3x9qa:u"}}', b'{"metadata": {}}'),
        (b'{"metadata": {\n  "preview_broker": "pb:k3x9qa:u"\n}}', b'{"metadata": {}}'),
        (b'{"metadata": {"a": "1", "preview_broker": "pb:k3x9qa:u"}}', b'{"metadata": {"a": "1"}}'),
        (b'{"metadata": {"preview_broker": "pb:k3x9qa:u",\n "z": "1"}}', b'{"metadata": {"z": "1"}}'),
        (
            b'[{"metadata": {"preview_broker": "pb:k3x9qa:u"}}, {"metadata": {"preview_broker": "pb:k3x9qa:w"}}]',
            b'[{"metadata": {}}, {"metadata": {}}]',
        ),
    ],
)
def test_the_marker_is_cut_out_of_answers(before: bytes, after: bytes) -> None:
    assert marking.unmarked(before) == after


@pytest.mark.parametrize(
    "body",
    [
        b'{"metadata": {"a":   "1"}}',
        b'{"description": "\\"preview_broker\\": \\"pb:x\\""}',  # somebody's text about it
        b'{"metadata": {"preview_broker": "mine"}}',
        b"%PDF-1.4 pb:",
    ],
)
def test_everything_else_passes_byte_for_byte(body: bytes) -> None:
    assert marking.unmarked(body) == body


def test_an_invoice_carries_its_subscriptions_marker() -> None:
    copied = {"metadata": {marking.KEY: "pb:k3x9qa:u"}}
    assert marking.own_marker({"metadata": {}, "parent": {"subscription_details": copied}}) == "pb:k3x9qa:u"
    assert marking.own_marker({"metadata": {}, "subscription_details": copied}) == "pb:k3x9qa:u"


def test_a_marker_of_something_inside_is_not_the_objects_own() -> None:
    subscription = {"metadata": {}, "items": {"data": [{"price": {"metadata": {marking.KEY: "pb:k3x9qa:u"}}}]}}
    assert marking.own_marker(subscription) is None
    assert list(marking.markers(subscription)) == ["pb:k3x9qa:u"]


def test_every_carrier_is_a_place_of_the_contract() -> None:
    """A marker in a place that Stripe does not know would fail every call that describes such an object."""
    operations = library.load("stripe").operations()
    for name, carriers in marking._CARRIERS.items():
        schema = library.load("stripe").details(operations[name])["body"]["schema"]
        for carrier in (*carriers, *((each,) for each in marking._BY_MODE.values() if name.startswith("checkout"))):
            assert _has_metadata(schema, carrier), (name, carrier)


def _has_metadata(schema: dict, path: tuple[str, ...]) -> bool:
    variants = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    if not path:
        return any("metadata" in each.get("properties", {}) for each in variants)
    if path[0] == "*":
        return any("items" in each and _has_metadata(each["items"], path[1:]) for each in variants)
    return any(
        path[0] in each.get("properties", {}) and _has_metadata(each["properties"][path[0]], path[1:])
        for each in variants
    )
