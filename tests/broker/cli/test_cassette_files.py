"""``broker cassette list|download|upload|delete``."""

from __future__ import annotations

from collections import deque

from broker.backends.record import Lost
from broker.cassettes import document
from broker.cassettes.recorded import Cassette
from broker.cli import codes
from tests.broker.cassettes.exchanges import asked
from tests.broker.cli.conftest import Shell
from tests.clocks import START


def test_what_there_is_and_what_was_lost(shell: Shell) -> None:
    assert "There are no cassettes" in shell("cassette", "list").out
    shell.bench.recording.shelf.append("alpha", "first", [asked()], environment="pr-1", uid="pr-1-abc")
    lost = deque([Lost(START, "things.create", "secret", "response.json.x looks like a secret")])
    shell.bench.recording.record.lost["alpha", "first"] = lost
    ran = shell("cassette", "list")
    assert "pr-1" in ran.out
    assert "lost of alpha first, things.create: response.json.x looks like a secret" in ran.err
    (one,) = shell("cassette", "list", "--json").json
    assert (one["name"], one["exchanges"]) == ("first", 1)


def test_a_cassette_goes_out_and_comes_in(shell: Shell) -> None:
    shell.bench.recording.shelf.append("alpha", "first", [asked()], environment="pr-1", uid="pr-1-abc")
    text = shell.bench.recording.shelf.path("alpha", "first").read_text()
    assert shell("cassette", "download", "alpha", "first").out == text
    ran = shell("cassette", "download", "alpha", "first", "--out", str(shell.folder))
    written = shell.folder / "alpha" / "first.yaml"
    assert (ran.out.strip(), written.read_text()) == (str(written), text)
    assert shell("cassette", "upload", "alpha", "second", str(written)).out == "alpha second has 1 exchanges.\n"
    assert shell("cassette", "upload", "alpha", "second", str(written), "--json").json["exchanges"] == 1
    assert shell("cassette", "delete", "alpha", "second").out == "Deleted alpha second.\n"
    assert shell("cassette", "delete", "alpha", "second").code == codes.MISSING


def test_what_goes_wrong_is_told(shell: Shell) -> None:
    assert shell("cassette", "download", "alpha", "none").code == codes.MISSING
    assert shell("cassette", "upload", "alpha", "x", str(shell.folder / "none.yaml")).code == codes.MISSING
    file = shell.write(
        "x.yaml", document.text(Cassette("alpha", "x", [asked(answer={"sk_" + "test_abcdefgh12345678": 1})]))
    )
    ran = shell("cassette", "upload", "alpha", "x", str(file))
    assert ran.code == codes.FAILED
    assert "looks like a secret" in ran.err
    shell.bench.recording.shelf.append("alpha", "first", [asked()], environment="pr-1", uid="pr-1-abc")
    shell.write("occupied", "")
    ran = shell("cassette", "download", "alpha", "first", "--out", str(shell.folder / "occupied"))
    assert ran.code == codes.USAGE
