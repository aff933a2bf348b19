"""What happens to a mail, as the event webhook tells it: an event of its shape for one recipient.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (2026-11), and payloads that people quote in
the trackers of SendGrid's SDKs and documentation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from zlib import crc32

from mocks.base import Call, Record, Target
from mocks.sendgrid import history

_POOLS: Final = 100_000
#: Members of our events that are not posted: the account that they are of, "" being left out, and the arguments of the
#: sender whose names could be taken for ours.
ACCOUNT: Final = "_account"
_APART: Final = "_apart"
_OURS: Final = (ACCOUNT, _APART)
#: All that can happen, by the name that events carry.
KINDS: Final = (
    "processed",
    "dropped",
    "delivered",
    "deferred",
    "bounce",
    "open",
    "click",
    "spamreport",
    "unsubscribe",
    "group_unsubscribe",
    "group_resubscribe",
)
#: Where servers that sent mail, and people who read it, are: addresses for documentation (RFC 5737), as nobody is.
SENDING_ADDRESS: Final = "198.51.100.7"
READING_ADDRESS: Final = "203.0.113.9"
READING_AGENT: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
#: What a member is where the caller does not say, by event.
_USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "delivered": {"response": "250 OK", "ip": SENDING_ADDRESS, "tls": 1},
    "deferred": {"response": "400 try again later", "attempt": "1"},
    "dropped": {"reason": "Invalid", "status": "5.0.0"},
    "bounce": {
        "reason": "500 unknown recipient",
        "status": "5.0.0",
        "type": "bounce",
        "bounce_classification": "Invalid Address",
        "tls": 1,
    },
    "open": {
        "ip": READING_ADDRESS,
        "useragent": READING_AGENT,
        "sg_machine_open": False,
        "sg_content_type": "html",
    },
    "click": {"ip": READING_ADDRESS, "useragent": READING_AGENT},
    "group_unsubscribe": {"ip": READING_ADDRESS, "useragent": READING_AGENT},
    "group_resubscribe": {"ip": READING_ADDRESS, "useragent": READING_AGENT},
}
#: What is remembered with its usual members, too.
_FAILED: Final = frozenset({"dropped", "bounce"})
#: The page's tables of what each event has: what is here lacks the id of the mail's own header,
_WITHOUT_SMTP_ID: Final = frozenset({"open", "click", "unsubscribe"})
#: and what is here says nothing of the unsubscribe group that the mail was sent with.
_WITHOUT_GROUP: Final = frozenset({"spamreport", "unsubscribe"})
#: Names of an event that no argument of the sender's can take the place of ("reserved keys").
_RESERVED: Final = frozenset(
    {
        "asm_group_id",
        "attempt",
        "bounce_classification",
        "category",
        "cert_err",
        "domain",
        "email",
        "event",
        "from",
        "ip",
        "newsletter",
        "pool",
        "reason",
        "response",
        "send_at",
        "sg_content_type",
        "sg_event_id",
        "sg_machine_open",
        "sg_message_id",
        "smtp-id",
        "status",
        "timestamp",
        "tls",
        "type",
        "url",
        "url_offset",
        "useragent",
    }
)


def happen(call: Call, sent: Record, address: str, event: str, **details: Any) -> None:
    """``event`` happened to the recipient ``address`` of a message (a record of mocks/sendgrid/messages.py): it is
    emitted, and remembered in the record, which the caller stores. ``details`` are further members, or others than the
    usual ones; one that is None is left out. ``timestamp`` is now unless it is among them."""
    happened = told(call, sent, address, event, **details)
    history.remember(sent, address, event, happened["timestamp"], happened if event in _FAILED else details)
    emit(call, happened, str(sent.get("account") or ""))


def told(call: Call, sent: Record, address: str, event: str, **details: Any) -> Record:
    """The event as its webhook gets it."""
    happened: Record = _arguments(sent) if "custom_args" in sent else {}
    happened |= {
        "email": address,
        "timestamp": int(call.now.timestamp()),
        "event": event,
        "sg_event_id": call.new_id("", 22),
        "sg_message_id": message_id(sent, address),
    }
    if event not in _WITHOUT_SMTP_ID:
        happened["smtp-id"] = smtp_id(sent)
    if sent.get("categories"):
        happened["category"] = sent["categories"]
    if sent.get("asm_group_id") is not None and event not in _WITHOUT_GROUP:
        happened["asm_group_id"] = sent["asm_group_id"]
    if event == "processed":
        happened.update(_planned(sent))
    if event == "deferred":
        happened.update({"domain": address.rpartition("@")[2], "from": (sent.get("from") or {}).get("email")})
    happened.update(_USUAL.get(event, {}))
    happened.update(details)
    for name in [name for name, value in details.items() if value is None]:
        del happened[name]
    return happened


def emit(call: Call, happened: Record, account: str = "", to: Sequence[Target] | None = None) -> None:
    """An event of the account's, as it will be posted, to those who hear it or to those in ``to`` alone. Its own id is
    ours; a sender's argument ``id``, and one whose name would be the broker's, is kept apart."""
    payload: Record = {**happened, "id": happened["sg_event_id"]}
    if apart := [name for name in happened if name == "id" or name[:1] == "_"]:
        payload["_apart"] = {name: happened[name] for name in apart}
        for name in apart:
            if name != "id":
                del payload[name]
    if account:
        payload[ACCOUNT] = account
    call.emit(happened["event"], payload, to)


def posted(payload: Mapping[str, Any]) -> Record:
    """The event as its webhook gets it: a real one's members are all its own."""
    hidden = set(_OURS)
    if payload.get("id") == payload.get("sg_event_id"):
        hidden.add("id")
    shown = {name: value for name, value in payload.items() if name not in hidden}
    apart = payload.get(_APART)
    return {**apart, **shown} if isinstance(apart, dict) else shown


def message_id(sent: Record, address: str) -> str:
    """The id of the recipient's mail: it begins with the X-Message-Id of the answer, and goes on as SendGrid's do,
    ``yW5utel5TYuIBREiXJi7aA.recvd-5f9ffdf494-9kc6l-1-673C6EB0-B.0``."""
    people = [each["email"].lower() for kind in ("to", "cc", "bcc") for each in sent.get(kind) or ()]
    place = people.index(address.lower()) if address.lower() in people else 0
    block = int(sent.get("place") or 0) + 1
    return f"{_received(sent['message_id'])}-{block:X}.{place}"


@lru_cache(maxsize=16)
def _received(mail: str) -> str:
    """The same for all that happens to a message."""
    digest = hashlib.sha256(mail.encode()).hexdigest()
    return f"{mail}.recvd-{digest[:10]}-{digest[10:15]}-1-{digest[16:24].upper()}"


def smtp_id(sent: Record) -> str:
    """The Message-ID in the mail's header."""
    return str(sent.get("smtp_id") or f"<{sent['message_id']}@geopod-ismtpd-1>")


def _planned(sent: Record) -> Record:
    """The pool of addresses that the mail goes out by, and when it was to go."""
    named = {"pool": sent.get("pool"), "send_at": sent.get("send_at")}
    if isinstance(named["pool"], str) and named["pool"]:
        named["pool"] = {"name": named["pool"], "id": crc32(named["pool"].encode()) % _POOLS}
    return {name: value for name, value in named.items() if value}


def _arguments(sent: Record) -> Record:
    """The sender's arguments: they stand among the event's own members, and take no place of theirs."""
    return {name: value for name, value in (sent.get("custom_args") or {}).items() if name not in _RESERVED}
