"""Credentials: read from variables, files and the vault, and shown by nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.keyring import Keyring, Locked, given, read
from broker.vault import Vault
from sandboxes.base import Secret

KEY = "tk_test_real_key_of_the_gateway"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    (tmp_path / "state").mkdir()
    return Keyring(Vault("a key for tests only"), tmp_path / "state")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (KEY, Secret(KEY)),
        (f"  {KEY}\n", Secret(KEY)),
        ("AKID:sec/ret+", Secret("AKID", "sec/ret+")),
        ('{"key": "AKID", "secret": "s:s"}', Secret("AKID", "s:s")),
        ('{"key": "AKID", "secret": "s", "token": "t"}', Secret("AKID", "s", "t")),
    ],
)
def test_a_credential_has_three_forms(text: str, secret: Secret) -> None:
    assert read(text) == secret
    assert given(text) == secret


def test_a_credential_may_come_in_parts() -> None:
    assert given({"key": "AKID", "secret": "s"}) == Secret("AKID", "s")


@pytest.mark.parametrize(
    "text",
    ["", "two\nlines-of-a-secret", "with space-of-a-secret", ":no-key-of-a-secret", "key-of-a-secret:", '{"a-secret"',
     '{"key": 1}', '{"key": "k", "a-secret": "x"}', '{"key": "k", "secret": ""}', "caf\u00e9-of-a-secret"],
)  # fmt: skip
def test_what_is_none_is_told_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="it") as refused:
        read(text)
    assert "a-secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_variable_is_read_anew(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Locked, match="ACCOUNT_KEY is not set"):
        keyring.open({"variable": "ACCOUNT_KEY"})
    monkeypatch.setenv("ACCOUNT_KEY", KEY)
    assert keyring.open({"variable": "ACCOUNT_KEY"}) == Secret(KEY)
    monkeypatch.setenv("ACCOUNT_KEY", "another_key")
    assert keyring.open({"variable": "ACCOUNT_KEY"}) == Secret("another_key")


@pytest.mark.parametrize("name", ["BROKER_KEY", "BROKER_TOKEN", "1ST", "_KEY", "A B", ""])
def test_the_servers_own_secrets_are_no_variable_of_an_account(keyring: Keyring, name: str) -> None:
    with pytest.raises(Locked):
        keyring.open({"variable": name})


def test_a_file_is_read_again_when_it_changes(keyring: Keyring, tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(Locked, match="No such file"):
        keyring.open({"file": str(path)})
    path.write_text(KEY + "\n")
    first = keyring.open({"file": str(path)})
    assert first == Secret(KEY)
    assert keyring.open({"file": str(path)}) is first, "what has not changed is not read again"
    # As a mounted secret is replaced: the same name, another file, of the same size and age.
    other = tmp_path / "other"
    other.write_text(KEY.upper() + "\n")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    assert keyring.open({"file": str(path)}) == Secret(KEY.upper())


def test_only_a_short_text_file_outside_the_servers_folder_is_read(keyring: Keyring, tmp_path: Path) -> None:
    big, binary, own = tmp_path / "big", tmp_path / "binary", tmp_path / "state" / "token"
    big.write_text("x" * 100_000)
    binary.write_bytes(b"\xff\xfe\x00")
    own.write_text(KEY)
    (tmp_path / "link").symlink_to(own)
    for path in (big, binary, own, tmp_path / "link", tmp_path, Path("relative")):
        with pytest.raises(Locked) as refused:
            keyring.open({"file": str(path)})
        assert KEY not in str(refused.value)


def test_what_is_sealed_opens_with_its_vault_only(keyring: Keyring, tmp_path: Path) -> None:
    sealed = keyring.seal(Secret("AKID", "secret", "token"))
    assert "AKID" not in sealed
    assert keyring.open({"sealed": sealed}) == Secret("AKID", "secret", "token")
    with pytest.raises(Locked, match="BROKER_KEY"):
        Keyring(Vault("quite another key of a server"), tmp_path).open({"sealed": sealed})


def test_a_fingerprint_tells_credentials_apart(keyring: Keyring, tmp_path: Path) -> None:
    found = {keyring.fingerprint(secret) for secret in (Secret("a"), Secret("a", "b"), Secret("a", "c"), Secret("b"))}
    assert len(found) == 4
    assert all(len(each) == 8 for each in found)
    other = Keyring(Vault("quite another key of a server"), tmp_path)
    assert other.fingerprint(Secret("a")) != keyring.fingerprint(Secret("a")), "nobody else can compute it"
