"""Stored things as JSON for readers of the control API; the shapes are in shapes.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from broker.storage.base import Attempt, Delivery, Event, Exchange, Incident


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds: the order of things is read from it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def exchange_summary(found: Exchange) -> dict[str, Any]:
    """An exchange without its headers and bodies."""
    return {
        "id": found.id,
        "at": moment(found.at),
        "service": found.service,
        "operation": found.operation,
        "mode": found.mode,
        "fidelity": found.fidelity,
        "method": found.method,
        "path": found.path,
        "status": found.status,
        "duration_ms": found.duration_ms,
        "request_size": found.request_size,
        "response_size": found.response_size,
        "violations": list(found.violations),
        "incident": found.incident,
        "scope": found.scope,
    }


def exchange(found: Exchange) -> dict[str, Any]:
    """All that the journal keeps of an exchange."""
    return {
        **exchange_summary(found),
        "request_headers": [list(pair) for pair in found.request_headers],
        "request_body": found.request_body,
        "response_headers": [list(pair) for pair in found.response_headers],
        "response_body": found.response_body,
    }


def incident(found: Incident) -> dict[str, Any]:
    """An incident, without the internal name of the environment."""
    return {
        "id": found.id,
        "at": moment(found.at),
        "kind": found.kind,
        "environment": found.environment,
        "service": found.service,
        "message": found.message,
        "details": dict(found.details),
    }


def event_summary(found: Event) -> dict[str, Any]:
    """An event without its payload."""
    return {
        "id": found.id,
        "service": found.service,
        "type": found.type,
        "created_at": moment(found.created_at),
        "scope": found.scope,
    }


def _shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Without what only the signing of a delivery needs."""
    return {name: value for name, value in payload.items() if not name.startswith("_")}


def event(found: Event, deliveries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """An event with what became of it."""
    return {**event_summary(found), "payload": _shown(found.payload), "deliveries": list(deliveries)}


def delivery(found: Delivery, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """A delivery with its attempts; never its secret."""
    return {
        "id": found.id,
        "url": found.url,
        "endpoint": found.endpoint,
        "status": found.status,
        "attempts": [
            {
                "number": attempt.number,
                "at": moment(attempt.at),
                "status": attempt.status,
                "error": attempt.error,
                "duration_ms": attempt.duration_ms,
            }
            for attempt in attempts
        ],
        "next_at": _maybe(found.next_at),
        "created_at": moment(found.created_at),
    }
