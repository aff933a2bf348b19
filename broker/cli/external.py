"""``broker resources | sweep | receipt``: what was made at real providers, leftovers there, and signed receipts."""

from __future__ import annotations

import json as jsons
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from broker import receipts
from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Limit, Name, examples, group

receipt = group("Verify signed receipts of closed environments.")

_POLL = 0.3


def resources(
    name: Name,
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service.")] = None,
    left: Annotated[bool, typer.Option("--left", help="Only what is not gone.")] = False,
    limit: Limit = 1000,
    json: Json = False,
) -> None:
    """List what an environment made at real providers, and what became of it. Newest first."""
    query = {"service": service, "left": left or None}
    found = list(Control().every(f"/environments/{segment(name)}/resources", query=query, limit=limit))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("MADE", "SERVICE", "ACCOUNT", "KIND", "ID", "STATUS", "WORDS"),
        [
            (
                terminal.moment(one["created_at"]),
                one["service"],
                one["account"],
                one["kind"],
                f"{one['external_id'] or '-'} ({one['alias']})" if one["alias"] else one["external_id"],
                one["outcome"] if one["status"] == "gone" else one["status"],
                one["words"] or None,
            )
            for one in found
        ],
        empty=f"{name} has {'nothing left' if left else 'made nothing'} at real providers.",
    )
    return None


def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this one.")] = None,
    min_age: Annotated[
        str | None, typer.Option("--min-age", metavar="TIME", help="Younger leftovers stay: 1h unless said.")
    ] = None,
    json: Json = False,
) -> None:
    """Find what carries this server's marker at real providers and belongs to no living environment, and delete it.

    The exit code is 1 when something could not be deleted, or an account not be asked.
    """
    control = Control()
    body = {"dry_run": dry_run, "account": account, "min_age": min_age}
    begun = control.ask("POST", "/sweep", body={name: value for name, value in body.items() if value is not None})
    run = _followed(control, begun["id"])
    if json:
        terminal.emit(run)
    else:
        _show_run(run)
    failed = [state["words"] for state in run["accounts"].values() if state["words"]]
    if failed or run["counts"].get("stuck"):
        stuck = run["counts"].get("stuck", 0)
        raise Failure(
            f"Not everything could be done: {stuck} leftovers were refused, {len(failed)} accounts did not answer.",
            codes.FAILED,
            tuple(terminal.clean(words) for words in failed),
        )


def _followed(control: Control, run_id: str) -> dict[str, Any]:
    """The run at its end."""
    with terminal.bars() as progress:
        bar = progress.add_task("sweeping", total=None, note="")
        while True:
            run: dict[str, Any] = control.ask("GET", "/sweep")
            if run["id"] != run_id:
                raise Failure("Another sweep was begun meanwhile; `broker sweep --json` shows its rows.")
            if run["status"] == "ended":
                return run
            states = run["accounts"].items()
            over = sum(state["status"] in ("done", "failed") for _, state in states)
            at_work = next((f"{name}: {state['listed']} listed" for name, state in states if _runs(state)), "")
            progress.update(bar, completed=over, total=len(states) or None, note=terminal.clean(at_work))
            time.sleep(_POLL)


def _runs(state: dict[str, Any]) -> bool:
    return state["status"] in ("listing", "deleting")


def _show_run(run: dict[str, Any]) -> None:
    terminal.table(
        ("ACCOUNT", "KIND", "ID", "OWNER", "AGE", "ACTION", "WORDS"),
        [
            (
                row["account"],
                row["kind"],
                row["id"],
                row["owner"],
                _age(row["age_seconds"]),
                row["action"],
                row["words"] or None,
            )
            for row in run["rows"]
        ],
        empty="No leftovers.",
    )
    listed = sum(state["listed"] for state in run["accounts"].values())
    counts = ", ".join(f"{count} {action}" for action, count in run["counts"].items())
    terminal.show(f"\n{len(run['accounts'])} accounts, {listed} resources looked at{': ' + counts if counts else ''}.")
    if run["dry_run"]:
        terminal.show("Nothing was changed.")


def _age(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


@receipt.command(
    "verify",
    epilog=examples("broker receipt verify receipt.json", "broker receipt verify receipt.json --key BASE64"),
)
def verify_receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The receipt; - reads standard input.")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="The public key. Default: that of the server.")
    ] = None,
) -> None:
    """Verify a receipt: that a server signed it, and that nothing was changed since. With --key no server is asked."""
    found = _read(file)
    try:
        receipts.verify(found, key or Control().ask("GET", "/receipts/key")["key"])
    except receipts.BadReceipt as bad:
        raise Failure(f"This is no receipt of that server: {bad}.") from bad
    terminal.show(
        terminal.clean(f"Good: {found.get('environment')} was closed at {found.get('closed_at')}, and nothing is left.")
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
        found = jsons.loads(text)
    except OSError as wrong:
        raise Failure(f"{file} cannot be read: {wrong.strerror}.", codes.USAGE) from wrong
    except ValueError as wrong:
        raise Failure(f"{file} is not JSON: {wrong}.", codes.USAGE) from wrong
    if not isinstance(found, dict):
        raise Failure(f"{file} holds no receipt.", codes.USAGE)
    return found


@receipt.command("key", epilog=examples("broker receipt key"))
def show_key() -> None:
    """Print the public key that verifies this server's receipts, to be kept where they are."""
    terminal.show(Control().ask("GET", "/receipts/key")["key"])
