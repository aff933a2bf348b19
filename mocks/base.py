"""What a mock service is made of, and all that its handlers may touch.

Nothing here knows an environment: the broker applies tenancy before a handler sees ``State``, and
turns ``Refusal``, ``ServiceError`` and ``ContractViolation`` into answers through ``render_error``.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from contracts.contract import Contract, ContractViolation, Match, Operation, Params
from contracts.exchange import UNSET, Request, Response
from mocks import defaults
from mocks.arriving import Receive
from mocks.browsing import Browsing
from mocks.credentials import Accounts as Accounts
from mocks.credentials import BindingView as BindingView
from mocks.credentials import CredentialSpec as CredentialSpec
from mocks.credentials import Grant as Grant
from mocks.credentials import Keys as Keys
from mocks.credentials import MadeKeys as MadeKeys
from mocks.credentials import Presented as Presented
from mocks.defaults import anything, bearing, free, never, of_itself, unchanged, undecorated, verbatim
from mocks.holding import Hold
from mocks.posting import Batching, BodySeal, Granting
from mocks.rates import Rates
from mocks.refusal import REFUSAL_STATUS as REFUSAL_STATUS
from mocks.refusal import Reason as Reason
from mocks.refusal import Refusal as Refusal
from mocks.service_error import Missing as Missing
from mocks.service_error import ServiceError as ServiceError
from mocks.submitting import Submission
from mocks.waking import Waking

#: A stored object: JSON values only.
Record = dict[str, Any]

#: How a page of records is sorted: by creation (``oldest``, ``newest`` first) or by key in UTF-8 byte order.
Order = Literal["newest", "oldest", "key"]


@dataclass(frozen=True, slots=True)
class Blob:
    """Opaque bytes that were written beside the records. ``size`` is in bytes."""

    id: str
    size: int


class UnknownCursor(LookupError):
    """``after`` or ``before`` names a record that does not exist."""


class State(Protocol):
    """One environment's memory for one service; tenancy is already applied.

    A call's writes are one transaction: committed when the handler returns, or when it raises a
    ServiceError with ``keep``; rolled back otherwise. From the first use of a record until the end of the
    call no other call of the environment runs, so check-then-write is safe. ``write_blob`` may wait for
    a slow peer and therefore ends that exclusive phase: call it before the first ``put``, and read again
    what was read before it.
    """

    async def get(self, kind: str, key: str) -> Record | None: ...

    async def put(self, kind: str, key: str, record: Record, index: Mapping[str, str] | None = None) -> None:
        """Insert or replace. ``index`` lists the fields that ``page(where=...)`` may select by; a replaced
        record keeps its age, and its index too when ``index`` is None."""
        ...

    async def delete(self, kind: str, key: str) -> bool: ...

    async def page(
        self,
        kind: str,
        *,
        order: Order = "newest",
        after: str | None = None,
        before: str | None = None,
        prefix: str = "",
        limit: int = 100,
        where: Mapping[str, str] | None = None,
    ) -> Sequence[Record]:
        """At most ``limit`` records strictly after (or before) a key in ``order``. With order ``key`` a cursor
        need not exist; with the others a missing one raises UnknownCursor. With ``before`` the records
        nearest to it are chosen, still answered in ``order``. ``prefix`` needs order ``key``."""
        ...

    async def count(self, kind: str, where: Mapping[str, str] | None = None) -> int: ...

    async def write_blob(self, chunks: AsyncIterable[bytes], size: int | None = None) -> Blob:
        """Store the bytes in bounded memory; kept only when the call commits. ``size`` is what the caller announced:
        where there is no room for it, no byte is read."""
        ...

    def read_blob(self, blob_id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of ``[start, stop)``. Stays readable while it is iterated, even when it is deleted meanwhile."""
        ...

    async def delete_blob(self, blob_id: str) -> None:
        """Forget the bytes once the call commits."""
        ...

    async def undo(self) -> None: ...  # takes back what this call has written so far; nobody else runs in between


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; its bytes are in ``blob``."""

    filename: str
    content_type: str
    blob: Blob
    disposition: str = "attachment"
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message that would have left for people: it goes to the environment's mailbox instead.
    Addresses are ``{"email": ..., "name": ...}``."""

    id: str
    sender: Mapping[str, str]
    to: Sequence[Mapping[str, str]]
    cc: Sequence[Mapping[str, str]] = ()
    bcc: Sequence[Mapping[str, str]] = ()
    reply_to: Sequence[Mapping[str, str]] = ()
    subject: str = ""
    text: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    categories: Sequence[str] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()
    #: The Message-ID of RFC 5322, in its angle brackets.
    message_id: str = ""
    #: What is to become of it, by address in lower case; what is not named is delivered.
    outcomes: Mapping[str, str] = field(default_factory=dict)
    #: The message as it came, where it came whole. A mail's blobs are the mailbox's: they go with the last mail that
    #: has them.
    raw: Blob | None = None


class Call(Protocol):
    """All that a handler may touch."""

    operation: Operation
    params: Params
    request: Request
    state: State
    #: The service's contract, for what answers from it alone.
    contract: Contract
    #: The environment's clock, timezone-aware UTC.
    now: datetime
    #: What the environment's policy says under this service's ``options``.
    options: Mapping[str, Any]
    #: Makes generated answers repeatable: the same for the same environment seed.
    seed: int
    #: The name of the credential that the caller presented (``secret_key``), None for an anonymous call.
    credential: str | None
    #: What the service keeps of that credential, where its own API made it (``MadeKeys``): empty for all others.
    grant: Mapping[str, Any]
    #: What no other environment has while this one lives: what is derived from it is its own.
    realm: str
    #: Whose test the call is of, "" for nobody's: what is emitted and mailed from now on is, too. What is done by time
    #: alone sets it to the scope of what planned it.
    scope: str

    @property
    def credentials(self) -> Collection[str]: ...  # the names of those that the environment has of this service

    @property
    def address(self) -> str: ...  # of the service here, as its variables tell it to SDKs; pages are below it

    def new_id(self, prefix: str, length: int = 24) -> str:
        """``prefix`` and ``length`` more characters of [0-9A-Za-z], unique, carrying the environment's tag."""
        ...

    def emit(self, type: str, payload: Mapping[str, Any], to: Sequence[Target] | None = None) -> None:
        """Store an event with the state, in one transaction; deliveries to its targets, or to those in ``to`` alone,
        follow the commit. ``payload`` is what ``sign_event`` renders, and carries the provider's own event ``id``.
        Members whose name begins with ``_`` are for it alone."""
        ...

    def send_mail(self, mail: Mail) -> None:
        """Put a message into the environment's mailbox, in the same transaction."""
        ...

    def claim(self, key: str) -> bool:
        """Reserve ``key`` until this call ends; False when a running call of the same service holds it."""
        ...

    def seal(self, value: str) -> str:
        """Encrypt a secret that has to be stored in a record."""
        ...

    def unseal(self, sealed: str) -> str: ...


@dataclass(slots=True)
class Reply:
    """A handler's answer where the value alone is not enough. ``value`` is what the contract writes;
    ``stream`` replaces it for opaque bytes. ``status`` None is the operation's success status."""

    value: Any = None
    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    stream: AsyncIterator[bytes] | None = None
    #: The same in the words of an older version of the API, which the caller asked for: written instead of ``value``,
    #: which is what the contract is held against, unless it is UNSET.
    older: Any = UNSET


#: The value to write, or a Reply.
Result = Any
Handler = Callable[[Call], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class Page:
    """A page for people, who come with a browser and without a key.

    ``act`` does what a submitted form asks and answers where the browser goes next; what it raises is rolled back, or
    kept, as of any call, and then ``show`` answers the page again and says why. Both answer whole responses: no
    contract speaks of them. ``call.params`` has the query's and the form's fields; a repeated one counts once.
    """

    show: Callable[[Call, ServiceError | None], Awaitable[Response]]
    act: Callable[[Call], Awaitable[Response]] | None = None
    #: Of a request's body: what a form may hold, or a file that is brought.
    most_bytes: int = 64 << 10


def no_pages(request: Request) -> Page | None:
    """The ``pages`` of a service that has nothing for a browser."""
    return None


@dataclass(frozen=True, slots=True)
class Target:
    """Where events go: ``secret`` signs them, ``events`` are type patterns (``*``, ``invoice.*``)."""

    url: str
    secret: str
    events: Sequence[str] = ("*",)
    #: The provider's id of the endpoint, when it was made through its API.
    endpoint: str | None = None
    #: Which events it hears, their types apart.
    wants: Callable[[Mapping[str, Any]], bool] = field(default=anything, compare=False)
    #: Further secrets that sign as well, each until its moment: those from before it was rolled.
    also: Sequence[tuple[str, datetime]] = ()


async def no_targets(state: State, unseal: Callable[[str], str]) -> Sequence[Target]:
    """The targets of a service whose API cannot make webhook endpoints."""
    return ()


def with_bearer(request: Request, keys: Keys, now: datetime) -> Request:
    """The ``authorize`` of a service whose key is a bearer token: the first of its keys."""
    key, _ = next(iter(keys.values()))
    return bearing(request, key)


async def straight(call: Call, handler: Handler) -> Result:
    """The ``around`` of a service that has nothing to do around a call."""
    return await handler(call)


def plain_fault(status: int, code: str) -> ServiceError:
    """The ``fault`` of a service that has no words for any: the broker finds some where the message is empty."""
    return ServiceError(status, code, "")


@dataclass(frozen=True, kw_only=True, eq=False)
class MockService:
    """One mock: its table of contents and its wire protocol. A folder, an entry in ``mocks/registry.py``."""

    name: str
    #: Loaded on first use and kept.
    contract: Callable[[], Contract]
    #: operationId -> handler; unlisted operations answer from ``fallback``.
    operations: Mapping[str, Handler]
    #: Usually ``mocks.generic.answer``.
    fallback: Handler
    #: What ``fallback`` does with them: the generic engine answers, or every one is refused as not implemented.
    rest: Literal["generated", "refused"] = "generated"
    #: Where this wire protocol carries the key; None when the request carries none.
    credential: Callable[[Request], Presented | None]
    #: The virtual credentials of a new environment.
    credentials: Sequence[CredentialSpec]
    #: The variables that the provider's SDKs read: name -> value.
    variables: Callable[[BindingView], Mapping[str, str]]
    #: Further accounts that an environment's world of this service can hold, each with a credential of its own.
    accounts: Accounts | None = None
    #: The keys that callers make through its API.
    made_keys: MadeKeys | None = None
    #: The provider's own error shape.
    render_error: Callable[[ServiceError | ContractViolation | Refusal, Request], Response]
    #: A failure that a policy asks for, as this provider would tell it: (status, code) -> error.
    fault: Callable[[int, str], ServiceError] = plain_fault
    #: Checks a signature over the request with the credential's secret; may answer a request whose stream is
    #: verified while it is read. Raises ServiceError. None where the key itself is the secret.
    verify: Callable[[Request, str, datetime], Request] | None = None
    #: The other side of ``credential``: signs a request of the server's own, as it will be sent, body in ``body``.
    authorize: Callable[[Request, Keys, datetime], Request] = with_bearer
    #: The request in the words of the contract's version, and with what the account's settings add to it (the policy's
    #: ``options``), before the contract reads it. Raises ServiceError.
    adapt: Callable[[Operation, Request, Mapping[str, Any]], Request] = verbatim
    #: How many calls it takes in a time.
    rates: Rates | None = None
    #: What a call keeps from others while it is under way, by what the policy's ``options`` say, too.
    holds: Callable[[Match, Request, Mapping[str, Any]], Sequence[Hold]] = free
    #: Called instead of a handler's wall: idempotency, provider-wide checks.
    around: Callable[[Call, Handler], Awaitable[Result]] = straight
    #: Headers that every answer of the provider has, errors included; changes the response in place.
    decorate: Callable[[Request, Response, Callable[[str, int], str]], None] = undecorated
    #: Whether a request without a credential is let in at an address that names its environment.
    anonymous: Callable[[Request], bool] = never
    #: The page that a request without a credential is for, if it is for one. What its path names lets people in.
    pages: Callable[[Request], Page | None] = no_pages
    #: Moves what the host name carries into the path (a bucket).
    relocate: Callable[[Request], Request] = unchanged
    #: Further labels of its addresses: the provider's endpoints that speak otherwise (``Request.endpoint``).
    endpoints: frozenset[str] = frozenset()
    #: Reads the fields of a browser's form, where they say whose it is: the answer has ``form``, and the file as its
    #: stream. Asked for requests without another credential, at addresses that name their environment.
    unfold: Callable[[Request], Awaitable[Request]] | None = None
    #: What an answer, an error too, lets a browser's script of another origin see of it: asked where one asks.
    shared: Callable[[Call], Awaitable[Sequence[tuple[str, str]]]] | None = None
    #: Signs an event for a target, in the provider's scheme: (payload, target, time) -> POST request.
    sign_event: Callable[[Mapping[str, Any], Target, datetime], Request] | None = None
    batching: Batching | None = None
    #: What becomes of a mail from outside; None where the service takes none.
    receive: Receive | None = None
    #: Takes messages by SMTP, beside its API.
    submission: Submission | None = None
    granting: Granting | None = None
    #: Signs a stored body for a target that wants it signed.
    body_seal: Callable[[Target, datetime], BodySeal | None] | None = None
    #: The credential (by spec name) whose key signs events for the policy's own targets.
    webhook_credential: str | None = None
    #: An object like one of a recording, for the scorer.
    remake: defaults.Remake = defaults.not_remade
    #: The kind under which State shows the emitted events, by id and ``type``; None where the provider's API does not.
    #: They show their UNDELIVERED (mocks/defaults.py) then, as they do to ``sign_event``.
    events_kind: str | None = None
    #: The account of somebody else that an event is of, which is connected to the environment's own.
    connected: Callable[[Mapping[str, Any]], str | None] = of_itself
    #: Webhook endpoints that were made through the provider's API: (state, unseal) -> targets.
    targets: Callable[[State, Callable[[str], str]], Awaitable[Sequence[Target]]] = no_targets
    #: Puts a fresh secret in the place of an endpoint's, and earlier ones with the moments of their ends, all sealed.
    roll: Callable[[State, str, str, Sequence[tuple[str, datetime]]], Awaitable[None]] | None = None
    #: What of this provider must never reach the journal, besides credentials and card numbers: each pattern by a text
    #: that every match of it contains, since that is looked for first.
    secrets: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    waking: Waking | None = None
    #: Files in folders, where it keeps any, for people who look through them.
    browsing: Browsing | None = None
    #: False: its contract is of another version than its handlers are. What they break of it is told, never refused.
    native: bool = True
    #: What is knowingly missing, in one sentence for the README's services table.
    limits: str = ""
