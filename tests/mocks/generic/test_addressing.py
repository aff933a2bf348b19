"""Ids in the form that a resource's own path takes, and under the names that its answers have for them."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import pytest

from contracts import generate
from contracts.generate import Either
from mocks.generic import ids
from mocks.generic.addressing import addressable, held, holder, under_every_name
from tests.mocks.generic import crm

TEXT = {"type": "string"}
FORMS = ids.forms("00001AQlxrPxmMAR00000000")


def first(schema: Any, answered: Any) -> Any:
    """The id of what is made, where the path has ``schema`` and the answer ``answered``."""
    answer = {"type": "object", "properties": {"id": answered}}
    content = {"content": {"application/json": {"schema": answer}}}
    parameter = {"name": "thing_id", "in": "path", "required": True, "schema": schema}
    paths = {
        "/things": {"post": {"responses": {"201": content}}},
        "/things/{thing_id}": {"parameters": [parameter], "get": {"responses": {"200": content}}},
    }
    contract, _ = crm.made(paths=paths)
    (shape,) = contract.resources().values()
    return generate.example(answered, contract.schemas, given=addressable(contract, shape, FORMS))


@pytest.mark.parametrize(
    ("schema", "answered", "kind"),
    [
        (TEXT, TEXT, str),
        (TEXT, {"type": "integer"}, int),
        ({"type": "integer"}, {}, int),
        ({"type": "integer", "maximum": 2**31}, {"type": "integer"}, int),
    ],
)
def test_an_id_is_what_the_path_takes(schema: Any, answered: Any, kind: type) -> None:
    assert type(first(schema, answered)) is kind


def test_a_number_may_be_answered_as_text() -> None:
    assert first({"type": "integer"}, TEXT).isdecimal()


def test_a_uuid_of_the_path_is_one_in_the_answer() -> None:
    assert len(first({"type": "string", "format": "uuid"}, TEXT)) == 36


def test_an_id_is_made_for_a_path_that_has_a_pattern() -> None:
    pattern = {"type": "string", "pattern": "^AC[0-9a-f]{32}$"}
    assert re.fullmatch("AC[0-9a-f]{32}", first(pattern, TEXT))
    assert re.fullmatch("AC[0-9a-f]{32}", first(pattern, pattern))
    address = {"type": "string", "format": "ipv6"}
    assert ipaddress.IPv6Address(first(address, TEXT))


def test_what_fits_already_stays() -> None:
    contract, _ = crm.made()
    shape = contract.resources()["contact"]
    assert addressable(contract, shape, FORMS) is FORMS


def test_an_id_stands_under_every_name() -> None:
    contract, _ = crm.made()
    shape = contract.resources()["contact.note"]
    known = under_every_name(shape, {"id": 7, "text": "x", "note_id": 8})
    assert known["id"] == Either((7, "7"), known=True)
    assert known["note_id"] == 8, "a member that is there stays"
    assert known["noteId"] == Either((7, "7"))
    assert under_every_name(shape, {"id": "7"})["id"] == Either(("7", 7), known=True)
    assert under_every_name(shape, {"text": "x"}) == {"text": "x"}
    assert under_every_name(shape, {"id": True}) == {"id": True}


def test_an_object_may_stand_in_a_member() -> None:
    assert holder({"id": 1, "contact": {"id": 2}}, "id") is None
    assert holder({"meta": {}, "contact": {"id": 2}}, "id") == "contact"
    assert held({"meta": {}, "contact": {"id": 2}}, "id") == {"id": 2}
    assert held([{"id": 2}], "id") == [{"id": 2}]
    assert held({"contact": 2}, "id") == {"contact": 2}
