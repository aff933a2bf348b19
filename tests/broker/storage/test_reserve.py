"""The reserve: there while there is room, given up when there is none, made again afterwards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from broker.storage import reserve
from broker.storage.reserve import RESERVE, Reserve


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(reserve.shutil, "disk_usage", lambda _: Disk(1 << 40, 0, free))


def test_it_takes_its_space_at_once_for_the_owner_alone(tmp_path: Path) -> None:
    Reserve(tmp_path / "reserve").keep()
    status = (tmp_path / "reserve").stat()
    assert (status.st_size, status.st_mode & 0o777) == (RESERVE, 0o600)
    assert status.st_blocks * 512 >= RESERVE
    Reserve(tmp_path / "reserve").keep()


def test_it_is_given_up_only_when_space_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Reserve(tmp_path / "reserve")
    kept.keep()
    leave(monkeypatch, RESERVE)
    kept.make_room()
    assert (tmp_path / "reserve").exists()
    leave(monkeypatch, RESERVE - 1)
    kept.make_room()
    kept.make_room()
    assert not (tmp_path / "reserve").exists()


def test_it_does_not_take_the_last_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Reserve(tmp_path / "reserve")
    leave(monkeypatch, 2 * RESERVE - 1)
    kept.keep()
    assert not (tmp_path / "reserve").exists()
    leave(monkeypatch, 2 * RESERVE)
    kept.keep()
    assert (tmp_path / "reserve").exists()


def test_a_disk_that_cannot_hold_it_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    Reserve(tmp_path / "reserve").keep()
    assert not (tmp_path / "reserve").exists()
