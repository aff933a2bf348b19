"""The seam of a real provider: which of its effects may pass, and how each is taken back.

Rules are data and deny by default: an operation without a rule is refused, because an effect that
cannot be undone at teardown must not pass. Nothing here knows an environment but by its marker, and
nothing is sent but through the ``Upstream`` that the broker hands in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from contracts.contract import Contract, Operation, Params
from contracts.exchange import Request, Response

#: Sends one request to the provider as the account, through the broker's allow-listed client: it is signed, scheduled
#: and bounded there. ``path`` and ``query`` are the provider's own. Raises Unreachable where there is no HTTP answer.
Upstream = Callable[[Request], Awaitable[Response]]

#: ``read`` one object; ``list`` several, or search; ``create`` something that teardown must take back; ``update`` what
#: goes with the object that it changes; ``delete`` it; ``send`` what cannot be taken back and therefore must be
#: harmless as ``outbound`` writes it.
Effect = Literal["read", "list", "create", "update", "delete", "send"]

#: Whose the operation's answer is: ``own`` objects by their ids; ``account`` is about the whole account, and passes
#: only where the environment has one to itself or may read what is shared; ``public`` is the same for everybody.
Scope = Literal["own", "account", "public"]

#: ``ledger``: environments share an account and see what the ledger says is theirs; ``account``: each has its own.
Isolation = Literal["ledger", "account"]

#: What became of a resource that was taken back. ``absent``: it was gone already. ``canceled`` and ``archived``: the
#: provider deletes no such object, and this is its end there. ``kept``: a record that the provider never lets go of.
Outcome = Literal["deleted", "absent", "canceled", "archived", "kept"]

#: Header of a list that was cut, because too much of the account lies between this environment's objects.
CUT = ("broker-list", "cut")


@dataclass(frozen=True, slots=True)
class Rule:
    """What an operation does at the provider.

    ``kind`` is the object's that it is about (``customer``). ``id_param`` names the parameter that carries its id
    (read, update, delete; a create that names its object itself). ``id_pointer`` walks to the made object's id in
    the answer (create).
    """

    effect: Effect
    kind: str = ""
    id_param: str = ""
    id_pointer: tuple[str | int, ...] = ()
    scope: Scope = "own"


@dataclass(frozen=True, slots=True)
class Marker:
    """What marks everything made for one environment at the provider: the broker's own ``instance`` (six of [a-z0-9],
    so that two brokers on one account never touch each other's) and the environment's ``uid``. Without a uid it
    stands for all environments of the instance."""

    instance: str
    uid: str = ""

    @property
    def text(self) -> str:
        """For metadata, tags and names: ``pb:k3x9qa:pr-142-8f3kd02ma1``; without a uid the prefix of them all."""
        return f"pb:{self.instance}:{self.uid}"

    @property
    def label(self) -> str:
        """For names of few characters ([a-z0-9-]): ``pb-k3x9qa-8f3kd02ma1-``, the uid by its random end."""
        return f"pb-{self.instance}-" + (f"{self.short}-" if self.uid else "")

    @property
    def short(self) -> str:
        """The ten random characters that end a uid."""
        return self.uid[-10:]


@dataclass(frozen=True, slots=True)
class Secret:
    """A real credential, held by the gateway only. Its repr shows nothing. ``key`` is an API key or an access key id,
    then ``secret`` signs and ``token`` is a session's."""

    key: str
    secret: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True, slots=True)
class Account:
    """A real account as its driver sees it. ``endpoint`` is where it is reached (``https://api.example.com``, without
    a slash at the end); ``options`` are what its owner configured; ``subaccount`` is the environment's own part."""

    name: str
    endpoint: str
    secret: Secret
    options: Mapping[str, Any] = field(default_factory=dict)
    subaccount: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that exists at the provider and is ours to take back. ``alias`` is the name that the application
    knows it by, where that is another one; ``parent`` the id of what it lives in."""

    kind: str
    id: str
    alias: str = ""
    parent: str = ""
    #: Learned from an answer about another object, instead of made by the call.
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that carries a marker, met in a listing. ``owner`` is the uid that the marker names, or the ten
    characters that end it."""

    resource: Resource
    owner: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An id or a name that a request mentions. ``param`` is the parameter's, for errors; ``kind`` is empty where the
    place does not tell. ``subject``: what the call works on. ``bearer``: an id that
    nobody can guess and that browsers get from the provider itself (a token of a card): one that no ledger knows is
    its bearer's."""

    id: str
    param: str
    kind: str = ""
    in_path: bool = False
    subject: bool = False
    bearer: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call on its way out: as the application made it, read by the contract. ``unmapped`` are the references that
    keep their name although the provider's driver maps names, because they are the account's own."""

    operation: Operation
    rule: Rule
    params: Params
    request: Request
    unmapped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account bears unless its owner says otherwise: calls a second, calls at once."""

    rate: float
    concurrency: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What an environment asks of an account for itself alone."""

    marker: Marker
    isolation: Isolation
    #: What its own credential may do; empty for the provider's default.
    scopes: Sequence[str] = ()
    #: How long it is wanted.
    life: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """What the provider gave: a credential, a subaccount, or both. ``resource`` takes it back; ``expires_at`` is
    when it ends by itself."""

    secret: Secret | None = None
    subaccount: str | None = None
    resource: Resource | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HookEndpoint:
    """Where the provider sends an account's events. ``secret`` verifies them; None when it was known before."""

    id: str
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class HookEvent:
    """An event as it came, verified. ``ids`` are what it is about, in the order in which they tell whose it is:
    the object itself, what it belongs to, their parents; ``markers`` are texts that may be one. ``payload`` is what the
    environment's application is given: without the marker, and with the names that it knows."""

    id: str
    type: str
    payload: Mapping[str, Any]
    ids: Sequence[str] = ()
    markers: Sequence[str] = ()
    #: What the event says exists, and teardown must take back: the object itself, never what may be shared.
    resources: Sequence[Resource] = ()


class Unreachable(Exception):
    """The provider gave no HTTP answer. ``sent`` tells whether the request may have had its effect, ``late`` whether
    the answer may only be late."""

    def __init__(self, message: str, *, sent: bool = True, late: bool = False) -> None:
        self.sent = sent
        self.late = late
        super().__init__(message)


class Refused(Exception):
    """The provider refuses what the broker itself asked of it, for now or for good: its status and words."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class BadSignature(Exception):
    """A webhook that the provider did not sign."""


#: Which of these ids the environment may see, each with the name that the application knows it by ("": that very id).
#: None: nobody made it that the ledger knows of, and the environment may see such objects.
Visible = Callable[[Sequence[str]], Awaitable[Mapping[str, str | None]]]
#: Told while a long revocation goes on: how many parts are gone so far (``{"objects": 12_000}``).
Tell = Callable[[Mapping[str, int]], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Hooks:
    """The provider's own webhooks: one stable endpoint an account."""

    #: (url, what is there already, send) -> the endpoint, alive: found, made or switched on again.
    ensure: Callable[[str, HookEndpoint | None, Upstream], Awaitable[HookEndpoint]]
    #: Idempotent: an absent endpoint is done.
    remove: Callable[[HookEndpoint, Upstream], Awaitable[None]]
    #: (request, secret, now) -> its events; raises BadSignature, and ValueError for a body that is none.
    verify: Callable[[Request, str, datetime], Sequence[HookEvent]]


def unmapped(call: Outgoing, response: Response, marker: Marker) -> Response:
    """The ``inbound`` of a provider whose answers pass as they are."""
    return response


def forbids_nothing(call: Outgoing) -> str | None:
    """The ``forbids`` of a provider whose rules say it all."""
    return None


def any_options(options: Mapping[str, Any]) -> str | None:
    """The ``check_options`` of a provider that takes what its options are for."""
    return None


def no_variables(account: Account) -> Mapping[str, str]:
    """The ``variables`` of a provider all of whose SDKs can be pointed at the gateway."""
    return {}


def free(call: Outgoing) -> Mapping[str, int]:
    """The ``cost`` of a provider that only counts calls."""
    return {}


def everything(credential: str | None, call: Outgoing) -> bool:
    """The ``allows`` of a provider whose credentials all may do the same."""
    return True


async def issues_nothing(wish: Wish, account: Account, send: Upstream) -> Issued | None:
    """The ``issue`` of a provider that gives an environment nothing of its own."""
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class SandboxProvider:
    """One real provider: its table of contents and its manners. A folder, an entry in ``sandboxes/registry.py``.

    Every function but those that take an ``Upstream`` is pure.
    """

    #: The service that it is the real side of.
    name: str
    #: The only hosts that it may reach by default; an account that its owner points elsewhere reaches that host only.
    hosts: frozenset[str]
    #: Where accounts are reached unless their owner says otherwise.
    endpoint: str
    contract: Callable[[], Contract]
    #: operationId -> rule; unlisted = refused.
    rules: Mapping[str, Rule]
    limits: Limits
    isolations: frozenset[Isolation] = frozenset({"ledger"})
    #: Kinds whose names ``outbound`` maps into the environment's own part: no name of another's can be met.
    aliased: frozenset[str] = frozenset()
    #: Kinds in the order of their revocation: what depends on others comes first. Unnamed ones come before them all.
    order: Sequence[str] = ()
    #: The permissions that the account's real credential needs, for the documentation.
    permissions: Sequence[str] = ()
    #: ``options`` that an account may have: name -> what it is for.
    options: Mapping[str, str] = field(default_factory=dict)
    #: Why these options must not be an account's, in a sentence; None for good ones.
    check_options: Callable[[Mapping[str, Any]], str | None] = any_options
    #: What an environment may know of the account itself, as the variables that SDKs read: for SDKs that cannot be
    #: pointed at the gateway, as those in browsers. No secret.
    variables: Callable[[Account], Mapping[str, str]] = no_variables

    #: Whether a call may pass with a virtual credential of this name (``publishable_key``): it goes out with the
    #: account's own, which may do more.
    allows: Callable[[str | None, Outgoing], bool] = everything
    #: Why a credential must not be an account's (a production key, a malformed one), in a sentence; None for a good
    #: one.
    check_secret: Callable[[Secret], str | None]
    #: Why this very call must not pass although its operation has a rule, because of what it asks for, in a sentence;
    #: None for one that may. Asked before anything is written down or sent.
    forbids: Callable[[Outgoing], str | None] = forbids_nothing
    #: Every id and name that the call mentions, its subject first.
    references: Callable[[Outgoing], Sequence[Reference]]
    #: Swap the key, add the marker to what is made, map names, sign again. The request's ``path`` is the provider's;
    #: ``stream`` may be the application's own. The last argument is the time.
    outbound: Callable[[Outgoing, Account, Marker, datetime], Request]
    #: Signs a request that the broker itself makes.
    sign: Callable[[Request, Account, datetime], Request]
    #: Maps names back; everything else passes as it is.
    inbound: Callable[[Outgoing, Response, Marker], Response] = unmapped
    #: What a successful answer says exists: of a create the made object first, then what it and others mention.
    made: Callable[[Outgoing, Response], Sequence[Resource]]
    #: Whether the same request may be sent again after this answer, or after none: by the provider's own rule.
    repeatable: Callable[[Outgoing, Response | None], bool]
    #: Seconds that the account should rest after this answer; None when it is no refusal for its rate.
    throttled: Callable[[Response], float | None]
    #: What the provider refuses to do twice at once: the object that the call writes to.
    serial: Callable[[Outgoing], str | None]
    #: What counts against budgets beside the call itself: ``mails``, ``amount`` (minor units).
    cost: Callable[[Outgoing], Mapping[str, int]] = free
    #: A list with the environment's objects only: pages until the page is full, or CUT. Its ``send`` takes the
    #: application's own request with another query.
    narrow: Callable[[Outgoing, Upstream, Visible], Awaitable[Response]]
    #: Idempotent; raises Refused and Unreachable.
    revoke: Callable[[Resource, Upstream, Tell], Awaitable[Outcome]]
    #: What carries the marker and is not taken back yet; ``since`` bounds how old it can be.
    find: Callable[[Marker, datetime, Upstream], AsyncIterator[Found]]
    #: What an environment gets for itself alone.
    issue: Callable[[Wish, Account, Upstream], Awaitable[Issued | None]] = issues_nothing
    #: The kind of the resource that ``issue`` makes, by isolation; none where what it gives ends by itself.
    issued: Mapping[Isolation, str] = field(default_factory=dict)
    hooks: Hooks | None = None
