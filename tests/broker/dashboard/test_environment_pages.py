"""Environments as pages."""

from __future__ import annotations

from tests.broker.dashboard.site import Site, shown


async def test_environments_are_filtered_by_name_and_status(site: Site) -> None:
    for name in ("pr-2", "pr-22", "feature"):
        await site.broker.environments.open(name, trust="fork")
    text = await site.text("/?text=PR-2")
    assert "pr-22" in text
    assert "feature" not in text
    assert "fork" in shown(text)
    assert "No environment fits the filter" in await site.text("/?status=closed")
    assert "No environment fits the filter" in await site.text("/?text=nothing")
    assert "feature" in await site.text("/?status=any&text=feature")


async def test_an_environment_says_what_it_is(site: Site) -> None:
    text = shown(await site.text("/environments/pr-1"))
    assert "http://" in text
    assert "Expires" in text
    assert "exchanges 0" in text


async def test_a_server_without_any_says_how_to_begin(site: Site) -> None:
    await site.broker.storage.registry.update_environment(
        (await site.broker.environments.get("pr-1")).uid, status="closed", closed_at=site.broker.clock.now()
    )
    assert "broker env open" in await site.text("/")
    assert "Closed" in shown(await site.text("/environments/pr-1"))
