"""Opens and clicks."""

from __future__ import annotations

import pytest

from mocks.sendgrid import tracking
from tests.harness import Harness
from tests.mocks.sendgrid.linked.mailed import LINKS, happened, record, store, upn, visit


async def test_the_picture_tells_of_an_open(sendgrid: Harness) -> None:
    await store(sendgrid)
    seen = await visit(sendgrid, tracking.OPEN, upn(1))
    assert (seen.status, seen.header("content-type"), seen.body[:6]) == (200, "image/gif", b"GIF89a")
    [event] = await happened(sendgrid)
    assert (event.type, event.payload["email"]) == ("open", "bob@example.com")
    assert {"ip", "useragent", "sg_machine_open"} <= set(event.payload)
    assert (await record(sendgrid))["outcomes"] == {"bob@example.com": "open"}
    assert (await sendgrid.visit("HEAD", tracking.OPEN, query=upn(1))).status == 200
    assert len(await happened(sendgrid)) == 1


@pytest.mark.parametrize("link", [0, 1])
async def test_a_link_tells_of_a_click_and_leads_on(sendgrid: Harness, link: int) -> None:
    await store(sendgrid)
    gone = await visit(sendgrid, tracking.CLICK, upn(0, link))
    assert (gone.status, gone.header("location")) == (302, LINKS[link])
    [event] = await happened(sendgrid)
    assert (event.type, event.payload["email"], event.payload["url"]) == ("click", "Ada@example.com", LINKS[link])
    assert event.payload["url_offset"] == {"index": link, "type": "html"}
    assert (await sendgrid.visit("HEAD", tracking.CLICK, query=upn(0, link))).header("location") == LINKS[link]
    assert len(await happened(sendgrid)) == 1


@pytest.mark.parametrize(
    "query",
    ["", "upn=", "upn=%%%", "upn=abc", upn(7), upn(0, 9), upn(0, -1), upn(0, 0, "somebody"), upn(0, 0, key="nobody")],
)
async def test_what_was_in_no_mail_leads_nowhere(sendgrid: Harness, query: str) -> None:
    await store(sendgrid)
    for path in (tracking.CLICK, tracking.OPEN):
        gone = await visit(sendgrid, path, query)
        if path == tracking.CLICK or gone.status != 200:
            assert (gone.status, gone.header("location")) == (404, None)
    assert [event.type for event in await happened(sendgrid)] in ([], ["open"])


async def test_a_subusers_mail_is_its_own(sendgrid: Harness) -> None:
    await store(sendgrid, "sub")
    assert (await visit(sendgrid, tracking.OPEN, upn(0))).status == 404
    assert (await visit(sendgrid, tracking.OPEN, upn(0, account="sub"))).status == 200
    [event] = await happened(sendgrid)
    assert event.payload["_account"] == "sub"
