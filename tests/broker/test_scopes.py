"""Names of tests: which are possible, and where they stand."""

from __future__ import annotations

import pytest

from broker.scopes import divided, valid, without
from contracts.exchange import Headers


@pytest.mark.parametrize(
    "scope",
    ["a", "gw0/tests/test_shop.py::test_pays[eur-1]", "~", "x" * 200, "test_risk_live_streams_of_things", "SG.a.b"],
)
def test_a_scope_is_what_a_header_field_can_carry(scope: str) -> None:
    assert valid(scope)


@pytest.mark.parametrize(
    "scope",
    [
        "",
        " ",
        "a b",
        "a\n",
        "ä",
        "a\x7f",
        "x" * 201,
        "a\x00",
        "SG." + "a" * 22 + "." + "b" * 43,
        "t/sk_live_" + "1" * 20,
    ],
)
def test_anything_else_is_none(scope: str) -> None:
    assert not valid(scope)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pr-1", ("pr-1", "")),
        ("pr-1~", ("pr-1", "")),
        ("pr-1~one", ("pr-1", "one")),
        ("pr-1~one~two", ("pr-1", "one~two")),
        ("pr-1~a%2Fb%3A", ("pr-1", "a/b:")),
        ("pr-1~%ff", ("pr-1", "\N{REPLACEMENT CHARACTER}")),
    ],
)
def test_a_path_may_name_it(name: str, expected: tuple[str, str]) -> None:
    assert divided(name) == expected


def test_the_provider_is_not_told() -> None:
    kept = without(Headers([("accept", "*/*"), ("broker-scope", "a"), ("broker-scope", "b"), ("x", "y")]))
    assert kept.pairs == [("accept", "*/*"), ("x", "y")]
    assert kept.get("broker-scope") is None
