from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from broker.claiming import listen, lock_folder, raise_descriptor_limit
from broker.settings import InvalidSetting, Settings


def test_a_port_is_taken_at_once() -> None:
    first = listen(Settings(port=0))
    try:
        with pytest.raises(InvalidSetting, match=r"BROKER_PORT: cannot listen on 127\.0\.0\.1"):
            listen(Settings(port=first.getsockname()[1]))
    finally:
        first.close()


def test_a_folder_has_one_server_until_that_ends(tmp_path: Path) -> None:
    held = lock_folder(tmp_path / "data")
    with pytest.raises(InvalidSetting, match="another server uses"):
        lock_folder(tmp_path / "data")
    os.close(held)
    os.close(lock_folder(tmp_path / "data"))
    assert (tmp_path / "data" / "lock").stat().st_mode & 0o777 == 0o600


def test_descriptors_are_never_fewer_than_before() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        raise_descriptor_limit()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft >= before[0]
        assert hard == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
