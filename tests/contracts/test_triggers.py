"""Files of triggers are read, their faults are told, and their calls become requests, with other parameters too."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from contracts import triggers
from contracts.triggers import Trigger, TriggerCall, TriggerFault, UnknownPlace, UnknownTrigger, Unset

MADE = """
about: A thing.
steps:
  - name: thing
    call: POST /v1/things
    form: {size: 3, parts: [{kind: a}], until: "${now+60}"}
"""
CHANGED = """
about: A thing that changes.
after: thing.made
steps:
  - name: changed
    call: POST /v1/things/${thing:id}
    headers: {X-Of: "${thing:owner.id}"}
    form: {first: "${thing:parts.0.id}", later: "${thing:at-5}"}
    status: 402
"""
ANSWER = {"id": "thi_1", "owner": {"id": "own_1"}, "parts": [{"id": "par_1"}], "at": 100}


@pytest.fixture
def known() -> Mapping[str, Trigger]:
    return triggers.parse("tiny", {"thing.made": MADE, "thing.changed": CHANGED})


def test_what_comes_before_a_trigger_is_a_part_of_it(known: Mapping[str, Trigger]) -> None:
    found = triggers.find(known, "thing.changed")
    assert [(call.name, call.status) for call in found.calls] == [("thing", None), ("changed", 402)]
    assert found.main.name == "changed"


def test_calls_become_requests_with_what_earlier_ones_answered(known: Mapping[str, Trigger]) -> None:
    first, second = known["thing.changed"].calls
    made = triggers.request(first, {}, now=1000)
    assert made.body == b"size=3&parts%5B0%5D%5Bkind%5D=a&until=1060"
    changed = triggers.request(second, {"thing": ANSWER}, now=1000)
    assert (changed.method, changed.path, changed.headers.get("x-of")) == ("POST", "/v1/things/thi_1", "own_1")
    assert changed.body == b"first=par_1&later=95"
    for missing in ({}, {"thing": {**ANSWER, "parts": []}}, {"thing": {**ANSWER, "at": "soon"}}):
        with pytest.raises(Unset):
            triggers.request(second, missing, now=1000)


def test_parameters_are_changed_by_their_place(known: Mapping[str, Trigger]) -> None:
    put = {"thing:size": "4", "thing:parts[0].kind": "b", "thing:parts.1.kind": "c", "note.text": "new"}
    found = triggers.changed(known["thing.changed"], put, ["thing:until", "first", "nothing.there"])
    first, second = found.calls
    assert first.form == {"size": "4", "parts": [{"kind": "b"}, {"kind": "c"}]}
    assert second.form == {"later": "${thing:at-5}", "note": {"text": "new"}, "nothing": {}}
    assert known["thing.changed"].calls[0].form != first.form
    assert triggers.changed(known["thing.changed"], {}, ["thing:parts.0"]).calls[0].form == {
        "size": 3,
        "parts": [],
        "until": "${now+60}",
    }


@pytest.mark.parametrize("place", ["other:size", "thing:", "thing:parts.x.kind", "thing:parts.3"])
def test_a_change_of_nothing_is_refused(known: Mapping[str, Trigger], place: str) -> None:
    with pytest.raises(UnknownPlace, match=place.split(":")[0]):
        triggers.changed(known["thing.made"], {place: "1"})


def test_an_unknown_type_is_told_with_what_is_near(known: Mapping[str, Trigger]) -> None:
    for asked, near in (("thing.maid", {"thing.made"}), ("thing", {"thing.made", "thing.changed"}), ("zzz", set())):
        with pytest.raises(UnknownTrigger) as told:
            triggers.find(known, asked)
        assert near <= set(told.value.near)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("about: [", "not YAML"),
        ("about: x", "steps"),
        (MADE.replace("POST", "SEND"), "steps.0.call"),
        (MADE.replace("form:", "shape:"), "shape"),
        (MADE + "    json: {}\n", "steps.0"),
        (MADE.replace("${now+60}", "${thing:id}"), "no call before it is named thing"),
        (MADE.replace("about:", "after: thing.made\nabout:"), "is itself"),
        (MADE.replace("about:", "after: other\nabout:"), "no trigger"),
        (MADE + "  - name: thing\n    call: GET /v1/things\n", "two calls are named thing"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, fault: str) -> None:
    with pytest.raises(TriggerFault, match=fault):
        triggers.parse("tiny", {"thing.made": text})


def test_the_library_can_be_read() -> None:
    assert triggers.load("no such service") == {}
    found = triggers.load("stripe")
    assert list(found) == sorted(found)
    assert set(found) <= set(triggers.types())
    assert found["refund.created"].main.name == "refund"


def test_a_value_of_json_keeps_its_type_and_new_text_is_new() -> None:
    body = {"group": "${thing:number}", "text": "no. ${thing:number}", "name": "${new}", "at": ["${now+5}"]}
    call = TriggerCall(name="one", method="POST", path="/v3/things", json=body)
    made = triggers.request(call, {"thing": {"number": 7}}, now=1000, new="abc")
    assert json.loads(made.body) == {"group": 7, "text": "no. 7", "name": "abc", "at": [1005]}
