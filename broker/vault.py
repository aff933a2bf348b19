"""Secrets at rest: sealed with one key of this server, found again by a keyed fingerprint.

The key comes from a setting, or from a 0600 file in the data folder that is made on first start.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.settings import InvalidSetting

_NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM


class Unsealable(Exception):
    """A sealed value that this key does not open: the data folder belongs to another key."""


class Vault:
    """Seals with AES-256-GCM, fingerprints with HMAC-SHA256, signs with Ed25519; all keys derive from ``key``."""

    def __init__(self, key: str) -> None:
        if len(key) < 16:
            raise InvalidSetting("BROKER_KEY: too short; at least 16 characters, better 43 random ones")
        root = hashlib.sha256(key.encode()).digest()
        self._cipher = AESGCM(hmac.digest(root, b"seal", "sha256"))
        self._finger = hmac.digest(root, b"fingerprint", "sha256")
        self._signs = hmac.digest(root, b"sign", "sha256")

    def seal(self, value: str) -> str:
        """Text that only this key opens; another one at every call."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, value.encode(), None)).decode()

    def unseal(self, sealed: str) -> str:
        """What was sealed; raises Unsealable."""
        try:
            raw = base64.b64decode(sealed)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (InvalidTag, ValueError):
            raise Unsealable(
                "a stored secret cannot be opened: start the server with the BROKER_KEY (or the key file) "
                "that it was stored with"
            ) from None

    def fingerprint(self, value: str) -> bytes:
        """32 bytes that find a credential without storing it."""
        return hmac.digest(self._finger, value.encode("utf-8", "surrogateescape"), "sha256")

    def signing_key(self) -> Ed25519PrivateKey:
        """Signs receipts. The same for as long as the key is."""
        return Ed25519PrivateKey.from_private_bytes(self._signs)


def secret_file(path: Path) -> str:
    """The secret in a 0600 file, made with 43 random characters when absent. Safe against two starts at once."""
    try:
        found = path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = secrets.token_urlsafe(32)  # noqa: TID251 - a root secret, never an id
        # Written aside first: the other start, or one after a crash, must not find half a secret.
        handle, aside = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(fresh + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(aside, path)
        except FileExistsError:
            return secret_file(path)
        finally:
            Path(aside).unlink()
        return fresh
    if not found:
        raise InvalidSetting(f"{path.name} in the data folder is empty: delete it to have a new one made")
    return found
