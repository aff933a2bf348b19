"""sendgrid-python through virtual keys to Prism, which judges each request by the official document and remembers
nothing: what reaches it is right by that document, and every mail is in sandbox mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from python_http_client.exceptions import ForbiddenError, HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from demo.serving import Broker
from tests.journeys.accounts import MAIL_KEY, policy, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.standins import prism
from tests.standins.between import Asked, Between


@pytest.fixture(scope="module")
def judge(server: Broker) -> Iterator[Between]:
    if not prism.available():
        pytest.skip("Node.js with npm is not installed, so Prism cannot run on this machine")
    with prism.Prism("sendgrid") as running, Between(running.url) as between:
        put_account(server, "prism", "sendgrid", between.url, {"value": MAIL_KEY})
        yield between


def connect(bundle: dict[str, Any]) -> SendGridAPIClient:
    variables = bundle["variables"]
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])


def sent(judge: Between, method: str, path: str) -> list[Asked]:
    return [one for one in judge.asked if (one.method, one.target.partition("?")[0]) == (method, path)]


def test_mail_reaches_nobody(judge: Between, open_environment: OpenEnvironment) -> None:
    bundles = [open_environment(policy=policy(sendgrid="prism")) for _ in range(2)]
    markers = []
    for bundle in bundles:
        judge.asked.clear()
        message = Mail("shop@example.com", "ada@example.com", "Hello", "plain", "<p>html</p>")
        assert connect(bundle).send(message).status_code in (200, 202)
        [mail] = [json.loads(one.body) for one in sent(judge, "POST", "/v3/mail/send")]
        assert mail["mail_settings"] == {"sandbox_mode": {"enable": True}}
        assert mail["personalizations"] == [{"to": [{"email": "ada@example.com"}]}]
        assert {one.headers["authorization"] for one in judge.asked} == {f"Bearer {MAIL_KEY}"}
        markers.append(mail["custom_args"]["preview_broker"])
    assert [marker.split(":")[2].rsplit("-", 1)[0] for marker in markers] == [bundle["name"] for bundle in bundles]


def test_templates_are_marked_and_taken_back(server: Broker, judge: Between, open_environment: OpenEnvironment) -> None:
    bundle, other = (open_environment(policy=policy(sendgrid="prism")) for _ in range(2))
    judge.asked.clear()
    client = connect(bundle).client
    made = json.loads(client.templates.post(request_body={"name": "Welcome", "generation": "dynamic"}).body)
    [template] = [json.loads(one.body) for one in sent(judge, "POST", "/v3/templates")]
    assert template["name"].startswith("pb-")
    assert template["name"].endswith("Welcome")
    # Prism lists one template, always the same, which is the one that it said it had made.
    for each, ids in ((bundle, [made["id"]]), (other, [])):
        query = {"generations": "dynamic", "page_size": 5}
        listed = json.loads(connect(each).client.templates.get(query_params=query).body)
        # Of the two forms that the contract knows, with pages and without, Prism answers either.
        assert [one["id"] for one in listed["result" if "result" in listed else "templates"]] == ids
    with pytest.raises(ForbiddenError):
        client.api_keys.post(request_body={"name": "mine"})
    assert sent(judge, "POST", "/v3/api_keys") == []
    receipt = server.control("DELETE", f"environments/{bundle['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert receipt["external"]["sendgrid"]["kinds"] == {"template": {"deleted": 1}}
    assert len(sent(judge, "DELETE", f"/v3/templates/{made['id']}")) == 1


def test_what_the_document_forbids_is_told_by_the_gateway_or_by_the_provider(
    judge: Between, open_environment: OpenEnvironment
) -> None:
    api = connect(open_environment(policy=policy(sendgrid="prism")))
    with pytest.raises(HTTPError) as refused:
        api.client.mail.send.post(request_body={"personalizations": []})
    assert 400 <= refused.value.status_code < 500
