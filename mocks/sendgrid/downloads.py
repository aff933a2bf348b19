"""Files that an account asked for, each at an address of this service that needs no key: who has the address has it.

What a file says is written when it is fetched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from contracts.exchange import Request, Response
from mocks.base import Call, Page, Record, ServiceError, State
from mocks.sendgrid import accounts, ids

KIND: Final = "download"
PREFIX: Final = "/downloads/"
_DAY: Final = 86_400

#: Writes a file: the call, with the records of the account that asked, and the download -> content type and bytes.
Writer = Callable[[Call, Record], Awaitable[tuple[str, bytes]]]


async def offer(call: Call, what: str, told: Mapping[str, Any], *, days: int) -> Record:
    """A download that is there for so many days. ``what`` names its Writer, ``told`` is for it."""
    entry: Record = {
        "id": ids.uuid(call),
        "what": what,
        "told": dict(told),
        "account": accounts.name(call),
        "until": int(call.now.timestamp()) + days * _DAY,
    }
    await accounts.parent(call.state).put(KIND, entry["id"], entry)
    return entry


async def find(state: State, download_id: str) -> Record | None:
    """The download with that id, whichever account's it is."""
    return await accounts.parent(state).get(KIND, download_id)


def url(call: Call, entry: Record) -> str:
    """Where the file is."""
    return f"{call.address}{PREFIX}{entry['id']}"


def page(request: Request, writers: Mapping[str, Writer]) -> Page | None:
    """The page that a request is for, if it is for a download."""
    if not request.path.startswith(PREFIX):
        return None

    async def show(call: Call, refused: ServiceError | None) -> Response:
        entry = await find(call.state, request.path.removeprefix(PREFIX))
        if entry is None or datetime.fromtimestamp(entry["until"], UTC) <= call.now:
            body = orjson.dumps({"errors": [{"message": "not found", "field": None}]})
            return Response(404, [("content-type", "application/json")], body)
        call.state = accounts.of(call.state, entry["account"])
        kind, content = await writers[entry["what"]](call, entry)
        return Response(200, [("content-type", kind)], content)

    return Page(show)
