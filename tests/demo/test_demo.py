"""The demo ends with 0, tells its story, and would notice when something did not hold."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rich.console import Console

from demo.telling import Teller
from tests.house.tree import ROOT


@pytest.mark.slow
def test_every_expectation_of_the_demo_holds() -> None:
    done = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("pr-1", "pr-2", "payment_intent.succeeded", "live_credential", "foreign_id", "expectations held"):
        assert told in done.stdout
    assert "did not hold" not in done.stdout


def test_what_does_not_hold_ends_with_one() -> None:
    teller = Teller(Console(quiet=True))
    teller.expect(True, "the sky is above")
    assert teller.ended(1.0) == 0
    teller.expect(False, "the sky is below")
    assert teller.ended(1.0) == 1
