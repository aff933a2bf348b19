"""The composite action, run as a runner runs it: its steps in bash, a real broker behind them, and a small GitHub."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.serving import Broker, plain_environment
from tests.house.tree import ROOT

FOLDER = ROOT / "integrations" / "github-action"
ACTION: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text())
_INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


class Github(ThreadingHTTPServer):
    """The comments of pull request 142 of acme/shop, a hundred a page; ``status`` is what it answers with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Comments)
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str, str | None]] = []
        self.status = 200
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, body: str) -> dict[str, Any]:
        """With its members in GitHub's order: https://docs.github.com/en/rest/issues/comments"""
        number = 9000 + len(self.comments)
        comment = {
            "url": f"{self.url}/repos/acme/shop/issues/comments/{number}",
            "html_url": f"https://github.test/acme/shop/pull/142#issuecomment-{number}",
            "id": number,
            "user": {"login": "somebody", "url": f"{self.url}/users/somebody"},
            "body": body,
            "reactions": {"url": f"{self.url}/repos/acme/shop/issues/comments/{number}/reactions"},
        }
        self.comments.append(comment)
        return comment


class _Comments(BaseHTTPRequestHandler):
    server: Github

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing to standard error."""

    def _answer(self, found: Any) -> None:
        # GitHub indents its JSON for some callers and not for others.
        indent = 2 if len(self.server.calls) % 2 else None
        body = json.dumps(found, indent=indent).encode()
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> Any:
        self.server.calls.append((self.command, self.path, self.headers["authorization"]))
        length = int(self.headers.get("content-length") or 0)
        return json.loads(self.rfile.read(length)) if length else None

    def do_GET(self) -> None:
        self._note()
        page = int(self.path.rpartition("page=")[2])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self._answer(self.server.add(self._note()["body"]))

    def do_PATCH(self) -> None:
        body = self._note()["body"]
        (comment,) = [one for one in self.server.comments if one["url"].endswith(self.path)]
        comment["body"] = body
        self._answer(comment)


@pytest.fixture
def github() -> Iterator[Github]:
    server = Github()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    served = Broker(tmp_path_factory.mktemp("broker"))
    served.start()
    yield served
    served.kill()


class Runner:
    """Runs the action's steps as a runner does; ``outputs`` and ``variables`` are what they left in its files."""

    def __init__(self, folder: Path, broker: Broker, github: Github) -> None:
        self.folder = folder
        self.broker = broker
        self.github = github
        self.log = ""
        self.outputs: dict[str, str] = {}
        self.variables = ""

    def __call__(self, command: str, *, ok: bool = True, **inputs: str) -> str:
        given = {
            "command": command,
            "broker-url": self.broker.url,
            "token": self.broker.token,
            "trust": "member",
            "reopen": "false",
            "comment": "true",
            "github-token": "ghs_of_the_runner",
            **{name.replace("_", "-"): value for name, value in inputs.items()},
        }
        for name in ("output", "env"):
            (self.folder / name).write_text("")
        codes = [self._step(step, given) for step in ACTION["runs"]["steps"]]
        assert (codes == [0]) is ok, self.log
        lines = (self.folder / "output").read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in lines)
        self.variables = (self.folder / "env").read_text()
        return self.log

    def _step(self, step: Mapping[str, Any], given: Mapping[str, str]) -> int:
        assert step["shell"] == "bash"
        inputs = {name: declared.get("default", "") for name, declared in ACTION["inputs"].items()} | dict(given)
        runner = {
            "GITHUB_ACTION_PATH": str(FOLDER),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_RUN_ID": "77",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.test",
            "RUNNER_TEMP": str(self.folder),
            "BROKER_RETRIES": "0",  # they wait for seconds
        }
        step_variables = {
            name: _INPUT.sub(lambda match: inputs[match[1]], value).replace(
                "${{ github.event.pull_request.number }}", "142"
            )
            for name, value in step["env"].items()
        }
        # The options that a runner gives to bash: https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env=plain_environment(self.folder) | runner | step_variables,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        self.log = done.stdout
        return done.returncode


@pytest.fixture
def runner(tmp_path: Path, broker: Broker, github: Github) -> Runner:
    return Runner(tmp_path, broker, github)


def secrets(broker: Broker, name: str) -> list[str]:
    """Every value of the bundle that is neither an address nor a plain name."""
    variables: dict[str, str] = broker.json("env", "open", name)["variables"]
    plain = ("BROKER_ENVIRONMENT", "AWS_REGION", "AWS_DEFAULT_REGION")
    found = [v for n, v in variables.items() if n not in plain and not v.startswith("http")]
    assert len(found) >= 7
    return found


def test_open_heartbeat_and_close(runner: Runner, broker: Broker, github: Github) -> None:
    policy = '# "quotes", a back\\slash, a\ttab & more\nversion: 1\nservices:\n  s3: refuse\n'
    (runner.folder / ".broker.yaml").write_text(policy)
    log = runner("open", name="pr-142", ttl="3h")
    assert runner.outputs["outcome"] == "created"
    assert runner.outputs["endpoint"] == f"{broker.url}/e/pr-142"
    shown = broker.json("env", "show", "pr-142")
    assert runner.outputs["expires-at"] == shown["expires_at"]
    assert (shown["services"]["s3"], shown["trust"]) == ("refuse", "member")
    assert f"EXTERNAL_API_ENDPOINT={broker.url}/e/pr-142\n" in runner.variables

    (comment,) = github.comments
    assert comment["body"].startswith("<!-- preview-broker environment pr-142 -->\n")
    assert f"`{broker.url}/e/pr-142/stripe`" in comment["body"]
    assert "[Run](https://github.test/acme/shop/actions/runs/77)" in comment["body"]
    assert {call[2] for call in github.calls} == {"Bearer ghs_of_the_runner"}
    masked = [line.removeprefix("::add-mask::") for line in log.splitlines() if line.startswith("::add-mask::")]
    printed = "\n".join(line for line in log.splitlines() if not line.startswith("::add-mask::"))
    for secret in [*secrets(broker, "pr-142"), broker.token]:
        assert secret in masked
        assert secret not in printed
        assert secret not in json.dumps(github.comments)
        assert secret not in json.dumps(runner.outputs)
    assert not [mask for mask in masked if mask.startswith("http") or mask == "us-east-1"], "logs stay readable"

    runner("open", name="pr-142")
    assert runner.outputs["outcome"] == "unchanged"
    runner("heartbeat", name="pr-142", ttl="2d")
    assert runner.outputs["outcome"] == "renewed"
    assert runner.outputs["expires-at"] == broker.json("env", "show", "pr-142")["expires_at"] > shown["expires_at"]

    runner("close", name="pr-142")
    receipt = json.loads(Path(runner.outputs["receipt"]).read_text())
    assert (runner.outputs["outcome"], receipt["left"]) == ("closed", {})
    assert [one["body"].splitlines()[1] for one in github.comments] == [
        "**Preview environment `pr-142`** is closed; all of it was deleted."
    ], "one comment, written anew"
    late = runner("open", ok=False, name="pr-142")
    assert "::error::preview-broker: open: the broker answered 410." in late
    assert "heartbeat: the broker answered 410" in runner("heartbeat", ok=False, name="pr-142")
    runner("open", name="pr-142", reopen="true")
    assert runner.outputs["outcome"] == "created"


def test_forks(runner: Runner, broker: Broker, github: Github) -> None:
    runner("open", name="pr-7", token="")
    assert (runner.outputs, runner.variables, github.calls) == ({"name": "pr-7", "outcome": "skipped"}, "", [])
    assert "::notice::" in runner.log
    runner("open", name="pr-7", trust="fork")
    assert broker.json("env", "show", "pr-7")["trust"] == "fork"
    expression = ACTION["inputs"]["trust"]["default"]
    assert "head.repo.id == github.event.pull_request.base.repo.id && 'member' || 'fork'" in expression


def test_its_comment_is_found_among_others(runner: Runner, github: Github) -> None:
    mark = "<!-- preview-broker environment pr-8 -->"
    for number in range(103):
        github.add(f'"url": "{github.url}/repos/acme/shop/issues/comments/1" {number}\n> {mark}\n"body": "{mark}"')
    github.add("<!-- preview-broker environment pr-88 -->\nanother's")
    runner("open", name="pr-8")
    assert (len(github.comments), github.comments[-1]["body"].startswith(mark)) == (105, True)
    github.add("and one after it")
    runner("close", name="pr-8")
    assert len(github.comments) == 106
    assert "is closed" in github.comments[104]["body"]
    assert sum("is closed" in one["body"] for one in github.comments) == 1


def test_no_comment_unless_wanted_and_none_stops_a_deploy(runner: Runner, github: Github) -> None:
    runner("open", name="pr-9", comment="false")
    assert github.calls == []
    github.status = 403
    log = runner("open", name="pr-9")
    assert runner.outputs["outcome"] == "unchanged"
    assert "::warning::preview-broker: GitHub answered 403" in log


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"name": "pr-"}, "cannot name an environment"),
        ({"name": "x;echo"}, "cannot name an environment"),
        ({"broker_url": "broker"}, "broker-url is no address"),
        ({"wait": "long"}, "wait is no number"),
        ({"policy": "absent.yaml"}, "there is no policy file absent.yaml"),
        ({"token": "wrong"}, "open: the broker answered 401."),
        ({"token": 'x"\nurl = "http://evil'}, "token has characters"),
        ({"ttl": "soon"}, "open: the broker answered 400. ttl: 'soon' is not a duration"),
        ({"trust": "family"}, "open: the broker answered 400."),
        ({"command": "destroy"}, "command is 'destroy'"),
        ({"broker_url": "http://127.0.0.1:1"}, "no answer from http://127.0.0.1:1/"),
    ],
)
def test_what_cannot_be_is_said(runner: Runner, inputs: dict[str, str], says: str) -> None:
    given = {"name": "pr-10", **inputs}
    log = runner(given.pop("command", "open"), ok=False, **given)
    assert "::error::" in log
    assert says in log.replace("%0A", "\n")
    assert runner.variables == ""


def test_closing_what_never_was(runner: Runner) -> None:
    runner("close", name="pr-404")
    assert runner.outputs == {"name": "pr-404", "outcome": "closed"}


def test_every_input_and_output_is_described_and_used() -> None:
    used = set(_INPUT.findall(json.dumps(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
    assert all(declared["description"].endswith(".") for declared in ACTION["inputs"].values())
    written = set(re.findall(r"^\s*output ([a-z-]+) ", (FOLDER / "environment.sh").read_text(), re.MULTILINE))
    assert written == set(ACTION["outputs"])


def test_no_expression_stands_in_a_script() -> None:
    """What a pull request's author chose (a branch's name) would be part of the program."""
    assert not [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]]
    assert "${{" not in (FOLDER / "environment.sh").read_text()
