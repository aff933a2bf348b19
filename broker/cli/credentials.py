"""``broker env credentials``: further accounts of a service's world, each with a credential of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from broker.cli import terminal
from broker.cli.client import Control, segment
from broker.cli.options import Json, Name, examples, group

commands = group("Add, list and remove accounts that meet in a service's world.")

Service = Annotated[str, typer.Option("--service", metavar="SERVICE", help="Whose world it is.")]
Account = Annotated[
    str,
    typer.Option(
        "--account", metavar="ACCOUNT", help="Its id at the provider, or any name without spaces: reader, team-b."
    ),
]


@commands.command(
    "add",
    epilog=examples(
        "broker env credentials add pr-142 --service SERVICE --account reader",
        "broker env credentials add pr-142 --service SERVICE --account 111122223333 --json",
    ),
)
def add_credentials(name: Name, service: Service, account: Account, json: Json = False) -> None:
    """Let a further account into a service's world and print its credential.

    Adding it again prints the same. The account `primary` is the environment's own.
    """
    body = {"service": service, "account": account}
    found = Control().ask("POST", f"/environments/{segment(name)}/credentials", body=body)
    if json:
        return terminal.emit(found)
    terminal.facts((key, value) for key, value in found.items() if key != "variables")
    return terminal.facts(found["variables"].items())


@commands.command("list", epilog=examples("broker env credentials list pr-142"))
def list_credentials(
    name: Name,
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service's.")] = None,
    json: Json = False,
) -> None:
    """List the accounts of the services that can have several, the environment's own first."""
    place = f"/environments/{segment(name)}/credentials"
    found = Control().ask("GET", place, query={"service": service})["items"]
    if json:
        return terminal.emit(found)
    shown = ("service", "name", "account")
    terminal.table(
        ("SERVICE", "NAME", "ACCOUNT", "DETAILS"),
        [
            (*(one[key] for key in shown), " ".join(f"{key}={one[key]}" for key in one if key not in shown))
            for one in found
        ],
        empty="No service of it can have several accounts.",
    )
    return None


@commands.command("remove", epilog=examples("broker env credentials remove pr-142 --service SERVICE --account reader"))
def remove_credentials(name: Name, service: Service, account: Account, json: Json = False) -> None:
    """Let an account's credential open nothing any more. What the account owns stays."""
    place = f"/environments/{segment(name)}/credentials/{segment(service)}/{segment(account)}"
    found = Control().ask("DELETE", place)
    if json:
        return terminal.emit(found)
    return terminal.show(f"The credential of {found['name']} ({found['account']}) opens {name} no more.")
