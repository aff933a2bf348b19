from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from broker.cassettes import shelf as shelves
from broker.cassettes.recorded import Cassette
from broker.cassettes.scan import LooksSecret
from broker.cassettes.shelf import Shelf, Taken
from broker.errors import InvalidInput
from tests.broker.cassettes.exchanges import REDACTOR, asked, digest

WHO = {"environment": "pr-7", "uid": "pr-7-abc"}
KEY = "sk_" + "test_abcdefgh12345678"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cassettes", REDACTOR, lambda cassette, value: digest(cassette + value))


def test_what_is_appended_is_read(shelf: Shelf) -> None:
    assert shelf.read("things", "a") is None
    assert shelf.recorder("things", "a") is None
    shelf.append("things", "a", [asked(form={"email": "a@b.org"})], **WHO)
    first = shelf.read("things", "a")
    assert first is not None
    assert first is shelf.read("things", "a"), "read once"
    shelf.append("things", "a", [asked("PUT"), asked("PATCH")], **WHO)
    found = shelf.read("things", "a")
    assert found is not None
    assert [one.method for one in found.exchanges] == ["POST", "PUT", "PATCH"]
    assert "a@b.org" not in shelf.path("things", "a").read_text()
    assert (found.environment, found.uid) == shelf.recorder("things", "a") == ("pr-7", "pr-7-abc")
    assert shelf.names() == [("things", "a")]


def test_masks_differ_from_cassette_to_cassette(shelf: Shelf) -> None:
    for name in ("a", "b"):
        shelf.append("things", name, [asked(form={"email": "a@b.org"})], **WHO)
    a, b = shelf.read("things", "a"), shelf.read("things", "b")
    assert a is not None
    assert b is not None
    assert a.exchanges[0].request != b.exchanges[0].request


def test_a_cassette_has_one_recorder(shelf: Shelf) -> None:
    shelf.append("things", "a", [asked()], **WHO)
    before = shelf.path("things", "a").read_bytes()
    with pytest.raises(Taken):
        shelf.append("things", "a", [asked()], environment="pr-7", uid="pr-7-later")
    shelf.put(Cassette("things", "imported", [asked()]))
    assert shelf.recorder("things", "imported") == ("", "")
    with pytest.raises(Taken):
        shelf.append("things", "imported", [asked()], **WHO)
    assert shelf.path("things", "a").read_bytes() == before


def test_a_recorder_cannot_be_told_from_inside(shelf: Shelf) -> None:
    """What an answer says is not taken for the head of the file."""
    shelf.append("things", "a", [asked(answer={"x": "\nenvironment: pr-8\nuid: pr-8-abc\n"})], **WHO)
    assert shelf.recorder("things", "a") == ("pr-7", "pr-7-abc")
    shelf.put(Cassette("things", "b", [asked(answer={"x": "\nenvironment: pr-8\nuid: pr-8-abc\n"})]))
    assert shelf.recorder("things", "b") == ("", "")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a\n", "x" * 101, "ä"])
def test_names_stay_inside_the_folder(shelf: Shelf, name: str) -> None:
    for service, called in ((name, "a"), ("things", name)):
        with pytest.raises(InvalidInput):
            shelf.read(service, called)
        with pytest.raises(InvalidInput):
            shelf.append(service, called, [asked()], **WHO)


def test_what_looks_secret_is_not_written(shelf: Shelf) -> None:
    secret = "own-credential-1"
    shelf.append("things", "a", [asked()], **WHO)
    before = shelf.path("things", "a").read_bytes()
    with pytest.raises(LooksSecret, match=r"a\.yaml is not written.*exchange 2, response\.json\.echo"):
        shelf.append("things", "a", [asked(), asked(answer={"echo": secret})], [secret], **WHO)
    with pytest.raises(LooksSecret):
        shelf.put(Cassette("things", "b", [asked(answer={KEY: 1})]))
    assert shelf.path("things", "a").read_bytes() == before
    assert [each.name for each in shelf.folder.rglob("*.yaml")] == ["a.yaml"]


def test_a_full_disk_leaves_the_file_as_it_was(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.append("things", "a", [asked()], **WHO)
    before = shelf.path("things", "a").read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        shelf.append("things", "a", [asked()], **WHO)
    with pytest.raises(OSError, match="No space"):
        shelf.put(Cassette("things", "a", [asked()]))
    assert shelf.path("things", "a").read_bytes() == before
    assert [each.name for each in shelf.path("things", "a").parent.iterdir()] == ["a.yaml"]


def test_a_cassette_has_a_size(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.append("things", "a", [asked()], **WHO)
    monkeypatch.setattr(shelves, "MAX_BYTES", 400)
    with pytest.raises(InvalidInput, match="at most"):
        shelf.append("things", "a", [asked(answer={"x": "y" * 400})], **WHO)
    with pytest.raises(InvalidInput, match="at most"):
        shelf.put(Cassette("things", "b", [asked(answer={"x": "y" * 400})]))
    monkeypatch.setattr(shelves, "MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match="at most"):
        shelf.read("things", "a")


def test_several_threads_lose_nothing(shelf: Shelf) -> None:
    def write(method: str) -> None:
        for _ in range(5):
            shelf.append("things", "a", [asked(method)], **WHO)

    threads = [threading.Thread(target=write, args=(method,)) for method in ("GET", "PUT", "POST")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = shelf.read("things", "a")
    assert found is not None
    assert sorted(one.method for one in found.exchanges) == sorted(["GET", "PUT", "POST"] * 5)


def test_only_the_owner_reads_the_file(shelf: Shelf) -> None:
    shelf.append("things", "a", [asked()], **WHO)
    assert shelf.path("things", "a").stat().st_mode & 0o777 == 0o600


def test_a_deleted_one_is_gone(shelf: Shelf) -> None:
    assert not shelf.delete("things", "a")
    shelf.append("things", "a", [asked()], **WHO)
    shelf.read("things", "a")
    assert shelf.delete("things", "a")
    assert shelf.read("things", "a") is None
    assert shelf.names() == []


def test_a_broken_file_says_where(shelf: Shelf) -> None:
    path = shelf.path("things", "a")
    path.parent.mkdir(parents=True)
    path.write_text("cassette: 1\nservice: *x\n")
    with pytest.raises(InvalidInput, match=r"a\.yaml, line 2"):
        shelf.read("things", "a")


def test_what_is_masked_is_what_would_be_written(shelf: Shelf) -> None:
    one: Any = shelf.masked("things", "a", [asked(form={"email": "a@b.org"})])[0]
    shelf.append("things", "a", [asked(form={"email": "a@b.org"})], **WHO)
    found = shelf.read("things", "a")
    assert found is not None
    assert found.exchanges == [one]


def test_what_was_left_in_the_middle_is_removed(shelf: Shelf) -> None:
    shelf.tidy()
    shelf.append("things", "a", [asked()], **WHO)
    folder = shelf.path("things", "a").parent
    for name in (".a-0123abcd.part", "b.part", ".keep"):
        (folder / name).write_text("x")
    shelf.tidy()
    assert sorted(each.name for each in folder.iterdir()) == [".keep", "a.yaml", "b.part"]
