"""Event webhooks as SendGrid sends them: the key pair that signs, and the signed delivery.

ECDSA on P-256 with SHA-256 over the timestamp and the raw body; the public key is handed out as base64 DER without
PEM's lines:
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
(2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from contracts.exchange import Headers, Request
from mocks.base import Target
from mocks.posting import Batching
from mocks.sendgrid import inbound, webhook_secrets
from mocks.sendgrid.happenings import posted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

#: Names of the headers, as SendGrid's SDKs know them (sendgrid-python: helpers/eventwebhook/eventwebhook_header.py).
SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"

#: The order of P-256's base point (FIPS 186-4, D.1.2.3): private keys are 1 to one less than it.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SEED_LENGTH: Final = 64
_LETTERS: Final = string.ascii_letters + string.digits
#: Events that a request holds: SendGrid posts what it has each second, or as soon as it is 768 KB
#: (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook, 2026-11).
_MOST: Final = 1000


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


def sign_batch(payloads: Sequence[Mapping[str, Any]], target: Target, time: datetime) -> Request:
    """The delivery of events: SendGrid sends arrays of them. The line end belongs to the signed bytes, as it does in
    SendGrid's own (their page on verification warns of parsers that drop it). A target without a key has signing
    switched off."""
    body = orjson.dumps([posted(payload) for payload in payloads]) + b"\r\n"
    headers = [
        ("accept-encoding", "gzip"),
        ("content-type", "application/json; charset=utf-8"),
        ("user-agent", "SendGrid Event API"),
    ]
    if key := webhook_secrets.read(target.secret).key:
        headers += _signature(body, key, str(int(time.timestamp())))
    url = urlsplit(target.url)
    return Request(
        method="POST",
        path=url.path or "/",
        query=url.query,
        headers=Headers(headers),
        body=body,
        host=url.netloc,
        scheme=url.scheme,
    )


def sign_event(payload: Mapping[str, Any], target: Target, time: datetime) -> Request:
    """The delivery of one event, an array of one; or of a mail that arrived, which nothing signs."""
    return inbound.posted(payload, target) if inbound.is_one(payload) else sign_batch([payload], target, time)


def _signature(body: bytes, private: str, stamp: str) -> list[tuple[str, str]]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    signature = _opened(private).sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return [(SIGNATURE, base64.b64encode(signature).decode()), (TIMESTAMP, stamp)]


def _opened(private: str) -> EllipticCurvePrivateKey:
    """Raises ValueError for what is no P-256 key."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(base64.b64decode(private), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key that signs events is no elliptic curve's")
    return key


BATCHING: Final = Batching(sign=sign_batch, most=_MOST, of=lambda payload: not inbound.is_one(payload))
