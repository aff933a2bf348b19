"""What is answered about triggers and events is what the document promises."""

from __future__ import annotations

from datetime import UTC, datetime

import jsonschema_rs

from broker.control import event_shapes as forms
from broker.control.openapi import COMPONENTS
from broker.listening import Heard, Page
from broker.storage.base import Event
from broker.triggers import Fired, Made
from contracts import triggers
from contracts.exchange import Headers, Request

AT = datetime(2026, 11, 27, tzinfo=UTC)
EVENT = Event(id="evt_1", service="tiny", type="thing.made", payload={"id": "evt_1", "_heard": {}}, created_at=AT)
TRIGGER = triggers.parse("tiny", {"thing.made": "{about: A thing, steps: [{name: thing, call: POST /v1/things}]}"})


def promised(name: str) -> jsonschema_rs.Draft202012Validator:
    found = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": dict(COMPONENTS)}}
    return jsonschema_rs.Draft202012Validator(found)


def test_values_keep_their_promise() -> None:
    found = TRIGGER["thing.made"]
    promised("TriggerList").validate({"items": [forms.trigger(found)]})
    fired = Fired(found, [Made("thing", "POST", "/v1/things", 200, None)], [EVENT])
    promised("Triggered").validate(forms.fired(fired))
    assert forms.fired(Fired(found, [], []))["event"] is None
    signed = Request(method="POST", path="/", headers=Headers([("x-sign", "1")]), body=b"{}")
    value = forms.listened(Page([Heard(EVENT, None, signed), Heard(EVENT, "acct_1", None)], "evt_1"), {"tiny": "s"})
    promised("Listened").validate(value)
    first, second = value["items"]
    assert first["delivery"] == {"headers": [["x-sign", "1"]], "body": "{}"}
    assert (first["payload"], second["delivery"]) == ({"id": "evt_1"}, None)
