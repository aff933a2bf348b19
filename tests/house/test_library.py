"""The compiled contracts hold facts, not prose, and say where they come from."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, relative

LIBRARY = ROOT / "contracts" / "library"
#: Keys that hold a document's prose. A property of that name has a schema under it, never a text.
PROSE = {"description", "summary", "documentation", "documentationUrl", "title", "example", "externalDocs", "$comment"}
SERVICES = sorted(path.name for path in LIBRARY.glob("*") if path.is_dir() and path.name != "__pycache__")


def prose(value: Any, place: str = "$") -> Iterator[str]:
    """Where a text stands that tells instead of promising."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key in ("enum", "const", "default"):
                continue
            if key in PROSE and isinstance(member, str):
                yield f"{place}.{key}"
            yield from prose(member, f"{place}.{key}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from prose(member, f"{place}[{index}]")
    elif isinstance(value, str) and len(re.findall(r"[A-Za-z]{2,} ", value)) > 8:
        yield f"{place}: {value[:60]}"


def documents(service: str) -> list[Path]:
    """The JSON documents of one compiled contract."""
    return sorted((LIBRARY / service).rglob("*.json"))


def test_the_three_services_are_there() -> None:
    assert {"stripe", "s3", "sendgrid"} <= set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_facts_only(service: str) -> None:
    assert documents(service)
    for path in documents(service):
        wrong = [place for _, place in zip(range(10), prose(json.loads(path.read_bytes())), strict=False)]
        assert not wrong, f"{relative(path)}: {wrong}"


@pytest.mark.parametrize("service", SERVICES)
def test_the_source_is_named(service: str) -> None:
    source = tomllib.loads((LIBRARY / service / "source.toml").read_text())
    assert {"origin", "version", "licence", "sha256", "date", "command"} <= set(source)
    assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"])


def test_the_check_can_fail() -> None:
    assert list(prose({"schemas": {"customer": {"type": "object", "description": "A customer."}}}))
    assert list(prose(["you can use this to do many things that the other one does not do"]))
    assert not list(prose({"properties": {"description": {"type": "string"}}, "required": ["description"]}))
