"""``broker env``: fixed forms that others script against, and what people see."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from broker.cli import codes
from tests.broker.cli.conftest import Shell


def test_open_prints_the_bundle_for_machines(shell: Shell) -> None:
    opened = shell("env", "open", "pr-142", "--ttl", "3h", "--json")
    assert opened.code == 0
    assert list(opened.json) == ["name", "status", "endpoint", "expires_at", "variables", "bindings"]
    assert opened.json["expires_at"] == "2026-03-01T15:00:00Z"
    again = shell("env", "open", "pr-142", "--ttl", "3h", "--json")
    assert again.out == opened.out, "idempotent to the byte"


def test_open_tells_people_what_happened(shell: Shell) -> None:
    opened = shell("env", "open", "pr-142")
    assert "Opened pr-142." in opened.out
    assert "http://127.0.0.1:4600/e/pr-142/alpha" in opened.out
    assert "ALPHA_KEY" in opened.out
    assert "nothing was changed" in shell("env", "open", "pr-142").out
    shell.write("p.yaml", "version: 1\nservices: {beta: refuse}")
    assert "its policy was replaced" in shell("env", "open", "pr-142", "--policy", "p.yaml").out


@pytest.mark.parametrize("format", ["dotenv", "shell", "github", "k8s"])
def test_formats(shell: Shell, format: str) -> None:
    text = shell("env", "open", "pr-1", "--format", format).out
    assert "http://127.0.0.1:4600/e/pr-1" in text
    if format == "k8s":
        assert yaml.safe_load(text)["stringData"]["BROKER_ENVIRONMENT"] == "pr-1"
    if format == "shell":
        script = text + 'printf %s "$BROKER_ENVIRONMENT"'
        assert subprocess.run(["sh", "-eu"], input=script, text=True, capture_output=True, check=True).stdout == "pr-1"


def test_the_policy_of_the_folder_is_used_and_named(shell: Shell) -> None:
    shell.write(".broker.yaml", "version: 1\nservices: {beta: refuse}")
    opened = shell("env", "open", "pr-1", "--json")
    assert opened.err == "using .broker.yaml of this folder\n"
    assert opened.json["bindings"]["beta"]["mode"] == "refuse"
    other = shell.write("other.yaml", "version: 1")
    assert shell("env", "open", "pr-1", "--policy", str(other), "--json").json["bindings"]["beta"]["mode"] == "mock"


def test_webhooks(shell: Shell) -> None:
    opened = shell("env", "open", "pr-1", "--webhook", "alpha=http://127.0.0.1:9/?a=b", "--json")
    assert opened.json["bindings"]["alpha"]["webhooks"] == ["http://127.0.0.1:9/?a=b"]
    assert shell("env", "open", "pr-1", "--webhook", "alpha").code == 2
    bad = shell("env", "open", "pr-1", "--webhook", "gamma=http://127.0.0.1:9/")
    assert (bad.code, "unknown service" in bad.err) == (1, True)


def test_faults_of_a_policy_name_line_and_key(shell: Shell) -> None:
    shell.write("p.yaml", "version: 1\nservcies: {}")
    refused = shell("env", "open", "pr-1", "--policy", "p.yaml")
    assert refused.code == 1
    assert refused.err == "broker: The policy has 1 fault: line 2, servcies: unknown key; did you mean services?\n"
    assert shell("env", "open", "pr-1", "--policy", "nowhere.yaml").code == 2
    (shell.folder / "bad.yaml").write_bytes(b"\xff\xff")
    assert "not UTF-8" in shell("env", "open", "pr-1", "--policy", "bad.yaml").err


def test_close_prints_the_receipt_and_leaves_a_tombstone(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    closed = shell("env", "close", "pr-1", "--json")
    assert (closed.code, closed.json["left"]) == (0, {})
    assert shell("env", "close", "pr-1", "--json").out == closed.out
    assert "Closed pr-1." in shell("env", "close", "pr-1").out
    shell.bench.clock.advance(1)
    refused = shell("env", "open", "pr-1")
    assert (refused.code, "--reopen" in refused.err) == (5, True)
    assert shell("env", "open", "pr-1", "--reopen").code == 0


def test_a_receipt_with_something_left_fails(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def close(name: str, *, wait: float | None = None) -> dict[str, object]:
        return {"environment": name, "left": {"files": ["x"]}}

    shell("env", "open", "pr-1")
    monkeypatch.setattr(shell.bench.work, "close", close)
    closed = shell("env", "close", "pr-1", "--json")
    assert (closed.code, closed.json["left"]) == (1, {"files": ["x"]})


def test_show_list_renew_reset(shell: Shell) -> None:
    assert "No environments" in shell("env", "list").out
    shell("env", "open", "b")
    shell("env", "open", "a")
    assert [one["name"] for one in shell("env", "list", "--json").json] == ["a", "b"]
    assert shell("env", "list").out.splitlines()[1].split()[:2] == ["a", "open"]
    assert "endpoint  " in shell("env", "show", "a").out
    assert shell("env", "show", "a", "--json").json["name"] == "a"
    assert shell("env", "show", "a", "--format", "json").out == shell("env", "open", "a", "--json").out
    assert shell("env", "show", "a", "--format", "xml").code == 2
    assert "a lives until 2026-03-01 14:00:00Z." in shell("env", "renew", "a", "--ttl", "2h").out
    assert "Emptied a: 0 records" in shell("env", "reset", "a").out


@pytest.mark.parametrize("name", ["PR_1", "..", "a/b", "", "a b", "ä", "-x"])
def test_bad_names_are_refused_with_a_sentence(shell: Shell, name: str) -> None:
    for command in ("show", "open", "close", "reset"):
        ran = shell("env", command, "--", name)
        assert ran.code == 1, ran
        assert "cannot name an environment" in ran.err or "not readable" in ran.err


def test_the_unknown_is_4_and_usage_is_2(shell: Shell) -> None:
    assert shell("env", "show", "nobody").code == 4
    assert shell("env", "nonsense").code == 2
    assert shell("env", "open").code == 2
    unknown = shell("env", "open", "a", "--format", "xml")
    assert (unknown.code, "none of json, dotenv" in unknown.err) == (2, True)


def test_whose_code_it_is(shell: Shell) -> None:
    shell("env", "open", "pr-1", "--trust", "fork")
    assert "trust      fork" in shell("env", "show", "pr-1").out
    shell("env", "open", "pr-1")
    assert shell("env", "show", "pr-1", "--json").json["trust"] == "fork", "nothing said, nothing changed"
    wrong = shell("env", "open", "pr-1", "--trust", "family")
    assert (wrong.code, "body.trust" in wrong.err) == (1, True)


def test_rotation_prints_the_new_bundle(shell: Shell) -> None:
    before = shell("env", "open", "pr-1", "--json").json["variables"]
    shown = shell("env", "rotate", "pr-1", "--service", "alpha", "--overlap", "10m")
    assert (shown.code, shown.out.startswith("Rotated alpha; the old ones go on until ")) == (0, True)
    assert before["ALPHA_KEY"] not in shown.out
    found = shell("env", "rotate", "pr-1", "--overlap", "0", "--json").json
    assert found["rotated"] == ["alpha", "beta"]
    dotenv = shell("env", "rotate", "pr-1", "--format", "dotenv")
    assert "ALPHA_KEY=" in dotenv.out
    assert shell("env", "rotate", "pr-1", "--overlap", "soon").code == codes.FAILED
    assert shell("env", "rotate", "pr-1", "--format", "xml").code == codes.USAGE
    assert shell("env", "rotate", "nobody").code == codes.MISSING
