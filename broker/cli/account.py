"""``broker account``: real accounts, added, shown, checked and removed. No credential stands on a command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, examples, group

commands = group("Add, show, check and remove real accounts; their credentials stay with the server.")

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name, for instance team-test.")]


@commands.command(
    "add",
    epilog=examples(
        "broker account add team-test --service SERVICE --secret-variable TEAM_TEST_KEY",
        "broker account add team-test --service SERVICE --secret-file /run/secrets/team-test --rate 20",
        "pass show team-test | broker account add team-test --service SERVICE --secret-stdin",
        "broker account add one --service SERVICE --secret-variable KEY_1 --pool previews --exclusive --allow 'pr-*'",
        "broker account add team-test --service SERVICE --rate 10",
    ),
)
def add_account(
    name: Account,
    service: Annotated[str, typer.Option("--service", metavar="SERVICE", help="The service that it is of.")],
    secret_variable: Annotated[
        str | None,
        typer.Option("--secret-variable", metavar="NAME", help="The server's variable that holds the credential."),
    ] = None,
    secret_file: Annotated[
        str | None,
        typer.Option("--secret-file", metavar="PATH", help="The file that holds it, on the server's machine."),
    ] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read it from standard input; the server keeps it encrypted.")
    ] = False,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", metavar="URL", help="Where it is reached, if elsewhere: https://HOST.")
    ] = None,
    pool: Annotated[str | None, typer.Option("--pool", metavar="POOL", help="The pool that it is leased from.")] = None,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="Leased to one environment at a time.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="PATTERN", help="Only environments of these names; repeatable."),
    ] = None,
    rate: Annotated[float | None, typer.Option("--rate", metavar="N", help="Calls a second.")] = None,
    concurrency: Annotated[int | None, typer.Option("--concurrency", metavar="N", help="Calls at once.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="What the provider's driver knows; repeat it for a list."),
    ] = None,
    json: Json = False,
) -> None:
    """Add a real account, or say anew what it is; without a --secret option it keeps the one that it has.

    A credential is KEY, KEY:SECRET, or JSON with key, secret and token. One of production is refused and reported.
    """
    body: dict[str, Any] = {
        "service": service,
        "endpoint": endpoint,
        "pool": pool,
        "exclusive": exclusive,
        "rate": rate,
        "concurrency": concurrency,
        "options": _options(option or []),
    }
    secret = _secret(secret_variable, secret_file, secret_stdin)
    if secret:
        body["secret"] = secret
    if allow:
        body["environments"] = allow
    answer = Control().send("PUT", f"/_broker/v1/accounts/{segment(name)}", body=body)
    found = answer.json()
    if json:
        return terminal.emit(found)
    terminal.show(f"{'Added' if answer.status_code == 201 else 'Changed'} {found['name']}.")
    return _show(found)


def _secret(variable: str | None, file: str | None, stdin: bool) -> dict[str, str] | None:
    """Where the credential is; None when nothing is said."""
    given = {name: value for name, value in (("variable", variable), ("file", file)) if value is not None}
    if len(given) + stdin > 1:
        raise Failure("Give one of --secret-variable, --secret-file and --secret-stdin.", codes.USAGE)
    if not stdin:
        return given or None
    text = typer.get_text_stream("stdin").read().strip()
    if not text:
        raise Failure("--secret-stdin: standard input is empty.", codes.USAGE)
    return {"value": text}


def _options(given: list[str]) -> dict[str, str | list[str]]:
    """By name; one that is repeated is a list."""
    values: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Failure(f"--option: {text!r} is not NAME=VALUE.", codes.USAGE)
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


@commands.command("list", epilog=examples("broker account list", "broker account list --json"))
def list_accounts(json: Json = False) -> None:
    """List the real accounts by name."""
    found = Control().ask("GET", "/accounts")["items"]
    if json:
        return terminal.emit(found)
    terminal.table(
        ("NAME", "SERVICE", "POOL", "CREDENTIAL", "RATE", "LEASED BY", "STATE"),
        [
            (
                one["name"],
                one["service"],
                one["pool"],
                _place(one),
                f"{one['rate']:g}/s, {one['concurrency']} at once",
                ", ".join(one["leased_by"]) or None,
                one["trouble"] or "ok",
            )
            for one in found
        ],
        empty="No real accounts. Add one: broker account add NAME --service SERVICE --secret-variable VARIABLE",
    )
    return None


def _place(found: dict[str, Any]) -> str:
    secret = found["secret"]
    return "encrypted here" if secret["from"] == "sealed" else f"{secret['from']} {secret['name']}"


@commands.command("show", epilog=examples("broker account show team-test", "broker account show team-test --json"))
def show_account(name: Account, json: Json = False) -> None:
    """Show a real account: where its credential is kept and never what it is, who leases it, and its calls."""
    found = Control().ask("GET", f"/accounts/{segment(name)}")
    return terminal.emit(found) if json else _show(found)


def _show(found: dict[str, Any]) -> None:
    terminal.facts(
        [
            ("name", found["name"]),
            ("service", found["service"]),
            ("endpoint", found["endpoint"]),
            ("credential", _place(found)),
            ("fingerprint", found["fingerprint"]),
            ("state", found["trouble"] or "ok"),
            ("pool", found["pool"]),
            ("exclusive", found["exclusive"]),
            ("environments", ", ".join(found["environments"])),
            ("rate", f"{found['rate']:g} calls a second, {found['concurrency']} at once"),
            *((f"option {name}", value) for name, value in found["options"].items()),
            ("leased by", ", ".join(found["leased_by"]) or None),
        ]
    )
    environments = found["usage"].get("environments") or {}
    if environments:
        terminal.show()
        terminal.table(
            ("CALLS OF", "CALLS", "RUNNING", "WAITING", "WAITED"),
            [
                (name, one["calls"], one["running"], one["waiting"], f"{one['waited_ms'] / 1000:.1f} s")
                for name, one in environments.items()
            ],
            empty="",
        )


@commands.command("check", epilog=examples("broker account check team-test"))
def check_account(name: Account, json: Json = False) -> None:
    """Check a real account: its credential is read, and the provider asked what of this server's is there."""
    found = Control().ask("POST", f"/accounts/{segment(name)}/check")
    if json:
        terminal.emit(found)
    if not found["usable"]:
        raise Failure(f"{found['name']} cannot be used: {found['trouble']}.")
    if not json:
        terminal.show(f"{found['name']} works; its credential's fingerprint is {found['fingerprint']}.")


@commands.command("remove", epilog=examples("broker account remove team-test"))
def remove_account(name: Account, json: Json = False) -> None:
    """Remove a real account, once no environment leases it and nothing that was made in it is left."""
    found = Control().ask("DELETE", f"/accounts/{segment(name)}")
    if json:
        return terminal.emit(found)
    return terminal.show(f"Removed {found['name']}.")
