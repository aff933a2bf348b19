"""The query language alone: https://docs.stripe.com/search#search-query-language."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.stripe.search_language import Fields, parse

FIELDS: Fields = {"name": "string", "status": "token", "amount": "numeric", "card.*.last4": "token"}
THING = {
    "name": 'The "Sky"',
    "status": "open",
    "amount": 100,
    "paid": True,
    "card": {"visa": {"last4": "4242"}},
    "metadata": {"a b": "x", "é": "y"},
}


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (r'name:"the \"sky\""', True),
        ("""name~'sky'""", True),
        ("amount>99", True),
        ("amount>100", False),
        ("amount<=100", True),
        ('amount:"100"', True),
        ('card.visa.last4:"4242"', True),
        ('card.visa.last4:"42"', False),
        ('metadata["a b"]:"X"', True),
        ('metadata["é"]:"y"', True),
        ('metadata["none"]:null', True),
        ('-metadata["a b"]:null', True),
        ('-status:"open"', False),
        ('status:"shut" or amount=100', True),
        ('status:"open" amount:100', True),
        ('status:"open" AND amount:1', False),
    ],
)
def test_what_a_query_finds(query: str, answer: bool) -> None:
    assert parse(query, FIELDS, "things").matches(THING) is answer


@pytest.mark.parametrize(
    "query",
    ["", '"', 'name:"open', 'metadata:"a"', 'status~"ope"', 'name~"ab"', "amount:ten", 'amount:"ten"',
     'name:"a" AND', 'status:"a"status:"b"', " OR ".join(['status:"a"'] * 11), 'name["a"]:"b"'],
)  # fmt: skip
def test_what_is_refused(query: str) -> None:
    with pytest.raises(ServiceError) as refused:
        parse(query, FIELDS, "things")
    assert refused.value.status == 400
