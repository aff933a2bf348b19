"""The parts of the documentation that code knows better: tables of settings, commands, routes, errors, policy keys and
services. ``python -m tests.house.reference`` (``make docs``) writes them again; a test holds them against the code.

A generated part stands between ``<!-- NAME: generated -->`` and ``<!-- NAME: end -->``.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import typer.main

from broker.cli import fidelity as fidelity_command
from broker.cli import root
from broker.control import pages
from broker.control.routes import ROUTES
from broker.settings import Settings
from contracts import comparison, library, observed
from contracts.contract import Operation
from mocks.base import REFUSAL_STATUS, MockService
from mocks.registry import SERVICES
from sandboxes.registry import PROVIDERS
from tests.house.tree import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_PART = re.compile(r"(<!-- ([a-z-]+): generated -->\n).*?(<!-- \2: end -->)", re.DOTALL)

Rows = Sequence[Sequence[str]]


def table(head: Sequence[str], rows: Rows) -> str:
    """A Markdown table; pipes inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in lines)


# Settings


def _default(value: Any) -> str:
    if value is None:
        return "unset"
    if isinstance(value, timedelta):
        return f"`{value.days}d`"
    return f"`{'yes' if value else 'no'}`" if isinstance(value, bool) else f"`{value}`"


def settings() -> str:
    """Every ``BROKER_*`` variable."""
    rows = [
        (f"`BROKER_{item.name.upper()}`", _default(item.default), item.metadata["about"]) for item in fields(Settings)
    ]
    return table(("Variable", "Default", "What it is"), rows)


# The command


def command_tree() -> Iterator[tuple[str, str, Any]]:
    """Every command of ``broker`` as ``("env open", its help's first sentence, the command)``; groups left out."""
    yield from _walk(typer.main.get_command(root.build()), "")


def _walk(command: Any, name: str) -> Iterator[tuple[str, str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        about = " ".join((command.help or "").split("\n\n", maxsplit=1)[0].split())
        yield name, about, command
        return
    for word, child in inner.items():
        yield from _walk(child, f"{name} {word}".strip())


def commands() -> str:
    """Every command with its own options."""
    rows = []
    for name, about, command in command_tree():
        words = ["broker", name]
        options = []
        for parameter in command.params:
            if parameter.param_type_name == "argument":
                shown = parameter.name.upper()
                words.append(shown if parameter.required else f"[{shown}]")
            elif parameter.name != "help":
                options.append(f"`{max(parameter.opts, key=len)}`")
        options += ["`--host`", "`--port`", "`--data`"] if name == "serve" else []
        about = "Run the server." if name == "serve" else about
        rows.append((f"`{' '.join(words)}`", about, " ".join(options)))
    return table(("Command", "What it does", "Options"), rows)


def exit_codes() -> str:
    """What a command's end means."""
    from broker.cli.codes import MEANINGS

    return table(("Exit code", "Meaning"), [(str(code), meaning) for code, meaning in MEANINGS.items()])


# The control API


def routes() -> str:
    """Every route of the control API."""
    rows = [(f"`{route.method} {route.path}`", route.about, "yes" if route.token else "no") for route in ROUTES]
    return table(("Route", "What it does", "Token"), rows)


def problems() -> str:
    """Every problem type, and what to do about it."""
    rows = [
        (f"`{error.slug}`", str(error.status), pages.NEXT_STEPS.get(error.slug, error.title))
        for error in pages.error_types()
    ]
    return table(("Type", "Status", "What to do"), rows)


def refusals() -> str:
    """Every reason for which the gateway itself turns a call away."""
    rows = [(f"`{reason}`", str(status), pages._REASONS[reason]) for reason, status in REFUSAL_STATUS.items()]
    return table(("Reason", "Status unless the provider's habit differs", "What it means"), rows)


# Policies


def policy_schema() -> dict[str, Any]:
    """The published JSON Schema of policies."""
    found: dict[str, Any] = json.loads((ROOT / "broker" / "policy.schema.json").read_text())
    return found


def policy_keys() -> Iterator[tuple[str, str, str]]:
    """Every key of a policy: its place, what it takes, what it is for."""
    schema = policy_schema()
    yield from _keys(schema, schema, "")


def _keys(schema: Mapping[str, Any], part: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    for name, member in part.get("properties", {}).items():
        where = f"{place}{name}"
        target = _followed(schema, member)
        yield where, _kind(target), member.get("description") or target.get("description", "")
        named = target.get("additionalProperties")
        if isinstance(named, dict):
            yield from _keys(schema, _followed(schema, named["else"]), f"{where}.NAME.")
        elif target.get("type") == "array":
            yield from _keys(schema, _followed(schema, target["items"]), f"{where}[].")
        else:
            yield from _keys(schema, target, f"{where}.")


def _followed(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = part.get("$ref")
    return schema["$defs"][reference.rpartition("/")[2]] if reference else part


def _kind(part: Mapping[str, Any]) -> str:
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{one}`" for one in part["enum"])
    limits = [f"{word} {part[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in part]
    return " ".join([str(part.get("type", "")), *limits])


def keys() -> str:
    """The reference of policy keys."""
    return table(("Key", "Takes", "What it is"), [(f"`{key}`", kind, about) for key, kind, about in policy_keys()])


# Services

_VERBS = re.compile(
    r"(?:Abort|Complete|Copy|Create|Delete|Get|Head|List|Put|Rename|Restore|Select|Update|Upload|Write)(?=[A-Z])"
)


def group(service: MockService, operation: Operation) -> str:
    """What an operation is about, as people would look it up: ``customers``, ``BucketCors``, ``mail``."""
    if "." in operation.id:
        *words, _ = operation.id.split(".")
        return ".".join(words[:2] if words[0] in ("v2", "test_helpers") else words[:1])
    if operation.path.startswith("/v3/"):
        return operation.path.split("/")[2]
    return _VERBS.sub("", operation.id, count=1)


def fidelity(service: MockService, operation: Operation) -> str:
    """How an operation is answered: ``stateful`` by a handler, ``generated`` by the generic engine, or ``refused``."""
    if operation.id in service.operations:
        return "stateful"
    return service.rest


def groups(service: MockService) -> dict[str, Counter[str]]:
    """How many operations of each group are answered how."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for operation in service.contract().operations().values():
        found[group(service, operation)][fidelity(service, operation)] += 1
    return dict(sorted(found.items()))


def scores(service: MockService) -> dict[str, Any]:
    """What the last committed run measured (``broker fidelity --save``); operations that are gone are left out."""
    path = library.folder(service.name) / fidelity_command.FILE
    if not path.exists():
        return {"operations": {}}
    found: dict[str, Any] = json.loads(path.read_text())
    known = service.contract().operations()
    found["operations"] = {name: points for name, points in found["operations"].items() if name in known}
    return found


def measured(service: MockService) -> str:
    """The mean of what was measured, when, and against what."""
    found = scores(service)
    points = list(found["operations"].values())
    if not points:
        return "unmeasured"
    against = ", ".join(found["against"])
    return f"{mean(points):.0f} on average of {len(points)} operations, on {found['date']} against {against}"


def services() -> str:
    """One row a service: counts, the groups that have handlers, and how true they were found."""
    rows = []
    for service in SERVICES:
        found = groups(service)
        sums: Counter[str] = sum(found.values(), Counter())
        stateful = ", ".join(f"{name} ({counts['stateful']})" for name, counts in found.items() if counts["stateful"])
        rows.append(
            (
                f"**{service.name}** `{service.contract().version}`",
                str(sum(sums.values())),
                f"{sums['stateful']}: {stateful}",
                str(sums["generated"] or "none"),
                str(sums["refused"] or "none"),
                measured(service),
                service.limits,
            )
        )
    head = ("Service", "Operations", "Stateful", "Generated", "Refused", "Fidelity", "Limits")
    return table(head, rows)


def service_groups() -> str:
    """A table a service: every group of operations."""
    out = []
    for service in SERVICES:
        real = passing(service)
        points = group_scores(service)
        rows = [
            (
                f"`{name}`",
                *(str(counts[kind] or "") for kind in ("stateful", "generated", "refused")),
                str(real[name] or ""),
                points.get(name, ""),
            )
            for name, counts in groups(service).items()
        ]
        out.append(f"\n### {service.name}\n\n{service.limits}\n\nFidelity: {measured(service)}.\n\n")
        out.append(table(("Group", "Stateful", "Generated", "Refused", "Real", "Fidelity"), rows))
    return "".join(out)


def group_scores(service: MockService) -> dict[str, str]:
    """Of each group the mean of the operations that were measured, and how many those are."""
    operations = service.contract().operations()
    found: defaultdict[str, list[int]] = defaultdict(list)
    for name, points in scores(service)["operations"].items():
        found[group(service, operations[name])].append(points)
    return {name: f"{mean(points):.0f} ({len(points)})" for name, points in found.items()}


def passing(service: MockService) -> Counter[str]:
    """How many operations of each group pass to the real provider."""
    provider = next((each for each in PROVIDERS if each.name == service.name), None)
    operations = service.contract().operations()
    return Counter(group(service, operations[each]) for each in (provider.rules if provider else ()))


_EFFECTS = ("read", "list", "create", "update", "delete", "send")


def sandboxes() -> str:
    """One row a provider: what passes, what bears how much, which walls there are."""
    rows = []
    for provider in PROVIDERS:
        effects = Counter(rule.effect for rule in provider.rules.values())
        passes = ", ".join(f"{effects[each]} {each}" for each in _EFFECTS if effects[each])
        rows.append(
            (
                f"**{provider.name}**",
                f"{len(provider.rules)}: {passes}",
                str(len(provider.contract().operations()) - len(provider.rules)),
                ", ".join(sorted(provider.isolations)),
                f"{provider.limits.rate:g} a second, {provider.limits.concurrency} at once",
                "yes" if provider.hooks is not None else "no",
            )
        )
    return table(("Service", "Operations that pass", "Refused", "Isolation", "Rate", "Webhooks"), rows)


def permissions() -> str:
    """What the real key of an account must be allowed, and the account's options."""
    out = []
    for provider in PROVIDERS:
        out.append(f"\n**{provider.name}**\n\n")
        out += [f"- `{each}`\n" for each in provider.permissions]
        out.append("\n")
        out.append(table(("Option", "What it is"), [(f"`{name}`", about) for name, about in provider.options.items()]))
    return "".join(out)


# Drift


def observed_rules() -> str:
    """What real answers can show in passing."""
    rows = [(f"`{rule}`", severity, about) for rule, (severity, about) in observed.RULES.items()]
    return table(("Rule", "Severity", "What was seen"), rows)


def probe_rules() -> str:
    """How two answers to a probe can differ."""
    rows = [(f"`{rule}`", severity, about) for rule, (severity, about) in comparison.RULES.items()]
    return table(("Rule", "Severity", "What the real side does"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "commands": commands,
    "exit-codes": exit_codes,
    "routes": routes,
    "problems": problems,
    "refusals": refusals,
    "policy-keys": keys,
    "services": services,
    "service-groups": service_groups,
    "sandboxes": sandboxes,
    "permissions": permissions,
    "observed-rules": observed_rules,
    "probe-rules": probe_rules,
}


def rendered(text: str) -> str:
    """A page with its generated parts written anew."""
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", text)


def main() -> int:
    """Write every page again; tell which ones changed."""
    for page in PAGES:
        before = page.read_text()
        after = rendered(before)
        if after != before:
            Path(page).write_text(after)
            sys.stdout.write(f"wrote {page.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
