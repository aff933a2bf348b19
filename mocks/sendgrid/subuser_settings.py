"""What a parent account sets for a subuser: its credits, and the monitor that is to read along.

https://www.twilio.com/docs/sendgrid/api-reference/subusers-api and .../subuser-monitor-settings (2026-11). No monitor
gets a copy of anything.
"""

from __future__ import annotations

from mocks.base import Call, Record
from mocks.sendgrid import accounts, allowances
from mocks.sendgrid.accounts import KIND
from mocks.sendgrid.errors import told
from mocks.sendgrid.subusers import unknown


async def credit(call: Call) -> Record:
    """GET credits: without limit until they are set."""
    return await allowances.balance(call, await _stored(call))


async def set_credits(call: Call) -> Record:
    """PUT credits: reset to a total, once or again and again."""
    record, sent = await _stored(call), call.params.body
    kind, total, frequency = sent.get("type"), sent.get("total"), sent.get("reset_frequency")
    if kind not in ("recurring", "nonrecurring", "unlimited"):
        raise told(400, "Type should be set to 'recurring', 'nonrecurring', or 'unlimited'", "type")
    if kind == "unlimited":
        return await allowances.lift(call, record)
    if total is None or total < 0:
        raise told(400, "total is required", "total")
    if kind == "recurring" and frequency not in allowances.FREQUENCIES:
        raise told(400, "reset_frequency is required", "reset_frequency")
    return await allowances.give(call, record, kind, total, frequency if kind == "recurring" else None)


async def adjust(call: Call) -> Record:
    """PATCH credits/remaining: more of them, or fewer, down to none."""
    return await allowances.adjust(call, await _stored(call), call.params.body["allocation_update"])


async def monitor(call: Call) -> Record:
    """GET monitor."""
    return _monitored(await _stored(call))


async def add_monitor(call: Call) -> Record:
    """POST monitor: there is one at the most."""
    record = await _stored(call)
    if "monitor" in record:
        raise told(400, "User already has a monitor")
    return await _watch(call, record)


async def change_monitor(call: Call) -> Record:
    """PUT monitor: other settings for the one that is there."""
    record = await _stored(call)
    _monitored(record)
    return await _watch(call, record)


async def delete_monitor(call: Call) -> None:
    """204, once."""
    record = await _stored(call)
    _monitored(record)
    left = {name: value for name, value in record.items() if name != "monitor"}
    await call.state.put(KIND, record["username"], left)


async def _stored(call: Call) -> Record:
    record = await accounts.subuser(call.state, str(call.params.path["subuser_name"]))
    if record is None:
        raise unknown()
    return record


def _monitored(record: Record) -> Record:
    found: Record | None = record.get("monitor")
    if found is None:
        raise told(404, "No monitor settings for this user")
    return found


async def _watch(call: Call, record: Record) -> Record:
    sent = call.params.body or {}
    if not sent.get("email"):
        raise told(400, "Email is required", "email")
    if sent.get("frequency", 0) < 1:
        raise told(400, "Frequency is required", "frequency")
    found = {"email": sent["email"], "frequency": sent["frequency"]}
    await call.state.put(KIND, record["username"], {**record, "monitor": found})
    return found
