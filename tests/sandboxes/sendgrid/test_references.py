"""Which ids a call mentions, and which ones it makes."""

from __future__ import annotations

from typing import Any

import pytest

from sandboxes.base import Reference, Resource
from sandboxes.sendgrid.references import made, references
from tests.sandboxes.sendgrid.calls import call, reply

ID = "4c1b9a0e-6d6b-4f0a-9a53-0a7c3d1f2e11"
OTHER_ID = "5c1b9a0e-6d6b-4f0a-9a53-0a7c3d1f2e11"
MAIL = {"personalizations": [{"to": [{"email": "a@example.com"}]}], "from": {"email": "b@example.com"}}


def subject(id: str, param: str, kind: str, in_path: bool = True) -> Reference:
    return Reference(id, param, kind, in_path=in_path, subject=True)


@pytest.mark.parametrize(
    ("method", "path", "value", "query", "found"),
    [
        ("GET", "/v3/templates/t1", None, [], [subject("t1", "template_id", "template")]),
        ("POST", "/v3/templates/t1", {}, [], [Reference("t1", "template_id", "template", in_path=True)]),
        (
            "GET",
            f"/v3/templates/{ID}/versions/{OTHER_ID}",
            None,
            [],
            [subject(ID, "template_id", "template")],
        ),
        ("DELETE", "/v3/marketing/lists/l1", None, [], [subject("l1", "id", "list")]),
        ("POST", f"/v3/designs/{ID}", {}, [], [Reference(ID, "id", "design", in_path=True)]),
        ("POST", f"/v3/designs/pre-builts/{ID}", {}, [], []),
        ("GET", "/v3/asm/groups/12", None, [], [subject("12", "group_id", "group")]),
        (
            "DELETE",
            "/v3/asm/groups/12/suppressions/a@example.com",
            None,
            [],
            [subject("12", "group_id", "group")],
        ),
        (
            "POST",
            "/v3/user/scheduled_sends",
            {"batch_id": "b1", "status": "cancel"},
            [],
            [subject("b1", "batch_id", "batch", in_path=False)],
        ),
        (
            "POST",
            "/v3/marketing/segments/2.0",
            {"name": "s", "query_dsl": "q", "parent_list_ids": ["l1", "l2"]},
            [],
            [Reference("l1", "parent_list_ids", "list"), Reference("l2", "parent_list_ids", "list")],
        ),
        (
            "GET",
            "/v3/marketing/segments/2.0",
            None,
            [("parent_list_ids", "l1, l2,")],
            [Reference("l1", "parent_list_ids", "list"), Reference("l2", "parent_list_ids", "list")],
        ),
        ("GET", "/v3/asm/groups", None, [("id", "7")], [Reference("7", "id", "group")]),
        (
            "POST",
            "/v3/mail/send",
            {**MAIL, "template_id": ID, "batch_id": "b1", "asm": {"group_id": 7, "groups_to_display": [7, 8]}},
            [],
            [
                Reference(ID, "template_id", "template"),
                Reference("b1", "batch_id", "batch"),
                Reference("7", "asm.group_id", "group"),
                Reference("7", "asm.groups_to_display", "group"),
                Reference("8", "asm.groups_to_display", "group"),
            ],
        ),
        ("POST", "/v3/mail/send", {**MAIL, "subject": ID, "custom_args": {"template_id": ID}}, [], []),
        ("GET", "/v3/scopes", None, [], []),
    ],
)
def test_mentions(method: str, path: str, value: Any, query: list[tuple[str, str]], found: list[Reference]) -> None:
    assert list(references(call(method, path, value, query))) == found


def test_a_repeated_parameter_counts_every_time() -> None:
    groups = call("GET", "/v3/asm/groups", query=[("id", "7")])
    groups.request.query = "id=7&id=8"
    assert [each.id for each in references(groups)] == ["7", "8"]


def test_nothing_that_is_made_is_named_by_its_maker() -> None:
    """A create whose subject is in the ledger already would be taken for that one."""
    for name in ("POST /v3/templates/t1", f"POST /v3/designs/{ID}"):
        assert not any(each.subject for each in references(call(*name.split(), {})))


@pytest.mark.parametrize(
    ("method", "path", "value", "status", "answer", "resources"),
    [
        ("POST", "/v3/templates", {"name": "n"}, 201, {"id": "t1"}, [Resource("template", "t1")]),
        ("POST", "/v3/asm/groups", {"name": "n"}, 201, {"id": 103}, [Resource("group", "103")]),
        ("POST", "/v3/asm/groups", {"name": "n"}, 201, {"id": 103.0}, [Resource("group", "103")]),
        ("POST", "/v3/mail/batch", None, 201, {"batch_id": "b1"}, [Resource("batch", "b1")]),
        ("POST", "/v3/templates", {"name": "n"}, 400, {"id": "t1"}, []),
        ("POST", "/v3/templates", {"name": "n"}, 201, ["odd"], []),
        ("PATCH", "/v3/templates/t1", {"name": "n"}, 200, {"id": "t1"}, []),
        (
            "POST",
            "/v3/mail/send",
            {**MAIL, "send_at": 1_800_000_000, "batch_id": "b1"},
            202,
            None,
            [Resource("scheduled_send", "scheduled:b1", derived=True)],
        ),
    ],
)
def test_what_an_answer_brings(
    method: str, path: str, value: Any, status: int, answer: Any, resources: list[Resource]
) -> None:
    assert list(made(call(method, path, value), reply(status, answer))) == resources
