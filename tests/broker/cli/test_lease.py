"""``broker lease``: what an environment holds of real accounts."""

from __future__ import annotations

import asyncio

import pytest

from broker.cli import codes
from tests.broker.cli.conftest import Shell
from tests.broker.sandbox import KEY


@pytest.fixture
def leasing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("ALPHA_REAL", KEY)
    shell("account", "add", "one", "--service", "alpha", "--secret-variable", "ALPHA_REAL")
    shell.write("p.yaml", "version: 1\nservices: {alpha: {mode: sandbox, sandbox: {scopes: [read]}}}\n")
    assert shell("env", "open", "pr-1", "--policy", "p.yaml").code == 0
    return shell


async def use(shell: Shell) -> None:
    await shell.bench.accounts.of(await shell.bench.environments.get("pr-1"), "alpha")


def test_leases_are_listed_renewed_and_revoked(leasing: Shell) -> None:
    assert "pr-1 leases nothing" in leasing("lease", "list", "pr-1").out
    asyncio.run(use(leasing))
    account, credential = leasing("lease", "list", "pr-1", "--json").json
    shown = leasing("lease", "list", "pr-1").out
    assert account["lease_id"] in shown
    assert "credential" in shown
    renewed = leasing("lease", "renew", credential["lease_id"])
    assert (renewed.code, "lives until" in renewed.out) == (0, True)
    assert leasing("lease", "renew", account["lease_id"], "--json").json == account
    assert leasing("lease", "revoke", credential["lease_id"]).out.startswith("Revoked lease_")
    assert leasing("lease", "revoke", "--environment", "pr-1", "--json").json[0]["lease_id"] == account["lease_id"]
    assert leasing("lease", "revoke", "--environment", "pr-1").out == "There was nothing to revoke.\n"


def test_what_cannot_be_is_told(leasing: Shell) -> None:
    assert leasing("lease", "revoke").code == codes.USAGE
    assert leasing("lease", "revoke", "lease_x", "--environment", "pr-1").code == codes.USAGE
    assert leasing("lease", "renew", "lease_x").code == codes.MISSING
    assert leasing("lease", "list", "nobody").code == codes.MISSING
