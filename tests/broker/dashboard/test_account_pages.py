"""Real accounts and what providers sent, as pages."""

from __future__ import annotations

from tests.broker.dashboard.seeded import fill, words
from tests.broker.dashboard.site import Site


async def test_without_accounts_it_says_how_to_add_one(site: Site) -> None:
    assert "broker account add" in await site.text("/accounts")
    assert "Nothing arrived" in words(await site.text("/hooks"))


async def test_an_account_says_what_it_bears_and_why_it_is_not_usable(site: Site) -> None:
    await fill(site)
    text = words(await site.text("/accounts"))
    assert "team stripe not usable" in text
    assert "pr-1" in text, "who leases it"
    one = words(await site.text("/accounts/team"))
    assert "TEAM_KEY is not set" in one or "TEAM_KEY" in one
    assert "Nobody has called it since the server's start" in one
    assert (await site.get("/accounts/none")).status_code == 404


async def test_a_check_says_what_it_found(site: Site) -> None:
    await fill(site)
    answer = await site.post("/accounts/team/check")
    assert (answer.status_code, answer.headers["location"]) == (303, "/_broker/ui/accounts/team")
    assert "team cannot be used" in words(await site.text("/accounts/team"))


async def test_what_nobody_claims_is_claimed(site: Site) -> None:
    await fill(site)
    assert "nobody's" in words(await site.text("/hooks?claimed=no"))
    assert "Nothing arrived" in words(await site.text("/hooks?claimed=yes"))
    page = words(await site.text("/hooks/team/evt_1"))
    assert "Claim and deliver" in page
    refused = await site.post("/hooks/team/evt_1/claim", environment="gone", back="/_broker/ui/hooks/team/evt_1")
    assert refused.status_code == 303
    assert "gone" in words(await site.text("/hooks/team/evt_1"))
    await site.post("/hooks/team/evt_1/claim", environment="pr-1")
    page = words(await site.text("/hooks/team/evt_1"))
    assert "The event is pr-1's now" in page
    assert "found by hand" in page
