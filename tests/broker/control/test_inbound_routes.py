"""A mail arrives through the control API."""

from __future__ import annotations

from tests.broker.control.conftest import Bench
from tests.broker.control.test_event_routes import V1, Client, client

__all__ = ["client"]
RAW = b"From: ada@example.org\r\nTo: inbox@parse.example.com\r\n\r\nHello\r\n"
PATH = f"{V1}/environments/pr-1/mail/inbound"


async def test_a_mail_arrives_or_nobody_waits_for_it(client: Client) -> None:
    refused = await client.post(PATH, content=RAW, headers={"content-type": "message/rfc822"})
    assert (refused.status_code, "nobody in pr-1 waits" in refused.json()["detail"]) == (409, True)
    variables = (await client.put(f"{V1}/environments/pr-1", json={})).json()["variables"]
    made = await client.post(
        "http://broker.test/e/pr-1/sendgrid/v3/user/webhooks/parse/settings",
        json={"hostname": "parse.example.com", "url": "http://127.0.0.1:9/in"},
        headers={"authorization": f"Bearer {variables['SENDGRID_API_KEY']}"},
    )
    assert made.status_code == 201
    arrived = await client.post(
        PATH, content=RAW, params={"to": "a@parse.example.com, b@parse.example.com", "scope": "t-1"}
    )
    assert arrived.status_code == 202
    [planned] = arrived.json()["items"]
    assert planned["to"] == ["a@parse.example.com", "b@parse.example.com"]
    shown = (await client.get(f"{V1}/environments/pr-1/events/{planned['event']}")).json()
    assert shown["payload"]["from"] == "ada@example.org"
    assert "_body" not in shown["payload"]
    assert shown["scope"] == "t-1"


async def test_what_is_refused(client: Client, bench: Bench) -> None:
    assert (await client.post(PATH, content=b"")).status_code == 400
    assert (await client.post(PATH, content=RAW, params={"service": "nothing"})).status_code == 404
    assert (await client.post(PATH, content=b"x" * (31 << 20))).status_code == 413
    await bench.client.put(f"{V1}/environments/pr-1", json={})
    assert (await bench.client.post(PATH, content=RAW)).status_code == 404
