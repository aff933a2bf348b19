"""What has to be so before a server is put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.contract_versions import Versions
from broker.settings import InvalidSetting
from broker.starting import try_key, with_contracts
from broker.storage.sqlite import SqliteStorage
from broker.vault import Vault
from tests.broker.services import alpha
from tests.broker.storage import samples


async def test_a_key_that_opens_nothing_is_no_key(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path, lambda: "x")
    try_key(storage.registry, Vault("whichever " * 2), tmp_path)
    mine = Vault("mine " * 4)
    credential = samples.credential(samples.environment(), key_sealed=mine.seal("key"))
    await storage.registry.add_environment(samples.environment(), [credential])
    try_key(storage.registry, mine, tmp_path)
    with pytest.raises(InvalidSetting, match="BROKER_KEY"):
        try_key(storage.registry, Vault("another " * 3), tmp_path)


def test_what_is_no_version_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "alpha").mkdir()
    assert set(with_contracts(Versions(tmp_path), [alpha()])) == {"alpha"}
