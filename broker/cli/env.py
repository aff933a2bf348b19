"""``broker env``: open, show, list, renew, reset and close environments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from broker import bundle as bundles
from broker.cli import closing, codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Name, examples, group

commands = group("Open, show, list, renew, reset and close environments.")

#: Taken when it is in the current folder and --policy is not given.
POLICY_FILE = Path(".broker.yaml")
Ttl = Annotated[str | None, typer.Option("--ttl", metavar="TIME", help="How long it lives: 7d, 12h, 1d12h.")]

Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help=f"Print the bundle as {' | '.join(bundles.FORMATS)}.")
]


@commands.command(
    "open",
    epilog=examples(
        "broker env open pr-142",
        "broker env open pr-142 --policy .broker.yaml --ttl 3d --webhook SERVICE=http://127.0.0.1:3000/hooks",
        "broker env open pr-142 --format dotenv > .env.preview",
        'broker env open pr-142 --format github >> "$GITHUB_ENV"',
        "broker env open pr-142 --format k8s | kubectl apply -f -",
    ),
)
def open_environment(
    name: Name,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="The policy; - reads standard input. Default: ./.broker.yaml."),
    ] = None,
    ttl: Ttl = None,
    webhook: Annotated[
        list[str] | None,
        typer.Option("--webhook", metavar="SERVICE=URL", help="A further target of a service's events; repeatable."),
    ] = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open a closed one again, as a new one.")] = False,
    trust: Annotated[
        str | None,
        typer.Option(
            "--trust", metavar="WHOSE", help="member, or fork for code from elsewhere, which gets mocks only."
        ),
    ] = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Open an environment, or find it open, and print its bundle.

    The same name and policy give the same answer, expiry included; another policy is applied in place. Without
    --policy the file .broker.yaml of the current folder is used when there is one; else an environment keeps the policy
    that it has.
    """
    wanted = "json" if json else _known(format)
    body: dict[str, Any] = {"policy": _policy(policy), "ttl": ttl, "webhooks": _webhooks(webhook or [])}
    if reopen:
        body["reopen"] = True
    if trust:
        body["trust"] = trust
    answer = Control().send("PUT", f"/_broker/v1/environments/{segment(name)}", body=body)
    bundle, outcome = answer.json(), answer.headers.get("broker-outcome", "")
    if wanted:
        terminal.show(bundles.render(bundle, wanted).rstrip("\n"))
        return
    _show_bundle(bundle, outcome)


def _known(format: str | None) -> str:
    """The format, empty when none is asked for."""
    if format is not None and format not in bundles.FORMATS:
        raise Failure(f"--format: {format!r} is none of {', '.join(bundles.FORMATS)}.", codes.USAGE)
    return format or ""


def _policy(path: Path | None) -> str | None:
    if path is None:
        if not POLICY_FILE.is_file():
            return None
        terminal.note(f"using {POLICY_FILE} of this folder")
        path = POLICY_FILE
    return read_policy(path)


def read_policy(path: Path) -> str:
    """The text of a policy file; ``-`` is standard input. Raises Failure."""
    try:
        if str(path) == "-":
            return typer.get_text_stream("stdin").read()
        return path.read_text(encoding="utf-8")
    except UnicodeError as wrong:
        raise Failure(f"{path} is not UTF-8 text.", codes.USAGE) from wrong
    except OSError as wrong:
        raise Failure(f"{path} cannot be read: {wrong.strerror}.", codes.USAGE) from wrong


def _webhooks(given: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        service, equals, url = text.partition("=")
        if not (service and equals and url):
            raise Failure(
                f"--webhook: {text!r} is not SERVICE=URL, with the name of a service and an http address.",
                codes.USAGE,
            )
        found.setdefault(service, []).append(url)
    return found


_OUTCOMES = {
    "created": "Opened {name}.",
    "unchanged": "{name} is open already; nothing was changed.",
    "policy_changed": "{name} is open already; its policy was replaced.",
}


def _show_bundle(bundle: dict[str, Any], outcome: str) -> None:
    terminal.show(_OUTCOMES.get(outcome, "{name} is open.").format(name=bundle["name"]))
    terminal.facts([("endpoint", bundle["endpoint"]), ("expires", terminal.moment(bundle["expires_at"]))])
    terminal.show()
    terminal.table(
        ("SERVICE", "MODE", "BASE URL", "WEBHOOKS"),
        [
            (name, bound["mode"], bound["base_url"], ", ".join(bound["webhooks"]) or None)
            for name, bound in bundle["bindings"].items()
        ],
        empty="This server has no services.",
    )
    terminal.show()
    terminal.facts(bundle["variables"].items())
    terminal.show(f'\nInto a shell:  eval "$(broker env open {bundle["name"]} --format shell)"')


@commands.command(
    "show",
    epilog=examples("broker env show pr-142", "broker env show pr-142 --json", "broker env show pr-142 --format shell"),
)
def show_environment(name: Name, format: Format = None, json: Json = False) -> None:
    """Show an environment, its policy and what it holds; with --format the bundle of an open one, keys included."""
    if format is not None:
        bundle = Control().ask("GET", f"/environments/{segment(name)}/bundle")
        return terminal.show(bundles.render(bundle, _known(format)).rstrip("\n"))
    found = Control().ask("GET", f"/environments/{segment(name)}")
    if json:
        return terminal.emit(found)
    inventory = found["inventory"] or {}
    records = inventory.get("records", {})
    terminal.facts(
        [
            ("name", found["name"]),
            ("status", found["status"]),
            ("trust", found["trust"]),
            ("endpoint", found["endpoint"]),
            ("opened", terminal.moment(found["created_at"])),
            ("expires", terminal.moment(found["expires_at"])),
            ("closed", terminal.moment(found["closed_at"])),
            ("seed", found["seed"]),
            *((name, inventory[name]) for name in ("events", "mails", "exchanges") if name in inventory),
            ("stored", _stored(found.get("storage"))),
            (
                "accounts",
                " ".join(f"{one['service']}:{one['name']}={one['account']}" for one in found["accounts"]) or None,
            ),
        ]
    )
    terminal.show()
    terminal.table(
        ("SERVICE", "MODE", "HOLDS"),
        [
            (
                service,
                mode,
                ", ".join(f"{count} {kind}" for kind, count in records.get(service, {}).items()) or None,
            )
            for service, mode in found["services"].items()
        ],
        empty="This server has no services.",
    )
    return None


def _stored(storage: Mapping[str, int | None] | None) -> str | None:
    if storage is None:
        return None
    used, limit = storage["used_bytes"], storage["limit_bytes"]
    return f"{used:,} bytes" if limit is None else f"{used:,} of {limit:,} bytes"


@commands.command("list", epilog=examples("broker env list", "broker env list --status closed --json"))
def list_environments(
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only open, closing or closed ones.")
    ] = None,
    json: Json = False,
) -> None:
    """List environments by name; closed ones are tombstones."""
    found = list(Control().every("/environments", query={"status": status}))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("NAME", "STATUS", "OPENED", "EXPIRES", "MODES"),
        [
            (
                one["name"],
                one["status"],
                terminal.moment(one["created_at"]),
                terminal.moment(one["expires_at"]),
                ", ".join(f"{service}={mode}" for service, mode in one["services"].items()),
            )
            for one in found
        ],
        empty="No environments. Open one: broker env open pr-142",
    )
    return None


@commands.command("renew", epilog=examples("broker env renew pr-142", "broker env renew pr-142 --ttl 2d"))
def renew_environment(name: Name, ttl: Ttl = None, json: Json = False) -> None:
    """Let an environment live longer: for --ttl from now, or for what its policy or the server says."""
    found = Control().ask("POST", f"/environments/{segment(name)}/renew", body={"ttl": ttl})
    if json:
        return terminal.emit(found)
    return terminal.show(f"{found['name']} lives until {terminal.moment(found['expires_at'])}.")


@commands.command(
    "rotate",
    epilog=examples(
        "broker env rotate pr-142",
        "broker env rotate pr-142 --service SERVICE --overlap 10m --format dotenv > .env.preview",
        "broker env rotate pr-142 --overlap 0",
    ),
)
def rotate_credentials(
    name: Name,
    service: Annotated[str | None, typer.Option("--service", metavar="SERVICE", help="Only this service's.")] = None,
    overlap: Annotated[
        str | None,
        typer.Option(
            "--overlap", metavar="TIME", help="How long the old ones go on: 1h unless said; 0 for not at all."
        ),
    ] = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Give an environment fresh credentials and print its new bundle.

    The old ones open it until the overlap is over. Its events are signed with the new secrets at once.
    """
    wanted = _known(format)
    body = {key: value for key, value in (("service", service), ("overlap", overlap)) if value is not None}
    found = Control().ask("POST", f"/environments/{segment(name)}/rotate", body=body)
    if json:
        return terminal.emit(found)
    if wanted:
        return terminal.show(bundles.render(found["bundle"], wanted).rstrip("\n"))
    terminal.show(
        f"Rotated {', '.join(found['rotated'])}; the old ones go on until {terminal.moment(found['old_valid_until'])}."
    )
    return terminal.facts(found["bundle"]["variables"].items())


@commands.command("reset", epilog=examples("broker env reset pr-142"))
def reset_environment(name: Name, json: Json = False) -> None:
    """Empty an environment's mocks, mails and events; credentials, policy and journal stay."""
    with terminal.bars() as progress:
        progress.add_task(f"emptying {name}", total=None, note="")
        found = Control().ask("POST", f"/environments/{segment(name)}/reset")
    if json:
        return terminal.emit(found)
    deleted = found["deleted"]
    records = sum(count for kinds in deleted["records"].values() for count in kinds.values())
    return terminal.show(
        f"Emptied {found['name']}: {records} records, {deleted['blobs']['count']} blobs, {deleted['events']} events, "
        f"{deleted['mails']} mails."
    )


@commands.command(
    "close",
    epilog=examples(
        "broker env close pr-142",
        "broker env close pr-142 --dry-run",
        "broker env close pr-142 --wait --timeout 600",
        "broker env close pr-142 --json > receipt.json",
    ),
)
def close_environment(
    name: Name,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the end, or only begin: its credentials are dead then.")
    ] = True,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0, metavar="SECONDS", help="Wait so long at the most. Default: for ever."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    json: Json = False,
) -> None:
    """Close an environment, wait for the end, and print the signed receipt.

    Its credentials die first, then what it made at real providers is taken back, then everything here is deleted. A
    tombstone stays, so that a late call or deploy is refused. Closing a closed one prints its receipt again. While
    anything is left the exit code is not 0, unless --no-wait is given; the close itself goes on.
    """
    control = Control()
    if dry_run:
        plan = control.ask("GET", f"/environments/{segment(name)}/plan")
        return terminal.emit(plan) if json else closing.show_plan(plan)
    receipt = closing.close(control, name, timeout if wait else 0)
    ended = receipt.get("status", "closed") == "closed"
    if json:
        terminal.emit(receipt)
    else:
        terminal.show(f"Closed {name}." if ended else f"{name} is being closed; its credentials are dead.")
        terminal.facts((key, _flat(value)) for key, value in receipt.items())
    if not ended and wait:
        raise closing.unfinished(name, receipt)
    if ended and receipt.get("left"):
        raise Failure(f"Something of {name} is left; the receipt names it.")
    return None


@commands.command("stuck", epilog=examples("broker env stuck", "broker env stuck --json"))
def list_stuck(json: Json = False) -> None:
    """List closes that cannot go on for now, with the provider's words. They are tried again for ever."""
    found = Control().ask("GET", "/stuck")["items"]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("NAME", "SINCE", "ATTEMPTS", "NEXT", "PHASE", "WHY"),
        [
            (
                one["environment"],
                terminal.moment(one["since"]),
                one["attempts"],
                terminal.moment(one["next_at"]),
                one["phase"],
                one["reason"],
            )
            for one in found
        ],
        empty="No close is stuck.",
    )
    return None


def _flat(value: Any) -> str:
    """A receipt's value on one line."""
    if isinstance(value, dict):
        parts = [
            f"{name} ({_flat(inner)})" if isinstance(inner, dict) else f"{name} {_flat(inner)}"
            for name, inner in value.items()
        ]
        return ", ".join(parts) or "none"
    if isinstance(value, list):
        return ", ".join(_flat(inner) for inner in value) or "none"
    return terminal.clean(value)
