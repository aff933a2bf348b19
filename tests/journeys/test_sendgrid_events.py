"""Event webhooks and inbound parse, judged by the helpers of the official sendgrid-python."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from sendgrid import SendGridAPIClient
from sendgrid.helpers import inbound
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader
from sendgrid.helpers.inbound.config import Config
from sendgrid.helpers.inbound.parse import Parse
from sendgrid.helpers.mail import (
    ClickTracking,
    Mail,
    OpenTracking,
    SubscriptionHtml,
    SubscriptionText,
    SubscriptionTracking,
    TrackingSettings,
)
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from demo.receiver import Arrived, Receiver
from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment

ALL = (
    "group_resubscribe delivered group_unsubscribe spam_report bounce deferred unsubscribe processed open click dropped"
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def client(variables: dict[str, str]) -> SendGridAPIClient:
    return SendGridAPIClient(variables["SENDGRID_API_KEY"], host=variables["SENDGRID_API_BASE"])


def listening(api: SendGridAPIClient, url: str, **changes: Any) -> Any:
    """An event webhook that hears everything, and its public key once it signs."""
    settings = api.client.user.webhooks.event.settings
    body = {"enabled": True, "url": url, **dict.fromkeys(ALL.split(), True), **changes}
    made = settings.post(request_body=body).to_dict
    return settings.signed._(made["id"]).patch(request_body={"enabled": True}).to_dict["public_key"]


def verified(key: str, one: Arrived) -> bool:
    judge = EventWebhook(key)
    signature = one.headers[EventWebhookHeader.SIGNATURE.lower()]
    stamp = one.headers[EventWebhookHeader.TIMESTAMP.lower()]
    return bool(judge.verify_signature(one.body.decode(), signature, stamp, judge.public_key))


def events(receiver: Receiver) -> list[dict[str, Any]]:
    return [event for one in list(receiver.arrived) for event in json.loads(one.body)]


def tracked(to: str) -> Mail:
    mail = Mail("shop@example.com", to, "Hello", html_content='<p><a href="https://shop.example.com/x?a=1">go</a></p>')
    mail.tracking_settings = TrackingSettings(
        ClickTracking(True, False),
        OpenTracking(True),
        SubscriptionTracking(True, SubscriptionText("Leave"), SubscriptionHtml("<p><% leave %></p>")),
    )
    return mail


def linked(html: str, path: str) -> str:
    """The first address of the mail that leads there."""
    return next(unescape(found) for found in re.findall(r'(?:src|href)="([^"]+)"', html) if path in found)


def test_the_helper_verifies_every_batch(environment: dict[str, Any], receiver: Receiver) -> None:
    api = client(environment["variables"])
    key = listening(api, receiver.url + "/events")
    ids = [api.send(tracked(f"{word}@example.com")).headers["X-Message-Id"] for word in ("ada", "bounce", "defer")]
    assert receiver.wait(lambda _: len(events(receiver)) >= 6)
    assert all(verified(key, one) for one in receiver.arrived)
    told = sorted((event["event"], ids.index(event["sg_message_id"].partition(".")[0])) for event in events(receiver))
    assert told == [
        ("bounce", 1),
        ("deferred", 2),
        ("delivered", 0),
        ("processed", 0),
        ("processed", 1),
        ("processed", 2),
    ]
    assert len({event["sg_event_id"] for event in events(receiver)}) == 6


def test_a_reader_opens_clicks_and_leaves(server: Broker, environment: dict[str, Any], receiver: Receiver) -> None:
    api = client(environment["variables"])
    listening(api, receiver.url + "/events", processed=False, delivered=False)
    api.send(tracked("ada@example.com"))
    [mail] = json.loads(server.cli("mail", "list", environment["name"], "--json").stdout)
    found = json.loads(server.cli("mail", "show", environment["name"], mail["id"], "--json").stdout)
    pixel = linked(found["html"], "/wf/open")
    link = linked(found["html"], "/ls/click")
    leave = linked(found["html"], "/wf/unsubscribe")
    seen = httpx.get(pixel)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/gif")
    gone = httpx.get(link)
    assert (gone.status_code, gone.headers["location"]) == (302, "https://shop.example.com/x?a=1")
    assert httpx.get(leave).status_code == 200
    assert httpx.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert receiver.wait(lambda _: len(events(receiver)) >= 3)
    assert {event["event"] for event in events(receiver)} == {"open", "click", "unsubscribe"}
    assert (
        next(event for event in events(receiver) if event["event"] == "click")["url"]
        == "https://shop.example.com/x?a=1"
    )
    again = api.send(tracked("ada@example.com"))
    assert again.status_code == 202
    assert len(json.loads(server.cli("mail", "list", environment["name"], "--json").stdout)) == 1, "who left gets none"


def test_many_events_are_few_requests(open_environment: OpenEnvironment, receiver: Receiver) -> None:
    environment = open_environment(webhooks={"sendgrid": receiver.url + "/policy"})
    api = client(environment["variables"])
    for number in range(50):
        api.send(Mail("shop@example.com", f"c{number}@example.com", "Hello", "plain"))
    assert receiver.wait(lambda _: len(events(receiver)) >= 100, timeout=30)
    assert len({event["sg_event_id"] for event in events(receiver)}) == len(events(receiver)) == 100
    assert len(receiver.arrived) < 50
    key = environment["variables"]["SENDGRID_WEBHOOK_PUBLIC_KEY"]
    assert all(verified(key, one) for one in receiver.arrived)


def test_a_token_is_fetched_where_a_webhook_asks_for_one(environment: dict[str, Any], receiver: Receiver) -> None:
    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b'{"access_token": "abc", "token_type": "Bearer"}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    tokens = HTTPServer(("127.0.0.1", 0), Tokens)
    thread = Thread(target=tokens.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        api = client(environment["variables"])
        oauth = {
            "oauth_client_id": "me",
            "oauth_client_secret": "mine",
            "oauth_token_url": f"http://127.0.0.1:{tokens.server_address[1]}/token",
        }
        listening(api, receiver.url + "/events", **oauth)
        api.send(tracked("ada@example.com"))
        assert receiver.wait(lambda found: bool(found))
        assert receiver.arrived[0].headers["authorization"] == "Bearer abc"
    finally:
        tokens.shutdown()
        tokens.server_close()
        thread.join()


def test_the_parse_helper_reads_a_mail_that_arrives(
    server: Broker, environment: dict[str, Any], receiver: Receiver, tmp_path: Path
) -> None:
    api = client(environment["variables"])
    body = {"hostname": "parse.example.com", "url": receiver.url + "/inbound", "spam_check": True}
    assert api.client.user.webhooks.parse.settings.post(request_body=body).status_code == 201
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@example.org>", "inbox@parse.example.com", "Grüße"
    mail.set_content("Hello")
    mail.add_attachment(b"\x00" * 2_000_000, maintype="application", subtype="pdf", filename="order.pdf")
    path = tmp_path / "reply.eml"
    path.write_bytes(mail.as_bytes())
    [planned] = json.loads(server.cli("mail", "inbound", environment["name"], str(path), "--json").stdout)["items"]
    assert receiver.wait(lambda found: bool(found))
    one = receiver.arrived[0]
    content = {"content_type": one.headers["content-type"], "content_length": len(one.body)}
    request = Request(EnvironBuilder(method="POST", input_stream=BytesIO(one.body), **content).get_environ())
    config = Config(path=str(Path(inbound.__file__).parent))
    parsed = Parse(config, request)
    found = parsed.key_values()
    assert (found["subject"], found["text"], found["from"]) == ("Grüße", "Hello\n", "Ada <ada@example.org>")
    [attachment] = parsed.attachments()
    assert (attachment["file_name"], len(base64.b64decode(attachment["contents"]))) == ("order.pdf", 2_000_000)
    request.close()
    shown = json.loads(server.cli("events", "show", environment["name"], planned["event"], "--json").stdout)
    assert shown["type"] == "inbound"
    today = {"start_date": time.strftime("%Y-%m-%d", time.gmtime())}
    [day] = api.client.user.webhooks.parse.stats.get(query_params=today).to_dict
    assert day["stats"] == [{"metrics": {"received": 1}}]
