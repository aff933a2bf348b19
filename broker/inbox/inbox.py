"""The inboxes of all environments: who waits for mails, how many are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from broker.environments import Environments
from broker.inbox.arrivals import Arrivals
from broker.storage.base import Storage, StoreGone
from broker.storage.mail import Wanted, fits
from broker.tasks import Keeper

#: Mails between two looks whether there are too many.
_LOOK = 200


class Inbox:
    """``kept`` is how many mails an environment keeps: the oldest go."""

    def __init__(self, environments: Environments, storage: Storage, keeper: Keeper, *, kept: int) -> None:
        self._environments = environments
        self._storage = storage
        self._keeper = keeper
        self._kept = kept
        self.arrivals = Arrivals()
        #: By uid, mails that came since the last look.
        self._came: dict[str, int] = {}

    def came(self, uid: str, mail_ids: Sequence[str]) -> None:
        """These mails are committed."""
        self.arrivals.tell(uid, mail_ids)
        # The first of a server's life may be one too many: the look before it may have been another server's.
        self._came[uid] = self._came.get(uid, _LOOK - 1) + len(mail_ids)
        if self._came[uid] >= _LOOK:
            self._came[uid] = 0
            self._keeper.start(self._trim(uid), "trimming a mailbox")

    def ended(self, uid: str) -> None:
        """The environment has changed or is gone: who waits in it looks whether it is still there."""
        self._came.pop(uid, None)
        self.arrivals.tell(uid, ())

    async def _trim(self, uid: str) -> None:
        environment = await self._storage.registry.environment_by_uid(uid)
        if environment is None or environment.status != "open":
            return
        try:
            await (await self._storage.open(environment)).mailbox.trim(self._kept)
        except StoreGone:
            pass  # closed meanwhile, with all of its mails

    async def wait(self, name: str, wanted: Wanted, seconds: float) -> Any | None:
        """The newest mail that is wanted, or the first to come within ``seconds``; None when none does. Raises
        NotFound, EnvironmentClosed, Conflict, TooManyWaits."""
        environment = await self._environments.get_open(name)
        with self.arrivals.listening(environment.uid) as heard:
            store = await self._environments.store(environment)
            there = await store.mailbox.find(wanted, limit=1)
            if there.items:
                return there.items[0]
            try:
                async with asyncio.timeout(seconds):
                    while True:
                        found = await self._first(name, await heard.next(), wanted)
                        if found is not None:
                            return found
            except TimeoutError:
                return None

    async def _first(self, name: str, mail_ids: Sequence[str], wanted: Wanted) -> Any | None:
        store = await self._environments.store(await self._environments.get_open(name))
        for mail_id in mail_ids:
            mail = await store.mailbox.mail(mail_id)
            if mail is not None and fits(wanted, mail):
                return mail
        return None
