"""The caller chooses the answer: which preferences are read, and what is said of those that cannot be kept."""

from __future__ import annotations

import pytest

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.generic import prefer
from mocks.generic.prefer import Preference
from tests.mocks.generic import crm


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("code=404", Preference(404)),
        ('code=200, example="two words"', Preference(200, "two words")),
        ("example=bob; code=200", Preference(200, "bob")),
        ("Example=bob", Preference(None, "bob")),
        ("respond-async", None),
        ("wait=10", None),
    ],
)
def test_preferences(text: str, found: Preference | None) -> None:
    assert prefer.preferred(Request(method="GET", path="/", headers=Headers([("prefer", text)]))) == found


def test_a_request_without_any() -> None:
    assert prefer.preferred(Request(method="GET", path="/")) is None


@pytest.mark.parametrize("code", ["99", "600", "4o4", "2000"])
def test_a_code_that_is_none(code: str) -> None:
    with pytest.raises(ServiceError, match="invalid_preference"):
        prefer.preferred(Request(method="GET", path="/", headers=Headers([("prefer", f"code={code}")])))


def test_what_the_document_describes_is_answered() -> None:
    contract, _ = crm.made()
    get = contract.operations()["getContact"]
    assert prefer.answer(contract, get, Preference(example="bob")).value["name"] == "Bob"
    first = prefer.answer(contract, get, Preference(200))
    assert (first.status, first.value["name"]) == (200, "Ada")
    assert set(prefer.answer(contract, get, Preference(404)).value) == {"status", "error"}
    gone = prefer.answer(contract, contract.operations()["dropContact"], Preference(204))
    assert (gone.status, gone.value) == (204, None)
    csv = prefer.answer(contract, contract.operations()["export"], Preference(200))
    assert csv.value == b"id,name\n"


def test_what_it_does_not_describe_is_told() -> None:
    contract, _ = crm.made()
    get = contract.operations()["getContact"]
    with pytest.raises(ServiceError, match=r"describes no answer 418 .* it has 200, 404"):
        prefer.answer(contract, get, Preference(418))
    with pytest.raises(ServiceError, match="no example of that name: ada, bob"):
        prefer.answer(contract, get, Preference(example="eve"))
