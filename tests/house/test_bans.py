"""The bans of the house are active: each one is planted and has to be reported; exceptions are few and say why."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, found, modules, ours, parsed, project, relative

RUFF = str(Path(sys.executable).with_name("ruff"))
BANNED: dict[str, dict[str, str]] = project()["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]

#: Who may use what is banned everywhere else.
EXCEPTED = {
    "broker/settings.py": "reads the environment, so that nothing else does",
    "broker/clock.py": "is where time and chance come from",
    "broker/tasks.py": "is the keeper of tasks",
    "broker/vault.py": "makes the server's root secret",
    "broker/upstream.py": "is the one outgoing client",
    "broker/asgi.py": "waits for a caller to go away, and cancels the wait in every case",
}


def ruff(source: str, *options: str) -> str:
    """What ruff reports on ``source`` as if it were a module of the broker."""
    command = [
        RUFF,
        "check",
        "--no-cache",
        "--output-format",
        "concise",
        "--stdin-filename",
        "broker/planted.py",
        *options,
    ]
    done = subprocess.run([*command, "-"], input=source, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.parametrize("api", sorted(BANNED))
def test_a_planted_use_is_reported(api: str) -> None:
    module, _, name = api.rpartition(".")
    # datetime.datetime.now is reached through a class: import the module that holds the class.
    top = api.split(".")[0]
    through_module = f"import {module if module != 'datetime.datetime' else top}\n\nprint({api})\n"
    assert "TID251" in ruff(through_module, "--select", "TID251")
    if module != "datetime.datetime":
        assert "TID251" in ruff(f"from {module} import {name}\n\nprint({name})\n", "--select", "TID251")


@pytest.mark.parametrize(
    "api",
    [
        "httpx.AsyncClient",
        "os.environ",
        "datetime.datetime.now",
        "uuid.uuid4",
        "asyncio.create_task",
        "starlette.middleware.base.BaseHTTPMiddleware",
    ],
)
def test_the_plans_bans_are_all_there(api: str) -> None:
    assert BANNED[api]["msg"], "a ban carries its reason"


def test_relative_imports_and_prints_are_reported() -> None:
    assert "TID252" in ruff("from . import settings\n\nprint(settings)\n", "--select", "TID")
    assert "T201" in ruff("print(1)\n")


def test_only_the_excepted_modules_lift_a_ban() -> None:
    lifted = {relative(path) for path in modules() if "noqa: TID251" in path.read_text()}
    assert lifted <= set(EXCEPTED)


def test_every_silenced_rule_says_why() -> None:
    """``# noqa: CODE - reason`` or ``# type: ignore[code]  # reason``; a bare one hides what nobody weighed."""
    silenced = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|mypy:|ruff:)")
    reasoned = re.compile(
        r"# noqa: [A-Z]+\d+(, ?[A-Z]+\d+)* (- |# |\()\S.*|# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]\s+# \S.*"
    )
    wrong = []
    for path in ours():
        if path.suffix != ".py" or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if silenced.search(line) and not reasoned.search(line):
                wrong.append(f"{relative(path)}:{number}: {line.strip()}")
    assert not wrong, found(wrong)


def test_no_task_without_a_keeper() -> None:
    """``loop.create_task`` is a method, so ruff's ban of the function does not see it. A TaskGroup is a keeper."""
    wrong = []
    for path in modules():
        if relative(path) == "broker/tasks.py":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "create_task":
                owner = node.func.value
                if isinstance(owner, ast.Name) and ("loop" in owner.id or owner.id == "asyncio"):
                    wrong.append(f"{relative(path)}:{node.lineno}")
                if isinstance(owner, ast.Call):  # asyncio.get_running_loop().create_task
                    wrong.append(f"{relative(path)}:{node.lineno}")
    assert not wrong, found(wrong)


def test_mocks_and_contracts_hold_no_clock_and_no_chance() -> None:
    """Their time is ``call.now``, their ids are ``call.new_id``; a seeded ``random.Random`` is neither."""
    banned = {("time", "time"), ("time", "time_ns"), ("random", "choice"), ("random", "randint"), ("random", "random")}
    wrong = [
        f"{relative(path)}:{node.lineno}: {node.value.id}.{node.attr}"
        for path in modules("mocks", "contracts", "sandboxes")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if (node.value.id, node.attr) in banned or (node.value.id in ("secrets", "uuid") and node.attr != "uuid5")
    ]
    assert not wrong, found(wrong)


def test_no_exception_is_swallowed_whole() -> None:
    """A bare ``except:`` anywhere, or ``except Exception: pass``: silent generosity has ruined other houses."""
    wrong = []
    for path in modules():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.id if isinstance(node.type, ast.Name) else ""
            silent = all(isinstance(line, ast.Pass) for line in node.body)
            if node.type is None or (silent and caught in ("Exception", "BaseException")):
                wrong.append(f"{relative(path)}:{node.lineno}")
    assert not wrong, found(wrong)
