"""Statistics by client, device, browser and mailbox provider."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.audience import mailed
from tests.mocks.sendgrid.test_stats import today

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22A"
PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def counted(sendgrid: Harness, path: str, metric: str, **query: Any) -> dict[str, int]:
    """What today counts under each name."""
    response = await sendgrid.call("GET", f"/v3/{path}", query={"start_date": today(sendgrid), **query})
    assert response.status == 200, response.body
    [day] = value(response)
    return {each["name"]: each["metrics"][metric] for each in day["stats"]}


@pytest.fixture
async def read(sendgrid: Harness) -> Harness:
    opened: list[Any] = [
        ("open", {"useragent": IPHONE}),
        ("open", {"useragent": PROXY}),
        ("open", {"useragent": PROXY}),
    ]
    await mailed(sendgrid, "processed", "delivered", *opened, "click", ("click", {"useragent": FIREFOX}))
    await mailed(sendgrid, "processed", ("bounce", {"type": "bounce"}), to="bob@gmail.com")
    await mailed(sendgrid, "dropped", to="eve@gmail.com")
    return sendgrid


async def test_clients_and_devices_count_opens(read: Harness) -> None:
    assert await counted(read, "clients/stats", "opens") == {"Apple iPhone": 1, "Gmail": 2}
    assert await counted(read, "clients/phone/stats", "opens") == {"Apple iPhone": 1}
    assert await counted(read, "clients/tablet/stats", "opens") == {}
    assert await counted(read, "devices/stats", "opens") == {"Phone": 1, "Webmail": 2}
    assert (await read.call("GET", "/v3/clients/watch/stats", query={"start_date": today(read)})).status == 400


async def test_browsers_count_clicks(read: Harness) -> None:
    assert await counted(read, "browsers/stats", "clicks") == {"Chrome": 1, "Firefox": 1}
    assert await counted(read, "browsers/stats", "unique_clicks", browsers=["Chrome", "Lynx"]) == {"Chrome": 1}


async def test_providers_count_everything(read: Harness) -> None:
    assert await counted(read, "mailbox_providers/stats", "requests") == {"Gmail": 2, "Other": 1}
    assert await counted(read, "mailbox_providers/stats", "bounces", mailbox_providers="Gmail") == {"Gmail": 1}
    assert await counted(read, "mailbox_providers/stats", "drops") == {"Gmail": 1, "Other": 0}


async def test_nobody_knows_where_people_are(read: Harness) -> None:
    assert await counted(read, "geo/stats", "opens", country="US") == {}
    assert (await read.call("GET", "/v3/geo/stats", query={"start_date": today(read), "country": "XX"})).status == 400
