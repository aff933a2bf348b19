"""Ids among parameters: found by their shape in queries, forms and JSON, and not where callers write notes."""

from __future__ import annotations

import pytest

from broker.references import in_body, in_query, noun
from contracts.exchange import Request

ID = "thi_1aB3dE0000000000"


def sent(query: str = "", body: bytes = b"") -> Request:
    return Request(method="POST", path="/", query=query, body=body)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"thing={ID}", [("thing", ID)]),
        (f"a=b&items%5B0%5D%5Bthing%5D={ID}&c=d", [("items[0][thing]", ID)]),
        (f"metadata[thing]={ID}&metadata%5Ba%5D={ID}", []),
        (f"thing={ID}x-y&thing=thi_short&note=see+{ID}", []),
        ("", []),
        ("&" * 50_000 + "=" * 50_000, []),
    ],
)
def test_queries_and_forms(text: str, found: list[tuple[str, str]]) -> None:
    assert list(in_query(sent(query=text))) == found
    assert list(in_body(sent(body=text.encode()))) == found


def test_json() -> None:
    body = b'{"thing": "%b", "list": ["%b"], "note": "see %b"}' % ((ID.encode(),) * 3)
    assert list(in_body(sent(body=body))) == [("thing", ID)]
    assert list(in_body(sent(body=b"\xff" + body))) == []


@pytest.mark.parametrize(
    ("parameter", "name"), [("thing", "thing"), ("items[0][thing]", "thing"), ("things[0]", "things"), ("[]", "[]")]
)
def test_what_a_parameter_names(parameter: str, name: str) -> None:
    assert noun(parameter) == name
