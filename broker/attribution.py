"""Whose an event from a real provider is.

Environments share accounts, and an account has one endpoint: what arrives there is told apart by the ids
that the ledger knows, in the order in which the event's driver lists them, then by markers. What neither tells
belongs to nobody yet.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from broker.ledger import Ledger
from broker.storage.base import Environment, Registry
from broker.storage.external import HookRow
from sandboxes.base import Marker

#: How it was found out: by the object itself, by something that the object belongs to, or by a marker.
By = Literal["ledger", "parent", "marker"]

#: The two forms of a marker of any broker; see sandboxes.base.Marker.
_TEXT = re.compile(r"pb:([a-z0-9]{6}):(.*)", re.DOTALL)
_LABEL = re.compile(r"pb-([a-z0-9]{6})-([a-z0-9]{10})-")


@dataclass(frozen=True, slots=True)
class Owner:
    """The environment that an event belongs to. ``marked`` is another one that a marker in it names: the ledger
    decides, and somebody should look."""

    uid: str
    by: By
    marked: str | None = None


@dataclass(frozen=True, slots=True)
class Nobody:
    """No environment claims it. ``foreign``: a marker says that another broker does."""

    foreign: bool = False


class Attribution:
    """Asks the ledger and the registry. ``marker`` answers this broker's own, without a uid."""

    def __init__(self, registry: Registry, ledger: Ledger, marker: Callable[[], Awaitable[Marker]]) -> None:
        self._registry = registry
        self._ledger = ledger
        self._marker = marker

    async def of(self, hook: HookRow) -> Owner | Nobody:
        """Whose the event is, as far as is known now."""
        marked, foreign = await self._marked(hook.markers)
        known = await self._ledger.known(hook.account, hook.ids)
        for place, external_id in enumerate(hook.ids):
            if external_id in known:
                uid = known[external_id].uid
                differs = marked is not None and marked.uid != uid
                return Owner(uid, "parent" if place else "ledger", marked.uid if marked and differs else None)
        if marked is not None:
            return Owner(marked.uid, "marker")
        return Nobody(foreign)

    async def _marked(self, texts: Sequence[str]) -> tuple[Environment | None, bool]:
        """The environment of the first marker that names one, and whether one is another broker's."""
        foreign = False
        instance = (await self._marker()).instance if texts else ""
        for text in texts:
            if (whole := _TEXT.fullmatch(text)) is not None:
                found = await self._registry.environment_by_uid(whole[2]) if whole[1] == instance else None
            elif (whole := _LABEL.match(text)) is not None:
                found = await self._registry.environment_ending(whole[2]) if whole[1] == instance else None
            else:
                continue
            if found is not None:
                return found, False
            foreign = foreign or whole[1] != instance
        return None, foreign
