"""The official sendgrid-python makes templates, verifies senders and sends campaigns, over a real socket."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from python_http_client.exceptions import BadRequestsError, ForbiddenError, NotFoundError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_sendgrid_python import client, mails


def asked(answer: Any) -> Any:
    """The value of an answer."""
    return json.loads(answer.body) if answer.body else None


def template(api: SendGridAPIClient, **version: Any) -> str:
    """A dynamic template with one version; its id."""
    made = asked(api.client.templates.post(request_body={"name": "Receipt", "generation": "dynamic"}))
    body = {"name": "first", "subject": "Order {{number}}", "html_content": "<p>{{number}}</p>", **version}
    answer = api.client.templates._(made["id"]).versions.post(request_body=body)
    assert answer.status_code == 201
    return str(made["id"])


def test_a_dynamic_template_fills_a_mail(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment["variables"])
    html = "{{#each lines}}<li>{{@index}} {{this.name}}{{#unless @last}},{{/unless}}</li>{{else}}nothing{{/each}}"
    template_id = template(api, subject="Hi {{insert name 'default=you'}}", html_content=html)
    message = Mail("shop@example.com", "ada@example.com")
    message.template_id = template_id
    message.dynamic_template_data = {"name": "Ada & co", "lines": [{"name": "<b>"}, {"name": "c"}]}
    assert api.send(message).status_code == 202
    [mail] = mails(server, environment)
    assert mail["subject"] == "Hi Ada &amp; co"
    assert mail["html"] == "<li>0 &lt;b&gt;,</li><li>1 c</li>"


def test_another_version_takes_over(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment["variables"])
    template_id = template(api)
    versions = api.client.templates._(template_id).versions
    second = asked(versions.post(request_body={"name": "second", "subject": "Second", "html_content": "x"}))
    assert second["active"] == 0
    assert asked(versions._(second["id"]).activate.post())["active"] == 1
    message = Mail("shop@example.com", "ada@example.com")
    message.template_id = template_id
    api.send(message)
    assert [mail["subject"] for mail in mails(server, environment)] == ["Second"]
    listed = asked(api.client.templates.get(query_params={"generations": "dynamic", "page_size": 10}))
    assert [one["id"] for one in listed["result"]] == [template_id]
    with pytest.raises(BadRequestsError, match="400"):
        versions.post(request_body={"name": "third", "subject": "{{#if", "html_content": "x"})
    assert api.client.templates._(template_id).delete().status_code == 204
    with pytest.raises(NotFoundError):
        api.client.templates._(template_id).get()


def test_a_legacy_template_is_around_a_mail(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment["variables"])
    made = asked(api.client.templates.post(request_body={"name": "Frame"}))
    body = {"name": "first", "subject": "Shop: <%subject%>", "html_content": "<main><%body%></main>"}
    api.client.templates._(made["id"]).versions.post(request_body=body)
    message = Mail("shop@example.com", "ada@example.com", "Hello", "plain", "<p>html</p>")
    message.template_id = made["id"]
    api.send(message)
    [mail] = mails(server, environment)
    assert (mail["subject"], mail["html"]) == ("Shop: Hello", "<main><p>html</p></main>")


def test_a_link_in_a_mail_verifies_a_sender(server: Broker, open_environment: OpenEnvironment) -> None:
    bundle = open_environment(policy={"version": 1, "services": {"sendgrid": {"options": {"senders": "verified"}}}})
    api = client(bundle["variables"])
    message = Mail("shop@example.com", "ada@example.com", "Hello", "plain")
    with pytest.raises(ForbiddenError) as refused:
        api.send(message)
    assert b"does not match a verified Sender Identity" in refused.value.body
    body = {"nickname": "Shop", "from_email": "shop@example.com", "reply_to": "shop@example.com"}
    api.client.verified_senders.post(request_body=body)
    [mail] = mails(server, bundle)
    link = re.search(r"http\S+", mail["text"])
    assert link is not None
    with urllib.request.urlopen(link[0]) as page:  # noqa: S310 - a page of the broker's own
        assert b"shop@example.com is a verified sender now." in page.read()
    assert api.send(message).status_code == 202


def test_a_campaign_leaves_for_a_list(server: Broker, environment: dict[str, Any]) -> None:
    api = client(environment["variables"])
    domain = asked(api.client.whitelabel.domains.post(request_body={"domain": "shop.example"}))
    assert asked(api.client.whitelabel.domains._(domain["id"]).validate.post())["valid"] is True
    person = {"email": "news@shop.example", "name": "Shop"}
    place = {"address": "1 Main Street", "city": "Rome", "country": "Italy"}
    sender = asked(
        api.client.senders.post(request_body={"nickname": "Shop", "from": person, "reply_to": person, **place})
    )
    group = asked(api.client.asm.groups.post(request_body={"name": "News", "description": "What is new"}))
    readers = asked(api.client.marketing.lists.post(request_body={"name": "Readers"}))
    contacts = [{"email": f"{name.lower()}@example.com", "first_name": name} for name in ("Ada", "Bea")]
    api.client.marketing.contacts.put(request_body={"list_ids": [readers["id"]], "contacts": contacts})
    config = {"subject": "Hi {{first_name}}", "html_content": "<p>News</p>", "sender_id": sender["id"]}
    single = asked(
        api.client.marketing.singlesends.post(
            request_body={
                "name": "Spring",
                "send_to": {"list_ids": [readers["id"]]},
                "email_config": {**config, "suppression_group_id": group["id"]},
            }
        )
    )
    sends = api.client.marketing.singlesends._(single["id"])
    assert sends.schedule.put(request_body={"send_at": "now"}).status_code == 201
    for name in ("ada", "bea"):
        server.cli("mail", "wait", environment["name"], "--to", f"{name}@example.com")
    assert sorted(mail["subject"] for mail in mails(server, environment)) == ["Hi Ada", "Hi Bea"]
    assert asked(sends.get())["status"] == "triggered"
