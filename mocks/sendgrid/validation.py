"""Email Address Validation: a verdict by what can be told of an address without asking anybody.

https://www.twilio.com/docs/sendgrid/ui/managing-contacts/email-address-validation (2026-11). No name server is asked:
what has no mail here are the names that are kept for that (RFC 2606). The words of mocks/sendgrid/outcomes.py say what
a mail to the address would come to.
"""

from __future__ import annotations

import re
from typing import Final

from mocks.base import Call, Record
from mocks.sendgrid import outcomes, suppressing
from mocks.sendgrid.errors import Fault, refused

_ADDRESS: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_ROLES: Final = frozenset({
    "abuse", "accounts", "admin", "billing", "contact", "help", "hr", "info", "jobs", "mail", "marketing", "no-reply",
    "noreply", "office", "postmaster", "root", "sales", "security", "support", "team", "webmaster",
})  # fmt: skip
_DISPOSABLE: Final = frozenset({
    "10minutemail.com", "discard.email", "guerrillamail.com", "maildrop.cc", "mailinator.com", "sharklasers.com",
    "temp-mail.org", "trashmail.com", "yopmail.com",
})  # fmt: skip
_TYPOS: Final = {
    "gamil.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmial.com": "gmail.com",
    "gnail.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "outlok.com": "outlook.com",
    "yaho.com": "yahoo.com",
    "yahooo.com": "yahoo.com",
}
_UNREACHABLE: Final = (".invalid", ".test", ".localhost")
_ASKED_FROM: Final = "192.0.2.1"

_VALID: Final = ("Valid", 0.97)
_RISKY: Final = ("Risky", 0.45)
_INVALID: Final = ("Invalid", 0.0)


async def validate(call: Call) -> Record:
    """The verdict, with the checks that led to it."""
    sent = call.params.body
    address = sent["email"].strip()
    if not address:
        raise refused([Fault("email is required", "email")])  # wording ours
    local, _, host = address.rpartition("@")
    host = host.lower()
    formed = len(address) <= 254 and _ADDRESS.fullmatch(address.lower()) is not None
    reached = formed and not host.endswith(_UNREACHABLE)
    known = await suppressing.entry(call.state, "bounces", address) is not None
    ends = [step.event for step in outcomes.plan(address, call.options)]
    suspected = "bounce" in ends
    checks = {
        "domain": {
            "has_valid_address_syntax": formed,
            "has_mx_or_a_record": reached,
            "is_suspected_disposable_address": host in _DISPOSABLE,
        },
        "local_part": {"is_suspected_role_address": local.lower() in _ROLES},
        "additional": {"has_known_bounces": known, "has_suspected_bounces": suspected},
    }
    if not reached or "dropped" in ends:
        verdict, score = _INVALID
    elif known or suspected or host in _DISPOSABLE or host in _TYPOS or local.lower() in _ROLES:
        verdict, score = _RISKY
    else:
        verdict, score = _VALID
    result: Record = {"email": address, "verdict": verdict, "score": score, "local": local, "host": host}
    if host in _TYPOS:
        result["suggestion"] = _TYPOS[host]
    result |= {"checks": checks, "ip_address": _ASKED_FROM}
    if sent.get("source"):
        result["source"] = sent["source"]
    return {"result": result}
