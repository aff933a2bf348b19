"""Every probe through the whole way, with our own mock as the real side: what drivers, isolation and the ledger do to a
call and to its answer is no drift, so that whatever a check tells of a provider is the provider's."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts import probes
from mocks.registry import SERVICES
from sandboxes.registry import PROVIDERS
from tests.broker.planted import ACCOUNT, pair
from tests.journeys.accounts import AWS_KEY, AWS_SECRET, MAIL_KEY

SECRETS: dict[str, Any] = {"s3": {"key": AWS_KEY, "secret": AWS_SECRET}, "sendgrid": MAIL_KEY}
#: Why calls are not compared, by service.
SKIPPED = {
    "s3": "sends no webhooks|has no rule in the driver|in the provider's place|on one side only|did not give version",
    "sendgrid": "sends no webhooks|has no rule in the driver|did not give|in the provider's place|on one side only",
}


@pytest.mark.parametrize("name", sorted(SECRETS))
async def test_our_mock_differs_in_nothing_from_itself(name: str, tmp_path: Path) -> None:
    service = next(each for each in SERVICES if each.name == name)
    # Events are no matter of these probes.
    provider = replace(next(each for each in PROVIDERS if each.name == name), hooks=None)
    async with pair(tmp_path, service, provider, SECRETS[name], probes.load(name)) as two:
        run = await two.broker.drift.checks.check(name, ACCOUNT)
    assert (run.status, list(run.errors)) == ("done", [])
    assert [f"{each.operation} {each.place}: {each.message}" for each in run.findings] == []
    for each in run.skipped:
        assert re.search(SKIPPED[name], each.why), each
    compared = {operation for operation, tally in run.operations.items() if tally.passed}
    assert len(compared) >= {"s3": 80, "sendgrid": 4}[name]
