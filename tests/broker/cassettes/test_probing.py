"""Cassettes become probes that can be asked: the same calls, with ids that each side makes for itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from broker.cassettes.probing import probe
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.errors import InvalidInput
from broker.redact import HIDDEN
from contracts import probes
from contracts.comparison import Answer

CUS, SUB, ITEM, PRICE = "cus_9s6XKzkNRiz8i3", "sub_1AbCdEfGhI", "si_1AbCdEfGhI", "price_1AbCdEfGhI"


def one(
    method: str, path: str, status: int = 200, answer: Any = None, request: Body | None = None, **more: Any
) -> Recorded:
    response = Body() if answer is None else Body("json", answer)
    return Recorded(
        operation=None,
        method=method,
        path=path,
        request=request or Body(),
        status=status,
        response=response,
        **more,
    )


def form(**fields: str) -> Body:
    return Body("form", {name.replace("__", "[").replace("_0_", "[0]"): value for name, value in fields.items()})


def steps(*exchanges: Recorded) -> tuple[list[dict[str, Any]], list[str]]:
    text, left_out = probe(Cassette("stripe", "A Way of 2", list(exchanges)))
    scenarios = yaml.safe_load(text)["scenarios"]
    assert list(scenarios) == ["a-way-of-2"]
    found: list[dict[str, Any]] = scenarios["a-way-of-2"]["steps"]
    return found, left_out


def test_ids_become_captures() -> None:
    customer = {"id": CUS, "object": "customer", "name": "Ada"}
    items = {"data": [{"id": ITEM, "object": "subscription_item"}]}
    found, left_out = steps(
        one("POST", "/v1/customers", 200, customer, form(name="Ada")),
        one("GET", f"/v1/customers/{CUS}", 200, customer),
        one(
            "POST",
            "/v1/subscriptions",
            200,
            {"id": SUB, "object": "subscription", "customer": CUS, "items": items},
            Body("form", {"customer": CUS, "items[0][quantity]": "2", "note": f"for {CUS}", "expand[]": ["a", "b"]}),
        ),
        one("DELETE", f"/v1/subscription_items/{ITEM}", query={"subscription": SUB, "clear": "true"}),
    )
    assert left_out == []
    assert found == [
        {"call": "POST /v1/customers", "form": {"name": "Ada"}, "capture": {"customer": "id"}, "expect": 200},
        {"call": "GET /v1/customers/${customer}", "expect": 200},
        {
            "call": "POST /v1/subscriptions",
            "form": {
                "customer": "${customer}",
                "items": [{"quantity": "2"}],
                "note": "for ${customer}",
                "expand": ["a", "b"],
            },
            "capture": {"subscription": "id", "subscription_item": "items.data.0.id"},
            "expect": 200,
        },
        {
            "call": "DELETE /v1/subscription_items/${subscription_item}",
            "query": {"subscription": "${subscription}", "clear": "true"},
            "expect": 200,
        },
    ]


def test_the_probe_can_be_asked() -> None:
    text, _ = probe(
        Cassette(
            "stripe",
            "way",
            [
                one("POST", "/v1/customers", 200, {"id": CUS, "object": "customer"}, form(name="Ada")),
                one("POST", f"/v1/customers/{CUS}/x%20y", 200, {}, Body("json", {"a": [CUS, 1]})),
            ],
        )
    )
    (scenario,) = probes.parse(text, "stripe")
    first, second = scenario.steps
    captured = probes.capture(first, Answer(200, "json", {"id": "cus_other"}, {}))
    asked = probes.request(second, captured)
    assert (asked.path, asked.body) == ("/v1/customers/cus_other/x%20y", b'{"a":["cus_other",1]}')


def test_what_nobody_makes_is_left_out_with_all_that_stands_on_it() -> None:
    found, left_out = steps(
        one("GET", f"/v1/prices/{PRICE}", 200, {"id": PRICE}),
        one("POST", "/v1/subscriptions", 200, {"id": SUB}, form(price=PRICE)),
        one("GET", f"/v1/subscriptions/{SUB}", 200, {"id": SUB}),
        one("GET", "/v1/balance", 200, {"object": "balance"}),
    )
    assert [each["call"] for each in found] == ["GET /v1/balance"]
    assert left_out == [
        f"exchange 1 (GET /v1/prices/{PRICE}): it needs {PRICE}, which no step before it makes",
        f"exchange 2 (POST /v1/subscriptions): it needs {PRICE}, which no step before it makes",
        f"exchange 3 (GET /v1/subscriptions/{SUB}): it needs {SUB}, which no step before it makes",
    ]


def test_names_of_captures() -> None:
    found, _ = steps(
        one("POST", "/a", 200, {"id": "thing_1AbCdEfGhI"}),
        one("POST", "/a", 200, {"id": "thing_2AbCdEfGhI"}),
        one("POST", "/a", 200, {"id": "RunX1234", "object": "run"}),
        one("POST", "/a", 200, {"upload": {"Id": "ABCD1234"}}),
        one("GET", "/thing_1AbCdEfGhI/thing_2AbCdEfGhI/RunX1234/ABCD1234"),
    )
    assert [list(each.get("capture", ())) for each in found] == [["thing"], ["thing_2"], ["made"], ["upload"], []]


def test_header_fields_that_mean_something_stay() -> None:
    fields = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "idempotency-key": "95dedc6a-68dd-4219-b470-824fec9940b5",
        "x-kind": "a",
    }
    found, _ = steps(one("POST", "/a", request=form(name="Ada"), request_headers=fields))
    assert found[0]["headers"] == {"x-kind": "a"}
    found, _ = steps(one("PUT", "/a", request=Body("text", "hi"), request_headers={"content-type": "text/plain"}))
    assert (found[0]["headers"], found[0]["body"]) == ({"content-type": "text/plain"}, "hi")


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        (one("OPTIONS", "/a"), "probes have no OPTIONS"),
        (one("GET", "/a", 401), "its key was refused when it was recorded"),
        (one("PUT", "/a", request=Body("base64", "AAE=")), "the recording has no text of its body"),
        (one("PUT", "/a", request=Body.digest("00", 9)), "the recording has no text of its body"),
        (one("POST", "/a", request=form(card=HIDDEN)), "the recording hides a value of it"),
        (one("POST", "/a", request=form(card="${run}")), "its values look like a probe's variables"),
    ],
)
def test_what_cannot_be_a_step(exchange: Recorded, why: str) -> None:
    found, left_out = steps(exchange, one("GET", "/b"))
    assert (len(found), left_out) == (1, [f"exchange 1 ({exchange.method} /a): {why}"])
    with pytest.raises(InvalidInput, match="none of its exchanges can be a step"):
        probe(Cassette("stripe", "x", [exchange]))
