"""What teammates ask to be allowed: there is nobody who could ask, so that there is nothing to approve or deny.

https://www.twilio.com/docs/sendgrid/api-reference/teammates/retrieve-access-requests (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid.errors import told


async def list_all(call: Call) -> list[Record]:
    """None."""
    return []


async def decide(call: Call) -> Record:
    """Approve or deny: there is no such request."""
    raise told(404, "Cannot find request", "request_id")


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_v3-scopes-requests": list_all,
    "DELETE_v3-scopes-requests-request_id": decide,
    "PATCH_v3-scopes-requests-approve-id": decide,
}
