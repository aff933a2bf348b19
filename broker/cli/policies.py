"""``broker policy``: check a policy file, explain a decision, print the schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.env import POLICY_FILE, read_policy
from broker.cli.options import Json, Name, examples, group
from broker.policy.document import schema_bytes
from broker.policy.faults import worded

_REQUEST = re.compile(r"[A-Z]+ /[!-~]*")

commands = group("Check policies, and say which rule decides.")


@commands.command("check", epilog=examples("broker policy check", "broker policy check .broker.yaml --json"))
def check(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="The policy; - reads standard input. Default: ./.broker.yaml.")
    ] = POLICY_FILE,
    json: Json = False,
) -> None:
    """Check a policy file: every fault with its line and key, and rules that decide nothing."""
    verdict = Control().ask("POST", "/policy/check", body={"policy": read_policy(file)})
    if json:
        terminal.emit(verdict)
    else:
        for fault in verdict["errors"]:
            terminal.show(f"{file}: {terminal.clean(worded(fault))}")
        for warning in verdict["warnings"]:
            terminal.show(f"{file}: warning: {terminal.clean(warning)}")
    if not verdict["valid"]:
        count = len(verdict["errors"])
        raise Failure(f"{file} has {count} {'fault' if count == 1 else 'faults'}.")
    if not json:
        terminal.show(f"{file} is valid.")


@commands.command(
    "explain",
    epilog=examples(
        'broker policy explain pr-142 "POST /v1/charges"',
        'broker policy explain pr-142 "GET /v1/customers" --service SERVICE',
    ),
)
def explain(
    name: Name,
    request: Annotated[
        str, typer.Argument(metavar="REQUEST", help="A method and a path of the provider's API: 'POST /v1/charges'.")
    ],
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service.")] = None,
    json: Json = False,
) -> None:
    """Say what an environment's policy does with a request, and which line of it decides."""
    if not _REQUEST.fullmatch(wanted := " ".join(request.split())):
        raise Failure(f"{request!r} is no request: write a method and a path, like 'POST /v1/charges'.", codes.USAGE)
    query = {"request": wanted, "service": service}
    found = Control().ask("GET", f"/environments/{segment(name)}/policy/explain", query=query)
    if json:
        return terminal.emit(found)
    terminal.table(
        ("SERVICE", "OPERATION", "MODE", "BECAUSE"),
        [(one["service"], one["operation"] or "unknown", one["mode"], one["because"]) for one in found["decisions"]],
        empty="No service knows this request.",
    )
    return None


@commands.command("schema", epilog=examples("broker policy schema > policy.schema.json"))
def schema() -> None:
    """Print the JSON Schema of policies, for editors."""
    terminal.show(schema_bytes().decode().rstrip("\n"))
