"""The tree of commands, and how a command ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

import typer

from broker.cli import (
    account,
    attest,
    cassette,
    cassette_files,
    clock,
    codes,
    contracts,
    credentials,
    doctor,
    drift,
    env,
    external,
    fidelity,
    github,
    hooks,
    inbound,
    lease,
    listen,
    mail,
    policies,
    records,
    roll,
    services,
    terminal,
    trigger,
    usage,
    verification,
)
from broker.cli.client import Failure
from broker.cli.options import examples, group

ABOUT = """One gateway between pull-request environments and third-party services: mock or real, by policy.

The commands are clients of the server at BROKER_URL (http://127.0.0.1:4600). The control token is BROKER_TOKEN, or
the file token in the data folder (BROKER_DATA, ./data) of a server on this machine.
"""


def _exit_codes() -> str:
    return "\b\nExit codes:\n" + "\n".join(f"  {code}  {meaning}" for code, meaning in codes.MEANINGS.items())


@cache
def build() -> typer.Typer:
    """The whole tree. Once: groups that are put together from several modules would gain their commands again."""
    tree = group(ABOUT)
    tree.info.epilog = _exit_codes()
    tree.command("serve", help="Run the server; `broker serve --help` has its options.", add_help_option=False)(_serve)
    attest.add(env.commands)
    clock.add(env.commands)
    env.commands.add_typer(credentials.commands, name="credentials")
    tree.add_typer(env.commands, name="env")
    tree.add_typer(policies.commands, name="policy")
    tree.add_typer(contracts.commands, name="contracts")
    cassette_files.add(cassette.commands)
    tree.add_typer(cassette.commands, name="cassette")
    tree.add_typer(services.commands, name="services")
    tree.add_typer(records.journal, name="journal")
    tree.command("incidents", epilog=examples("broker incidents pr-142", "broker incidents --json"))(records.incidents)
    trigger.add(records.events)
    roll.add(records.events)
    tree.add_typer(records.events, name="events")
    tree.command("listen", epilog=listen.EPILOG)(listen.listen)
    inbound.add(mail.commands)
    tree.add_typer(mail.commands, name="mail")
    tree.command("verify", epilog=verification.VERIFY)(verification.verify)
    tree.command("wait", epilog=verification.WAIT)(verification.wait)
    tree.add_typer(verification.expect, name="expect")
    tree.add_typer(account.commands, name="account")
    tree.add_typer(lease.commands, name="lease")
    tree.add_typer(hooks.commands, name="hooks")
    tree.add_typer(github.commands, name="github")
    tree.command("resources", epilog=examples("broker resources pr-142", "broker resources pr-142 --left --json"))(
        external.resources
    )
    tree.command("sweep", epilog=examples("broker sweep --dry-run", "broker sweep --account ACCOUNT --min-age 1d"))(
        external.sweep
    )
    tree.add_typer(external.receipt, name="receipt")
    tree.command("usage", epilog=examples("broker usage pr-142", "broker usage pr-142 --json"))(usage.usage)
    tree.add_typer(drift.commands, name="drift")
    tree.command("fidelity", epilog=fidelity.EPILOG)(fidelity.fidelity)
    tree.command("doctor", epilog=examples("broker doctor", "broker doctor --json"))(doctor.doctor)
    tree.command("version", epilog=examples("broker version"))(doctor.version)
    return tree


def _serve() -> None:
    # Stands here for the list of commands only: broker.cli.main takes `serve` before this module is imported.
    raise Failure("serve must be the first word: broker serve ...", codes.USAGE)


def run(arguments: Sequence[str]) -> int:
    """Run one command; answers its exit code."""
    try:
        code = _command(arguments)
        # Now, and not when the interpreter ends: what cannot be written down is a failure.
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`head`) has seen enough; nothing may be written to standard output any more.
        sys.stdout = None  # keeps the interpreter from flushing it at exit
        return codes.FAILED
    except OSError as failed:
        sys.stdout = None
        terminal.note(f"broker: the output cannot be written: {failed.strerror}.")
        return codes.FAILED
    return code


def _command(arguments: Sequence[str]) -> int:
    try:
        build()(list(arguments), prog_name="broker")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else codes.OK if end.code is None else codes.FAILED
    except Failure as failure:
        terminal.note(f"broker: {failure.message}")
        for line in failure.details:
            terminal.note(f"  {line}")
        return failure.code
    return codes.OK
