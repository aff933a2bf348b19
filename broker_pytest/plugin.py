"""The plugin's fixtures and hooks. Nothing happens before a test asks for ``broker``.

``broker`` is an environment for the test: one of the run's (each worker of xdist has its own) in a scope of the test's
own, or one that is opened and closed with the test. docs/pytest.md has all of it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from broker_pytest.control import Control
    from broker_pytest.environment import Environment

_HELD = pytest.StashKey["Environment"]()
_RUNS = pytest.StashKey[dict[str, int]]()
#: Characters of a scope: every address can carry them as they are.
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 150
#: Exchanges that a failed test shows.
_SHOWN = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings of the run."""
    parser.addini("broker_environment", "session: one environment, a scope a test; test: one a test", default="session")
    parser.addini("broker_policy", "file of the policy that environments are opened with", default="")
    parser.addini("broker_variables", "set the environment's variables for the test", type="bool", default=False)
    group = parser.getgroup("broker")
    group.addoption("--broker-environment", choices=("session", "test"), help="overrides the ini option")


def scope_of(nodeid: str, run: int = 1) -> str:
    """The scope of a test, and of its further runs: its id, as far as every address can carry it."""
    found = _FOREIGN.sub("-", nodeid).strip("-")
    if len(found) > _LONGEST:
        # The end tells tests apart; what is cut may be a folder's name or a parameter, and is counted in.
        found = f"{sum(nodeid.encode()):x}-{len(nodeid):x}-{found[-_LONGEST:]}"
    return found if run == 1 else f"{found}-run{run}"


@pytest.fixture(scope="session")
def broker_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    """The server of BROKER_URL, or one that is started for the run and ends with it."""
    from broker_pytest.serving import served

    with served(tmp_path_factory.mktemp("broker")) as control:
        yield control


@pytest.fixture(scope="session")
def broker_policy(pytestconfig: pytest.Config) -> Any:
    """The policy that environments are opened with: the text of the ini option's file. Override it for another."""
    path = pytestconfig.getini("broker_policy")
    return (pytestconfig.rootpath / path).read_text() if path else None


@pytest.fixture(scope="session")
def broker_name(request: pytest.FixtureRequest) -> str:
    """What the environments of this run and worker are called, or begin with."""
    from broker.clock import SystemClock

    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    return "-".join(filter(None, ("pytest", worker, SystemClock().text(8).lower())))


@pytest.fixture(scope="session")
def broker_session(broker_server: Control, broker_name: str, broker_policy: Any) -> Iterator[Environment]:
    """The environment of the run; each worker has its own."""
    from broker_pytest.environment import Environment

    environment = Environment.opened(broker_server, broker_name, policy=broker_policy)
    yield environment
    environment.close()


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """The environment of this test, in a scope of its own."""
    config = request.config
    how = config.getoption("--broker-environment") or config.getini("broker_environment")
    runs = config.stash.setdefault(_RUNS, {})
    runs[request.node.nodeid] = run = runs.get(request.node.nodeid, 0) + 1
    scope = scope_of(request.node.nodeid, run)
    environment = _session(request, scope) if how == "session" else _own(request)
    request.node.stash[_HELD] = environment
    if config.getini("broker_variables"):
        patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        for name, value in environment.env.items():
            patch.setenv(name, value)
    yield environment
    if how == "session":
        environment.end()
    else:
        environment.close()


def _session(request: pytest.FixtureRequest, scope: str) -> Environment:
    found: Environment = request.getfixturevalue("broker_session")
    return found.scoped(scope)


def _own(request: pytest.FixtureRequest) -> Environment:
    from broker_pytest.environment import Environment

    server, name = request.getfixturevalue("broker_server"), request.getfixturevalue("broker_name")
    made = request.config.stash.setdefault(_RUNS, {})
    made[""] = number = made.get("", 0) + 1
    return Environment.opened(server, f"{name}-{number}", policy=request.getfixturevalue("broker_policy"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """What the test expected has to be so at its end: a failure of the test itself."""
    __tracebackhide__ = True
    result = yield
    held = item.stash.get(_HELD, None)
    if held is not None:
        held.settle()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """A failed test shows the last exchanges of its scope."""
    report = yield
    held = item.stash.get(_HELD, None)
    if held is not None and report.when == "call" and report.failed:
        report.sections.append((f"broker: {held.name} {held.scope}".rstrip(), _exchanges(held)))
    return report


def _exchanges(held: Environment) -> str:
    from broker_pytest.control import Refused

    try:
        found = held.exchanges()[:_SHOWN]
    except Refused as refused:
        return str(refused)
    lines = [
        f"{one['at'][11:23]}  {one['id']}  {one['status']}  {one['method']} {one['path']}"
        + (f"  {len(one['violations'])} violations" if one["violations"] else "")
        for one in reversed(found)
    ]
    return "\n".join(lines) or "no exchanges"
