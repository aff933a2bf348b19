"""What became of automations: nothing, since SendGrid's API makes none; its web pages do.

https://www.twilio.com/docs/sendgrid/api-reference/marketing-campaigns-stats (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import token_pages
from mocks.sendgrid.errors import told
from mocks.sendgrid.marketing.single_send_stats import METRICS


async def list_all(call: Call) -> Record:
    """No automations."""
    return {"results": [], "_metadata": {"self": token_pages.address(call, None), "count": 0}}


async def of_one(call: Call) -> Record:
    """No automation has this id."""
    raise told(404, "automation not found", "id")  # wording ours


async def export(call: Call) -> bytes:
    """The head of the CSV."""
    return (",".join(("id", "name", *METRICS)) + "\r\n").encode()


OPERATIONS: Final[Mapping[str, Handler]] = {
    "getall-automation-stats": list_all,
    "get-automation-stat": of_one,
    "get-automation-link-stat": of_one,
    "get-automations-stats-export": export,
}
