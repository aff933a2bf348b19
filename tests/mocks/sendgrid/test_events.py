"""Deliveries of events, judged by SendGrid's own SDK."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

from mocks.base import Target
from mocks.sendgrid import events, signing
from mocks.sendgrid.service import SERVICE

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PAYLOAD = {"sg_event_id": "e1", "event": "delivered", "email": "ada@example.com", "reason": "größer"}


def text(seed: int) -> str:
    """A private key made from text that depends on the seed alone."""
    source = random.Random(seed)  # noqa: S311 - a repeatable source for a test's key
    key, secret = signing.new_key(lambda length, alphabet: "".join(source.choices(alphabet, k=length)))
    assert secret is None
    return key


def test_the_sdk_verifies_a_delivery() -> None:
    private = text(1)
    request = events.sign_event(PAYLOAD, Target("https://app.example.com/hooks?x=1", private), NOW)
    assert (request.method, request.scheme, request.host) == ("POST", "https", "app.example.com")
    assert (request.path, request.query) == ("/hooks", "x=1")
    assert json.loads(request.body) == [PAYLOAD]
    signature = request.headers.get(EventWebhookHeader.SIGNATURE.lower())
    stamp = request.headers.get(EventWebhookHeader.TIMESTAMP.lower())
    assert stamp == str(int(NOW.timestamp()))
    judge = EventWebhook(signing.public_key(private))
    assert judge.verify_signature(request.body.decode(), signature, stamp)
    assert not judge.verify_signature(request.body.decode().strip(), signature, stamp)
    assert not judge.verify_signature(request.body.decode(), signature, str(int(stamp) + 1))
    assert not EventWebhook(signing.public_key(text(2))).verify_signature(request.body.decode(), signature, stamp)


def test_a_key_comes_from_the_text_alone() -> None:
    assert text(1) == text(1)
    assert text(1) != text(2)
    assert len({signing.public_key(text(seed)) for seed in range(20)}) == 20


def test_the_public_key_has_no_lines() -> None:
    shown = signing.public_key(text(1))
    assert "\n" not in shown
    assert "BEGIN" not in shown
    assert len(base64.b64decode(shown)) == 91


def test_another_curve_is_no_key() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    other = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="no elliptic curve"):
        events.sign_event(PAYLOAD, Target("https://app.example.com", base64.b64encode(other).decode()), NOW)


def test_the_service_signs_with_its_own_credential() -> None:
    [spec] = [spec for spec in SERVICE.credentials if spec.name == SERVICE.webhook_credential]
    assert not spec.presented
    assert SERVICE.sign_event is events.sign_event
