"""What has to be so before a server is put together: its contracts can be read, and its key is the one it had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from broker import contract_versions
from broker.contract_versions import Damaged, UnknownVersion, Versions
from broker.settings import InvalidSetting
from broker.storage.sqlite_registry import SqliteRegistry
from broker.vault import Unsealable, Vault
from mocks.base import MockService


def with_contracts(versions: Versions, services: Sequence[MockService]) -> Mapping[str, MockService]:
    """The services, each with the promoted version of its contract. Raises InvalidSetting."""
    try:
        return contract_versions.applied(versions, services)
    except (UnknownVersion, Damaged) as wrong:
        raise InvalidSetting(f"BROKER_CONTRACTS: {wrong}") from wrong


def try_key(registry: SqliteRegistry, vault: Vault, data: Path) -> None:
    """With another key every credential would be unknown: better no server than one that refuses everybody. Raises
    InvalidSetting, with the registry closed."""
    sealed = registry.sealed_sample()
    if sealed is None:
        return
    try:
        vault.unseal(sealed)
    except Unsealable:
        registry.close()
        raise InvalidSetting(
            f"BROKER_KEY: {data} was written with another key. Set BROKER_KEY to that, or put its file `key` back; "
            "without it, start with another folder"
        ) from None
