"""What a contract does not tell about a provider, as data: how ids look, how lists are wrapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocks.base import Call, Order, Record


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: what stands on it and where the others are.

    ``next_cursor`` is the id after which the next page begins, None on the last one; ``total`` counts what
    came before and on this page (a full count would read everything).
    """

    records: Sequence[Record]
    limit: int
    has_more: bool
    next_cursor: str | None
    total: int


def no_prefix(resource: str) -> str:
    """Ids that are bare random text."""
    return ""


def no_address(call: Call, page: Page) -> str | None:
    """Of a provider that sends no Link."""
    return None


def usual_envelope(call: Call, page: Page) -> Mapping[str, Any]:
    """What lists carry beside their objects. A contract takes the members that it knows; ``url`` is the
    list's own path."""
    link = f"{call.request.path}?page_token={page.next_cursor}" if page.next_cursor else None
    return {
        "object": "list",
        "url": call.request.path,
        "has_more": page.has_more,
        "next_page_token": page.next_cursor,
        "next_page": page.next_cursor,
        "next_page_uri": link,
        "count": len(page.records),
        "total": page.total,
        "page_size": page.limit,
        "_metadata": {"self": call.request.path, "count": page.total, **({"next": link} if link else {})},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A provider's habits. ``id_prefix`` maps a resource's name to the beginning of its ids (``cus_``);
    ``id_length`` counts the characters behind it."""

    id_prefix: Callable[[str], str] = no_prefix
    id_length: int = 24
    #: How many objects a list shows when the caller asks for no number, and at most.
    page_limit: int = 100
    most: int = 1_000
    order: Order = "newest"
    #: Values in an update that take a member away (Stripe: the empty string).
    unset: frozenset[str] = frozenset()
    #: Members that an update merges key by key.
    merged: frozenset[str] = frozenset({"metadata"})
    #: Further names of what pages are asked for by: how many, behind which one, from where.
    limits: tuple[str, ...] = ()
    afters: tuple[str, ...] = ()
    offsets: tuple[str, ...] = ()
    #: The address of the next page, which is answered as a Link; None for none.
    next_address: Callable[[Call, Page], str | None] = no_address
    envelope: Callable[[Call, Page], Mapping[str, Any]] = usual_envelope
    #: Operations that delete by their method and only end the object: id -> what they change in it.
    ends: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Whether an id also stands under the other names that ids have: answers of one resource may differ in what
    #: they call it.
    aliases: bool = False
    #: The word in ``Missing`` for a resource, when its name in the contract is not what the provider says.
    noun: Callable[[str], str] = str
