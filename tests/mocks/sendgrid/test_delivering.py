"""What happens to a personalization: suppressions, outcomes, the record and the mail of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mocks.sendgrid import suppressing
from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import suppressed
from tests.mocks.sendgrid.sending import SEND, events, mails, records

Message = Callable[..., dict[str, Any]]


def to(*addresses: str) -> list[dict[str, Any]]:
    return [{"to": [{"email": address} for address in addresses]}]


async def test_a_mail_is_processed_and_delivered_and_its_record_says_so(sendgrid: Harness, message: Message) -> None:
    answer = await sendgrid.call("POST", SEND, json=message(categories=["a"], custom_args={"order": "7"}))
    assert await events(sendgrid) == [("processed", "ada@example.com"), ("delivered", "ada@example.com")]
    [sent] = await records(sendgrid, "message")
    assert sent["message_id"] == answer.header("x-message-id")
    assert sent["outcomes"] == {"ada@example.com": "delivered"}
    assert (sent["subject"], sent["categories"], sent["custom_args"]) == ("Your order", ["a"], {"order": "7"})
    [mail] = await mails(sendgrid)
    assert mail["id"] == f"{sent['message_id']}.0"
    assert mail["message_id"].startswith(f"<{sent['message_id']}@")
    assert mail["outcomes"] == {}


@pytest.mark.parametrize(
    ("address", "happened", "listed"),
    [
        ("bounce@example.com", ["processed", "bounce"], "bounces"),
        ("ada+blocked@example.com", ["processed", "bounce"], "blocks"),
        ("spam@example.com", ["processed", "delivered", "spamreport"], "spam_reports"),
        ("unsubscribe@example.com", ["processed", "delivered", "unsubscribe"], "unsubscribes"),
        ("open@example.com", ["processed", "delivered", "open"], None),
        ("defer@example.com", ["processed", "deferred"], None),
    ],
)
async def test_an_address_says_what_becomes_of_its_mail(
    sendgrid: Harness, message: Message, address: str, happened: list[str], listed: str | None
) -> None:
    await sendgrid.call("POST", SEND, json=message(personalizations=to(address)))
    assert await events(sendgrid) == [(event, address) for event in happened]
    [mail] = await mails(sendgrid)
    assert mail["outcomes"] == {address: happened[-1]}
    assert [one["list"] for one in await records(sendgrid, suppressing.KIND)] == ([listed] if listed else [])


async def test_a_bounced_address_gets_nothing_any_more(sendgrid: Harness, message: Message) -> None:
    for _ in range(2):
        await sendgrid.call("POST", SEND, json=message(personalizations=to("bounce@example.com")))
    assert [event for event, _ in await events(sendgrid)] == ["processed", "bounce", "dropped"]
    assert len(await mails(sendgrid)) == 1
    assert [sent["outcomes"] for sent in await records(sendgrid, "message")] == [
        {"bounce@example.com": "bounce"},
        {"bounce@example.com": "dropped"},
    ]


async def test_a_mail_of_several_is_sent_to_those_that_may_get_it(sendgrid: Harness, message: Message) -> None:
    await suppressed(sendgrid, "unsubscribes", "Ada@example.com")
    await sendgrid.call("POST", SEND, json=message(personalizations=to("ada@example.com", "bob@example.com")))
    assert await events(sendgrid) == [
        ("dropped", "ada@example.com"),
        ("processed", "bob@example.com"),
        ("delivered", "bob@example.com"),
    ]
    [mail] = await mails(sendgrid)
    assert mail["outcomes"] == {"ada@example.com": "dropped"}


async def test_an_invalid_address_is_dropped_and_listed(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("POST", SEND, json=message(personalizations=to("invalid@example.com")))
    assert await events(sendgrid) == [("dropped", "invalid@example.com")]
    assert await mails(sendgrid) == []
    assert [one["list"] for one in await records(sendgrid, suppressing.KIND)] == ["invalid_emails"]


@pytest.mark.parametrize(
    ("settings", "reached"),
    [
        ({}, False),
        ({"bypass_bounce_management": {"enable": True}}, True),
        ({"bypass_spam_management": {"enable": True}}, False),
        ({"bypass_list_management": {"enable": True}}, True),
        ({"bypass_list_management": {"enable": False}}, False),
    ],
)
async def test_a_message_can_look_past_a_list(
    sendgrid: Harness, message: Message, settings: dict[str, Any], reached: bool
) -> None:
    await suppressed(sendgrid, "bounces", "ada@example.com")
    await sendgrid.call("POST", SEND, json=message(mail_settings=settings))
    assert bool(await mails(sendgrid)) is reached


async def test_the_account_trusts_addresses_and_domains(sendgrid: Harness, message: Message) -> None:
    await suppressed(sendgrid, "bounces", "ada@example.com", "bob@example.org", "eve@example.net")
    setting = {"enabled": True, "list": ["example.com", "Bob@example.org"]}
    await sendgrid.call("PATCH", "/v3/mail_settings/address_whitelist", json=setting)
    everybody = to("ada@example.com", "bob@example.org", "eve@example.net")
    await sendgrid.call("POST", SEND, json=message(personalizations=everybody))
    assert [address for event, address in await events(sendgrid) if event == "dropped"] == ["eve@example.net"]


async def test_leaving_a_group_is_leaving_that_group(sendgrid: Harness, message: Message) -> None:
    group = value(await sendgrid.call("POST", "/v3/asm/groups", json={"name": "News", "description": "News"}))
    sent = message(personalizations=to("unsubscribe@example.com"), asm={"group_id": group["id"]})
    await sendgrid.call("POST", SEND, json=sent)
    assert ("group_unsubscribe", "unsubscribe@example.com") in await events(sendgrid)
    [entry] = await records(sendgrid, suppressing.KIND)
    assert entry["list"] == f"group:{group['id']}"
    await sendgrid.call("POST", SEND, json=sent)
    assert len(await mails(sendgrid)) == 1


async def test_a_click_is_on_the_first_link_of_the_mail(sendgrid: Harness, message: Message) -> None:
    html = [{"type": "text/html", "value": '<a href="https://example.com/?a=1&amp;b=2">x</a>'}]
    await sendgrid.call("POST", SEND, json=message(personalizations=to("click@example.com"), content=html))
    await sendgrid.call("POST", SEND, json=message(personalizations=to("click@example.com")))
    assert [event for event, _ in await events(sendgrid)] == [
        *("processed", "delivered", "open", "click"),
        *("processed", "delivered", "open"),
    ]
    store = await sendgrid.store()
    [click] = [one for one in await store.outbox.events(limit=50) if one.type == "click"]
    assert click.payload["url"] == "https://example.com/?a=1&b=2"


async def test_a_deferred_mail_arrives_ten_minutes_later(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("POST", SEND, json=message(personalizations=to("defer@example.com")))
    sendgrid.clock.advance(minutes=9)
    await sendgrid.wake()
    assert [event for event, _ in await events(sendgrid)] == ["processed", "deferred"]
    sendgrid.clock.advance(minutes=1)
    await sendgrid.wake()
    assert [event for event, _ in await events(sendgrid)] == ["processed", "deferred", "delivered"]
    [sent] = await records(sendgrid, "message")
    assert sent["outcomes"] == {"defer@example.com": "delivered"}
    assert await records(sendgrid, "agenda") == []


async def test_the_policy_switches_outcomes_off(sendgrid: Harness, message: Message) -> None:
    options = {"services": {"sendgrid": {"mode": "mock", "options": {"outcomes": "none"}}}}
    sendgrid.environment = replace(sendgrid.environment, policy=options)
    await sendgrid.call("POST", SEND, json=message(personalizations=to("bounce@example.com")))
    assert [event for event, _ in await events(sendgrid)] == ["processed", "delivered"]


async def test_the_bcc_setting_copies_every_mail(sendgrid: Harness, message: Message) -> None:
    setting = {"bcc": {"enable": True, "email": "copy@example.com"}}
    await sendgrid.call("POST", SEND, json=message(mail_settings=setting))
    [mail] = await mails(sendgrid)
    assert mail["bcc"] == [{"email": "copy@example.com"}]
    assert ("delivered", "copy@example.com") in await events(sendgrid)


async def dynamic(sendgrid: Harness, **version: Any) -> str:
    """The id of a dynamic template with an active version."""
    made = await sendgrid.call("POST", "/v3/templates", json={"name": "T", "generation": "dynamic"})
    template = str(value(made)["id"])
    whole = {"name": "V", "active": 1, "subject": "Hello {{name}}", "html_content": "<p>{{name}}</p>", **version}
    made = await sendgrid.call("POST", f"/v3/templates/{template}/versions", json=whole)
    assert made.status == 201, made.body
    return template


async def test_a_dynamic_template_is_rendered_for_each_personalization(sendgrid: Harness, message: Message) -> None:
    template = await dynamic(sendgrid)
    blocks = [
        {"to": [{"email": f"{name}@example.com"}], "dynamic_template_data": {"name": f"<{name}>"}} for name in "ab"
    ]
    sent = message(subject=None, content=None, template_id=template, personalizations=blocks)
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    first, second = await mails(sendgrid)
    assert (first["subject"], first["html"]) == ("Hello &lt;a&gt;", "<p>&lt;a&gt;</p>")
    assert second["html"] == "<p>&lt;b&gt;</p>"
    assert first["custom"]["template_id"] == template
    assert [sent["subject"] for sent in await records(sendgrid, "message")] == [
        "Hello &lt;a&gt;",
        "Hello &lt;b&gt;",
    ]


async def test_a_legacy_template_stands_around_the_content(sendgrid: Harness, message: Message) -> None:
    template = value(await sendgrid.call("POST", "/v3/templates", json={"name": "T"}))["id"]
    version = {
        "name": "V",
        "active": 1,
        "subject": "[<%subject%>]",
        "html_content": "<h1><%body%></h1>",
        "plain_content": "* <%body%> *",
    }
    await sendgrid.call("POST", f"/v3/templates/{template}/versions", json=version)
    parts = [{"type": "text/plain", "value": "-n-"}, {"type": "text/html", "value": "<p>-n-</p>"}]
    blocks = [{"to": [{"email": "a@example.com"}], "substitutions": {"-n-": "Ada"}}]
    await sendgrid.call("POST", SEND, json=message(template_id=template, content=parts, personalizations=blocks))
    [mail] = await mails(sendgrid)
    assert (mail["subject"], mail["html"]) == ("[Your order]", "<h1><p>Ada</p></h1>")


async def test_a_template_that_cannot_be_rendered_drops_its_mail(sendgrid: Harness, message: Message) -> None:
    template = await dynamic(
        sendgrid, html_content="{{#each items}}{{#each ../items}}{{#each ../../items}}x{{/each}}{{/each}}{{/each}}"
    )
    blocks = [{"to": [{"email": "a@example.com"}], "dynamic_template_data": {"items": list(range(200))}}]
    sent = message(template_id=template, personalizations=blocks)
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    assert await events(sendgrid) == [("dropped", "a@example.com")]
    assert await mails(sendgrid) == []


async def test_a_template_of_another_account_leaves_the_mail_as_it_is_or_drops_it(
    sendgrid: Harness, message: Message
) -> None:
    sent = message(template_id=f"d-{'0' * 32}")
    await sendgrid.call("POST", SEND, json=sent)
    [mail] = await mails(sendgrid)
    assert mail["text"] == "Thank you."
    options = {"services": {"sendgrid": {"mode": "mock", "options": {"templates": "strict"}}}}
    sendgrid.environment = replace(sendgrid.environment, policy=options)
    assert (await sendgrid.call("POST", SEND, json=sent)).status == 202
    assert len(await mails(sendgrid)) == 1
    assert (await events(sendgrid))[-1] == ("dropped", "ada@example.com")
