"""A receipt is checked with the public key alone, and every change is seen."""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.receipts import BadReceipt, covered, public_key, signed, verify
from broker.vault import Vault

SIGNING = Vault("a key of the tests, long enough").signing_key()
KEY = public_key(SIGNING)
RECEIPT = {"environment": "pr-1", "left": {}, "duration_ms": 2000.0, "words": "ä", "external": {"tiny": [1, 0.5]}}


def test_what_was_signed_is_verified_by_the_public_key() -> None:
    receipt = signed(RECEIPT, SIGNING)
    assert {name: receipt[name] for name in RECEIPT} == RECEIPT
    assert receipt["signature"]["algorithm"] == "Ed25519"
    verify(receipt, KEY)
    # As anybody would verify it, without our code.
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(receipt["signature"]["key"]))
    content = {**RECEIPT, "duration_ms": 2000}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    public.verify(base64.b64decode(receipt["signature"]["value"]), text.encode())


def test_another_way_to_print_it_changes_nothing() -> None:
    receipt = signed(RECEIPT, SIGNING)
    verify(orjson.loads(orjson.dumps(receipt, option=orjson.OPT_INDENT_2)), KEY)
    verify(json.loads(json.dumps({**dict(reversed(receipt.items())), "duration_ms": 2000})), KEY)
    assert covered(receipt) == covered(RECEIPT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"left": {"files": ["x"]}}, "changed"),
        ({"further": None}, "changed"),
        ({"signature": None}, "no signature"),
        ({"signature": {"algorithm": "none", "key": KEY, "value": ""}}, "none of Ed25519"),
        ({"signature": {"algorithm": "Ed25519", "key": KEY, "value": "?"}}, "cannot be read"),
        ({"signature": {"algorithm": "Ed25519", "key": "other", "value": ""}}, "another key"),
    ],
)
def test_what_was_changed_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadReceipt, match=words):
        verify({**signed(RECEIPT, SIGNING), **changes}, KEY)


def test_a_key_of_another_server_is_refused() -> None:
    other = Vault("another key of the tests, long enough").signing_key()
    with pytest.raises(BadReceipt, match="another key"):
        verify(signed(RECEIPT, other), KEY)
    with pytest.raises(BadReceipt, match="cannot be read"):
        verify({**signed(RECEIPT, SIGNING), "signature": {"algorithm": "Ed25519", "key": "AA==", "value": ""}}, "AA==")
