"""Requests and responses: header fields, and reprs that give nothing away."""

from __future__ import annotations

import pytest

from contracts.exchange import UNSET, Headers, Request, Response

PAIRS = [("host", "a"), ("x-tag", "1"), ("authorization", "Bearer sk_test_secret"), ("x-tag", "2")]


@pytest.fixture(params=["pairs", "raw"])
def headers(request: pytest.FixtureRequest) -> Headers:
    if request.param == "pairs":
        return Headers(PAIRS)
    return Headers(raw=[(name.encode(), value.encode()) for name, value in PAIRS])


def test_fields_keep_their_order_and_the_first_of_a_name_is_meant(headers: Headers) -> None:
    assert list(headers) == headers.pairs == PAIRS
    assert len(headers) == 4
    assert headers.get("x-tag") == "1"
    assert headers.all("x-tag") == ["1", "2"]
    assert headers.all("host") == ["a"]
    assert headers.all("nothing") == []
    assert headers.get("nothing") is None
    assert headers.get("nothing", "x") == "x"
    assert "host" in headers
    assert "Host" not in headers


def test_a_repeated_name_is_noticed(headers: Headers) -> None:
    assert headers.repeat()
    assert not Headers(PAIRS[:2]).repeat()
    assert not Headers(raw=[(b"a", b"1"), (b"b", b"2")]).repeat()


def test_values_are_latin_1() -> None:
    assert Headers(raw=[(b"x", b"\xe9")]).get("x") == "é"


def test_reprs_hold_no_values(headers: Headers) -> None:
    request = Request(method="POST", path="/v1/customers", headers=headers, body=b"card=4242", query="key=secret")
    for text in (repr(headers), repr(request)):
        assert "secret" not in text
        assert "4242" not in text
    assert repr(request) == "Request(POST /v1/customers)"


def test_a_response_knows_its_headers_and_that_null_is_a_value() -> None:
    response = Response(200, [("a", "1"), ("a", "2")])
    assert response.header("a") == "1"
    assert response.header("b") is None
    assert response.value is UNSET
    assert repr(UNSET) == "UNSET"
    assert Response(200, value=None).value is None
