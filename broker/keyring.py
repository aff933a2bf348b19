"""Real credentials: where they are kept, how they are read, and how they are kept out of everything that is shown.

A credential stands in a variable of the server, in a file, or sealed in the database. It is read where it is used, so
that a new value needs no restart, and it appears in no message of this module.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from broker import settings
from broker.vault import Unsealable, Vault
from sandboxes.base import Secret

#: Bytes of a file that holds a credential, and characters of each of its parts: session tokens take some thousand.
_MOST = 64 * 1024
_PART = re.compile(r"[!-~]{1,16384}")
_PARTS = ("key", "secret", "token")


class Locked(Exception):
    """A credential that cannot be had now. The message says where it should be, and nothing of what it is."""


def read(text: str) -> Secret:
    """``KEY``, ``KEY:SECRET``, or a JSON object with key, secret and token. Raises ValueError."""
    text = text.strip()
    if text.startswith("{"):
        try:
            return _of(orjson.loads(text))
        except orjson.JSONDecodeError:
            # Without the decoder's own words, which quote what they stumbled over.
            raise ValueError("it begins like JSON and is none") from None
    key, colon, secret = text.partition(":")
    return _of({"key": key, "secret": secret} if colon else {"key": key})


def _of(given: Any) -> Secret:
    if not isinstance(given, dict) or not isinstance(given.get("key"), str) or set(given) - set(_PARTS):
        raise ValueError("write KEY, KEY:SECRET, or a JSON object with key, and secret and token where there are")
    for name in _PARTS:
        value = given.get(name)
        if value is not None and not (isinstance(value, str) and _PART.fullmatch(value)):
            raise ValueError(f"its {name} is not one line of printable characters without spaces")
    return Secret(given["key"], given.get("secret"), given.get("token"))


def given(value: str | Mapping[str, Any]) -> Secret:
    """A credential as somebody sent it: text as ``read`` takes it, or its parts. Raises ValueError."""
    return read(value) if isinstance(value, str) else _of(dict(value))


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was read: what tells that it has changed, and its credential."""

    state: tuple[int, int, int, int]
    secret: Secret


class Keyring:
    """Opens what an account's row says about its credential. ``data`` is the server's own folder, whose files hold no
    credential of an account."""

    def __init__(self, vault: Vault, data: Path) -> None:
        self._vault = vault
        self._data = data
        self._files: dict[str, _Read] = {}

    def open(self, place: Mapping[str, str]) -> Secret:
        """From ``{"variable": NAME}``, ``{"file": PATH}`` or ``{"sealed": TEXT}``. Raises Locked."""
        if "variable" in place:
            return self._variable(place["variable"])
        if "file" in place:
            return self._file(place["file"])
        try:
            return read(self._vault.unseal(place["sealed"]))
        except Unsealable as wrong:
            raise Locked(str(wrong)) from None

    def seal(self, secret: Secret) -> str:
        """Text that ``open`` reads as ``sealed``."""
        parts = {name: getattr(secret, name) for name in _PARTS if getattr(secret, name) is not None}
        return self._vault.seal(orjson.dumps(parts).decode())

    def fingerprint(self, secret: Secret) -> str:
        """Eight characters that tell one credential from another, and nothing else; keyed by the server's own key."""
        text = "\n".join(("account", secret.key, secret.secret or "", secret.token or ""))
        return self._vault.fingerprint(text)[:4].hex()

    def _variable(self, name: str) -> Secret:
        try:
            text = settings.secret_variable(name)
        except settings.InvalidSetting as wrong:
            raise Locked(str(wrong)) from None
        if text is None:
            raise Locked(f"the variable {name} is not set where the server runs")
        return _checked(text, f"the variable {name}")

    def _file(self, name: str) -> Secret:
        path = Path(name)
        if not path.is_absolute():
            raise Locked("a credential's file is named by its whole path, beginning with /")
        try:
            # A mounted secret is replaced by pointing a link elsewhere: what the path leads to now is looked at.
            found = path.stat()
            state = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns)
            known = self._files.get(name)
            if known is not None and known.state == state:
                return known.secret
            if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST:
                raise Locked(f"{name} is no file of at most {_MOST // 1024} KiB")
            if path.resolve().is_relative_to(self._data.resolve()):
                raise Locked(f"{name} belongs to the server itself: put the credential into a file of its own")
            text = path.read_text(encoding="utf-8")
        except OSError as wrong:
            raise Locked(f"the file {name} cannot be read: {wrong.strerror}") from None
        except ValueError:
            raise Locked(f"the file {name} is not readable text") from None
        secret = _checked(text, f"the file {name}")
        self._files[name] = _Read(state, secret)
        return secret


def _checked(text: str, place: str) -> Secret:
    try:
        return read(text)
    except ValueError as wrong:
        raise Locked(f"{place} holds no credential: {wrong}") from None
