"""The official sendgrid-python, unmodified, over a real socket."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from python_http_client.exceptions import BadRequestsError, NotFoundError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Attachment,
    Bcc,
    Category,
    Cc,
    CustomArg,
    Disposition,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    MailSettings,
    Personalization,
    ReplyTo,
    SandBoxMode,
    SendAt,
    Substitution,
    To,
)

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment


def client(variables: dict[str, str], host: str | None = None) -> SendGridAPIClient:
    """What an application makes of the two variables that it is given."""
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=host or variables["SENDGRID_API_BASE"])


def mails(server: Broker, environment: dict[str, Any]) -> list[dict[str, Any]]:
    """The environment's mailbox through the command line."""
    listed = json.loads(server.cli("mail", "list", environment["name"], "--json").stdout)
    found: list[dict[str, Any]] = listed["mails"] if isinstance(listed, dict) else listed
    return found


def hello() -> Mail:
    return Mail("shop@example.com", "ada@example.com", "Hello", "plain", "<p>html</p>")


@pytest.mark.parametrize("way", ["path", "credential"])
def test_a_mail_arrives_in_the_environments_mailbox(server: Broker, environment: dict[str, Any], way: str) -> None:
    api = client(environment["variables"], server.url if way == "credential" else None)
    answer = api.send(hello())
    assert answer.status_code == 202
    assert answer.body == b""
    [mail] = mails(server, environment)
    assert mail["id"].startswith(answer.headers["X-Message-Id"])
    assert mail["subject"] == "Hello"
    assert mail["sender"]["email"] == "shop@example.com"
    assert [person["email"] for person in mail["to"]] == ["ada@example.com"]


def test_everything_the_helper_can_say_is_understood(server: Broker, environment: dict[str, Any]) -> None:
    message = hello()
    first = message.personalizations[0]
    first.add_cc(Cc("cc@example.com"))
    first.add_bcc(Bcc("bcc@example.com"))
    second = Personalization()
    second.add_to(To("bea@example.com", "Bea"))
    second.subject = "For -name-"
    second.add_substitution(Substitution("-name-", "Bea"))
    second.add_custom_arg(CustomArg("order", "2"))
    message.add_personalization(second)
    message.reply_to = ReplyTo("reply@example.com")
    message.category = [Category("orders"), Category("test")]
    message.header = Header("X-Test", "1")
    message.custom_arg = CustomArg("shop", "1")
    message.send_at = SendAt(1)
    message.attachment = Attachment(
        FileContent(base64.b64encode(b"%PDF").decode()),
        FileName("invoice.pdf"),
        FileType("application/pdf"),
        Disposition("attachment"),
    )
    assert client(environment["variables"]).send(message).status_code == 202
    stored = {mail["to"][0]["email"]: mail for mail in mails(server, environment)}
    assert stored["ada@example.com"]["subject"] == "Hello"
    assert stored["bea@example.com"]["subject"] == "For Bea"
    whole = json.loads(
        server.cli("mail", "show", environment["name"], stored["bea@example.com"]["id"], "--json").stdout
    )
    assert whole["custom"]["custom_args"] == {"shop": "1", "order": "2"}
    assert whole["headers"] == {"X-Test": "1"}
    assert sorted(whole["categories"]) == ["orders", "test"]
    assert [file["filename"] for file in whole["attachments"]] == ["invoice.pdf"]


def test_sandbox_mode_sends_nothing(server: Broker, environment: dict[str, Any]) -> None:
    message = hello()
    message.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
    answer = client(environment["variables"]).send(message)
    assert (answer.status_code, answer.body) == (200, b"")
    assert mails(server, environment) == []


def test_the_sdk_raises_what_the_provider_refuses(environment: dict[str, Any]) -> None:
    message = Mail("shop@example.com", "ada@example.com")
    with pytest.raises(BadRequestsError) as refused:
        client(environment["variables"]).send(message)
    fields = [fault["field"] for fault in refused.value.to_dict["errors"]]
    assert fields == ["content", "subject"]


def test_two_environments_have_two_mailboxes(server: Broker, open_environment: OpenEnvironment) -> None:
    one, two = open_environment(), open_environment()
    client(one["variables"]).send(hello())
    assert len(mails(server, one)) == 1
    assert mails(server, two) == []


def test_another_environments_key_and_a_strangers_key_are_refused(
    server: Broker, open_environment: OpenEnvironment
) -> None:
    one, two = open_environment(), open_environment()
    stranger = f"SG.{'x' * 22}.{'y' * 43}"
    for key in (two["variables"]["SENDGRID_API_KEY"], stranger):
        with pytest.raises(UnauthorizedError) as refused:
            SendGridAPIClient(key, host=one["variables"]["SENDGRID_API_BASE"]).send(hello())
        assert refused.value.to_dict["errors"][0]["message"].startswith("The provided authorization grant")
    assert mails(server, one) == []
    incidents = json.loads(server.cli("incidents", one["name"], "--json").stdout)
    assert len(incidents) >= 2
    assert "y" * 43 not in json.dumps(incidents)


def test_an_id_of_another_environment_is_unknown_and_reported(
    server: Broker, open_environment: OpenEnvironment
) -> None:
    one, two = open_environment(), open_environment()
    batch = json.loads(client(two["variables"]).client.mail.batch.post().body)["batch_id"]
    template = json.loads(client(two["variables"]).client.templates.post(request_body={"name": "T"}).body)["id"]
    assert str(UUID(template)) == template
    with pytest.raises(BadRequestsError):
        client(one["variables"]).client.mail.batch._(batch).get()
    with pytest.raises(NotFoundError):
        client(one["variables"]).client.templates._(template).get()
    incidents = json.loads(server.cli("incidents", one["name"], "--json").stdout)
    assert [incident["kind"] for incident in incidents] == ["foreign_id", "foreign_id"]


def test_the_fluent_client_reaches_handlers_and_the_generic_engine(environment: dict[str, Any]) -> None:
    api = client(environment["variables"]).client
    key = json.loads(api.api_keys.post(request_body={"name": "CI", "scopes": ["mail.send"]}).body)
    assert len(key["api_key"]) == 69
    assert json.loads(api.api_keys._(key["api_key_id"]).get().body)["result"][0]["name"] == "CI"
    assert api.api_keys._(key["api_key_id"]).delete().status_code == 204
    with pytest.raises(NotFoundError):
        api.api_keys._(key["api_key_id"]).get()
    made = api.templates.post(request_body={"name": "Welcome", "generation": "dynamic"})
    template = json.loads(made.body)
    assert made.headers["Broker-Fidelity"] == "stateful"
    assert json.loads(api.templates._(template["id"]).get().body)["name"] == "Welcome"
    listed = api.campaigns.post(request_body={"title": "Legacy"})
    assert listed.headers["Broker-Fidelity"] == "generated"
    assert json.loads(api.campaigns._(json.loads(listed.body)["id"]).get().body)["title"] == "Legacy"
    batch = json.loads(api.mail.batch.post().body)["batch_id"]
    assert json.loads(api.mail.batch._(batch).get().body) == {"batch_id": batch}
