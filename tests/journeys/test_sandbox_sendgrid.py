"""sendgrid-python, unmodified, through virtual keys to a real account: two environments, blind to each other, no mail
that leaves, and one closed without a trace. The real SendGrid is an account of ours that remembers; whether what it is
sent is right by the official document is seen in tests/sandboxes/sendgrid/test_prism.py."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from python_http_client.exceptions import BadRequestsError, ForbiddenError, NotFoundError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader
from sendgrid.helpers.mail import Mail, TemplateId

from demo.receiver import Receiver
from demo.serving import Broker
from tests.journeys.accounts import MAIL_KEY, put_account
from tests.journeys.conftest import OpenEnvironment
from tests.standins.mailprovider import MailAccount, MailProvider

ACCOUNT = "mail-journey"


@pytest.fixture(scope="module")
def provider() -> Iterator[MailProvider]:
    with MailProvider() as started:
        yield started


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def real(server: Broker, provider: MailProvider) -> MailAccount:
    """The account, empty but for what this test puts there."""
    provider.account.kept = {path: [] for path in provider.account.kept}
    provider.account.mails.clear()
    provider.account.asked.clear()
    options = {"recipients": ["*@example.com"]}
    put_account(server, ACCOUNT, "sendgrid", provider.url, {"value": MAIL_KEY}, options=options)
    return provider.account


def policy(**sandbox: Any) -> dict[str, Any]:
    sandbox = {"account": ACCOUNT, **sandbox}
    return {"version": 1, "services": {"sendgrid": {"mode": "sandbox", "sandbox": sandbox}}}


def connect(bundle: dict[str, Any]) -> SendGridAPIClient:
    """The client as an application makes it: the same for the mock and for the real thing."""
    variables = bundle["variables"]
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])


def made(answer: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(answer.body)
    return value


def furnish(api: SendGridAPIClient) -> dict[str, str]:
    """What an application sets up: the same names in every environment."""
    client = api.client
    found = {
        "template": made(client.templates.post(request_body={"name": "Welcome", "generation": "dynamic"})),
        "list": made(client.marketing.lists.post(request_body={"name": "Customers"})),
        "group": made(client.asm.groups.post(request_body={"name": "News", "description": "Weekly"})),
    }
    assert [each["name"] for each in found.values()] == ["Welcome", "Customers", "News"]
    assert found["group"]["description"] == "Weekly"
    return {kind: str(each["id"]) for kind, each in found.items()}


def listed(api: SendGridAPIClient) -> list[str]:
    query = {"generations": "legacy,dynamic", "page_size": 10}
    found = made(api.client.templates.get(query_params=query))["result"]
    assert {each["name"] for each in found} <= {"Welcome"}
    return [each["id"] for each in found]


def test_two_environments_on_one_account_and_one_closed(
    server: Broker, real: MailAccount, open_environment: OpenEnvironment
) -> None:
    hand = real.put("/v3/templates", name="by hand")
    first, second = open_environment(policy=policy()), open_environment(policy=policy())
    one, two = connect(first), connect(second)
    mine, other = furnish(one), furnish(two)

    assert (listed(one), listed(two)) == ([mine["template"]], [other["template"]])
    assert [each["name"] for each in made(one.client.asm.groups.get())] == ["News"]
    assert made(one.client.templates._(mine["template"]).get())["name"] == "Welcome"
    for foreign in (other["template"], hand):
        with pytest.raises(NotFoundError):
            one.client.templates._(foreign).get()
        with pytest.raises(NotFoundError):
            one.client.templates._(foreign).delete()
        with pytest.raises(NotFoundError):
            one.client.templates._(foreign).post(request_body={"name": "Copy"})
    renamed = one.client.templates._(mine["template"]).patch(request_body={"name": "Hello"})
    assert made(renamed)["name"] == "Hello"
    with pytest.raises(ForbiddenError):
        one.client.api_keys.post(request_body={"name": "mine", "scopes": ["mail.send"]})
    with pytest.raises(ForbiddenError):
        one.client.asm.suppressions._("global").post(request_body={"recipient_emails": ["a@example.com"]})
    incidents = server.control("GET", f"environments/{first['name']}/incidents")["items"]
    crossed = [each["details"]["belongs_to"] for each in incidents if each["kind"] == "foreign_id"]
    assert crossed == [second["name"]] * 3

    receipt = server.control("DELETE", f"environments/{first['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert set(receipt["external"]["sendgrid"]["kinds"]) == {"template", "list", "group"}
    assert receipt["verified"]["sendgrid"]["listed"] == 0
    assert [each["id"] for each in real.kept["/v3/templates"]] == [hand, other["template"]]
    assert [str(each["id"]) for each in real.kept["/v3/asm/groups"]] == [other["group"]]
    assert [each["id"] for each in real.kept["/v3/marketing/lists"]] == [other["list"]]
    assert listed(two) == [other["template"]]


def test_mail_is_only_sent_where_the_owner_of_the_account_said(
    server: Broker, real: MailAccount, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=policy())
    api = connect(bundle)
    allowed = api.send(Mail("shop@example.org", "ada@example.com", "Hello", "plain"))
    assert (allowed.status_code, allowed.headers["X-Message-Id"]) == (202, "message1")
    held = api.send(Mail("shop@example.org", ["ada@example.com", "bob@elsewhere.example"], "Hello", "plain"))
    assert held.status_code == 200
    first, second = real.mails
    assert "mail_settings" not in first
    assert second["mail_settings"] == {"sandbox_mode": {"enable": True}}
    marker = first["custom_args"]["preview_broker"]
    assert marker == second["custom_args"]["preview_broker"]
    assert marker.split(":")[2].startswith(bundle["name"])
    assert {each.headers.get("authorization") for each in real.asked} == {f"Bearer {MAIL_KEY}"}

    stranger = connect(open_environment(policy=policy()))
    template = made(stranger.client.templates.post(request_body={"name": "T", "generation": "dynamic"}))["id"]
    borrowed = Mail("shop@example.org", "ada@example.com")
    borrowed.template_id = TemplateId(template)
    with pytest.raises(BadRequestsError):
        api.send(borrowed)
    assert len(real.mails) == 2


def test_events_reach_the_environment_whose_mail_they_are_about(
    server: Broker, real: MailAccount, open_environment: OpenEnvironment, receiver: Receiver
) -> None:
    private = ec.derive_private_key(12345, ec.SECP256R1())
    shown = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    address = server.control("PUT", f"accounts/{ACCOUNT}/hook", {"secret": base64.b64encode(shown).decode()})["address"]
    wanted = policy()
    wanted["services"]["sendgrid"]["webhooks"] = [{"url": receiver.url + "/hook"}]
    bundle = open_environment(policy=wanted)
    connect(bundle).send(Mail("shop@example.org", "ada@example.com", "Hello", "plain"))
    event = {"event": "delivered", "email": "ada@example.com", "sg_event_id": "e1", "timestamp": int(time.time())}
    events = [{**event, **real.mails[0]["custom_args"]}, {**event, "sg_event_id": "e2", "preview_broker": "pb:other:x"}]
    body, stamp = json.dumps(events).encode(), str(int(time.time()))
    signature = base64.b64encode(private.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    names = EventWebhookHeader
    answer = httpx.post(address, content=body, headers={names.SIGNATURE: signature, names.TIMESTAMP: stamp})
    assert answer.json() == {"received": 2, "new": 2}

    receiver.wait(lambda arrived: len(arrived) >= 1, timeout=30)
    [arrived] = receiver.arrived
    assert json.loads(arrived.body) == [event]
    judge = EventWebhook(bundle["variables"]["SENDGRID_WEBHOOK_PUBLIC_KEY"])
    headers = arrived.headers
    assert judge.verify_signature(
        arrived.body.decode(), headers[names.SIGNATURE.lower()], headers[names.TIMESTAMP.lower()]
    )
    unclaimed = server.control("GET", f"hooks?claimed=false&account={ACCOUNT}")["items"]
    assert [each["id"] for each in unclaimed] == ["e2"]


def test_an_account_of_its_own_is_a_subuser_that_goes_with_the_environment(
    server: Broker, real: MailAccount, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=policy(isolation="account"))
    api = connect(bundle)
    made(api.client.templates.post(request_body={"name": "Welcome", "generation": "dynamic"}))
    [subuser] = real.names("/v3/subusers")
    assert subuser.startswith("pb-")
    acting = [each.headers.get("on-behalf-of") for each in real.asked if each.path == "/v3/templates"]
    assert acting == [subuser]
    receipt = server.control("DELETE", f"environments/{bundle['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert real.names("/v3/subusers") == []


def test_named_permissions_are_a_key_that_goes_with_the_environment(
    server: Broker, real: MailAccount, open_environment: OpenEnvironment
) -> None:
    bundle = open_environment(policy=policy(scopes=["templates.read"]))
    listed(connect(bundle))
    [key] = real.kept["/v3/api_keys"]
    assert key["scopes"] == ["templates.read"]
    asked = [each.headers.get("authorization") for each in real.asked if each.path == "/v3/templates"]
    assert asked == [f"Bearer {key['api_key']}"]
    receipt = server.control("DELETE", f"environments/{bundle['name']}?wait=60")
    assert (receipt["status"], receipt["left"]) == ("closed", {})
    assert real.kept["/v3/api_keys"] == []
