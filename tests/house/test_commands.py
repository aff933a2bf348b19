"""One command for everything: `.ci/run` is `make check`, and `make check` is all of it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.house.tree import ROOT


def steps(target: str) -> str:
    """What `make` would run for the target."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", target],
        cwd=ROOT,
        # The tests themselves run below a `make`, whose flags and level must not count.
        env={"PATH": os.environ["PATH"]},  # noqa: TID251 - to find make
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_check_is_all_of_it() -> None:
    found = steps("check")
    order = ["ruff format --check", "ruff check", "hadolint Dockerfile", "mypy", "lint-imports", "-m pytest"]
    places = [found.index(step) for step in order]
    assert places == sorted(places)
    assert found.index("--require-hashes -r requirements-dev.lock") < places[0]


def test_the_tests_of_check_are_the_tests_of_make_test() -> None:
    assert steps("test").splitlines()[-1] in steps("check")
    assert " -m " not in steps("test").splitlines()[-1].split("-m pytest")[1], "a selection would leave tests out"


@pytest.mark.parametrize(("target", "command"), [("demo", "-m demo"), ("bench", "-m bench"), ("run", "broker serve")])
def test_other_targets(target: str, command: str) -> None:
    assert command in steps(target)


def test_ci_runs_make_check() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text()
    assert "set -euo pipefail" in text
    assert text.rstrip().endswith('make check PYTHON="$python"')
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
