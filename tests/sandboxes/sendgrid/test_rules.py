"""The rules are about operations that exist, and deny what cannot be taken back."""

from __future__ import annotations

import pytest

from sandboxes.sendgrid.finding import KINDS as FOUND
from sandboxes.sendgrid.kinds import KINDS, ORDER
from sandboxes.sendgrid.provider import PROVIDER
from sandboxes.sendgrid.rules import RULES

OPERATIONS = PROVIDER.contract().operations()


def test_every_rule_is_of_an_operation() -> None:
    assert RULES.keys() <= OPERATIONS.keys()


def test_every_id_is_in_the_path() -> None:
    body = {"POST_user-scheduled_sends"}
    wrong = [
        name
        for name, rule in RULES.items()
        if rule.id_param and f"{{{rule.id_param}}}" not in OPERATIONS[name].path and name not in body
    ]
    assert wrong == []


def test_every_create_tells_its_id_and_is_taken_back() -> None:
    kinds = set()
    for name, rule in RULES.items():
        if rule.effect == "create":
            assert rule.id_pointer, name
            assert rule.scope == "own", name
            kinds.add(rule.kind)
    assert kinds - {"batch"} <= FOUND.keys()  # a batch is an id and nothing more
    assert kinds | set(KINDS) <= set(ORDER)


def test_effects_fit_methods() -> None:
    for name, rule in RULES.items():
        method = OPERATIONS[name].method
        if method == "GET":
            assert rule.effect in ("read", "list"), name
        if method == "DELETE":
            assert rule.effect in ("delete", "update"), name
        if rule.effect in ("read", "list") and method != "GET":
            assert "search" in name or name == "POST_marketing-contacts-batch", name


def test_only_mail_is_sent() -> None:
    assert [name for name, rule in RULES.items() if rule.effect == "send"] == ["POST_mail-send"]


@pytest.mark.parametrize(
    "prefix",
    [
        "/v3/api_keys",
        "/v3/subusers",
        "/v3/teammates",
        "/v3/sso",
        "/v3/access_settings",
        "/v3/user/webhooks",
        "/v3/user/password",
        "/v3/ips",
        "/v3/whitelabel",
        "/v3/mail_settings",
        "/v3/marketing/singlesends",
        "/v3/campaigns",
        "/v3/marketing/test",
        "/v3/contactdb",
        "/v3/validations",
    ],
)
def test_refused_groups_are_refused_whole(prefix: str) -> None:
    group = [name for name, operation in OPERATIONS.items() if operation.path.startswith(prefix)]
    assert group
    assert not [name for name in group if name in RULES]


def test_senders_are_only_read() -> None:
    allowed = {RULES[name].effect for name in RULES if "senders" in OPERATIONS[name].path}
    assert allowed == {"read"}
