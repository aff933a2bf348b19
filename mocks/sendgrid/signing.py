"""The key pairs that sign deliveries, and the signature over one.

ECDSA on P-256 with SHA-256 over the timestamp and the raw body; the public key is handed out as base64 DER without
PEM's lines:
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
(2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from mocks.base import Target
from mocks.posting import BodySeal
from mocks.sendgrid import webhook_secrets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

#: Names of the headers, as SendGrid's SDKs know them (sendgrid-python: helpers/eventwebhook/eventwebhook_header.py).
SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"

#: The order of P-256's base point (FIPS 186-4, D.1.2.3): private keys are 1 to one less than it.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SEED_LENGTH: Final = 64
_LETTERS: Final = string.ascii_letters + string.digits


def new_key(text: Callable[[int, str], str]) -> tuple[str, str | None]:
    """A private key, as base64 DER (PKCS 8). It is made of the given text alone: the same text, the same key."""
    # Imported here and below: a server whose environments receive no events never loads the curves.
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    # Twice as many bits as the order has, so that the remainder favours no key.
    wide = int.from_bytes(hashlib.sha512(text(_SEED_LENGTH, _LETTERS).encode()).digest(), "big")
    key = ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode(), None


@lru_cache(maxsize=1024)
def public_key(private: str) -> str:
    """The key that verifies, as SendGrid shows it: base64 DER (SubjectPublicKeyInfo), without PEM's lines."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = _opened(private).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


class Seal:
    """The signature over a timestamp and a body."""

    def __init__(self, private: str, time: datetime) -> None:
        self._private = private
        self._stamp = str(int(time.timestamp()))
        self._digest = hashlib.sha256(self._stamp.encode())

    def update(self, chunk: bytes) -> None:
        self._digest.update(chunk)

    def headers(self) -> list[tuple[str, str]]:
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives.hashes import SHA256

        signature = _opened(self._private).sign(self._digest.digest(), ec.ECDSA(utils.Prehashed(SHA256())))
        return [(SIGNATURE, base64.b64encode(signature).decode()), (TIMESTAMP, self._stamp)]


def body_seal(target: Target, time: datetime) -> BodySeal | None:
    """Signs a mail that arrived as events are signed: "checked exactly like the Event Webhook's", where a security
    policy asks for it."""
    key = webhook_secrets.read(target.secret).key
    return Seal(key, time) if key else None


def _opened(private: str) -> EllipticCurvePrivateKey:
    """Raises ValueError for what is no P-256 key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(base64.b64decode(private), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key that signs events is no elliptic curve's")
    return key
