"""One of each thing that is stored, with the fields that a test does not care about filled in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from broker.storage.base import Attempt, Credential, Delivery, Environment, Event, Exchange, Incident
from mocks.base import Mail
from tests.clocks import START


def environment(name: str = "pr-1", opening: int = 1, **changes: Any) -> Environment:
    """``opening`` tells apart the environments of one name."""
    fields: dict[str, Any] = {
        "name": name,
        "uid": f"{name}-{opening:05}",
        "tag": f"{name[-1]}{opening:04}",
        "status": "open",
        "policy": {"version": 1},
        "seed": 7,
        "created_at": START,
        "expires_at": START + timedelta(days=7),
    }
    return Environment(**{**fields, **changes})


def credential(owner: Environment, key: bytes = b"key", **changes: Any) -> Credential:
    fields: dict[str, Any] = {
        "environment": owner.uid,
        "service": "alpha",
        "spec": "secret_key",
        "key_hash": key,
        "key_sealed": "sealed key",
        "secret_sealed": "sealed secret",
        "presented": True,
    }
    return Credential(**{**fields, **changes})


def incident(number: int, owner: Environment | None = None, **changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": f"inc_{number:05}",
        "at": START + timedelta(seconds=number),
        "kind": "unknown_credential",
        "environment": owner.name if owner else None,
        "uid": owner.uid if owner else None,
        "service": "alpha",
        "message": "This credential was not issued by this broker.",
        "details": {"method": "GET", "path": "/v1/things"},
    }
    return Incident(**{**fields, **changes})


def event(number: int = 1, **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": f"evt_{number}",
        "service": "alpha",
        "type": "thing.created",
        "payload": {"id": f"evt_{number}", "data": {"text": "ä\U0001f600"}},
        "created_at": START + timedelta(microseconds=number),
    }
    return Event(**{**fields, **changes})


def delivery(number: int = 1, **changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "id": f"dlv_{number}",
        "event_id": "evt_1",
        "service": "alpha",
        "url": "http://127.0.0.1:9/hook",
        "secret_sealed": "sealed",
        "endpoint": None,
        "status": "pending",
        "attempts": 0,
        "next_at": START,
        "created_at": START,
    }
    return Delivery(**{**fields, **changes})


def attempt(number: int = 1, **changes: Any) -> Attempt:
    fields: dict[str, Any] = {
        "number": number,
        "at": START + timedelta(seconds=number),
        "status": 500,
        "error": None,
        "duration_ms": 1.5,
    }
    return Attempt(**{**fields, **changes})


def exchange(number: int, **changes: Any) -> Exchange:
    fields: dict[str, Any] = {
        "id": f"exc_{number:05}",
        "at": START + timedelta(milliseconds=number),
        "service": "alpha",
        "operation": "things.create",
        "mode": "mock",
        "fidelity": "stateful",
        "method": "POST",
        "path": "/v1/things",
        "status": 200,
        "duration_ms": 0.75,
        "request_headers": [("host", "127.0.0.1"), ("accept", "*/*")],
        "request_body": "name=one",
        "request_size": 8,
        "response_headers": [("content-type", "application/json")],
        "response_body": "{}",
        "response_size": 2,
    }
    return Exchange(**{**fields, **changes})


def mail(number: int = 1, **changes: Any) -> Mail:
    fields: dict[str, Any] = {
        "id": f"mail_{number}",
        "sender": {"email": "shop@example.com", "name": "Shop"},
        "to": [{"email": "Ann@Example.com", "name": "Ann"}],
        "subject": f"number {number}",
        "text": "hello",
    }
    return Mail(**{**fields, **changes})


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def joined(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])
