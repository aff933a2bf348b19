"""The floors of the house: import-linter's rules hold, and each of them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, modules, project, relative

LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))

#: A module, an import that must not stand in it, and the rule that has to notice.
PLANTED = [
    ("contracts/exchange.py", "import mocks.base", "floors"),
    ("mocks/base.py", "import broker.settings", "floors"),
    ("sandboxes/base.py", "import mocks.base", "floors"),
    ("mocks/stripe/service.py", "import mocks.s3.service", "one service never imports another"),
    ("broker/errors.py", "import mocks.registry", "only the composition root"),
    ("mocks/base.py", "import sqlite3", "no database, web framework or network"),
    ("contracts/exchange.py", "import httpx", "no database, web framework or network"),
    ("broker/settings.py", "import broker.storage.base", "inside the broker"),
    ("broker/storage/base.py", "import broker.backends", "inside the broker"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the packages in ``folder``."""
    return subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages' modules without their compiled contracts."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in modules():
        target = folder / relative(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


def test_the_floors_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("module", "planted", "rule"), PLANTED)
def test_a_wrong_import_is_noticed(copy: Path, module: str, planted: str, rule: str) -> None:
    path = copy / module
    before = path.read_text() if path.exists() else '"""Planted."""\n'
    path.write_text(before + f"\n{planted}\n")
    try:
        done = lint(copy)
    finally:
        path.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [line for line in done.stdout.splitlines() if "BROKEN" in line]
    assert any(rule in line for line in broken), broken


def test_every_package_is_under_the_rules() -> None:
    assert tuple(project()["tool"]["importlinter"]["root_packages"]) == PACKAGES


def test_every_service_is_under_the_independence_rule() -> None:
    services = {
        f"mocks.{path.parent.name}"
        for path in modules("mocks")
        if path.parent.parent.name == "mocks" and path.stem == "service"
    }
    rules = {rule["name"]: rule for rule in project()["tool"]["importlinter"]["contracts"]}
    assert services <= set(rules["one service never imports another"]["modules"])
    assert services <= set(rules["only the composition root knows which services exist"]["forbidden_modules"])


def test_every_module_of_the_broker_has_its_floor() -> None:
    (rule,) = (
        one for one in project()["tool"]["importlinter"]["contracts"] if one["name"].startswith("inside the broker")
    )
    layers = {name.strip(" ()") for layer in rule["layers"] for name in layer.split("|")}
    found = {"broker." + path.relative_to(ROOT / "broker").parts[0].removesuffix(".py") for path in modules("broker")}
    assert found - {"broker.__init__", "broker.__main__"} <= layers
