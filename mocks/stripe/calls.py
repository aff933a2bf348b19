"""What Stripe's handlers see of a call: the mock's ``Call`` with Stripe's habits added.

Objects are never changed in place: a change makes a new dict, so that an event can keep the object as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from contracts.contract import Contract, Operation, Params
from contracts.exchange import Request
from mocks.base import Call, Handler, Mail, Missing, Record, Result, State, Target
from mocks.stripe.errors import missing
from mocks.stripe.rehearsal import Rehearsal
from mocks.stripe.scope import scoped

#: The version that this mock's objects have: the pinned SDK's own (stripe/_api_version.py of stripe 16.1.0).
API_VERSION = "2026-10-28.endive"

Object = Record

#: (object, field) -> what makes the field's value, for fields that an answer leaves out unless they are expanded.
Loader = Callable[["StripeCall", Object], Awaitable[Any]]
Includes = Mapping[tuple[str, str], Loader]


class Change(NamedTuple):
    """What becomes an event: when it happened, whether the caller asked for it or time brought it, and on which
    connected account; None is the platform."""

    type: str
    object: Object
    previous: Object | None
    at: int
    asked: bool
    account: str | None = None
    #: Whose test it is of (mocks.base.Call).
    scope: str = ""


class StripeCall:
    """One call to Stripe. ``body`` holds the sent parameters of a POST, the query's of a GET or DELETE."""

    __slots__ = (
        "account",
        "authenticated",
        "automatic",
        "body",
        "call",
        "contract",
        "credential",
        "emitted",
        "finished",
        "following",
        "fresh_charges",
        "grant",
        "idempotency_key",
        "includes",
        "now",
        "older",
        "operation",
        "options",
        "params",
        "realm",
        "request",
        "request_id",
        "seed",
        "state",
        "timestamp",
        "version",
    )

    def __init__(
        self, call: Call, request_id: str, version: str, includes: Includes, account: str | None = None
    ) -> None:
        self.call = call
        #: The connected account that the call is about; None for the platform itself.
        self.account = account
        self.includes = includes
        self.operation: Operation = call.operation
        self.contract: Contract = call.contract
        self.params: Params = call.params
        self.request: Request = call.request
        self.state: State = scoped(call.state, account) if account else call.state
        self.now: datetime = call.now
        self.options: Mapping[str, Any] = call.options
        self.seed = call.seed
        self.credential = call.credential
        self.grant = call.grant
        self.realm = call.realm
        #: The customer has just proved to the bank who is paying.
        self.authenticated = False
        self.request_id = request_id
        self.version = version
        self.idempotency_key = call.request.headers.get("idempotency-key")
        #: What the objects of this call show as their time: the environment's, or a test clock's (clocks.py).
        self.timestamp = int(call.now.timestamp())
        #: What happens now is not what the caller asked for: time does it.
        self.automatic = False
        sent = call.params.body or call.params.query
        self.body: Mapping[str, Any] = sent if isinstance(sent, Mapping) else {}
        #: In the order in which the changes happened.
        self.emitted: list[Change] = []
        #: What puts an object that expansion loads into the words of an older version; None where nobody asks.
        self.older: Loader | None = None
        #: What the changes brought about elsewhere: told after them.
        self.following: list[Change] = []
        #: The handler has returned: its writes are done.
        self.finished = False
        #: Charges that were captured asynchronously in this call: their balance transaction is not visible yet.
        self.fresh_charges: set[str] = set()

    # The rest of ``Call``, so that the generic engine takes a StripeCall too.

    @property
    def credentials(self) -> Collection[str]:
        return self.call.credentials

    @property
    def address(self) -> str:
        """See mocks.base.Call."""
        return self.call.address

    def new_id(self, prefix: str, length: int = 24) -> str:
        return self.call.new_id(prefix, length)

    def emit(self, type: str, payload: Mapping[str, Any], to: Sequence[Target] | None = None) -> None:
        self.call.emit(type, payload, to)

    @property
    def scope(self) -> str:
        return self.call.scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self.call.scope = scope

    def send_mail(self, mail: Mail) -> None:
        self.call.send_mail(mail)

    def claim(self, key: str) -> bool:
        return self.call.claim(key)

    def seal(self, value: str) -> str:
        return self.call.seal(value)

    def unseal(self, sealed: str) -> str:
        return self.call.unseal(sealed)

    # Stripe's habits.

    def hosted(self, path: str, **query: str) -> str:
        """The address of a page here. As in the addresses of Stripe's own, the query tells whose objects it is about
        where they are a connected account's."""
        asked = {**query, "merchant": self.account} if self.account else query
        return f"{self.address}/{path}" + (f"?{urlencode(asked)}" if asked else "")

    def as_if(self, body: Mapping[str, Any], **path: str) -> StripeCall:
        """The same call with other parameters, for a handler that carries out a part of this one."""
        other = StripeCall(self.call, self.request_id, self.version, self.includes, self.account)
        other.body = body
        other.state = self.state
        if path:
            other.params = Params(path=path)
        other.authenticated = self.authenticated
        other.timestamp, other.automatic = self.timestamp, self.automatic
        other.emitted, other.following, other.fresh_charges = self.emitted, self.following, self.fresh_charges
        return other

    def rehearsed(self, body: Mapping[str, Any]) -> StripeCall:
        """The same call, of which nothing stays and nothing is told."""
        other = self.as_if(body)
        other.state = Rehearsal(self.state)
        other.emitted, other.following = [], []
        return other

    def path(self, name: str) -> str:
        """A path parameter."""
        return str(self.params.path[name])

    def event(self, type: str, object: Object, previous: Object | None = None) -> None:
        """Note a change; stored as an event when the handler is done. ``object`` is not to be changed afterwards."""
        self.emitted.append(self._change(type, object, previous))

    def follow(self, type: str, object: Object, previous: Object | None = None) -> None:
        """As ``event``, of what happens in consequence: told after all that ``event`` notes in this call."""
        self.following.append(self._change(type, object, previous))

    def inside(self, account: str | None) -> StripeCall:
        """The same call on another account: of a connected one, or None for the platform."""
        if account == self.account:
            return self
        other = StripeCall(self.call, self.request_id, self.version, self.includes, account)
        other.timestamp, other.automatic = self.timestamp, self.automatic
        other.emitted, other.following, other.fresh_charges = self.emitted, self.following, self.fresh_charges
        return other

    def _change(self, type: str, object: Object, previous: Object | None) -> Change:
        return Change(type, object, previous, self.timestamp, not self.automatic, self.account, self.scope)

    async def named(self, kind: str, key: str) -> Object:
        """The object that the path names; raises Missing (404)."""
        found = await self.state.get(kind, key)
        if found is None:
            raise Missing(kind, key)
        return found

    async def referred(self, kind: str, key: str, param: str) -> Object:
        """The object that a parameter names; raises Missing (400)."""
        found = await self.state.get(kind, key)
        if found is None:
            raise missing(kind, key, param)
        return found


StripeHandler = Callable[[StripeCall], Awaitable[Result]]


def opened(handler: StripeHandler) -> Handler:
    """The handler as the table of operations wants it; ``idempotency.around`` has wrapped the call already."""

    async def run(call: Call) -> Result:
        if not isinstance(call, StripeCall):
            raise TypeError("Stripe's handlers run inside idempotency.around")
        return await handler(call)

    return run


def given(body: Mapping[str, Any], name: str) -> Any:
    """A parameter's value, where an empty string means null."""
    value = body.get(name)
    return None if value == "" else value


def cleared(value: Any) -> Any:
    """A hash or list of parameters, in which an empty string means null, too."""
    if isinstance(value, Mapping):
        return {name: cleared(each) for name, each in value.items()}
    if isinstance(value, list):
        return [cleared(each) for each in value]
    return None if value == "" else value


def changed(old: Object, changes: Mapping[str, Any]) -> tuple[Object, Object]:
    """The object with ``changes``, and its ``previous_attributes``: only what differs, nested hashes member by member.

    https://docs.stripe.com/api/events/object#event_object-data-previous_attributes
    """
    new = {**old, **changes}
    return new, {name: _before(old.get(name), new[name]) for name in changes if old.get(name) != new[name]}


def merged_back(new: Any, previous: Any) -> Any:
    """The object before a change: ``new`` with the attributes that it had."""
    if not (isinstance(new, dict) and isinstance(previous, dict)):
        return previous
    return {**new, **{name: merged_back(new.get(name), value) for name, value in previous.items()}}


def differing(old: Object, new: Object) -> Object:
    """What of ``old`` differs from ``new``, member by member: the previous attributes of a change."""
    found: Object = _before(old, new)
    return found


def _before(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return old
    names = [*old, *(name for name in new if name not in old)]
    return {name: _before(old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}
