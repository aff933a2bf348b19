"""One call to a mock, as its handler sees it: its environment's time and ids, what is to be stored with the state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from broker.clock import ALPHANUMERIC, Clock
from broker.vault import Vault
from broker.visit import Visit
from contracts.contract import Contract, Operation, Params
from contracts.exchange import Request
from mocks.base import Mail, MockService, State, Target


def unaddressed(environment: str, service: str) -> str:
    """The address of a service on this machine, where nobody listens."""
    return f"http://localhost/e/{environment}/{service}"


#: Characters of an id that tell when it was made, and from how many on it has them: what is left stays unguessable.
#: Ids that grow with time are written side by side in the storage's indexes, which makes a call's commit half as large.
_TIME, _ORDERED = 6, 16


@lru_cache(maxsize=8)
def _seconds(since: int) -> str:
    """A time as text that sorts as it does."""
    found = ""
    for _ in range(_TIME):
        since, digit = divmod(since, len(ALPHANUMERIC))
        found = ALPHANUMERIC[digit] + found
    return found


class MockCall:
    """What a handler sees; see mocks.base.Call."""

    __slots__ = (
        "_address",
        "_claims",
        "_clock",
        "_credentials",
        "_service",
        "_tag",
        "_time",
        "_vault",
        "claimed",
        "contract",
        "credential",
        "events",
        "grant",
        "mails",
        "now",
        "operation",
        "options",
        "params",
        "realm",
        "request",
        "scope",
        "seed",
        "state",
    )

    def __init__(
        self,
        visit: Visit,
        service: MockService,
        operation: Operation,
        params: Params,
        state: State,
        *,
        clock: Clock,
        vault: Vault,
        claims: set[tuple[str, str, str]],
        address: Callable[[str, str], str] = unaddressed,
    ) -> None:
        environment, policy = visit.entry.environment, visit.entry.policy
        self.operation = operation
        self.params = params
        self.request: Request = visit.adapted or visit.request
        self.state = state
        self.contract: Contract = service.contract()
        self.now = environment.at(visit.now)
        self.options: Mapping[str, Any] = policy.options(service.name)
        self.seed = policy.service_seed(service.name, environment.seed)
        self.credential = visit.credential
        self.grant: Mapping[str, Any] = visit.grant or {}
        self.realm = environment.realm
        self.scope = visit.scope
        self.events: list[tuple[str, Mapping[str, Any], Sequence[Target] | None, str]] = []
        self.mails: list[tuple[Mail, str]] = []
        self.claimed: list[tuple[str, str, str]] = []
        self._address = address
        self._credentials = visit.entry.credentials
        self._service = service.name
        self._tag = environment.tag
        self._time = _seconds(int(visit.now.timestamp()))
        self._clock = clock
        self._vault = vault
        self._claims = claims

    @property
    def credentials(self) -> Collection[str]:
        return [spec for service, spec in self._credentials if service == self._service]

    @property
    def address(self) -> str:
        return self._address(self.realm, self._service)

    def new_id(self, prefix: str, length: int = 24) -> str:
        drawn = length - len(self._tag)
        if drawn < _ORDERED:
            return prefix + self._tag + self._clock.text(drawn)
        return prefix + self._tag + self._time + self._clock.text(drawn - _TIME)

    def emit(self, type: str, payload: Mapping[str, Any], to: Sequence[Target] | None = None) -> None:
        self.events.append((type, payload, to, self.scope))

    def send_mail(self, mail: Mail) -> None:
        self.mails.append((mail, self.scope))

    def claim(self, key: str) -> bool:
        full = (self._tag, self._service, key)
        if full in self._claims:
            return False
        self._claims.add(full)
        self.claimed.append(full)
        return True

    def seal(self, value: str) -> str:
        return self._vault.seal(value)

    def unseal(self, sealed: str) -> str:
        return self._vault.unseal(sealed)
