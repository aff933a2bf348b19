"""Drift, as pages."""

from __future__ import annotations

import pytest

from tests.broker.dashboard.seeded import fill, words
from tests.broker.dashboard.site import Site


async def test_without_anything_it_says_how_to_begin(site: Site) -> None:
    text = words(await site.text("/drift"))
    assert "No night is over yet" in text
    assert "No check was made yet" in text
    assert "Nothing was observed" in words(await site.text("/drift/observed"))


async def test_a_check_shows_what_differs_and_what_failed(site: Site) -> None:
    await fill(site, "the words")
    assert "1 breaking" in words(await site.text("/drift"))
    text = words(await site.text("/drift/checks/run_1"))
    assert "customers.retrieve" in text
    assert text.count("the words") >= 4, "the error, the finding, its side, and why it was not compared"
    assert (await site.get("/drift/checks/none")).status_code == 404


async def test_what_was_observed_is_forgotten(site: Site) -> None:
    await fill(site)
    assert "Nothing was observed" in words(await site.text("/drift/observed?service=s3"))
    assert "customers.retrieve" in words(await site.text("/drift/observed"))
    assert (await site.post("/drift/observed/forget", service="stripe")).status_code == 303
    text = words(await site.text("/drift/observed"))
    assert "Forgotten: 1." in text
    assert "Nothing was observed" in text


@pytest.mark.parametrize("path", ["/drift/checks", "/drift/nights"])
async def test_what_cannot_begin_says_why(site: Site, path: str) -> None:
    answer = await site.post(path, account="none", back="/_broker/ui/drift")
    assert (answer.status_code, answer.headers["location"]) == (303, "/_broker/ui/drift")
    assert 'class="flash' in await site.text("/drift")
