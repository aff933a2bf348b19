"""The marker goes into names, and comes out of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.exchange import UNSET, Response
from sandboxes.base import Account, Refused
from sandboxes.sendgrid.marking import GROUPS, NAMED, inbound, outbound
from sandboxes.sendgrid.provider import PROVIDER
from tests.sandboxes.sendgrid.calls import ACCOUNT, KEY, MARKER, NOW, OTHER, OWN, call, reply

LABEL = "pb-k3x9qa-8f3kd02ma1-"
DESIGN = "4c1b9a0e-6d6b-4f0a-9a53-0a7c3d1f2e11"


def body(method: str, path: str, value: Any, account: Account = ACCOUNT) -> Any:
    return json.loads(outbound(call(method, path, value), account, MARKER, NOW).body)


@pytest.mark.parametrize(
    ("method", "path", "value"),
    [
        ("POST", "/v3/templates", {"name": "Welcome", "generation": "dynamic"}),
        ("PATCH", "/v3/templates/t1", {"name": "Welcome"}),
        ("POST", "/v3/marketing/lists", {"name": "Welcome"}),
        ("PATCH", "/v3/marketing/lists/l1", {"name": "Welcome"}),
        ("POST", "/v3/marketing/segments/2.0", {"name": "Welcome", "query_dsl": "select"}),
        ("PATCH", "/v3/marketing/segments/2.0/s1", {"name": "Welcome"}),
        ("POST", "/v3/marketing/segments", {"name": "Welcome", "query_dsl": "select"}),
        ("POST", "/v3/designs", {"name": "Welcome", "html_content": "<p>"}),
        ("PATCH", f"/v3/designs/{DESIGN}", {"name": "Welcome"}),
    ],
)
def test_a_name_begins_with_the_label(method: str, path: str, value: dict[str, Any]) -> None:
    assert body(method, path, value) == {**value, "name": LABEL + "Welcome"}


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("/v3/designs", {"html_content": "<p>"}, "My Design"),
        (f"/v3/designs/{DESIGN}", {}, "Duplicate"),
        (f"/v3/designs/{DESIGN}", None, "Duplicate"),
        (f"/v3/designs/pre-builts/{DESIGN}", {"editor": "code"}, "Duplicate"),
        ("/v3/templates/t1", {}, "Duplicate"),
        ("/v3/templates/t1", {"name": "Copy"}, "Copy"),
    ],
)
def test_what_is_made_without_a_name_gets_one(path: str, value: dict[str, Any] | None, name: str) -> None:
    assert body("POST", path, value) == {**(value or {}), "name": LABEL + name}


def test_a_body_that_the_driver_writes_has_a_type() -> None:
    request = outbound(call("POST", "/v3/templates/t1"), ACCOUNT, MARKER, NOW)
    assert request.headers.all("content-type") == ["application/json"]


def test_a_change_without_a_name_stays_one() -> None:
    assert body("PATCH", "/v3/templates/t1", {}) == {}
    assert body("PATCH", f"/v3/designs/{DESIGN}", {"subject": "s"}) == {"subject": "s"}


def test_every_create_of_a_kind_that_is_found_is_marked() -> None:
    creates = {name for name, rule in PROVIDER.rules.items() if rule.effect == "create" and rule.kind != "batch"}
    assert creates <= NAMED.keys() | GROUPS


def test_groups_differ_by_their_names_and_are_found_by_their_descriptions() -> None:
    made = body("POST", "/v3/asm/groups", {"name": "Newsletters", "description": "Weekly"})
    assert made == {"name": "8f3kd02ma1 Newsletters", "description": LABEL + "Weekly"}
    assert body("POST", "/v3/asm/groups", {"name": "N"})["description"] == LABEL
    assert body("PATCH", "/v3/asm/groups/7", {"name": "N"}) == {"name": "8f3kd02ma1 N"}
    assert body("PATCH", "/v3/asm/groups/7", {"description": "D"}) == {"description": LABEL + "D"}


def test_a_shared_account_keeps_its_default_group() -> None:
    value = {"name": "N", "is_default": True}
    assert body("POST", "/v3/asm/groups", value)["is_default"] is False
    assert body("POST", "/v3/asm/groups", value, OWN)["is_default"] is True


def test_what_is_not_named_goes_out_byte_for_byte() -> None:
    version = call("POST", f"/v3/templates/{DESIGN}/versions", {"name": "v1", "subject": "s"})
    version.request.body = b'{ "name":"v1",  "subject":"s" }'
    request = outbound(version, ACCOUNT, MARKER, NOW)
    assert request.body == version.request.body
    assert request.path == version.request.path
    assert request.headers.get("authorization") == f"Bearer {KEY}"
    assert "host" not in request.headers


def test_deleting_a_list_leaves_its_contacts_on_a_shared_account() -> None:
    deleted = call("DELETE", "/v3/marketing/lists/l1", query=[("delete_contacts", "true")])
    assert outbound(deleted, ACCOUNT, MARKER, NOW).query == ""
    assert outbound(deleted, OWN, MARKER, NOW).query == "delete_contacts=true"


def test_a_subuser_is_acted_for() -> None:
    assert outbound(call("GET", "/v3/scopes"), OWN, MARKER, NOW).headers.get("on-behalf-of") == OWN.subaccount


def test_what_only_a_subuser_may_do_is_refused() -> None:
    with pytest.raises(Refused):
        outbound(call("DELETE", "/v3/asm/suppressions/global/a@example.com"), ACCOUNT, MARKER, NOW)


def test_answers_are_as_if_there_were_no_marker() -> None:
    made = call("POST", "/v3/templates", {"name": "Welcome"})
    answer = reply(201, {"id": "t1", "name": LABEL + "Welcome", "n": 1.50}, [("x-ratelimit-limit", "500")])
    answer.body = b'{ "id":"t1", "name":"' + LABEL.encode() + b'Welcome", "n":1.50 }'
    answer.value = json.loads(answer.body)
    seen = inbound(made, answer, MARKER)
    assert seen.value is UNSET  # it was read from the bytes with the marker
    assert seen.body == b'{ "id":"t1", "name":"Welcome", "n":1.50 }'
    assert seen.header("content-length") == str(len(seen.body))
    assert seen.header("x-ratelimit-limit") == "500"


def test_groups_answer_with_their_own_names() -> None:
    listed = call("GET", "/v3/asm/groups")
    group = {"name": "8f3kd02ma1 Newsletters", "description": LABEL + "Weekly 8f3kd02ma1 "}
    assert json.loads(inbound(listed, reply(200, [group]), MARKER).body) == [
        {"name": "Newsletters", "description": "Weekly 8f3kd02ma1 "}
    ]


def test_an_answer_without_the_marker_is_left_alone() -> None:
    answer = reply(200, {"name": OTHER.label + "X"})
    assert inbound(call("GET", "/v3/templates/t1"), answer, MARKER) is answer


@pytest.mark.parametrize("size", [1, 2, 7, 20, 21, 22, 64, 4096])
async def test_a_long_answer_is_cut_as_it_comes(size: int) -> None:
    named = {"name": LABEL + "Welcome", "also": "8f3kd02ma1 Group", "text": "pb-k3x9qa-8f3kd02m and " + "x" * 100}
    whole = json.dumps([named] * 20).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(whole), size):
            yield whole[begin : begin + size]

    answer = Response(200, [("content-length", str(len(whole))), ("etag", "x"), ("server", "nginx")], stream=pieces())
    seen = inbound(call("GET", "/v3/templates/t1"), answer, MARKER)
    assert seen.headers == [("server", "nginx")]
    assert seen.stream is not None
    text = b"".join([piece async for piece in seen.stream])
    assert json.loads(text) == [{**named, "name": "Welcome", "also": "Group"}] * 20


@pytest.mark.parametrize("name", ["x" * 79, 'Größe "1"', "日本語", ""])
def test_names_come_back_as_they_went(name: str) -> None:
    sent = body("POST", "/v3/templates", {"name": name})
    assert len(sent["name"]) <= 100
    assert json.loads(inbound(call("GET", "/v3/templates/t1"), reply(200, sent), MARKER).body)["name"] == name
