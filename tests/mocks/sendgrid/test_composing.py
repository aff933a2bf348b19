"""What a mail says once everything is in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mocks.sendgrid import composing
from mocks.sendgrid.bounds import Bounds
from mocks.sendgrid.composing import Content
from mocks.sendgrid.rendering import Work
from mocks.sendgrid.templates import Version
from mocks.sendgrid.tracking import Tracked
from tests.harness import Harness
from tests.mocks.sendgrid.sending import SEND, mails, records

Message = Callable[..., dict[str, Any]]
BOTH = [{"type": "text/plain", "value": "A"}, {"type": "text/html", "value": "<body><p>A</p></body>"}]


def tracked() -> Tracked:
    return Tracked("http://localhost", "", "m.0")


def composed(body: dict[str, Any], **account: Any) -> Content:
    """Both forms of a message after the account's settings and the message's own."""
    content = composing.written({"content": BOTH, **body}, {})
    composing.furnish(content, body, account, Bounds())
    composing.track(content, body, account, tracked(), Bounds())
    return content


def test_a_personalizations_subject_wins() -> None:
    assert composing.written({"subject": "A", "content": BOTH}, {"subject": "B"}) == Content("B", "A", BOTH[1]["value"])


def test_a_legacy_template_takes_the_content() -> None:
    version = Version("t", "v", "V", "[<%subject%>]", "<h1><% body %></h1>", "", dynamic=False)
    assert composing.merged(Content("S", "t", "h"), version, Bounds()) == Content("[S]", "t", "<h1>h</h1>")
    assert composing.merged(Content("S", None, "h"), replace(version, subject="", html=""), Bounds()) == Content(
        "S", None, "h"
    )


def test_a_dynamic_template_takes_the_personalizations_data() -> None:
    version = Version("d-t", "v", "V", "For {{name}}", "<b>{{{name}}}</b>{{{unsubscribe}}}", "", dynamic=True)
    block = {"dynamic_template_data": {"name": "A&B"}}
    made = composing.filled(Content("S", "t", "h"), version, block, {"unsubscribe": "http://x"}, Work(), Bounds())
    assert made == Content("For A&amp;B", None, "<b>A&B</b>http://x")
    assert (
        composing.filled(Content("S", "t", "h"), replace(version, subject=""), {}, {}, Work(), Bounds()).subject == "S"
    )


def test_tags_are_replaced_the_longest_first_and_with_their_sections() -> None:
    body = {"sections": {":s": "the section"}}
    values = composing.tags(body, {"substitutions": {"-a-": "1", "-a-b-": "2", "-s-": ":s", "": "x"}}, Bounds())
    content = Content("-a-", "-a-b- -s-", None)
    composing.substitute(content, values, Bounds())
    assert content == Content("1", "2 the section", None)


def test_the_accounts_template_stands_around_the_html_and_its_footer_below() -> None:
    content = composed(
        {},
        template={"enabled": True, "html_content": "<html><body><% body %>!</body></html>"},
        footer={"enabled": True, "html_content": "<hr>", "plain_content": "\n--"},
    )
    assert content.text == "A\n--"
    assert content.html == "<html><body><body><p>A</p></body>!<hr></body></html>"


def test_a_message_says_whether_it_has_a_footer() -> None:
    footer = {"enabled": True, "html_content": "<hr>", "plain_content": "--"}
    assert composed({"mail_settings": {"footer": {"enable": False}}}, footer=footer).text == "A"
    own = composed({"mail_settings": {"footer": {"enable": True, "text": "own"}}}, footer=footer)
    assert (own.text, own.html) == ("Aown", BOTH[1]["value"])


def test_a_message_says_what_is_tracked_and_the_account_says_it_otherwise() -> None:
    link = [{"type": "text/plain", "value": "http://a.com"}, {"type": "text/html", "value": '<a href="http://a.com">'}]
    on = {"click": {"enabled": True, "enable_text": True}, "open": {"enabled": True}}
    content = composed({"content": link}, **on)
    assert "/ls/click?upn=" in str(content.html)
    assert "/wf/open?upn=" in str(content.html)
    assert "/ls/click?upn=" in str(content.text)
    off = {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}}
    assert composed({"content": link, "tracking_settings": off}, **on).html == link[1]["value"]
    own = composed({"content": link, "tracking_settings": {"click_tracking": {"enable": True}}})
    assert "/ls/click?upn=" in str(own.html)
    assert own.text == "http://a.com"


def test_analytics_are_inside_of_the_tracked_link() -> None:
    told = {"ganalytics": {"enable": True, "utm_source": "s"}, "click_tracking": {"enable": True}}
    content = Content("", None, '<a href="http://a.com">')
    mail = tracked()
    composing.track(content, {"tracking_settings": told}, {}, mail, Bounds())
    assert mail.links == ["http://a.com?utm_source=s"]


def test_subscription_tracking_adds_a_way_out() -> None:
    content = composed({"tracking_settings": {"subscription_tracking": {"enable": True}}})
    assert re.search(
        r'these emails <a href="http://localhost/wf/unsubscribe\?upn=[\w-]+">click here</a>', str(content.html)
    )
    assert "http://localhost/wf/unsubscribe?upn=" in str(content.text)
    told = {"subscription_tracking": {"enable": True, "text": "<% %>", "html": "<% go %>", "substitution_tag": "[out]"}}
    tagged = [{"type": "text/plain", "value": "[out]"}, {"type": "text/html", "value": '<a href="[out]">x</a>'}]
    content = composed({"content": tagged, "tracking_settings": told})
    assert re.fullmatch(r"http://localhost/wf/unsubscribe\?upn=[\w-]+", str(content.text))
    assert re.fullmatch(r'<a href="http://localhost/wf/unsubscribe\?upn=[\w-]+">x</a>', str(content.html))


def test_a_message_of_a_group_names_its_links_or_gets_them() -> None:
    asm = {"group_id": 1}
    given = composed({"asm": asm})
    assert "Unsubscribe From This List" in str(given.html)
    assert "http://localhost/asm/unsubscribe?upn=" in str(given.text)
    own = [{"type": "text/html", "value": "<%asm_group_unsubscribe_raw_url%> <%asm_preferences_raw_url%>"}]
    content = composed({"content": own, "asm": asm})
    assert re.fullmatch(
        r"http://localhost/asm/unsubscribe\?upn=[\w-]+ http://localhost/asm\?upn=[\w-]+", str(content.html)
    )


async def test_a_tracked_mail_has_one_click_headers_and_its_links_are_recorded(
    sendgrid: Harness, message: Message
) -> None:
    await sendgrid.call("PATCH", "/v3/tracking_settings/subscription", json={"enabled": True})
    await sendgrid.call("PATCH", "/v3/tracking_settings/click", json={"enabled": True})
    html = [{"type": "text/html", "value": '<a href="http://a.com">'}]
    await sendgrid.call("POST", SEND, json=message(content=html))
    [mail] = await mails(sendgrid)
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/wf/unsubscribe?upn=" in mail["headers"]["List-Unsubscribe"]
    [sent] = await records(sendgrid, "message")
    assert sent["links"] == ["http://a.com"]
