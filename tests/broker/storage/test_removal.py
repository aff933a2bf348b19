"""A folder goes as a whole, with figures while it does; what cannot be deleted is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.storage.removal import Removed, census, leftovers, remove


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "pr-1-00001"
    for number in range(120):
        folder = made / "blobs" / f"{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / str(number)).write_bytes(b"x" * number)
    (made / "state.db").write_bytes(b"y" * 10)
    return made


def test_it_is_counted_and_deleted(home: Path) -> None:
    expected = Removed(121, sum(range(120)) + 10)
    assert census(home) == expected
    gone = Removed()
    remove(home, gone)
    assert gone == expected
    assert not home.exists()
    assert home.parent.exists()
    remove(home, gone)
    assert (gone, census(home), leftovers(home)) == (expected, Removed(), [])


def test_links_are_deleted_and_not_followed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (home / "link").symlink_to(tmp_path / "elsewhere" / "kept")
    remove(home, Removed())
    assert not home.exists()
    assert (tmp_path / "elsewhere" / "kept").exists()


def test_what_is_left_is_named_up_to_a_hundred(home: Path) -> None:
    found = leftovers(home)
    assert len(found) == 100
    assert found[0] == "pr-1-00001"
    assert "pr-1-00001/state.db" in found


def test_what_was_cut_short_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = Removed(), Removed()
    unlink = os.unlink

    def breaking(name: str, *, dir_fd: int) -> None:
        if first.files == 50:
            raise OSError("the disk failed")
        unlink(name, dir_fd=dir_fd)

    with monkeypatch.context() as broken:
        broken.setattr(os, "unlink", breaking)
        with pytest.raises(OSError, match="the disk failed"):
            remove(home, first)
    remove(home, again)
    assert first.files + again.files == 121
    assert not home.exists()
