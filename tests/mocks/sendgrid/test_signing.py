"""A signature over what comes in pieces, judged by SendGrid's own SDK."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from sendgrid.helpers.eventwebhook import EventWebhook

from mocks.base import Target
from mocks.sendgrid import signing

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_pieces_are_signed_as_a_whole() -> None:
    source = random.Random(1)  # noqa: S311 - a repeatable source for a test's key
    key, _ = signing.new_key(lambda length, alphabet: "".join(source.choices(alphabet, k=length)))
    seal = signing.body_seal(Target("https://app.example.com", key), NOW)
    assert seal is not None
    for piece in (b"a", b"", b"bc"):
        seal.update(piece)
    (name, signature), (_, stamp) = seal.headers()
    assert (name, stamp) == (signing.SIGNATURE, str(int(NOW.timestamp())))
    judge = EventWebhook(signing.public_key(key))
    assert judge.verify_signature("abc", signature, stamp)
    assert not judge.verify_signature("abd", signature, stamp)


def test_without_a_key_nothing_is_signed() -> None:
    assert signing.body_seal(Target("https://app.example.com", ""), NOW) is None
