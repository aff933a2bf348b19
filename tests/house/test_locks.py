"""The lock files: every dependency pinned and hashed, no registry named, nothing that pyproject does not ask for."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, project

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[^\s;]+)")


def entries(lock: str) -> dict[str, list[str]]:
    """Each pinned distribution with its hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / lock).read_text().splitlines():
        if pinned := PINNED.match(line):
            name = canonicalize_name(pinned["name"])
            found.setdefault(name, [])
        elif line.strip():
            assert re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}( \\)?", line), f"{lock}: unexpected line {line!r}"
            found[name].append(line)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_and_hashed(lock: str) -> None:
    pinned = entries(lock)
    assert pinned
    assert not [name for name, hashes in pinned.items() if not hashes]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_registry_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "index" not in re.sub(r"^\S*index\S*==.*$", "", text, flags=re.MULTILINE)


def test_what_pyproject_asks_for_is_locked() -> None:
    document = project()
    wanted = [Requirement(line) for line in document["project"]["dependencies"]]
    development = [Requirement(line) for line in document["dependency-groups"]["dev"]]
    production, everything = entries("requirements.lock"), entries("requirements-dev.lock")
    assert not [one.name for one in wanted if canonicalize_name(one.name) not in production]
    assert not [one.name for one in (*wanted, *development) if canonicalize_name(one.name) not in everything]


def test_production_is_a_part_of_development() -> None:
    def versions(lock: str) -> dict[str, str]:
        lines = (ROOT / lock).read_text().splitlines()
        return {found["name"]: found["version"] for line in lines if (found := PINNED.match(line))}

    everything = versions("requirements-dev.lock")
    assert {name: everything.get(name) for name in versions("requirements.lock")} == versions("requirements.lock")


def test_test_tools_stay_out_of_the_image() -> None:
    assert not {"pytest", "boto3", "hypothesis", "mypy", "ruff"} & set(entries("requirements.lock"))
