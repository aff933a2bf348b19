"""Somebody at the dashboard of a real server, from logging in to the receipt, while an application calls."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stripe
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from demo.serving import Broker
from tests import browser as chromium
from tests.browser import Page
from tests.journeys.buckets import connect

HOME = "/_broker/ui"
NAME = "pr-seen"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason="this machine has no Chromium"),
]


class Reader:
    """A browser that is logged in, and the server that it looks at. ``snap`` keeps a picture in the test's folder."""

    def __init__(self, page: Page, server: Broker, folder: Path) -> None:
        self.page = page
        self.server = server
        self._folder = folder

    async def go(self, path: str) -> str:
        """A page below HOME; answers what it says."""
        await self.page.visit(self.server.url + HOME + path)
        return await self.said()

    async def press(self, selector: str) -> str:
        """What leads on; answers what is said there."""
        await self.page.follow(selector)
        return await self.said()

    async def type(self, selector: str, text: str) -> None:
        await self.page.value(f"document.querySelector({selector!r}).focus()")
        await self.page.ask("Input.insertText", text=text)

    async def said(self) -> str:
        text: str = await self.page.value("document.querySelector('main').innerText")
        return text

    async def until(self, expression: str) -> None:
        """What a script of the page will make true."""
        for _ in range(1000):
            if await self.page.value(expression):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{expression}: {await self.said()}")

    async def snap(self, name: str) -> None:
        picture = await self.page.ask("Page.captureScreenshot", format="png")
        content = base64.b64decode(picture["data"])
        assert len(content) > 5000, "an empty picture"
        (self._folder / f"{name}.png").write_bytes(content)


@pytest.fixture
async def reader(own_server: Broker, tmp_path: Path) -> AsyncIterator[Reader]:
    own_server.start()
    async with chromium.browser(tmp_path / "browser", loopback=True) as page:
        await page.window(1280)
        await page.visit(f"{own_server.url}{HOME}/open?name={NAME}")
        await page.fill(token="wrong")
        await page.click("log-in")
        assert "not the control token" in await page.value("document.body.innerText")
        await page.fill(token=own_server.token)
        await page.click("log-in")
        found = Reader(page, own_server, tmp_path)
        yield found
        wrong = [each for each in page.complaints if "Security Policy" in each or "exception" in each]
        assert not wrong
        assert all(each.startswith((own_server.url + "/", "data:")) for each in page.requests)


def variables(server: Broker) -> dict[str, Any]:
    bundle: dict[str, Any] = server.control("GET", f"environments/{NAME}/bundle")
    return bundle


def pay(bundle: dict[str, Any]) -> None:
    given = bundle["variables"]
    client = stripe.StripeClient(given["STRIPE_API_KEY"], base_addresses={"api": given["STRIPE_API_BASE"]})
    client.v1.customers.create({"name": "Ada Lovelace"})


def store(bundle: dict[str, Any]) -> None:
    bucket = connect(bundle)
    bucket.create_bucket(Bucket="reports")
    bucket.put_object(Bucket="reports", Key="2026/november.json", Body=json.dumps({"sum": 42}).encode())
    bucket.close()


def write(bundle: dict[str, Any]) -> None:
    given = bundle["variables"]
    api = SendGridAPIClient(given["SENDGRID_API_KEY"], host=given["SENDGRID_API_BASE"])
    api.send(Mail("shop@example.com", "ada@example.com", "Your order", "plain", "<h1>Thank you</h1>"))


async def test_from_logging_in_to_the_receipt(reader: Reader) -> None:
    # Where one wanted to go before one had to log in.
    assert await reader.page.value("document.querySelector('[name=name]').value") == NAME
    assert NAME in await reader.press("main form button.primary")
    await reader.snap("opened")
    bundle = variables(reader.server)

    assert "Nothing was called yet" in await reader.go(f"/environments/{NAME}/traffic")
    await reader.until("document.getElementById('live-state').dataset.state === 'on'")
    await asyncio.to_thread(pay, bundle)
    await reader.until("document.querySelector('tbody tr.new a.go')?.textContent.includes('/v1/customers')")
    await reader.snap("live")

    exchange = await reader.press("tbody tr a.go")
    assert "What it brought about" in exchange
    assert "Ada Lovelace" in exchange
    await reader.snap("exchange")
    assert "customer.created" in await reader.press("main a[href*='/events/evt_']")

    for act in (store, write):
        await asyncio.to_thread(act, bundle)
    assert "Your order" in await reader.go(f"/environments/{NAME}/mails")
    assert "shop@example.com" in await reader.press("tbody a.go")
    await reader.snap("mail")
    await reader.go(f"/environments/{NAME}/holdings")
    assert "reports" in await reader.go(f"/environments/{NAME}/services/s3/files")
    assert "2026/" in await reader.press("tbody a.go")

    policy = await reader.go(f"/environments/{NAME}/policy?request=POST+/v1/charges&service=stripe")
    assert "mock" in policy
    values = await reader.go(f"/environments/{NAME}/bindings?format=dotenv")
    assert bundle["variables"]["STRIPE_API_KEY"] not in values

    later = await reader.go(f"/environments/{NAME}/life")
    assert "not at all" in later
    assert "1 h" in await reader.press("form[action$='/clock'] button")
    await reader.press("form[action$='/reset'] button")
    assert "No mail yet" in await reader.go(f"/environments/{NAME}/mails")
    await reader.snap("reset")

    await reader.go(f"/environments/{NAME}/life")
    await reader.type("form[action$='/close'] [name=name]", NAME)
    await reader.press("form[action$='/close'] button")
    assert "closed" in await reader.go(f"/environments/{NAME}")
    assert NAME in await reader.go(f"/environments/{NAME}/receipt")
    await reader.snap("receipt")

    await reader.press("form[action$='/logout'] button")
    assert await reader.page.value("location.pathname") == f"{HOME}/login"
    await reader.page.visit(f"{reader.server.url}{HOME}/environments/{NAME}")
    assert await reader.page.value("location.pathname") == f"{HOME}/login", "the session is over"
