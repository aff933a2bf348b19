"""A server for the plugin's tests, and runs of pytest that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker_pytest.control import Control
from broker_pytest.environment import Environment
from broker_pytest.serving import served

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def home(control: Control, request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An environment of the test's own."""
    made = Environment.opened(control, f"home-{abs(hash(request.node.nodeid)) % 10**9}", scope="one")
    yield made
    made.close()


Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, control: Control, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest in a process of its own over the files that were made, against the module's server."""
    monkeypatch.setenv("BROKER_URL", control.url)
    monkeypatch.setenv("BROKER_TOKEN", control.token)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Whatever else is installed is not part of the runs, and the plugin is loaded once, installed or not.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "broker_pytest.plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider")

    def running(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*plugins, *arguments)

    return running
