"""The inbox as pages: whatever a mail holds is harmless there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from broker.dashboard import mail_pages
from mocks.base import Attachment, Mail
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site
from tests.broker.dashboard.test_record_pages import PNG
from tests.browser import Page

E = "/environments/pr-1"
HOSTILE = (
    '<html><head><base href="https://evil.example/"><link rel="preconnect" href="https://evil.example/">'
    '<meta http-equiv="refresh" content="0;url=https://evil.example/"></head><body>'
    '<h1 id="seen">Your order</h1><script>parent.document.title = "owned"; document.title = "owned"</script>'
    '<img src="https://evil.example/pixel.gif"><img id="logo" src="cid:logo@shop"><img src=x onerror="parent.hit = 1">'
    '<style>@import "https://evil.example/a.css"; h1 { background: url(https://evil.example/b.png) }</style>'
    '<form action="https://evil.example/"><button>go</button></form><iframe src="https://evil.example/"></iframe>'
    '<a href="https://shop.example/order">See it</a> <a href="javascript:alert(1)">or not</a></body></html>'
)


async def send(site: Site, number: int = 1, **changes: Any) -> None:
    """A mail with a picture in it and a file."""
    environments = site.broker.environments
    transaction = (await environments.store(await environments.get("pr-1"))).begin("sendgrid")
    logo = await transaction.write_blob(pieces(PNG))
    page = await transaction.write_blob(pieces(b"<script>alert(1)</script>"))
    await transaction.start()
    values: dict[str, Any] = {
        "id": f"mail{number}",
        "sender": {"email": "shop@example.com", "name": "The <Shop>"},
        "to": [{"email": "ada@example.com"}, {"email": "bob@example.com"}],
        "subject": f"Your order {number} <b>now</b>",
        "text": "Hello Ada",
        "html": HOSTILE,
        "categories": ["orders"],
        "custom": {"custom_args": {"order": "<7>"}},
        "outcomes": {"ada@example.com": "delivered", "bob@example.com": "bounce"},
        "attachments": [
            Attachment("logo.png", "image/png", logo, "inline", "logo@shop"),
            Attachment("bill <1>.html", "text/html", page),
        ],
    }
    transaction.add_mail("sendgrid", Mail(**{**values, **changes}), site.broker.clock.now())
    await transaction.commit()


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_the_inbox_is_searched_read_and_emptied(site: Site) -> None:
    assert "No mail yet" in words(await site.text(f"{E}/mails"))
    for number in (1, 2):
        await send(site, number)
    text = await site.text(f"{E}/mails")
    assert "2 mails, 2 unread" in words(text)
    assert "The <Shop>" in words(text)
    assert "<b>now" not in text
    assert "Your order 2" not in words(await site.text(f"{E}/mails?search=%22order+1%22"))
    assert "No mail fits" in words(await site.text(f"{E}/mails?to=nobody@example.com"))
    await site.text(f"{E}/mails/mail1")
    assert "2 mails, 1 unread" in words(await site.text(f"{E}/mails"))
    assert "Your order 1" not in words(await site.text(f"{E}/mails?unread=true"))
    await site.post(f"{E}/mails/read", id="mail1", read="false")
    assert "2 unread" in words(await site.text(f"{E}/mails"))
    await site.post(f"{E}/mails/read", read="true")
    assert "0 unread" in words(await site.text(f"{E}/mails"))
    await site.post(f"{E}/mails/mail1/delete")
    assert "1 mail, 0 unread" in words(await site.text(f"{E}/mails"))
    await site.post(f"{E}/mails/delete", search="subject:other")
    assert "Deleted: 0." in words(await site.text(f"{E}/mails"))
    await site.post(f"{E}/mails/delete")
    assert "No mail yet" in words(await site.text(f"{E}/mails"))
    assert (await site.get(f"{E}/mails/mail1")).status_code == 404


async def test_every_part_of_a_mail_has_its_tab(site: Site) -> None:
    await send(site)
    first = await site.text(f"{E}/mails/mail1")
    assert 'sandbox=""' in first
    assert "bounce bob@example.com" in words(first)
    assert "Hello Ada" in words(await site.text(f"{E}/mails/mail1?tab=text"))
    links = await site.text(f"{E}/mails/mail1?tab=links")
    assert 'href="https://shop.example/order" rel="noopener noreferrer"' in links
    assert 'href="javascript:' not in links
    assert "Subject" in words(await site.text(f"{E}/mails/mail1?tab=headers"))
    assert '"order" : "<7>"' in words(await site.text(f"{E}/mails/mail1?tab=sent"))
    saved = await site.get(f"{E}/mails/mail1/attachments/2")
    assert (saved.content, saved.headers["content-disposition"][:11]) == (b"<script>alert(1)</script>", "attachment;")
    message = await site.get(f"{E}/mails/mail1/raw")
    assert message.headers["content-type"] == "message/rfc822"
    assert b"Subject: Your order 1" in message.content
    assert (await site.get(f"{E}/mails/mail1/attachments/3")).status_code == 404


async def test_the_frame_holds_no_door(site: Site) -> None:
    await send(site)
    frame = await site.get(f"{E}/mails/mail1/frame", headers={"sec-fetch-dest": "iframe"})
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; img-src data:;")
    assert "frame-ancestors 'self'" in policy
    for hint in (b"<base", b"<link", b"<meta"):
        assert hint not in frame.content
    assert b"data:image/png;base64," in frame.content
    own = await site.get(f"{E}/mails/mail1/frame?images=own")
    assert f"img-src data: {site.origin};" in own.headers["content-security-policy"]
    # What is taken out leaves no other one behind.
    await send(site, 4, html='<li<link>nk rel="preconnect" href="https://evil.example/"><me<base>ta charset="utf-7">')
    assert (await site.get(f"{E}/mails/mail4/frame")).content.count(b"<wbr>") == 2
    assert not re.search(rb"<(link|meta)", (await site.get(f"{E}/mails/mail4/frame")).content)
    # Tags without an end are none, and are passed over in one go.
    await send(site, 5, html="<link " * 300_000)
    assert (await site.get(f"{E}/mails/mail5/frame")).content == b"<link " * 300_000
    await send(site, 2, html=None)
    assert (await site.get(f"{E}/mails/mail2/frame")).status_code == 404
    await send(site, 3, html="x" * (3 << 20))
    assert (await site.get(f"{E}/mails/mail3/frame")).status_code == 404
    assert "too large to be shown" in words(await site.text(f"{E}/mails/mail3"))


async def test_an_image_that_is_named_again_and_again_makes_no_page_of_gigabytes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_pages, "_FILLED", 10_000)
    await send(site, html="<img src=cid:logo@shop>" * 1000)
    frame = await site.get(f"{E}/mails/mail1/frame")
    shown, left = frame.content.count(b"data:image/png;base64,"), frame.content.count(b"cid:logo@shop")
    assert shown + left == 1000
    assert 50 < shown < 200


async def test_who_looks_is_told_of_a_new_mail(site: Site) -> None:
    async with site.broker.lifespan():
        await send(site)
        assert (await site.get(f"{E}/mails/arrived")).status_code == 200
        waiting = asyncio.ensure_future(site.get(f"{E}/mails/arrived?after=mail1"))  # noqa: TID251 - awaited below
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await send(site, 2)
        site.broker.inbox.came((await site.broker.environments.get("pr-1")).uid, ["mail2"])
        assert (await waiting).status_code == 200


@pytest.mark.browser
async def test_a_hostile_mail_does_nothing_in_a_browser(shown_site: tuple[Site, Page]) -> None:
    site, page = shown_site
    await send(site)
    page.requests.clear()
    await page.visit(f"{site.origin}/_broker/ui{E}/mails/mail1")
    await asyncio.sleep(0.5)
    assert await page.value("document.title") != "owned"
    assert await page.value("typeof window.hit") == "undefined"
    assert [each for each in page.requests if "evil.example" in each] == []
    assert any(each.endswith("/mails/mail1/frame") for each in page.requests), "it is shown all the same"
