"""The webhook endpoints that real providers send an account's events to: one an account, kept alive by the broker.

Providers bear few endpoints (one of them 16 an account), so there is none for each environment. An endpoint's
address ends with text that nobody guesses, but the proof of an event is its signature: the secret that verifies
it is told by the provider when the endpoint is made, and kept sealed. Where the broker may not make endpoints,
somebody registers the address by hand and gives the secret.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from broker.clock import Clock
from broker.concealing import without
from broker.errors import BrokerError, Conflict, NotFound
from broker.settings import Settings, is_loopback
from broker.storage.external import AccountRow, External
from broker.vault import Vault
from sandboxes.base import Account, HookEndpoint, Hooks, Marker, Refused, SandboxProvider, Unreachable, Upstream

log = logging.getLogger("broker.hooks")

#: Below it, the address of each account's endpoint.
INCOMING = "/_broker/hooks/in/"
#: Characters of an address's end: 190 bits.
_PATH_LENGTH = 32
#: What stands in place of the end of an address once somebody took the endpoint away: none is made by itself again.
_OFF = ""

#: ``alive``; ``by_hand``: registered by somebody, who gave the secret; ``missing``: not made yet; ``down``: the last
#: look failed; ``unreachable``: the provider could not reach this server; ``off``: taken away; ``unsupported``.
State = Literal["alive", "by_hand", "missing", "down", "unreachable", "off", "unsupported"]


class Accounts(Protocol):
    """As much of broker.accounts.Accounts as webhooks need."""

    async def marker(self, uid: str = "") -> Marker: ...

    async def named(self, name: str) -> tuple[SandboxProvider, Account]: ...

    def send(self, provider: SandboxProvider, account: Account, environment: str = "") -> Upstream: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account's endpoint is. ``error`` is why it is not alive, in words; ``endpoint`` the provider's id."""

    account: str
    service: str
    state: State
    address: str | None
    endpoint: str | None
    checked_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class _Look:
    """The last look at an endpoint; without an ``error`` it was alive."""

    at: datetime
    error: str | None = None


class HookEndpoints:
    """Makes, keeps and takes away endpoints; one thing at a time for an account."""

    def __init__(
        self,
        *,
        settings: Settings,
        external: External,
        clock: Clock,
        vault: Vault,
        providers: Mapping[str, SandboxProvider],
        accounts: Accounts,
    ) -> None:
        self._settings = settings
        self._external = external
        self._clock = clock
        self._vault = vault
        self._providers = providers
        self._accounts = accounts
        self._looks: dict[str, _Look] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def down(self) -> int:
        """How many endpoints were not alive at the last look."""
        return sum(look.error is not None for look in self._looks.values())

    async def at(self, path: str) -> AccountRow | None:
        """The account whose endpoint's address ends with ``path``."""
        if path == _OFF:
            return None
        return next((row for row in await self._external.accounts() if row.hook_path == path), None)

    async def standing(self, name: str) -> Standing:
        """How the account's endpoint is, as far as is known without asking the provider. Raises NotFound."""
        row = await self._row(name)
        look = self._looks.get(name)
        state, error = self._state(row, look)
        if row.hook_path is None and state != "unsupported":
            # Whoever registers an endpoint by hand needs the address before there is a secret.
            row = await self._store(name, path=self._new_path())
        return Standing(
            account=name,
            service=row.service,
            state=state,
            address=self._address(row.hook_path) if row.hook_path else None,
            endpoint=row.hook_id,
            checked_at=None if look is None else look.at,
            error=error,
        )

    def _state(self, row: AccountRow, look: _Look | None) -> tuple[State, str | None]:
        if self._hooks(row) is None:
            return "unsupported", f"{row.service} sends no webhooks that could be verified"
        if row.hook_path == _OFF:
            return "off", None
        if look is not None and look.error is not None:
            return "down", look.error
        if row.hook_secret_sealed is not None:
            return ("by_hand" if row.hook_id is None else "alive"), None
        unreachable = self._unreachable(row)
        return ("missing" if unreachable is None else "unreachable"), unreachable

    async def standings(self) -> list[Standing]:
        """Of every account, by name."""
        return [await self.standing(row.name) for row in await self._external.accounts()]

    async def ensure(self, name: str) -> Standing:
        """Make the endpoint, or find it alive at the provider; one that was registered by hand becomes the broker's.
        Raises NotFound; Conflict when the provider or the settings do not let it be."""
        row = await self._row(name)
        if self._hooks(row) is None:
            raise Conflict(f"{row.service} sends no webhooks that could be verified")
        unreachable = self._unreachable(row)
        if unreachable is not None:
            raise Conflict(unreachable)
        error = await self._kept(name)
        if error is not None:
            raise Conflict(f"account {name} has no endpoint for webhooks: {error}")
        return await self.standing(name)

    async def ensure_all(self, only: str | None = None) -> None:
        """Look after every endpoint that the broker keeps itself, or that of ``only`` one account. What fails is in the
        standing, and in the log."""
        for row in await self._external.accounts():
            if only not in (None, row.name):
                continue
            by_hand = row.hook_secret_sealed is not None and row.hook_id is None
            if self._hooks(row) is None or row.hook_path == _OFF or by_hand or self._unreachable(row) is not None:
                continue
            error = await self._kept(row.name)
            if error is not None:
                log.warning("account %s has no endpoint for webhooks: %s", row.name, error)

    async def give_secret(self, name: str, secret: str) -> Standing:
        """The endpoint was registered by hand, and this verifies its events. Raises NotFound, Conflict."""
        async with self._turn(name):
            row = await self._row(name)
            if self._hooks(row) is None:
                raise Conflict(f"{row.service} sends no webhooks that could be verified")
            await self._store(name, path=row.hook_path or self._new_path(), secret=self._vault.seal(secret), id=None)
            self._looks.pop(name, None)
        return await self.standing(name)

    async def retire(self, name: str, *, forget: bool = False) -> Standing:
        """Take the endpoint away, here and at the provider; none is made by itself again. Idempotent. What the provider
        does not do now raises Conflict, and the endpoint stays known; with ``forget`` it is left there. Raises
        NotFound."""
        async with self._turn(name):
            row = await self._row(name)
            hooks = self._hooks(row)
            if hooks is not None and row.hook_id is not None:
                try:
                    async with self._upstream(name) as send:
                        await hooks.remove(HookEndpoint(row.hook_id), send)
                except BrokerError as wrong:
                    if not forget:
                        raise Conflict(
                            f"the endpoint {row.hook_id} of account {name} stays for now: {wrong.detail}. Try again, "
                            f"or leave it there: `broker hooks retire {name} --forget`"
                        ) from wrong
                    log.warning("endpoint %s of account %s is left at the provider", row.hook_id, name)
            await self._store(name, path=_OFF, secret=None, id=None)
            self._looks.pop(name, None)
        return await self.standing(name)

    async def _kept(self, name: str) -> str | None:
        """Ensures one endpoint; answers what went wrong, in words."""
        try:
            async with self._turn(name):
                await self._keep(name)
        except NotFound as gone:
            # The account went meanwhile, and nothing is to be known of it any more.
            self._looks.pop(name, None)
            return gone.detail
        except BrokerError as wrong:
            error = wrong.detail
        except Exception as failed:
            # A driver's own fault must not end the loop that looks after all the others.
            log.exception("the endpoint of account %s could not be looked after", name)
            error = f"{type(failed).__name__}: see the server's log"
        else:
            self._looks[name] = _Look(self._clock.now())
            return None
        self._looks[name] = _Look(self._clock.now(), error)
        return error

    async def _keep(self, name: str) -> None:
        row = await self._row(name)
        hooks = self._hooks(row)
        if hooks is None:
            return
        if not row.hook_path:
            # Known before anything is made with it: an endpoint whose address was lost would never be found again.
            row = await self._store(name, path=self._new_path())
        url = self._address(row.hook_path or "")
        known = HookEndpoint(row.hook_id) if row.hook_id else None
        async with self._upstream(name) as send:
            found = await hooks.ensure(url, known, send)
            if found.secret is None and not self._has_secret_of(row, found):
                # Made by us, and its secret lost before it was kept: providers tell it once.
                await hooks.remove(found, send)
                found = await hooks.ensure(url, None, send)
        if found.secret is None and not self._has_secret_of(row, found):
            raise Conflict(f"the provider does not tell the secret of endpoint {found.id}: give it with PUT")
        sealed = row.hook_secret_sealed if found.secret is None else self._vault.seal(found.secret)
        if found.id != row.hook_id or found.secret is not None:
            await self._store(name, path=row.hook_path or "", secret=sealed, id=found.id)

    @staticmethod
    def _has_secret_of(row: AccountRow, found: HookEndpoint) -> bool:
        """Whether the secret that is kept is this endpoint's: one that was given by hand is of the endpoint at our
        address."""
        return row.hook_secret_sealed is not None and row.hook_id in (None, found.id)

    @asynccontextmanager
    async def _upstream(self, name: str) -> AsyncIterator[Upstream]:
        """Raises Conflict with the provider's words, none of which is the credential."""
        provider, account = await self._accounts.named(name)
        try:
            yield self._accounts.send(provider, account)
        except (Refused, Unreachable) as wrong:
            raise Conflict(without(str(wrong), account.secret) or type(wrong).__name__) from None

    async def _row(self, name: str) -> AccountRow:
        row = await self._external.account(name)
        if row is None:
            raise NotFound(f"no account is called {name}; `broker account list` shows them")
        return row

    async def _store(self, name: str, *, path: str, **fields: str | None) -> AccountRow:
        """Changes nothing but the endpoint: the account may have been configured anew meanwhile."""
        row = await self._row(name)
        row = replace(
            row,
            hook_path=path,
            hook_id=fields.get("id", row.hook_id),
            hook_secret_sealed=fields.get("secret", row.hook_secret_sealed),
        )
        await self._external.put_account(row)
        return row

    def _turn(self, name: str) -> asyncio.Lock:
        turn = self._turns.get(name)
        if turn is None:
            turn = self._turns[name] = asyncio.Lock()
        return turn

    def _hooks(self, row: AccountRow) -> Hooks | None:
        provider = self._providers.get(row.service)
        return None if provider is None else provider.hooks

    def _unreachable(self, row: AccountRow) -> str | None:
        """Why the provider could not reach this server, None when it can."""
        endpoint = row.endpoint or self._providers[row.service].endpoint
        if self._settings.public_url or is_loopback(urlsplit(endpoint).hostname or ""):
            return None
        return (
            f"the provider cannot reach {self._settings.origin}: set BROKER_PUBLIC_URL to the address that this server "
            "has on the internet"
        )

    def _address(self, path: str) -> str:
        return self._settings.origin + INCOMING + path

    def _new_path(self) -> str:
        return self._clock.text(_PATH_LENGTH)
