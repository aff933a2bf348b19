"""The bench in its reduced form: every measure is there, with its promise beside it. Figures are not judged here."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.results import Result, document, table
from tests.house.tree import ROOT


@pytest.mark.slow
def test_a_quick_run(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    command = [sys.executable, "-m", "bench", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(file.read_text())
    promised = {one["name"]: one["target"] for one in found["results"] if one["target"] is not None}
    assert promised["retrieve a customer"] == 0.45
    assert promised["create a customer"] == 0.17
    assert promised["a payment: create and confirm, events stored"] == 0.1
    assert promised["list 100 customers"] == 0.1
    assert promised["a year over 10 monthly subscriptions"] == 10
    assert promised["another environment's p99 meanwhile / without"] == 2
    assert promised["resident memory for a stored object"] == 1024
    assert promised["process start to ready"] == 1
    assert promised["resident after a call to each service"] == 130
    assert promised["a turn at an idle account"] == 200
    assert (promised["S3 PUT, 1 KiB"], promised["S3 GET, 1 KiB"]) == (0.12, 0.3)
    assert promised["SendGrid mail/send"] == 0.2
    assert sorted(target for name, target in promised.items() if "times moto" in name) == [1.2, 2, 8, 20, 30]
    assert promised["proxied GET of 1 KB"] == 0.6
    flood = "20 environments flood an account of 25 calls/s: "
    assert promised[flood + "429s that reached one"] == 0
    assert promised[flood + "429s of the provider"] == 0
    assert promised[flood + "(most - least) / mean"] == 0.2
    assert promised["a bucket of 20,000 keys is emptied: extra memory"] == 100
    assert promised["stripe: the whole API compared"] == 10
    assert promised["a document's mock: retrieve one of fifty"] == 0.3
    assert promised["a document of 5 MB is a mock that has answered"] == 2
    assert sum(name.startswith("passive drift: ") for name in promised) == 2
    assert promised["a page of 1,000 of 20,000 keys, the slowest of 5 kinds"] == 50
    assert promised["pages of 20,000 keys: extra memory"] == 40
    assert promised["an environment of 20,000 objects is closed: extra memory"] == 100
    assert promised["S3 GET, 1 KiB: p99 beside 100 uploads of 8 MiB / without"] == 3
    assert len(promised) == 43, promised
    assert {one["name"] for one in found["stages"]} >= {"retrieve a customer", "create a customer"}
    assert all(one["stages"]["resolve"] > 0 for one in found["stages"])


@pytest.mark.parametrize(
    ("result", "holds"),
    [
        (Result(name="a", unit="/s", ours=50, bare=100, ratio=0.5, figure="ratio", target=0.45), True),
        (Result(name="a", unit="/s", ours=50, bare=100, ratio=0.4, figure="ratio", target=0.45), False),
        (Result(name="a", unit="s", ours=0.9, target=1, want="at most"), True),
        (Result(name="a", unit="s", ours=1.1, target=1, want="at most"), False),
        (Result(name="a", unit="s", ours=1.1), None),
    ],
)
def test_a_promise_holds_or_not(result: Result, holds: bool | None) -> None:
    assert result.holds is holds
    assert document([result], [], [])["results"][0]["holds"] is holds


def test_the_table_says_what_was_missed() -> None:
    console = Console(record=True, width=150, file=io.StringIO())
    table(console, [Result(name="ready", unit="s", ours=1.5, target=1, want="at most")])
    assert "missed" in console.export_text()
