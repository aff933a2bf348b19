"""The nightly workflow: its commands exist, it posts what there is, and nothing that failed ends as a success."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.serving import Broker, plain_environment
from mocks.registry import SERVICES
from tests.house import reference
from tests.house.tree import ROOT

PATH = ROOT / "examples" / "github-drift.yaml"
WORKFLOW: dict[Any, Any] = yaml.safe_load(PATH.read_text())
JOBS: dict[str, Any] = WORKFLOW["jobs"]


def scripts(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def script(job: str, name: str) -> str:
    [found] = [step["run"] for step in JOBS[job]["steps"] if step.get("name") == name]
    return str(found)


def test_it_runs_every_night_and_may_write_issues() -> None:
    # YAML 1.1 reads the key `on` as true.
    [schedule] = WORKFLOW[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", schedule["cron"])
    assert WORKFLOW["permissions"]["issues"] == "write"
    conditions = {JOBS[job]["if"] for job in ("night", "check")}
    assert conditions == {"vars.BROKER_URL != ''", "vars.BROKER_URL == ''"}, "one of them runs, and not both"


def test_every_service_is_checked() -> None:
    assert {each["service"] for each in JOBS["check"]["strategy"]["matrix"]["include"]} == {
        service.name for service in SERVICES
    }


@pytest.mark.parametrize("job", JOBS)
def test_its_commands_exist_with_their_options(job: str) -> None:
    tree = {name: command for name, _, command in reference.command_tree()}
    shown = [line for text in scripts(job) for line in re.findall(r"\bbroker ((?:[a-z]+ )+[^|>&;\n]*)", text)]
    assert len(shown) >= 3
    for words in (line.split() for line in shown):
        if words[0] == "serve":
            continue
        name = " ".join(words[:2])
        assert name in tree
        known = {option for parameter in tree[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, name


@pytest.mark.parametrize("job", JOBS)
def test_nothing_that_failed_ends_as_a_success(job: str) -> None:
    """The step that looks has no `|| true`, and no step lets the job go on as if it had passed."""
    look = script(job, "Look for drift")
    assert "||" not in look
    assert ";" not in look
    for step in JOBS[job]["steps"]:
        assert "continue-on-error" not in step
    post = next(step for step in JOBS[job]["steps"] if step.get("name") == "Post it")
    assert post["if"] == "always()"


def run(text: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """As a runner does: bash with -e and -o pipefail; `gh` writes down what it is given."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    gh = tools / "gh"
    gh.write_text('#!/bin/sh\n[ "$2" = list ] && { cat issue 2> /dev/null; exit 0; }\necho "$@" >> calls\n')
    gh.chmod(0o755)
    environment = plain_environment(folder)
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    variables = {"GH_REPO": "acme/shop", "GITHUB_SERVER_URL": "https://github.test", "GITHUB_RUN_ID": "7", **more}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        env=environment | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def calls(folder: Path) -> list[str]:
    file = folder / "calls"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.slow
def test_a_night_that_found_out_nothing_is_posted_and_fails(broker: Broker, tmp_path: Path) -> None:
    reached = {"BROKER_URL": broker.url, "BROKER_TOKEN": broker.token, "TITLE": "Drift of the mocks"}
    looked = run(script("night", "Look for drift"), tmp_path, **reached)
    assert looked.returncode == 7
    assert "nothing was compared" in looked.stderr
    posted = run(script("night", "Post it"), tmp_path, FAILED="true", **reached)
    assert posted.returncode == 0, posted.stderr
    assert calls(tmp_path) == ["issue create --title Drift of the mocks --body-file drift.md"]
    assert (tmp_path / "drift.md").read_text().startswith("## ❌")
    assert (tmp_path / "drift.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("failed", "issue", "call"),
    [
        ("true", "", "issue create --title Drift --body-file drift.md"),
        ("true", "12", "issue comment 12 --body-file drift.md"),
        ("false", "12", "issue close 12 --comment The last night found none that counts."),
        ("false", "", None),
    ],
)
@pytest.mark.parametrize("job", JOBS)
def test_the_issue(job: str, failed: str, issue: str, call: str | None, tmp_path: Path) -> None:
    """Without a server: that there is no report is said too."""
    (tmp_path / "issue").write_text(issue)
    unreachable = {"BROKER_URL": "http://127.0.0.1:9", "BROKER_TOKEN": "none"}
    done = run(script(job, "Post it"), tmp_path, FAILED=failed, TITLE="Drift", **unreachable)
    assert done.returncode == 0, done.stderr
    assert calls(tmp_path) == ([] if call is None else [call])
    assert "https://github.test/acme/shop/actions/runs/7" in (tmp_path / "drift.md").read_text()
