"""The ledger, leases, stuck closes, sweeps and notices, as pages."""

from __future__ import annotations

from tests.broker.dashboard.seeded import fill, words
from tests.broker.dashboard.site import Site


async def test_the_ledger_of_an_environment_is_filtered(site: Site) -> None:
    assert "Nothing of it is in the ledger" in words(await site.text("/environments/pr-1/resources"))
    await fill(site)
    text = words(await site.text("/environments/pr-1/resources?left=true"))
    assert "plain-0" in text
    assert "What a close would take back, in this order" in text
    assert "Nothing of it is in the ledger" in words(await site.text("/environments/pr-1/resources?service=s3"))
    assert (await site.get("/environments/none/resources")).status_code == 404


async def test_a_lease_is_revoked(site: Site) -> None:
    await fill(site)
    assert "Revoke" in words(await site.text("/environments/pr-1/resources"))
    back = "/_broker/ui/environments/pr-1/resources"
    answer = await site.post("/environments/pr-1/leases/lea_1/revoke", back=back)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    told = words(await site.text("/environments/pr-1/resources"))
    assert "holds" in told or "revoked" in told, "what holds the environment's own objects ends with it only"


async def test_teardowns_say_what_waits(site: Site) -> None:
    text = words(await site.text("/teardowns"))
    assert "No close is stuck" in text
    await fill(site)
    text = words(await site.text("/teardowns"))
    assert "Notices that wait" in text
    assert "plain" in text


async def test_a_sweep_begins(site: Site) -> None:
    answer = await site.post("/teardowns/sweep", dry_run="true", back="/_broker/ui/teardowns")
    assert answer.status_code == 303
    assert "changes nothing" in words(await site.text("/teardowns"))
