"""Pull requests open, renew and close their environments by GitHub's webhook."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from broker.control import app
from broker.settings import Settings
from tests.broker.control.conftest import Bench
from tests.broker.test_github import delivery
from tests.clocks import HeldClock

SECRET = "secret of GitHub's webhook"
HOOK = "/_broker/hooks/github"
V1 = "/_broker/v1/environments"


class Github:
    """Delivers as GitHub does, to an application that knows its secret; ``bench`` looks at what came of it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        settings = Settings(github_webhook_secret=SECRET)
        self.client = httpx.AsyncClient(  # noqa: TID251 - speaks to the application in this process
            transport=httpx.ASGITransport(app.build(replace(bench.parts, settings=settings))),
            base_url="http://broker.test",
        )

    async def deliver(self, action: str, *, event: str = "pull_request", **pull: Any) -> tuple[int, dict[str, Any]]:
        answer = await self.send(orjson.dumps(delivery(action, **pull)), event=event)
        return answer.status_code, answer.json()

    async def send(self, body: bytes, *, event: str = "pull_request", signature: str | None = None) -> httpx.Response:
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": event, "Content-Type": "application/json"}
        headers["X-Hub-Signature-256"] = signed if signature is None else signature
        return await self.client.post(HOOK, content=body, headers=headers)

    async def environment(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.bench.client.get(f"{V1}/pr-142")).json()
        return found


@pytest.fixture
async def github(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Github]:
    made = Github(Bench(tmp_path, clock))
    yield made
    await made.client.aclose()
    await made.bench.close()


async def test_a_pull_requests_life(github: Github) -> None:
    assert await github.deliver("opened") == (201, {"outcome": "created", "environment": "pr-142"})
    assert await github.deliver("opened") == (200, {"outcome": "unchanged", "environment": "pr-142"})
    first = await github.environment()
    assert (first["status"], first["trust"]) == ("open", "member")
    github.bench.clock.advance(hours=1)
    assert await github.deliver("synchronize") == (200, {"outcome": "renewed", "environment": "pr-142"})
    assert (await github.environment())["expires_at"] > first["expires_at"]
    closed_at = "2026-03-01T13:00:00Z"
    assert await github.deliver("closed", closed_at=closed_at) == (200, {"outcome": "closed", "environment": "pr-142"})
    assert (await github.deliver("closed", closed_at=closed_at))[1]["outcome"] == "closed"

    github.bench.clock.advance(hours=1)
    for late in ("synchronize", "opened", "ready_for_review"):
        assert await github.deliver(late) == (200, {"outcome": "ignored", "ignored": "environment pr-142 was closed"})
    assert (await github.environment())["status"] == "closed"
    assert (await github.deliver("reopened"))[0] == 201
    again = await github.environment()
    assert (again["status"], again["tag"] != first["tag"]) == ("open", True)
    late_close = await github.deliver("closed", closed_at=closed_at)
    assert "opened after this pull request was closed" in late_close[1]["ignored"]
    assert (await github.environment())["status"] == "open"


async def test_a_fork_is_a_fork(github: Github) -> None:
    await github.deliver("opened", fork=True)
    assert (await github.environment())["trust"] == "fork"
    await github.bench.client.put(f"{V1}/pr-142", json={"policy": "version: 1"})
    assert (await github.environment())["trust"] == "fork", "a pipeline that says nothing changes nothing"
    bundle = (await github.bench.client.get(f"{V1}/pr-142/bundle")).json()
    assert "BROKER_ATTEST_SALT" not in bundle["variables"]


async def test_an_environment_that_was_never_opened(github: Github) -> None:
    assert await github.deliver("closed") == (
        200,
        {"outcome": "ignored", "ignored": "no environment is called pr-142"},
    )
    assert (await github.deliver("synchronize"))[0] == 201, "the webhook may be younger than the pull request"


async def test_a_slow_teardown_is_begun_and_not_waited_for(github: Github) -> None:
    await github.deliver("opened")
    github.bench.work.slow = True
    assert await github.deliver("closed") == (202, {"outcome": "closing", "environment": "pr-142"})
    assert (await github.environment())["status"] == "closing"
    assert (await github.deliver("reopened"))[0] == 409, "GitHub shows it, and can deliver it again"


async def test_what_asks_for_nothing(github: Github) -> None:
    assert await github.deliver("", event="ping") == (200, {"outcome": "pong"})
    for ignored in (
        await github.deliver("labeled"),
        await github.deliver("opened", draft=True),
        await github.deliver("opened", event="push"),
    ):
        assert (ignored[0], ignored[1]["outcome"]) == (200, "ignored")
    assert (await github.environment())["status"] == 404


async def test_only_what_github_signed(github: Github) -> None:
    body = orjson.dumps(delivery("opened"))
    for signature in ("", "sha256=" + "0" * 64, "sha1=x"):
        refused = await github.send(body, signature=signature)
        assert (refused.status_code, "secret" in refused.json()["detail"]) == (401, True)
        assert SECRET not in refused.text
    assert (await github.send(b"{}")).status_code == 400
    assert (await github.environment())["status"] == 404


async def test_without_a_secret_it_is_off(bench: Bench) -> None:
    answer = await bench.client.post(HOOK, json=delivery("opened"))
    assert (answer.status_code, "BROKER_GITHUB_WEBHOOK_SECRET" in answer.json()["detail"]) == (404, True)
