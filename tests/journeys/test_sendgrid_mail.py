"""All that sendgrid-python's mail helper can say, unmodified: settings, templates, schedules, and what follows."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from python_http_client.exceptions import BadRequestsError, ForbiddenError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    AmpHtmlContent,
    Asm,
    Attachment,
    BatchId,
    BccSettings,
    BccSettingsEmail,
    BypassListManagement,
    Category,
    ClickTracking,
    ContentId,
    CustomArg,
    Disposition,
    DynamicTemplateData,
    FileContent,
    FileName,
    FileType,
    FooterHtml,
    FooterSettings,
    FooterText,
    From,
    Ganalytics,
    GroupId,
    GroupsToDisplay,
    Header,
    HtmlContent,
    IpPoolName,
    Mail,
    MailSettings,
    OpenTracking,
    OpenTrackingSubstitutionTag,
    PlainTextContent,
    ReplyTo,
    Section,
    SendAt,
    SpamCheck,
    SpamThreshold,
    SpamUrl,
    Subject,
    SubscriptionHtml,
    SubscriptionSubstitutionTag,
    SubscriptionText,
    SubscriptionTracking,
    Substitution,
    TemplateId,
    To,
    TrackingSettings,
    UtmCampaign,
    UtmContent,
    UtmMedium,
    UtmSource,
    UtmTerm,
)

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment


def client(environment: dict[str, Any]) -> SendGridAPIClient:
    variables = environment["variables"]
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])


def mails(server: Broker, environment: dict[str, Any]) -> list[dict[str, Any]]:
    """Whole mails, the newest first."""
    listed = json.loads(server.cli("mail", "list", environment["name"], "--json").stdout)
    found = listed["mails"] if isinstance(listed, dict) else listed
    return [json.loads(server.cli("mail", "show", environment["name"], one["id"], "--json").stdout) for one in found]


def plain() -> Mail:
    return Mail("shop@example.com", "ada@example.com", "Hello", "plain", "<p>html</p>")


def test_every_class_of_the_helper(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment)
    group = api.client.asm.groups.post(request_body={"name": "News", "description": "Weekly"}).to_dict["id"]
    api.client.ips.pools.post(request_body={"name": "news"})
    message = Mail(
        From("shop@example.com", "Shop"),
        [To("ada@example.com", "Ada", substitutions={"-name-": "Ada", "-part-": ":greeting"}, p=0)],
        Subject("For -name-"),
    )
    message.add_content(PlainTextContent("-part-, [left]"))
    message.add_content(AmpHtmlContent("<html amp4email></html>"))
    message.add_content(HtmlContent('<body>%open%<a href="https://shop.example/?a=1">-part-</a> [left]</body>'))
    message.section = Section(":greeting", "Welcome -name-")
    message.header = Header("X-Shop", "1")
    message.category = Category("orders")
    message.custom_arg = CustomArg("order", "7")
    message.reply_to = ReplyTo("help@example.com", "Help")
    message.asm = Asm(GroupId(group), GroupsToDisplay([group]))
    message.ip_pool_name = IpPoolName("news")
    message.batch_id = BatchId(api.client.mail.batch.post().to_dict["batch_id"])
    message.send_at = SendAt(int(time.time()) - 60)
    picture = Attachment(
        FileContent(base64.b64encode(b"png").decode()),
        FileName("logo.png"),
        FileType("image/png"),
        Disposition("inline"),
        ContentId("logo"),
    )
    message.attachment = picture
    settings = MailSettings()
    settings.bcc_settings = BccSettings(True, BccSettingsEmail("copy@example.com"))
    settings.bypass_list_management = BypassListManagement(True)
    settings.footer_settings = FooterSettings(True, FooterText("\nfoot"), FooterHtml("<hr>"))
    settings.spam_check = SpamCheck(True, SpamThreshold(5), SpamUrl("https://spam.example"))
    message.mail_settings = settings
    tracking = TrackingSettings()
    tracking.click_tracking = ClickTracking(True, False)
    tracking.open_tracking = OpenTracking(True, OpenTrackingSubstitutionTag("%open%"))
    tracking.subscription_tracking = SubscriptionTracking(
        True, SubscriptionText("x"), SubscriptionHtml("x"), SubscriptionSubstitutionTag("[left]")
    )
    tracking.ganalytics = Ganalytics(
        True, UtmSource("shop"), UtmMedium("email"), UtmTerm("t"), UtmContent("c"), UtmCampaign("fall")
    )
    message.tracking_settings = tracking
    assert api.send(message).status_code == 202
    [mail] = mails(server, environment)
    assert (mail["subject"], mail["sender"]["name"]) == ("For Ada", "Shop")
    assert mail["text"].startswith("Welcome -name-, ")
    assert "/ls/click?upn=" in mail["html"]
    assert "/wf/open?upn=" in mail["html"].partition("<a ")[0]
    assert "shop.example" not in mail["html"]
    assert [person["email"] for person in mail["bcc"]] == ["copy@example.com"]
    assert (mail["headers"]["X-Shop"], mail["headers"]["List-Unsubscribe-Post"]) == ("1", "List-Unsubscribe=One-Click")
    assert mail["attachments"][0]["content_id"] == "logo"
    assert mail["custom"]["content"][0]["type"] == "text/x-amp-html"


def test_sending_to_many_at_once(server: Broker, environment: dict[str, Any]) -> None:
    people = [To(f"{name}@example.com", name, substitutions={"-name-": name}) for name in ("ada", "bea", "cleo")]
    message = Mail("shop@example.com", people, "For -name-", "Hello -name-", is_multiple=True)
    assert client(environment).send(message).status_code == 202
    found = {mail["to"][0]["email"]: (mail["subject"], mail["text"]) for mail in mails(server, environment)}
    assert found == {f"{name}@example.com": (f"For {name}", f"Hello {name}") for name in ("ada", "bea", "cleo")}


def test_a_dynamic_template_is_rendered(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment)
    template = api.client.templates.post(request_body={"name": "Order", "generation": "dynamic"}).to_dict["id"]
    version = {
        "name": "v1",
        "active": 1,
        "subject": "Order of {{name}}",
        "html_content": "<ul>{{#each items}}<li>{{this.name}}: {{this.price}}</li>{{/each}}</ul>",
        "plain_content": "{{#if paid}}Paid{{else}}Due{{/if}}",
        "generate_plain_content": False,
    }
    api.client.templates._(template).versions.post(request_body=version)
    message = Mail("shop@example.com", "ada@example.com")
    message.template_id = TemplateId(template)
    items = [{"name": "Tea & cake", "price": 3}, {"name": "Milk", "price": 1}]
    message.dynamic_template_data = DynamicTemplateData({"name": "Ada", "items": items, "paid": True})
    assert api.send(message).status_code == 202
    [mail] = mails(server, environment)
    assert mail["subject"] == "Order of Ada"
    assert mail["html"] == "<ul><li>Tea &amp; cake: 3</li><li>Milk: 1</li></ul>"
    assert mail["text"] == "Paid"


def test_a_scheduled_mail_leaves_when_the_clock_says_so_and_a_cancelled_one_never(
    server: Broker, environment: dict[str, Any]
) -> None:
    api, name = client(environment), environment["name"]
    cancelled, kept = (api.client.mail.batch.post().to_dict["batch_id"] for _ in range(2))
    for batch, subject in ((cancelled, "Cancelled"), (kept, "Kept")):
        message = Mail("shop@example.com", "ada@example.com", subject, "plain")
        message.batch_id = BatchId(batch)
        message.send_at = SendAt(int(time.time()) + 3600)
        assert api.send(message).status_code == 202
    api.client.user.scheduled_sends.post(request_body={"batch_id": cancelled, "status": "cancel"})
    assert api.client.user.scheduled_sends.get().to_dict == [{"batch_id": cancelled, "status": "cancel"}]
    assert mails(server, environment) == []
    server.cli("env", "clock", name, "--advance", "2h")
    assert [mail["subject"] for mail in mails(server, environment)] == ["Kept"]


def test_a_scheduled_mail_survives_a_killed_server(own_server: Broker) -> None:
    own_server.start()
    environment = json.loads(own_server.cli("env", "open", "pr-1", "--json").stdout)
    message = plain()
    message.send_at = SendAt(int(time.time()) + 3600)
    assert client(environment).send(message).status_code == 202
    own_server.kill()
    own_server.start()
    own_server.cli("env", "clock", "pr-1", "--advance", "2h")
    assert [mail["subject"] for mail in mails(own_server, environment)] == ["Hello"]


@pytest.mark.parametrize(
    ("word", "outcome", "lists"),
    [("bounce", "bounce", "bounces"), ("block", "bounce", "blocks"), ("spam", "spamreport", "spam_reports")],
)
def test_what_becomes_of_a_mail_is_what_its_address_says(
    server: Broker, environment: dict[str, Any], word: str, outcome: str, lists: str
) -> None:
    api, address = client(environment), f"ada+{word}@example.com"
    api.send(Mail("shop@example.com", address, "Hello", "plain"))
    [mail] = mails(server, environment)
    assert mail["outcomes"] == {address: outcome}
    listed = getattr(api.client.suppression, lists).get().to_dict
    assert [one["email"] for one in listed] == [address]
    api.send(Mail("shop@example.com", address, "Again", "plain"))
    assert len(mails(server, environment)) == (2 if word == "block" else 1)


def test_what_the_account_does_not_have_is_refused(environment: dict[str, Any]) -> None:
    message = plain()
    message.asm = Asm(GroupId(1))
    with pytest.raises(BadRequestsError) as refused:
        client(environment).send(message)
    assert [fault["field"] for fault in refused.value.to_dict["errors"]] == ["asm.group_id"]


def test_the_policy_can_ask_for_verified_senders(server: Broker, open_environment: OpenEnvironment) -> None:
    policy = {"version": 1, "services": {"sendgrid": {"mode": "mock", "options": {"senders": "verified"}}}}
    environment = open_environment(policy=policy)
    api = client(environment)
    with pytest.raises(ForbiddenError) as refused:
        api.send(plain())
    assert refused.value.to_dict["errors"][0]["field"] == "from"
    domain = api.client.whitelabel.domains.post(request_body={"domain": "example.com"}).to_dict["id"]
    api.client.whitelabel.domains._(domain).validate.post()
    assert api.send(plain()).status_code == 202


def test_a_large_mail_arrives_whole(server: Broker, environment: dict[str, Any]) -> None:
    content = bytes(range(256)) * 72_000
    message = plain()
    message.attachment = Attachment(FileContent(base64.b64encode(content).decode()), FileName("large.bin"))
    assert client(environment).send(message).status_code == 202
    [mail] = mails(server, environment)
    assert mail["attachments"][0]["blob"]["size"] == len(content)


def test_substitutions_are_the_personalizations_own(server: Broker, environment: dict[str, Any]) -> None:
    message = Mail("shop@example.com", "ada@example.com", "For -name-", "Hello -name-")
    message.substitution = Substitution("-name-", "Ada")
    assert client(environment).send(message).status_code == 202
    [mail] = mails(server, environment)
    assert mail["subject"] == "For Ada"
