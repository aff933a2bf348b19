"""An environment's life, as pages: opened, moved in time, reset, rotated, closed with a receipt."""

from __future__ import annotations

from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site

BACK = "/_broker/ui/open"


async def test_opened_with_a_policy_and_found_again(site: Site) -> None:
    answer = await site.post("/open", name="pr-9", policy="version: 1\nservices: {stripe: refuse}\n", ttl="2d")
    assert (answer.status_code, answer.headers["location"]) == (303, "/_broker/ui/environments/pr-9")
    assert "pr-9 is open." in words(await site.text("/environments/pr-9"))
    assert "refuse" in words(await site.text("/environments/pr-9"))
    await site.post("/open", name="pr-9", policy="version: 1\n")
    assert "another policy" in words(await site.text("/environments/pr-9"))


async def test_a_policy_that_is_wrong_is_said_by_line_and_kept(site: Site) -> None:
    await site.post("/open", name="pr-9", policy="version: 1\nservices: {stripe: nonsense}\n", back=BACK)
    text = await site.text("/open")
    assert "Line 2" in text
    assert "nonsense}" in text, "the text is still in the form"
    assert "nonsense" not in await site.text("/open"), "once"
    await site.post("/open", name=" ", back=BACK)
    assert "called like a host" in words(await site.text("/open"))
    assert (await site.get("/environments/pr-9")).status_code == 404


async def test_the_clock_moves_freezes_and_comes_back(site: Site) -> None:
    for form in ({"advance": "31d"}, {"freeze": "true"}):
        await site.post("/environments/pr-1/clock", **form)
    text = words(await site.text("/environments/pr-1/life"))
    assert "frozen" in text
    assert "Ahead of the server 31 d" in text or "30 d" in text
    await site.post("/environments/pr-1/clock", freeze="false")
    await site.post("/environments/pr-1/clock", reset="true")
    assert "not at all" in words(await site.text("/environments/pr-1/life"))
    back = "/_broker/ui/environments/pr-1/life"
    await site.post("/environments/pr-1/clock", advance="soon", back=back)
    assert "soon" in words(await site.text("/environments/pr-1/life"))


async def test_renewed_reset_and_rotated(site: Site) -> None:
    assert (await site.post("/environments/pr-1/renew", ttl="9d")).status_code == 303
    assert (await site.post("/environments/pr-1/reset")).status_code == 303
    assert "Emptied: 0 events, 0 mails" in words(await site.text("/environments/pr-1/life"))
    before = await site.text("/environments/pr-1/bindings?show=values")
    answer = await site.post("/environments/pr-1/rotate", service="stripe", overlap="0s")
    assert answer.headers["location"].endswith("/environments/pr-1/bindings")
    after = await site.text("/environments/pr-1/bindings?show=values")
    assert "fresh credentials" in after
    assert before != after


async def test_closed_only_by_its_name_and_with_a_receipt(site: Site) -> None:
    async with site.broker.lifespan():
        back = "/_broker/ui/environments/pr-1/life"
        await site.post("/environments/pr-1/close", name="pr-2", back=back)
        assert "type pr-1 to close it" in words(await site.text("/environments/pr-1/life"))
        answer = await site.post("/environments/pr-1/close", name="pr-1")
        assert answer.headers["location"].endswith("/environments/pr-1/receipt")
        text = words(await site.text("/environments/pr-1/receipt"))
        assert "pr-1 is closed." in text
        assert "The signature is valid" in text
        assert "Left nothing" in text
        assert "Open again" in words(await site.text("/environments/pr-1/life"))


async def test_an_open_one_has_no_receipt(site: Site) -> None:
    assert (await site.get("/environments/pr-1/receipt")).status_code == 404
