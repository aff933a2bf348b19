"""Conditions as people write them in a shell."""

from __future__ import annotations

from typing import Any

import pytest

from broker.cli.wheres import condition, match
from broker.verification.language import Match


@pytest.mark.parametrize(
    ("text", "place", "wanted"),
    [
        ("status=200", "status", 200),
        ("status = 200", "status", 200),
        ("method=POST", "method", "POST"),
        ('id="7"', "id", "7"),
        ("paid=true", "paid", True),
        ("violations=[]", "violations", []),
        ("a.b=x=y", "a.b", "x=y"),
        ("a=", "a", ""),
        ("a!=1", "a", {"$ne": 1}),
        ("subject~=(?i)^hello [a-z]+$", "subject", {"$regex": "(?i)^hello [a-z]+$"}),
        ("text*=order 7", "text", {"$contains": "order 7"}),
        ("path^=/v1/", "path", {"$startsWith": "/v1/"}),
        ("path$=.pdf", "path", {"$endsWith": ".pdf"}),
        ("zip^=123", "zip", {"$startsWith": "123"}),
        ("status>=400", "status", {"$gte": 400}),
        ("status>400", "status", {"$gt": 400}),
        ("amount<10.5", "amount", {"$lt": 10.5}),
        ("amount<=10", "amount", {"$lte": 10}),
        ("request.body.items[*].id=x", "request.body.items[*].id", "x"),
        ("items[*]*=x", "items[*]", {"$contains": "x"}),
        ("request.headers.X-A", "request.headers.X-A", {"$exists": True}),
        ("!incident", "incident", {"$exists": False}),
        ("a['x.y']=1", "a['x.y']", 1),
    ],
)
def test_a_condition(text: str, place: str, wanted: Any) -> None:
    assert condition(text) == (place, wanted)
    Match({place: wanted})


@pytest.mark.parametrize("text", ["", "=1", "!", "a b!c", "<3"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no condition"):
        condition(text)


def test_several_of_one_place_hold_together() -> None:
    assert match(["a>1", "a<3", "b=1"], {"c": 2}) == {"c": 2, "a": {"$and": [{"$gt": 1}, {"$lt": 3}]}, "b": 1}
