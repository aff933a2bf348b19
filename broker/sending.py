"""The way to a real account: the right address, the one client, a turn in the account's lane.

It sends what drivers wrote. What may be sent, and for whom, was decided before; which hosts may be reached is
decided here, from the provider's list and the account's own address, and nothing that a caller sends changes it.
What comes back holds no part of the credential that went out with the request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from urllib.parse import urlsplit

from broker.clock import Clock
from broker.concealing import concealed, without
from broker.destinations import ForbiddenTarget
from broker.scheduler import Scheduler
from broker.upstream import Aim, Timeouts, Unanswered, Upstream
from contracts.exchange import Request, Response
from sandboxes import base
from sandboxes.base import Account, SandboxProvider, Unreachable

#: Bytes of an answer that drivers read: pages of lists, never objects.
_DRIVERS_BODY = 16 << 20
#: Bytes of an answer that is read before it is handed on; longer ones are streams.
WHOLE = 1 << 20
#: Seconds to connect, and to the head of an answer: the slowest operations of payment providers take some ten.
_TIMEOUTS = Timeouts(connect=10.0, total=80.0)
#: Options of an account with this ending are further addresses of its provider.
_ADDRESS = "_endpoint"


class WrongHost(Unreachable):
    """A request for a host that neither the provider's list nor the account names. Nothing was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is no host of this provider's", sent=False)


class Sending:
    """Sends for accounts. ``timeouts`` bound the connection, and the wait for the head of an answer."""

    def __init__(
        self, upstream: Upstream, scheduler: Scheduler, clock: Clock, *, timeouts: Timeouts = _TIMEOUTS
    ) -> None:
        self._upstream = upstream
        self._scheduler = scheduler
        self._clock = clock
        self._timeouts = timeouts
        self._aims: dict[tuple[str, str, str], Aim] = {}

    @property
    def longest(self) -> float:
        """Seconds after which a call without a streamed body has an answer or none."""
        return self._timeouts.connect + self._timeouts.total

    def driver(self, provider: SandboxProvider, account: Account, *, environment: str = "") -> base.Upstream:
        """For drivers: what they send is signed as the account, waits for its turn as ``environment`` (the broker
        itself without one), and is answered whole. Raises Unreachable."""

        async def send(request: Request) -> Response:
            async with self._scheduler.turn(account.name, environment):
                signed = provider.sign(request, account, self._clock.now())
                response = await self.send(provider, account, signed, whole=_DRIVERS_BODY)
                # Before the turn ends: its end may let the next call begin.
                rest = provider.throttled(response)
                if rest is not None:
                    self._scheduler.rest(account.name, rest)
            if response.stream is not None:
                if isinstance(response.stream, AsyncGenerator):
                    await response.stream.aclose()
                raise Unreachable(f"an answer of more than {_DRIVERS_BODY >> 20} MiB")
            return response

        return send

    async def send(
        self, provider: SandboxProvider, account: Account, request: Request, *, whole: int = WHOLE
    ) -> Response:
        """One signed request to the account's address, or to that host of the provider's which it names itself.
        Raises Unreachable."""
        try:
            aim = self._aim(provider, account, request.host)
            response = await self._upstream.open(request, aim, timeouts=self._timeouts, whole=whole)
            return concealed(response, account.secret)
        except ForbiddenTarget as forbidden:
            raise Unreachable(str(forbidden), sent=False) from None
        except Unanswered as lost:
            # Who cannot read an answer quotes it.
            words = without(str(lost), account.secret)
            raise Unreachable(words, sent=lost.kind != "connect", late=lost.kind == "timeout") from None

    def _aim(self, provider: SandboxProvider, account: Account, host: str) -> Aim:
        key = (provider.endpoint, account.endpoint, host)
        found = self._aims.get(key)
        if found is None:
            if len(self._aims) > 1000:
                self._aims.clear()
            found = self._aims[key] = self._looked_up(provider, account, host)
        return found

    def _looked_up(self, provider: SandboxProvider, account: Account, host: str) -> Aim:
        # The owner of an account may point it anywhere, at a stand-in on this machine for instance; a provider's own
        # name must not lead to a private address.
        own = [account.endpoint, *(str(v) for name, v in account.options.items() if name.endswith(_ADDRESS) and v)]
        addresses = {urlsplit(text).netloc: text.rstrip("/") for text in own}
        default = urlsplit(account.endpoint).netloc
        wanted = host or default
        if wanted in addresses and addresses[wanted] != provider.endpoint:
            return self._upstream.aim(addresses[wanted], replace(self._upstream.allowance, private=True))
        if wanted in provider.hosts and (wanted == default or default in provider.hosts):
            return self._upstream.aim(f"https://{wanted}", replace(self._upstream.allowance, private=False))
        raise WrongHost(wanted)
