"""Alerts: whom to tell of the account's use and statistics. They are kept; nobody is told.

https://www.twilio.com/docs/sendgrid/api-reference/alerts (2026-11); wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.base import Call, Handler, Record
from mocks.sendgrid import accounts
from mocks.sendgrid.addresses import is_address
from mocks.sendgrid.errors import told

KIND: Final = "alert"
_NUMBERS: Final = "alert_numbers"
_FREQUENCIES: Final = ("daily", "weekly", "monthly")
#: The member that says when an alert of a type is sent.
_WHEN: Final = {"usage_limit": "percentage", "stats_notification": "frequency"}
MOST: Final = 500


async def create(call: Call) -> Record:
    """A new one."""
    sent = call.params.body or {}
    kind = sent.get("type")
    if kind not in _WHEN:
        raise told(400, "type must be stats_notification or usage_limit", "type")
    number = await accounts.number(call.state, _NUMBERS, "id", 1)
    at = int(call.now.timestamp())
    record = {"id": number, "type": kind, "created_at": at, "updated_at": at, **_settings(kind, sent)}
    await call.state.put(KIND, str(number), record)
    return record


async def list_all(call: Call) -> list[Record]:
    """All alerts, oldest first."""
    return list(await call.state.page(KIND, order="oldest", limit=MOST))


async def retrieve(call: Call) -> Record:
    """One alert."""
    return await _stored(call)


async def change(call: Call) -> Record:
    """PATCH: what is sent, of what its type has."""
    record = await _stored(call)
    sent = {**record, **(call.params.body or {})}
    record = {**record, **_settings(record["type"], sent), "updated_at": int(call.now.timestamp())}
    await call.state.put(KIND, str(record["id"]), record)
    return record


async def delete(call: Call) -> None:
    """204, once."""
    record = await _stored(call)
    await call.state.delete(KIND, str(record["id"]))


async def _stored(call: Call) -> Record:
    record = await call.state.get(KIND, str(call.params.path["alert_id"]))
    if record is None:
        raise told(404, "not found")
    return record


def _settings(kind: str, sent: Mapping[str, Any]) -> Record:
    """Whom to tell, and when. Raises ServiceError."""
    address, when = sent.get("email_to") or "", sent.get(_WHEN[kind])
    if not is_address(address):
        raise told(400, "email_to must be a valid email address", "email_to")
    if kind == "usage_limit" and not (isinstance(when, int) and 0 <= when <= 100):
        raise told(400, "percentage must be a number between 0 and 100", "percentage")
    if kind == "stats_notification" and when not in _FREQUENCIES:
        raise told(400, "frequency must be daily, weekly or monthly", "frequency")
    return {"email_to": address, _WHEN[kind]: when}


OPERATIONS: Final[Mapping[str, Handler]] = {
    "GET_alerts": list_all,
    "POST_alerts": create,
    "GET_alerts-alert_id": retrieve,
    "PATCH_alerts-alert_id": change,
    "DELETE_alerts-alert_id": delete,
}
