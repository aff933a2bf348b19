"""DNS records that authenticate a domain, brand its links and name its addresses, and whether they are there.

Nothing is looked up: records are found to be there when they are validated, but for domains whose name begins with
``invalid`` (``invalid.example.com``, ``invalid-shop.example``), which never validate. Where the records are, and what
they hold: https://www.twilio.com/docs/sendgrid/ui/account-and-settings/dns-records (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mocks.base import Call, Record
from mocks.sendgrid import accounts

#: The account that the environment's keys belong to, where the API names one.
USER_ID: Final = 1
USERNAME: Final = "parent"
_NEVER: Final = "invalid"

#: What the mail server of a domain is, and what its mail is sent from.
MAIL_SERVER: Final = "mx.sendgrid.net"
LINKS: Final = "sendgrid.net"


def there(domain: str) -> bool:
    """Whether the records of that domain are found."""
    return not domain.lower().startswith(_NEVER)


def record(type: str, host: str, content: str, valid: bool = False) -> Record:
    """One record, as it has to be set."""
    return {"valid": valid, "type": type, "host": host, "data": content}


def checked(dns: Mapping[str, Record], valid: bool) -> dict[str, Record]:
    """The records, all there or none."""
    return {name: {**one, "valid": valid} for name, one in dns.items()}


def results(dns: Mapping[str, Record], valid: bool) -> dict[str, Any]:
    """What validating them tells, with SendGrid's sentence (github.com/sendgrid/docs/issues/5617) for a missing one."""
    return {name: {"valid": valid, "reason": None if valid else _reason(one)} for name, one in dns.items()}


def _reason(one: Record) -> str:
    return f'Expected {one["type"].upper()} for "{one["host"]}" to match "{one["data"]}".'


def text(dns: Mapping[str, Record]) -> str:
    """The records as a table of lines, for a mail."""
    lines: Sequence[str] = [f"{one['type'].upper()}\t{one['host']}\t{one['data']}" for one in dns.values()]
    return "\n".join(lines)


async def owner(call: Call) -> Record:
    """``user_id`` and ``username`` of the account that the call acts for."""
    name = accounts.name(call)
    if not name:
        return {"user_id": USER_ID, "username": USERNAME}
    found = await accounts.subuser(accounts.parent(call.state), name.partition("~")[0]) or {}
    return {"user_id": int(found.get("id") or 0), "username": str(found.get("username") or name)}
