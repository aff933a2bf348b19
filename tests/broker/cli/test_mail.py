"""``broker mail``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from broker.cli import codes
from broker.cli.mail import _free_name
from mocks.base import Attachment
from tests.broker.cli.conftest import Shell
from tests.broker.inbox.samples import PAGE, mail, send, stored


@pytest.fixture
def busy(shell: Shell) -> Shell:
    shell("env", "open", "pr-1")
    asyncio.run(_filled(shell))
    return shell


async def _filled(shell: Shell) -> None:
    bench = shell.bench
    store = await bench.environments.store(await bench.environments.get("pr-1"))
    blob = await stored(store, b"%PDF")
    files = [Attachment("../a.pdf", "application/pdf", blob), Attachment("a.pdf", "application/pdf", blob)]
    await send(store, mail("m1", to=[{"email": "bob@example.com"}], subject="First\x1b[31m"), at=bench.clock.now())
    await send(store, mail("m2", html=PAGE, files=files), at=bench.clock.now())


def test_lists(busy: Shell) -> None:
    assert [one["id"] for one in busy("mail", "list", "pr-1", "--json").json] == ["m2", "m1"]
    assert [one["id"] for one in busy("mail", "list", "pr-1", "--search", "to:bob", "--json").json] == ["m1"]
    assert busy("mail", "list", "pr-1", "--to", "b@example.com").out == "No mails in pr-1.\n"
    listed = busy("mail", "list", "pr-1", "--from", "shop", "--subject", "first").out
    assert "bob@example.com" in listed
    assert "\x1b" not in listed
    assert busy("mail", "list", "pr-1", "--search", "before:soon").code == 1


def test_one_mail(busy: Shell) -> None:
    shown = busy("mail", "show", "pr-1", "latest").out
    assert "The Shop <shop@example.com>" in shown
    assert "1: ../a.pdf (4 bytes)" in shown
    assert busy("mail", "show", "pr-1", "m2", "--json").json["text"] == "Thank you"
    assert PAGE in busy("mail", "show", "pr-1", "m2", "--html").out
    assert busy("mail", "show", "pr-1", "m2", "--links").out == "https://shop.test/pay?a=1&b=2\n"
    assert "Subject: Your receipt" in busy("mail", "show", "pr-1", "m2", "--raw").out
    assert busy("mail", "show", "pr-1", "m2", "--raw", "--html").code == codes.USAGE
    assert busy("mail", "show", "pr-1", "m9").code == codes.MISSING
    assert busy("mail", "show", "pr-1", "m1", "--html").code == codes.MISSING


def test_waiting(busy: Shell) -> None:
    assert busy("mail", "wait", "pr-1", "--to", "bob@example.com", "--json").json["id"] == "m1"
    assert busy("mail", "wait", "pr-1", "--links").out == "https://shop.test/pay?a=1&b=2\n"
    assert "Thank you" in busy("mail", "wait", "pr-1", "--after", "m1").out
    for arguments in (("--subject", "nothing"), ("--new",)):
        ran = busy("mail", "wait", "pr-1", *arguments, "--timeout", "0")
        assert (ran.code, ran.err) == (codes.NOTHING_CAME, "broker: No such mail came to pr-1 within 0 s.\n")


def test_deleting(busy: Shell) -> None:
    assert busy("mail", "delete", "pr-1").code == codes.USAGE
    assert busy("mail", "delete", "pr-1", "m1", "--all").code == codes.USAGE
    assert busy("mail", "delete", "pr-1", "--to", "bob@example.com").out == "Deleted 1 mails.\n"
    assert busy("mail", "delete", "pr-1", "m2", "--json").json == {"deleted": 1}
    assert busy("mail", "delete", "pr-1", "m2").code == codes.MISSING
    assert busy("mail", "delete", "pr-1", "--all").out == "Deleted 0 mails.\n"
    assert busy("mail", "show", "pr-1", "latest").code == codes.MISSING


def test_saving_files(busy: Shell) -> None:
    saved = busy("mail", "attachments", "pr-1", "latest", "--json").json
    assert [one["path"] for one in saved] == ["a.pdf", "a-2.pdf"]
    assert (busy.folder / "a-2.pdf").read_bytes() == b"%PDF"
    assert "a-3.pdf" in busy("mail", "attachments", "pr-1", "m2", "--number", "2").out
    assert busy("mail", "attachments", "pr-1", "m2", "--number", "3").code == codes.MISSING
    assert busy("mail", "attachments", "pr-1", "m2", "--into", "nowhere").code == codes.USAGE
    assert "no attachments" in busy("mail", "attachments", "pr-1", "m1").out


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x", "x"),
        (".bashrc", "bashrc"),
        ("..", "attachment"),
        ("a\nb;c", "a_b_c"),
    ],
)
def test_a_name_stays_in_its_folder(tmp_path: Path, given: str, plain: str) -> None:
    assert _free_name(tmp_path, given) == plain
    (tmp_path / plain).touch()
    assert _free_name(tmp_path, given) == f"{plain}-2"
