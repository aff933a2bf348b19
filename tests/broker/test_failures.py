"""What went wrong on our side becomes a refusal that says what to do, and never how the inside looks."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

import pytest

from broker.failures import failure, problem, unexpected
from broker.policy import Policy
from broker.storage.base import QuotaReached, StoreGone
from mocks.base import Refusal
from tests.broker.tiny import Gate, code, pieces

VISIT: Any = type("V", (), {"id": "exc_1", "violations": []})()


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        (StoreGone("uid"), "closed_environment"),
        (QuotaReached(2048, 1024, 4096), "over_quota"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "storage_full"),
        (sqlite3.OperationalError("database or disk is full"), "storage_full"),
        (sqlite3.DatabaseError("database disk image is malformed"), "internal"),
        (OSError(errno.EIO, "/secret/path"), "internal"),
        (ZeroDivisionError("secret"), "internal"),
    ],
)
def test_each_failure_has_its_reason(failed: Exception, reason: str) -> None:
    found = failure(failed, VISIT)
    assert found.reason == reason
    assert "secret" not in found.message


def test_a_quota_tells_the_figures_and_what_to_do() -> None:
    message = failure(QuotaReached(2 << 20, 1024, 4 << 20), VISIT).message
    for words in ("1,024 of 2,097,152 bytes", "4,194,304 more", "limits.storage_mib", "BROKER_STORAGE_MIB"):
        assert words in message


def test_without_a_service_it_is_a_problem_document() -> None:
    response = problem(Refusal("over_quota", "full"))
    assert (response.status, response.header("content-type")) == (507, "application/problem+json")
    assert b"#over-quota" in response.body


async def test_a_call_beyond_the_quota_is_refused_in_the_service_s_words_and_no_incident(gate: Gate) -> None:
    home = await gate.open("pr-1", policy={"limits": {"storage_mib": 1}})
    key = await gate.key(home)
    body = b"x" * 600_000
    first = await gate.call("PUT", "/v1/files/a", key=key, body=pieces(body))
    assert first.status == 200
    full = await gate.call("PUT", "/v1/files/b", key=key, body=pieces(body))
    assert (full.status, code(full)) == (507, "over_quota")
    assert (await gate.call("GET", "/v1/files/b", key=key)).status == 404
    await gate.environments.open("pr-1", Policy.parse({"version": 1, "limits": {"storage_mib": 2}}, ["tiny"]))
    raised = await gate.call("PUT", "/v1/files/b", key=key, body=pieces(body))
    assert raised.status == 200, "a policy that is changed holds at once"
    assert await gate.incidents() == []


@pytest.mark.parametrize(
    ("failed", "status", "traced"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, False),
        (sqlite3.OperationalError("database or disk is full"), 507, False),
        (OSError(errno.EIO, "/secret/path"), 500, True),
        (ZeroDivisionError("secret"), 500, True),
    ],
)
def test_where_no_service_words_it(
    failed: Exception, status: int, traced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    found = unexpected(failed, "GET /x")
    assert (found.status, "secret" in found.detail) == (status, False)
    [line] = caplog.records
    assert line.message.startswith("GET /x failed")
    assert (line.exc_info is not None) == traced
