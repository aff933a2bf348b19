"""What carries a marker at SendGrid: every kind that can be listed is, whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from sandboxes.base import Found, Marker, Refused, Resource, Upstream
from sandboxes.sendgrid.kinds import KINDS, Kind
from sandboxes.sendgrid.lists import items_of, next_token
from sandboxes.sendgrid.wire import ask, decoded

#: A plan without the feature, a key without the permission: then there is none of that kind that the key has made.
_WITHOUT: Final = (403, 404)


async def find(marker: Marker, since: datetime, send: Upstream) -> AsyncIterator[Found]:
    """``since`` bounds nothing here: SendGrid's lists cannot be asked for what is new."""
    ours = re.compile(rf"pb-{re.escape(marker.instance)}-([a-z0-9]{{10}})(?:-|$)")
    for name, kind in KINDS.items():
        async for item in _listed(kind, send):
            match = ours.match(str(item.get(kind.marked) or ""))
            if match is not None and (not marker.uid or match[1] == marker.short):
                yield Found(Resource(name, str(item[kind.id_field])), match[1], _when(item.get(kind.made)))


async def _listed(kind: Kind, send: Upstream) -> AsyncIterator[dict[str, Any]]:
    query = dict(kind.query)
    seen = 0
    while True:
        accept = _WITHOUT if kind.optional else ()
        answer = await ask(send, "GET", kind.listing, query=urlencode(query), accept=accept)
        if answer.status in _WITHOUT:
            return
        value = decoded(answer.body)
        if not isinstance(value, list | dict):
            # Taken for an empty list, it would say that everything is gone.
            raise Refused(answer.status, f"the answer to GET {kind.listing} is no list")
        items = items_of(value) or []
        for item in items:
            if isinstance(item, dict) and item.get(kind.id_field) is not None:
                yield item
        seen += len(items)
        if kind.paged:
            query["page_token"] = next_token(value)
            if not query["page_token"]:
                return
        elif "limit" in query and len(items) >= int(query["limit"]):
            query["offset"] = str(seen)
        else:
            return


def _when(text: Any) -> datetime | None:
    """Times with a zone, and templates' ``2026-11-27 10:00:00``, which is UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
