"""Who gets no mail any more, and why: the addresses that an account's lists hold back.

https://www.twilio.com/docs/sendgrid/ui/sending-email/index-suppressions (2026-11): bounces, invalid addresses, spam
reports and unsubscribes are dropped; blocks are only told of, the next mail is tried again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from mocks.base import Call, Record, State
from mocks.sendgrid import paging

#: One record for each address of each list, its key the address in lower case and the list: an address is looked up by
#: the beginning of the key, a list by its index.
KIND: Final = "suppression"

List = Literal["bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes", "group"]

#: What a dropped message is told for, the strongest first. The words are the event webhook's:
#: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (dropped, 2026-11).
REASONS: Final[Mapping[str, str]] = {
    "invalid_emails": "Invalid",
    "bounces": "Bounced Address",
    "spam_reports": "Spam Reporting Address",
    "unsubscribes": "Unsubscribed Address",
    "group": "Unsubscribed Address",
}

#: Which lists each mail setting looks past: https://www.twilio.com/docs/sendgrid/ui/sending-email/index-suppressions
#: (bypass suppressions). The global unsubscribes do not cover the groups' own.
BYPASSES: Final[Mapping[str, Collection[str]]] = {
    "bypass_list_management": frozenset(REASONS),
    "bypass_spam_management": frozenset({"spam_reports"}),
    "bypass_bounce_management": frozenset({"bounces"}),
    "bypass_unsubscribe_management": frozenset({"unsubscribes"}),
}

#: What each list shows of an address besides ``created`` and ``email``, with what stands where nothing was told.
DETAILS: Final[Mapping[str, Mapping[str, str]]] = {
    "bounces": {"reason": "550 5.1.1 The email account that you tried to reach does not exist.", "status": "5.1.1"},
    "blocks": {"reason": "550 5.7.1 The message was rejected by the receiving server.", "status": "5.7.1"},
    "spam_reports": {"ip": "198.51.100.1"},
    "invalid_emails": {"reason": "Mail domain mentioned in email address is unknown"},
    "unsubscribes": {},
}

#: Up to so many suppressions of an account are read at once; with more, every address is looked up.
_FEW: Final = 64
_PAGE: Final = 500


def list_name(kind: str, group_id: int | None = None) -> str:
    """The name of a list, as records are indexed by it: ``bounces``, ``group:12``."""
    return f"group:{group_id}" if kind == "group" else kind


async def barred(
    call: Call, addresses: Sequence[str], *, group_id: int | None = None, bypass: Collection[str] = ()
) -> Mapping[str, str]:
    """Why mail to those of ``addresses`` that get none is dropped: lower-case address -> reason. ``group_id`` is the
    unsubscribe group of the message, ``bypass`` the enabled mail settings among BYPASSES. One read where the account
    suppresses nobody, or few."""
    first = await call.state.page(KIND, order="key", limit=1)
    if not first:
        return {}
    lists = {list_name(kind, group_id): reason for kind, reason in REASONS.items() if kind != "group" or group_id}
    for setting in bypass:
        for kind in BYPASSES.get(setting, ()):
            lists.pop(list_name(kind, group_id), None)
    wanted = dict.fromkeys(address.lower() for address in addresses)
    found = await _held(call.state, wanted)
    barred_by = {
        address: next((lists[name] for name in lists if name in found.get(address, ())), "") for address in wanted
    }
    return {address: reason for address, reason in barred_by.items() if reason}


async def _held(state: State, addresses: Iterable[str]) -> Mapping[str, set[str]]:
    """The lists that each address is on."""
    found: dict[str, set[str]] = {}
    records = await state.page(KIND, order="key", limit=_FEW + 1)
    if len(records) > _FEW:
        records = [record for address in addresses for record in await of(state, address)]
    for record in records:
        found.setdefault(record["address"], set()).add(record["list"])
    return found


async def of(state: State, address: str) -> Sequence[Record]:
    """The entries of one address on all lists."""
    return await state.page(KIND, order="key", prefix=_key("", address), limit=_PAGE)


async def suppress(call: Call, kind: str, address: str, *, group_id: int | None = None, **details: Any) -> None:
    """Put ``address`` on a list, with what the list shows of it; one that is there already keeps its entry."""
    await add(call.state, list_name(kind, group_id), address, int(call.now.timestamp()), details)


async def add(state: State, name: str, address: str, created: int, details: Mapping[str, Any] | None = None) -> None:
    """Put ``address`` on the list ``name`` as of ``created``; one that is there already keeps its entry."""
    key = _key(name, address)
    if await state.get(KIND, key):
        return
    shown = DETAILS.get(name, {})
    told = {member: (details or {}).get(member) or usual for member, usual in shown.items()}
    record = {"email": address, "address": address.lower(), "list": name, "created": created, **told}
    await state.put(KIND, key, record, {"list": name})


async def entry(state: State, name: str, address: str) -> Record | None:
    """The entry of ``address`` on the list ``name``."""
    return await state.get(KIND, _key(name, address))


async def remove(state: State, name: str, address: str) -> bool:
    """Take ``address`` off the list ``name``; False when it was not on it."""
    return await state.delete(KIND, _key(name, address))


async def entries(state: State, name: str, *, order: Literal["newest", "oldest"] = "oldest") -> list[Record]:
    """All entries of the list ``name``, by age."""
    listed = paging.every(state, KIND, lambda each: _key(name, each["address"]), order=order, where={"list": name})
    return [record async for record in listed]


async def size(state: State, name: str) -> int:
    """How many addresses the list ``name`` holds."""
    return await state.count(KIND, {"list": name})


async def clear(state: State, name: str) -> None:
    """Empty the list ``name``."""
    for record in await entries(state, name):
        await remove(state, name, record["address"])


def _key(name: str, address: str) -> str:
    # No address holds a line end, so that no address begins another.
    return f"{address.lower()}\n{name}"
