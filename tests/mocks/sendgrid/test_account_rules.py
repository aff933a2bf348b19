"""What a message may not name, because the account does not have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mocks.sendgrid.account_rules import UNVERIFIED
from tests.harness import Harness, value
from tests.mocks.sendgrid.sending import SEND, mails

Message = Callable[..., dict[str, Any]]


def with_options(sendgrid: Harness, **options: str) -> None:
    policy = {"services": {"sendgrid": {"mode": "mock", "options": options}}}
    sendgrid.environment = replace(sendgrid.environment, policy=policy)


async def test_groups_are_the_accounts(sendgrid: Harness, message: Message) -> None:
    group = value(await sendgrid.call("POST", "/v3/asm/groups", json={"name": "News", "description": "N"}))["id"]
    refused = await sendgrid.call("POST", SEND, json=message(asm={"group_id": 7, "groups_to_display": [group, 8, 9]}))
    assert refused.status == 400
    assert [(fault["field"], fault["message"]) for fault in value(refused)["errors"]] == [
        ("asm.group_id", "The ASM group ID must be a valid Group ID on your account. You provided 7."),
        (
            "asm.groups_to_display",
            "All ASM groups to display must be valid ASM groups IDs on your account. You provided 8, 9.",
        ),
    ]
    assert await mails(sendgrid) == []
    asm = {"group_id": group, "groups_to_display": [group]}
    assert (await sendgrid.call("POST", SEND, json=message(asm=asm))).status == 202


async def test_pools_are_the_accounts(sendgrid: Harness, message: Message) -> None:
    refused = await sendgrid.call("POST", SEND, json=message(ip_pool_name="news"))
    assert [(fault["field"], fault["message"]) for fault in value(refused)["errors"]] == [
        ("ip_pool_name", "The IP Pool name must be a valid pool name for your account. You provided news.")
    ]
    await sendgrid.call("POST", "/v3/ips/pools", json={"name": "news"})
    assert (await sendgrid.call("POST", SEND, json=message(ip_pool_name="news"))).status == 202


async def test_the_policy_lets_any_group_and_pool_pass(sendgrid: Harness, message: Message) -> None:
    with_options(sendgrid, groups="any", pools="any")
    sent = message(asm={"group_id": 7}, ip_pool_name="news")
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202


async def test_the_policy_asks_for_verified_senders(sendgrid: Harness, message: Message) -> None:
    assert (await sendgrid.call("POST", SEND, json=message())).status == 202
    with_options(sendgrid, senders="verified")
    refused = await sendgrid.call("POST", SEND, json=message())
    assert (refused.status, value(refused)["errors"]) == (
        403,
        [{"message": UNVERIFIED, "field": "from", "help": None}],
    )
    assert len(await mails(sendgrid)) == 1
