"""Every command has help with examples and documented exit codes, and serving imports no terminal library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from broker import cli
from broker.cli import codes
from tests.broker.cli.conftest import Shell
from tests.house.tree import ROOT

COMMANDS = [
    ["env", "open"],
    ["env", "show"],
    ["env", "list"],
    ["env", "renew"],
    ["env", "reset"],
    ["env", "close"],
    ["policy", "check"],
    ["policy", "explain"],
    ["policy", "schema"],
    ["contracts", "list"],
    ["contracts", "show"],
    ["contracts", "compile"],
    ["journal", "tail"],
    ["journal", "show"],
    ["incidents"],
    ["events", "list"],
    ["events", "show"],
    ["events", "resend"],
    ["mail", "list"],
    ["mail", "show"],
    ["mail", "wait"],
    ["mail", "delete"],
    ["mail", "attachments"],
    ["doctor"],
    ["version"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples_and_a_sentence_for_every_option(shell: Shell, command: list[str]) -> None:
    ran = shell(*command, "--help")
    assert ran.code == 0
    assert "Examples:" in ran.out
    assert f"broker {' '.join(command)}" in ran.out


def test_the_root(shell: Shell) -> None:
    ran = shell("--help")
    for code, meaning in codes.MEANINGS.items():
        assert f"{code}  {meaning}" in ran.out
    for command in {command[0] for command in COMMANDS}:
        assert command in ran.out
    assert shell().code == codes.USAGE
    assert shell("nonsense").code == codes.USAGE
    assert "preview-broker" in shell("version").out


def test_serve_has_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["serve", "--help"], 0), (["serve", "--port", "x"], 2), (["serve", "--por", "1"], 2)):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert end.value.code == code
    out, err = capsys.readouterr()
    assert "examples:" in out
    assert "is not a port" in err


def test_serving_holds_no_terminal_library() -> None:
    script = (
        "import sys; from broker import cli, app; app.serve = lambda settings: print(settings.port, settings.data);"
        "code = cli.main(['serve', '--port', '0', '--data', 'x']);"
        "print(code, sorted({'typer', 'rich', 'httpx', 'stripe', 'botocore'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["0 x", "0 []"]


def test_an_output_that_cannot_be_written_is_a_failure() -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-c", "import sys; from broker.cli import main; sys.exit(main(['version', '--json']))"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (told.returncode, told.stderr) == (1, "broker: the output cannot be written: No space left on device.\n")


def test_what_joins_the_commands_of_environments_is_there() -> None:
    # In a process of its own: here other tests have imported what joins.
    script = "import sys; from broker import cli; sys.exit(cli.main(['env', '--help']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert {"open", "close", "attest", "verify", "clock"} <= set(done.stdout.split())
