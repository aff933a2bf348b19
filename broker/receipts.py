"""Receipts that whoever holds one can check: signed with the server's key, verified with its public half alone.

The signature (Ed25519, RFC 8032) covers the receipt without its member ``signature``, as JSON with sorted keys, no
white space and whole numbers without a fraction: a receipt that was printed differently is still the same one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"


class BadReceipt(ValueError):
    """A receipt that was not signed so, or was changed since: says which."""


def public_key(key: Ed25519PrivateKey) -> str:
    """The 32 bytes that verify, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(receipt: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The receipt with its ``signature``: ``{"algorithm", "key", "value"}``, the last two in base64."""
    value = base64.b64encode(key.sign(covered(receipt))).decode()
    return {**receipt, "signature": {"algorithm": ALGORITHM, "key": public_key(key), "value": value}}


def covered(receipt: Mapping[str, Any]) -> bytes:
    """What the signature covers."""
    content = {name: value for name, value in receipt.items() if name != "signature"}
    return orjson.dumps(_even(content), option=orjson.OPT_SORT_KEYS)


def verify(receipt: Mapping[str, Any], key: str) -> None:
    """Raises BadReceipt unless the receipt is as the holder of the public ``key`` signed it."""
    signature = receipt.get("signature")
    if not isinstance(signature, Mapping):
        raise BadReceipt("it has no signature: only the receipt of an environment that is closed is signed")
    if signature.get("algorithm") != ALGORITHM:
        raise BadReceipt(f"its signature is none of {ALGORITHM}")
    if signature.get("key") != key:
        raise BadReceipt("it was signed with another key")
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(str(signature.get("value")), validate=True), covered(receipt))
    except (binascii.Error, ValueError):
        raise BadReceipt("its signature, or the key, cannot be read") from None
    except InvalidSignature:
        raise BadReceipt("it was changed after it was signed") from None


def _even(value: Any) -> Any:
    """Programs that read and print JSON again write 2000.0 as 2000."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _even(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_even(inner) for inner in value]
    return value
