"""A policy as a page: explained, checked, applied."""

from __future__ import annotations

import pytest

from broker.dashboard.policy_pages import deciding, written
from tests.broker.dashboard.seeded import words
from tests.broker.dashboard.site import Site

POLICY = """version: 1
services:
  stripe:
    mode: mock
    rules:
    - operation: customers.create
      mode: refuse
    - request: POST /v1/charges
      mode: sandbox
  s3: refuse
"""


async def test_the_line_that_decides_is_marked(site: Site) -> None:
    await site.post("/open", name="pr-1", policy=POLICY)
    text = await site.text("/environments/pr-1/policy?request=POST+/v1/customers&service=stripe")
    assert "customers.create" in words(text)
    assert text.count("← decides") == 1
    assert "refuse" in words(text)
    wrong = await site.text("/environments/pr-1/policy?request=POST+/v1/nothing")
    assert "no service of this server has an operation" in words(wrong)
    assert 'class="flash bad"' in await site.text("/environments/pr-1/policy?request=NOT+IT")


@pytest.mark.parametrize(
    ("service", "rule", "line"),
    [
        ("stripe", None, "mode: mock"),
        ("stripe", 0, "- operation: customers.create"),
        ("stripe", 1, "- request"),
        ("none", None, None),
    ],
)
async def test_where_a_decision_stands(site: Site, service: str, rule: int | None, line: str | None) -> None:
    await site.post("/open", name="pr-1", policy=POLICY)
    text = written((await site.broker.environments.get("pr-1")).policy)
    found, lines = deciding(text, service, rule), text.splitlines()
    if line is None:
        assert found is None
    else:
        assert found is not None
        assert lines[found].strip().startswith(line)


async def test_a_text_is_checked_without_an_effect_and_then_applied(site: Site) -> None:
    before = dict((await site.broker.environments.get("pr-1")).policy)
    path, back = "/environments/pr-1/policy", "/_broker/ui/environments/pr-1/policy"
    await site.post(path + "/check", policy="version: 1\nservices: {s3: nonsense}", back=back)
    text = await site.text(path)
    assert "Line 2" in text
    assert "s3: nonsense" in text
    await site.post(path + "/check", policy="version: 1\nservices: {s3: refuse}")
    assert "It is valid." in words(await site.text(path))
    assert dict((await site.broker.environments.get("pr-1")).policy) == before
    await site.post(path + "/apply", policy="version: 1\nservices: {s3: nonsense}", back=back)
    assert "Line 2" in await site.text(path)
    await site.post(path + "/apply", policy="version: 1\nservices: {s3: refuse}")
    assert "The policy is applied." in words(await site.text(path))
    assert (await site.broker.environments.get("pr-1")).policy["services"]["s3"]["mode"] == "refuse"
