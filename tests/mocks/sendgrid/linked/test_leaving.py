"""People leave: everything, a group, or some groups."""

from __future__ import annotations

from typing import Any

from mocks.sendgrid import tracking
from tests.harness import Harness, value
from tests.mocks.sendgrid.linked.mailed import happened, store, upn, visit

UNSUBSCRIBES = "/v3/suppression/unsubscribes"


async def group(sendgrid: Harness, name: str) -> int:
    made = await sendgrid.call("POST", "/v3/asm/groups", json={"name": name, "description": f"About <{name}>"})
    found: int = value(made)["id"]
    return found


async def members(sendgrid: Harness, group_id: int) -> Any:
    return value(await sendgrid.call("GET", f"/v3/asm/groups/{group_id}/suppressions"))


async def told(sendgrid: Harness) -> list[tuple[str, str, Any]]:
    return [
        (event.type, event.payload["email"], event.payload.get("asm_group_id")) for event in await happened(sendgrid)
    ]


async def test_a_visit_changes_nothing_and_what_is_submitted_does(sendgrid: Harness) -> None:
    await store(sendgrid)
    page = await visit(sendgrid, tracking.UNSUBSCRIBE, upn())
    assert (page.status, b'<form method="post">' in page.body, b"Ada@example.com" in page.body) == (200, True, True)
    assert await happened(sendgrid) == []
    done = await visit(sendgrid, tracking.UNSUBSCRIBE, upn(), {})
    assert (done.status, b"unsubscribed" in done.body) == (200, True)
    assert await told(sendgrid) == [("unsubscribe", "Ada@example.com", None)]
    assert [each["email"] for each in value(await sendgrid.call("GET", UNSUBSCRIBES))] == ["Ada@example.com"]
    assert (await visit(sendgrid, tracking.UNSUBSCRIBE, upn(), {})).status == 200
    assert len(await happened(sendgrid)) == 1, "who left has left"


async def test_one_click_is_enough(sendgrid: Harness) -> None:
    await store(sendgrid)
    assert (await visit(sendgrid, tracking.UNSUBSCRIBE, upn(1), {"List-Unsubscribe": "One-Click"})).status == 200
    assert await told(sendgrid) == [("unsubscribe", "bob@example.com", None)]


async def test_a_group_is_left(sendgrid: Harness) -> None:
    news = await group(sendgrid, "News")
    await store(sendgrid, asm_group_id=news)
    page = await visit(sendgrid, tracking.GROUP, upn())
    assert b"Unsubscribe from News" in page.body
    assert b"About &lt;News&gt;" in page.body
    await visit(sendgrid, tracking.GROUP, upn(), {})
    assert await told(sendgrid) == [("group_unsubscribe", "Ada@example.com", news)]
    assert await members(sendgrid, news) == ["Ada@example.com"]
    [event] = await happened(sendgrid)
    assert event.payload["url"].endswith(f"{tracking.GROUP}?{upn()}")
    assert {"ip", "useragent"} <= set(event.payload)


async def test_preferences_are_changed_both_ways(sendgrid: Harness) -> None:
    news, offers, other = [await group(sendgrid, name) for name in ("News", "Offers", "Other")]
    await store(sendgrid, asm_group_id=news, groups_to_display=[news, offers])
    page = await visit(sendgrid, tracking.PREFERENCES, upn())
    assert page.body.count(b"checked") == 2
    assert b"Other" not in page.body
    await visit(sendgrid, tracking.PREFERENCES, upn(), {f"group_{offers}": "on"})
    assert (await visit(sendgrid, tracking.PREFERENCES, upn())).body.count(b"checked") == 1
    await visit(sendgrid, tracking.PREFERENCES, upn(), {f"group_{news}": "on", f"group_{other}": "on"})
    assert await told(sendgrid) == [
        ("group_unsubscribe", "Ada@example.com", news),
        ("group_resubscribe", "Ada@example.com", news),
        ("group_unsubscribe", "Ada@example.com", offers),
    ]
    assert [await members(sendgrid, each) for each in (news, offers, other)] == [[], ["Ada@example.com"], []]
    await visit(sendgrid, tracking.PREFERENCES, upn(), {f"group_{news}": "on", "all": "on"})
    assert (await told(sendgrid))[-1] == ("unsubscribe", "Ada@example.com", None)


async def test_links_that_no_mail_had(sendgrid: Harness) -> None:
    await store(sendgrid)
    for path in (tracking.UNSUBSCRIBE, tracking.GROUP, tracking.PREFERENCES):
        for form in (None, {"all": "on"}):
            assert (await visit(sendgrid, path, upn(key="nobody"), form)).status == 404
    assert (await visit(sendgrid, tracking.GROUP, upn())).status == 404, "the mail was in no group"
    assert await happened(sendgrid) == []


async def test_the_account_may_have_a_page_of_its_own(sendgrid: Harness) -> None:
    await store(sendgrid)
    path = "/v3/tracking_settings/subscription"
    landing = {"enabled": True, "landing": "<p>Bye <script>alert(1)</script></p>"}
    assert (await sendgrid.call("PATCH", path, json=landing)).status == 200
    shown = await visit(sendgrid, tracking.UNSUBSCRIBE, upn(), {})
    assert shown.body.decode() == landing["landing"]
    assert (shown.header("content-security-policy") or "").startswith("sandbox;")
    await sendgrid.call("PATCH", path, json={"enabled": True, "url": "https://shop.example.com/bye"})
    gone = await visit(sendgrid, tracking.UNSUBSCRIBE, upn(1), {})
    assert (gone.status, gone.header("location")) == (303, "https://shop.example.com/bye")
