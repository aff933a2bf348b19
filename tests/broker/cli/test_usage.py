"""``broker usage``: what was spent, for people and machines."""

from __future__ import annotations

import asyncio

from broker.cli import codes
from tests.broker.cli.conftest import Shell


def test_usage_is_shown_with_its_limits(shell: Shell) -> None:
    shell.write("p.yaml", "version: 1\nservices: {alpha: {sandbox: {budget: {calls: 10, mails: 5, per: 1h}}}}\n")
    assert shell("env", "open", "pr-1", "--policy", "p.yaml").code == 0
    uid = shell("env", "open", "pr-1", "--json").json["name"]
    environment = asyncio.run(shell.bench.environments.get(uid))
    asyncio.run(shell.bench.budgets.spend(environment.uid, "alpha", {"calls": 3, "amount": 20}, {}, None))
    lines = shell("usage", "pr-1").out.splitlines()
    assert [line.split() for line in lines] == [
        ["SERVICE", "WHAT", "USED", "OF", "PER"],
        ["alpha", "calls", "3", "10", "3600", "s"],
        ["alpha", "amount", "20", "-", "-"],
        ["alpha", "mails", "0", "5", "3600", "s"],
    ]
    assert shell("usage", "pr-1", "--json").json["items"][0]["used"] == {"calls": 3, "amount": 20}


def test_nothing_spent_is_said(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    assert "has not called a real provider" in shell("usage", "pr-1").out
    assert shell("usage", "nobody").code == codes.MISSING
