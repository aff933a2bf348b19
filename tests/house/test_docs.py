"""The documentation says what the code says, names everything that there is, and its examples are real."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from broker.control import pages
from broker.control.routes import ROUTES
from broker.policy import Policy
from broker.settings import Settings
from contracts import probes
from mocks.base import REFUSAL_STATUS
from mocks.registry import SERVICES
from tests.house import reference
from tests.house.tree import ROOT, found, parsed

README = (ROOT / "README.md").read_text()
EVERYTHING = "\n".join(page.read_text() for page in reference.PAGES)


def page_ids(page: Path) -> str:
    """The name of a page in a test's id."""
    return page.name


@pytest.mark.parametrize("page", reference.PAGES, ids=page_ids)
def test_the_generated_parts_are_current(page: Path) -> None:
    """`make docs` writes them again."""
    text = page.read_text()
    assert reference.rendered(text) == text, f"{page.name} is out of date: run `make docs`"


def test_every_generated_part_stands_somewhere() -> None:
    placed = re.findall(r"<!-- ([a-z-]+): generated -->", EVERYTHING)
    assert sorted(placed) == sorted(reference.PARTS)


def test_every_setting_is_documented() -> None:
    missing = [item.name for item in fields(Settings) if f"BROKER_{item.name.upper()}" not in EVERYTHING]
    assert not missing


def test_every_command_is_documented() -> None:
    missing = [name for name, _, _ in reference.command_tree() if f"broker {name}" not in EVERYTHING]
    assert not missing


def test_every_route_is_documented() -> None:
    missing = [f"{route.method} {route.path}" for route in ROUTES if f"{route.method} {route.path}" not in EVERYTHING]
    assert not missing
    assert "/_broker/openapi.json" in EVERYTHING


def test_every_policy_key_is_documented_in_words() -> None:
    found_keys = list(reference.policy_keys())
    assert len(found_keys) > 15
    assert not [key for key, _, _ in found_keys if f"`{key}`" not in EVERYTHING]
    silent = [key for key, _, about in found_keys if not about]
    assert not silent, f"broker/policy.schema.json says nothing about {silent}"


def test_every_error_is_documented() -> None:
    slugs = [error.slug for error in pages.error_types()] + list(REFUSAL_STATUS)
    assert not [slug for slug in slugs if f"`{slug}`" not in EVERYTHING]
    assert "`foreign_id`" in EVERYTHING


def test_every_service_is_documented_with_its_limits() -> None:
    for service in SERVICES:
        assert f"**{service.name}**" in README
        assert service.limits
        assert service.limits in README


def test_the_readme_leads_with_the_two_commands() -> None:
    first = README.split("```console\n", 1)[1].split("```", 1)[0].split("\n")
    assert [line.split("#")[0].strip() for line in first[:2]] == ["make demo", "make test"]
    assert README.index("make demo") < README.index("\n## ")


def invariants() -> list[list[str]]:
    """The rows of the invariants table."""
    part = README.split("### Invariants", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line.startswith("|")
    ]
    return rows[2:]


def test_every_invariant_is_enforced_by_a_test() -> None:
    assert len(invariants()) >= 15
    wrong = []
    for row in invariants():
        path, _, name = row[-1].strip("` |").partition("::")
        file = ROOT / path
        if not file.exists():
            wrong.append(f"{row[0]}: no {path}")
        elif name:
            names = {
                node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            if name not in names:
                wrong.append(f"{row[0]}: no {name} in {path}")
    assert not wrong, found(wrong)


@pytest.mark.parametrize("page", reference.PAGES, ids=page_ids)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


def blocks(language: str) -> Iterator[str]:
    """Every code block of a language in the documentation."""
    yield from re.findall(rf"```{language}\n(.*?)```", EVERYTHING, re.DOTALL)


def test_python_examples_parse() -> None:
    for block in blocks("python"):
        ast.parse(block)


def test_policy_examples_are_policies() -> None:
    policies = [block for block in blocks("yaml") if "version:" in block and "scenarios:" not in block]
    assert policies
    for block in policies:
        Policy.parse(yaml.safe_load(block), [service.name for service in SERVICES])


def test_probe_examples_are_probes() -> None:
    shown = [block for block in blocks("yaml") if "scenarios:" in block]
    assert shown
    for block in shown:
        assert probes.parse(block, "stripe")


def test_the_example_files_hold() -> None:
    names = [service.name for service in SERVICES]
    Policy.parse((ROOT / "examples" / "broker.yaml").read_text(), names)
    workflow = yaml.safe_load((ROOT / "examples" / "github-workflow.yaml").read_text())
    assert set(workflow["jobs"]) == {"open", "close"}


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", EVERYTHING, re.MULTILINE))
    assert {"demo", "test", "check", "bench", "run"} <= named
    assert named <= targets


def shown_commands() -> Iterator[list[str]]:
    """Every use of ``broker`` in code, as words: blocks by line, and inline code."""
    lines = [line for language in ("console", "yaml") for block in blocks(language) for line in block.splitlines()]
    lines += re.findall(r"`(broker [^`]+)`", EVERYTHING)
    for line in lines:
        for start in re.finditer(r"(?:^|\(|run: |`)broker (?=[a-z])", line):
            # What stands in quotes neither ends a command nor is one of its options.
            text = re.split(r"[|>)#`]", re.sub(r"'[^'`]*'", "VALUE", line[start.end() :]))[0]
            yield [word for word in shlex.split(text) if word != "..."]


def test_shown_commands_exist_with_their_options() -> None:
    tree = {name: command for name, _, command in reference.command_tree()}
    shown = list(shown_commands())
    assert len(shown) > 10
    wrong = []
    for words in shown:
        name = next((" ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in tree), None)
        if name is None:
            groups = {one.split()[0] for one in tree}
            if words[0] not in groups | {"COMMAND"}:
                wrong.append(" ".join(words))
            continue
        known = {option for parameter in tree[name].params for option in parameter.opts} | {"--help"}
        known |= {"--host", "--port", "--data"} if name == "serve" else set()
        wrong += [f"{name}: {word}" for word in words if word.startswith("--") and word not in known]
    assert not wrong, found(wrong)
