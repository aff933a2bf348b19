"""A job says how it ended."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.sendgrid.marketing import jobs
from tests.harness import Harness
from tests.mocks.sendgrid.audience import calling
from tests.mocks.sendgrid.marketing.crowd import asked


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ({"requested_count": 2, "errored_count": 0}, "completed"),
        ({"requested_count": 2, "errored_count": 1}, "errored"),
        ({"requested_count": 2, "errored_count": 2}, "failed"),
    ],
)
async def test_how_it_ended(sendgrid: Harness, results: dict[str, Any], status: str) -> None:
    async with calling(sendgrid) as call:
        told = await jobs.done(call, "upsert", **results)
    found = await asked(sendgrid, "GET", f"contacts/imports/{told['job_id']}")
    assert (found["status"], found["results"]) == (status, results)
    assert found["started_at"] == found["finished_at"]
