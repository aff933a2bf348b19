"""Secrets at rest: sealed, found by a fingerprint, and lost without the key."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.settings import InvalidSetting
from broker.vault import Unsealable, Vault, secret_file

VAULT = Vault("a key for tests only")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_is_unsealed(value: str) -> None:
    sealed = VAULT.seal(value)
    assert VAULT.unseal(sealed) == value
    assert VAULT.seal(value) != sealed
    if len(value) > 3:
        assert value not in sealed


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "not base64 at all!", base64.b64encode(b"x" * 40).decode(), "é"])
def test_what_was_never_sealed_is_refused_in_one_way(sealed: str) -> None:
    with pytest.raises(Unsealable, match="BROKER_KEY"):
        VAULT.unseal(sealed)


def test_every_changed_bit_is_noticed() -> None:
    raw = bytearray(base64.b64decode(VAULT.seal("secret")))
    for place in range(len(raw)):
        raw[place] ^= 1
        with pytest.raises(Unsealable):
            VAULT.unseal(base64.b64encode(raw).decode())
        raw[place] ^= 1
    assert VAULT.unseal(base64.b64encode(raw).decode()) == "secret"


def test_another_key_opens_nothing_and_finds_nothing() -> None:
    other = Vault("another key for tests")
    with pytest.raises(Unsealable):
        other.unseal(VAULT.seal("secret"))
    assert other.fingerprint("secret") != VAULT.fingerprint("secret")
    again = Vault("a key for tests only")
    assert again.unseal(VAULT.seal("secret")) == "secret"
    assert again.fingerprint("secret") == VAULT.fingerprint("secret")


def test_fingerprints() -> None:
    assert len(VAULT.fingerprint("sk_test_1")) == 32
    assert VAULT.fingerprint("sk_test_1") != VAULT.fingerprint("sk_test_2")
    # Header bytes that are no UTF-8 come in as text too.
    assert len(VAULT.fingerprint("ÿ\udcff\x00")) == 32


def test_a_short_key_is_refused_by_its_variable() -> None:
    with pytest.raises(InvalidSetting, match="BROKER_KEY"):
        Vault("x" * 15)
    Vault("x" * 16)


def test_a_secret_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    made = secret_file(path)
    assert len(made) >= 43
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret_file(path) == made
    assert [found.name for found in path.parent.iterdir()] == ["key"]
    assert secret_file(tmp_path / "other") != made


def test_an_empty_secret_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    with pytest.raises(InvalidSetting, match="token in the data folder is empty"):
        secret_file(tmp_path / "token")


def test_two_starts_at_once_agree(tmp_path: Path) -> None:
    for turn in range(20):
        found: list[str] = []
        gate = threading.Barrier(4)

        def start(path: Path = tmp_path / str(turn), gate: threading.Barrier = gate, found: list[str] = found) -> None:
            gate.wait()
            found.append(secret_file(path))

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1


def test_the_signing_key_is_the_same_for_as_long_as_the_key_is() -> None:
    first, again, other = (Vault(key).signing_key() for key in ("k" * 32, "k" * 32, "o" * 32))
    assert first.private_bytes_raw() == again.private_bytes_raw()
    assert first.private_bytes_raw() != other.private_bytes_raw()
