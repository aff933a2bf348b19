"""Credits: how many mails a subuser may send. Every personalization that it sends takes one; without any left, Mail
Send refuses.

https://www.twilio.com/docs/sendgrid/api-reference/subusers-api (2026-11): unlimited, a total that comes again every
day, week or month, or so many once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from mocks.base import Call, Record
from mocks.sendgrid import accounts, messages
from mocks.sendgrid.accounts import KIND
from mocks.sendgrid.errors import Fault, refused

FREQUENCIES: Final = {"daily": "%Y-%m-%d", "weekly": "%G-%V", "monthly": "%Y-%m"}

#: https://support.sendgrid.com/hc/en-us/articles/18322114821403 (4XX API errors: 401).
EXCEEDED: Final = "Maximum credits exceeded"


async def check(call: Call) -> None:
    """Refuses a mail of a subuser that has no credits left; a parent account pays no read for it. Raises
    ServiceError."""
    own = accounts.name(call)
    record = await accounts.holder(call.state, own) if own else None
    if record is not None and "credits" in record:
        remain = (await balance(call, record))["remain"]
        if remain is not None and remain <= 0:
            raise refused([Fault(EXCEEDED)], 401)


async def balance(call: Call, record: Record) -> Record:
    """A subuser's credits as they are shown. A new period begins when it is first looked at."""
    sent = await _sent(call, record)
    found: Record | None = record.get("credits")
    if found is None:
        return _shown("unlimited", None, None, None, sent)
    if found["type"] == "recurring" and found["period"] != _period(call.now, found["reset_frequency"]):
        found = await _keep(call, record, {**found, **_begun(call, found["reset_frequency"], found["total"], sent)})
    used = sent - found["base"]
    return _shown(found["type"], found["reset_frequency"], found["total"], max(0, found["given"] - used), used)


async def give(call: Call, record: Record, kind: str, total: int, frequency: str | None) -> Record:
    """Set a subuser's credits to ``total``: once, or at the beginning of every period."""
    sent = await _sent(call, record)
    found = {"type": kind, "reset_frequency": frequency, **_begun(call, frequency, total, sent)}
    found["total"] = total if frequency else None
    await _keep(call, record, found)
    return await balance(call, {**record, "credits": found})


async def lift(call: Call, record: Record) -> Record:
    """Let a subuser send without limit."""
    left = {name: value for name, value in record.items() if name != "credits"}
    await call.state.put(KIND, record["username"], left)
    return await balance(call, left)


async def adjust(call: Call, record: Record, more: int) -> Record:
    """More credits, or fewer, down to none; where there is no limit, nothing changes."""
    shown = await balance(call, record)
    if shown["remain"] is None:
        return shown
    record = await accounts.holder(call.state, record["account"]) or record
    found = record["credits"]
    found = await _keep(call, record, {**found, "given": max(shown["used"], found["given"] + more)})
    return await balance(call, {**record, "credits": found})


def _begun(call: Call, frequency: str | None, total: int, sent: int) -> Record:
    return {"given": total, "base": sent, "period": _period(call.now, frequency) if frequency else None}


def _period(now: datetime, frequency: str) -> str:
    return now.strftime(FREQUENCIES[frequency])


async def _sent(call: Call, record: Record) -> int:
    return await accounts.of(call.state, record["account"]).count(messages.KIND)


async def _keep(call: Call, record: Record, found: Record) -> Record:
    await accounts.parent(call.state).put(KIND, record["username"], {**record, "credits": found})
    return found


def _shown(kind: str, frequency: Any, total: Any, remain: Any, used: int) -> Record:
    return {"type": kind, "reset_frequency": frequency, "total": total, "remain": remain, "used": used}
