"""``broker lease``: what an environment holds of real accounts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples, group

commands = group("Show, renew and revoke what environments lease of real accounts.")

LeaseId = Annotated[str, typer.Argument(metavar="LEASE", help="The lease's id, as `broker lease list` gives it.")]


@commands.command("list", epilog=examples("broker lease list pr-142", "broker lease list pr-142 --json"))
def list_leases(name: Name, json: Json = False) -> None:
    """List what an environment leases of real accounts."""
    found = Control().ask("GET", f"/environments/{segment(name)}/leases")["items"]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("LEASE", "SERVICE", "ACCOUNT", "KIND", "ISSUED", "EXPIRES"),
        [
            (
                one["lease_id"],
                one["service"],
                one["account"],
                f"{one['kind']} {one['subaccount'] or ''}".strip(),
                terminal.moment(one["issued_at"]),
                terminal.moment(one["expires_at"]),
            )
            for one in found
        ],
        empty=f"{name} leases nothing: an account is chosen with the first call that needs one.",
    )
    return None


@commands.command("renew", epilog=examples("broker lease renew lease_8f3kd02ma1XyZ"))
def renew_lease(lease: LeaseId, json: Json = False) -> None:
    """Renew a lease that ends by itself; the others live as long as their environment."""
    found = Control().ask("POST", f"/leases/{segment(lease)}/renew")
    if json:
        return terminal.emit(found)
    return terminal.show(f"{found['lease_id']} lives until {terminal.moment(found['expires_at'])}.")


@commands.command(
    "revoke", epilog=examples("broker lease revoke lease_8f3kd02ma1XyZ", "broker lease revoke --environment pr-142")
)
def revoke_lease(
    lease: Annotated[str | None, typer.Argument(metavar="[LEASE]", help="The lease's id.")] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="NAME", help="All leases of this environment instead.")
    ] = None,
    json: Json = False,
) -> None:
    """Revoke a lease, or all of an environment: credentials die at the provider, and the next call leases anew."""
    if (lease is None) == (environment is None):
        raise Failure("Give the id of a lease, or --environment NAME for all of an environment.", codes.USAGE)
    control = Control()
    ended: list[dict[str, Any]]
    if lease is not None:
        ended = [control.ask("DELETE", f"/leases/{segment(lease)}")]
    else:
        ended = control.ask("DELETE", f"/environments/{segment(environment or '')}/leases")["items"]
    if json:
        return terminal.emit(ended)
    for one in ended:
        terminal.show(f"Revoked {one['lease_id']} ({one['kind']} of {one['account']}).")
    return None if ended else terminal.show("There was nothing to revoke.")
