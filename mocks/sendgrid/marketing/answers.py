"""What answers of Marketing Campaigns have in common: links to themselves, times, errors of theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from mocks.base import Call, Missing, Record, ServiceError
from mocks.sendgrid.errors import Fault, refused

_V3 = "/v3/marketing"


def link(call: Call, path: str, **query: str | int) -> str:
    """The address of something of Marketing Campaigns."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{call.address}{_V3}/{path}{asked}"


def itself(call: Call, path: str) -> Record:
    """The ``_metadata`` of something at ``path``."""
    return {"self": link(call, path)}


def now(call: Call) -> str:
    """The moment, as answers tell it."""
    return moment(int(call.now.timestamp()))


def moment(at: int) -> str:
    """``2026-11-27T12:00:00Z`` for a Unix time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wrong(message: str, field: str | None = None, status: int = 400) -> ServiceError:
    """A refusal; the words are ours where nothing beside them says otherwise."""
    return refused([Fault(message, field)], status)


def missing(what: str, key: str) -> ServiceError:
    """The path names something that is not there."""
    return Missing(what, key, "id")
