"""What an environment is given, as a page."""

from __future__ import annotations

import pytest

from broker.bundle import FORMATS
from broker.dashboard.binding_pages import HIDDEN
from broker.dashboard.snippets import LANGUAGES
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site

PATH = "/environments/pr-1/bindings"


@pytest.mark.parametrize("format", [*FORMATS, *LANGUAGES])
async def test_values_are_shown_when_they_are_asked_for(site: Site, format: str) -> None:
    environments = site.broker.environments
    bundle = await environments.bundle(await environments.get("pr-1"))
    key = bundle["variables"]["STRIPE_API_KEY"]
    hidden = await site.text(f"{PATH}?format={format}")
    assert key not in hidden
    assert "STRIPE_API_KEY" in hidden
    assert bundle["endpoint"] in hidden
    assert key in await site.text(f"{PATH}?format={format}&show=values")


async def test_no_secret_is_taken_for_an_address(site: Site) -> None:
    environments = site.broker.environments
    bundle = await environments.bundle(await environments.get("pr-1"))
    text = await site.text(PATH)
    for name, value in bundle["variables"].items():
        if "KEY" in name or "SECRET" in name or "SALT" in name:
            assert value not in text, name
    assert HIDDEN in text


async def test_an_account_is_added_shown_once_and_removed(site: Site) -> None:
    await site.post("/environments/pr-1/credentials", service="s3", account="team-b")
    text = words(await site.text(PATH))
    assert "team-b is an account of s3." in text
    assert "Shown here once" in text
    assert HIDDEN not in text.partition("Shown here once")[2].partition("Copy")[2].partition("Name Account")[0]
    assert "Shown here once" not in await site.text(PATH)
    await site.post("/environments/pr-1/credentials/s3/team-b/remove")
    assert "team-b opens nothing any more." in words(await site.text(PATH))
