"""What callers prove who they are with: the credentials of a service, where requests carry them, and the accounts of
one world."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.contract import Operation
from contracts.exchange import Request
from mocks.defaults import hidden

if TYPE_CHECKING:
    from mocks.base import State

#: What separates the name of a credential's spec from the account that has one of its own: ``access_key:alt``.
_OF = ":"
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Presented:
    """The credential that a request carries, where this wire protocol puts it.

    ``key`` is what identifies it (a bearer key, an access key id). ``live`` marks a production key by its
    shape; ``familiar`` tells that the shape is this provider's, so that a bare key at the root
    can be told apart between services.
    """

    key: str
    live: bool = False
    familiar: bool = True
    #: Makes a safe form of the key, never enough to use it; asked only where a key is refused.
    mask: Callable[[str], str] = hidden

    @property
    def hint(self) -> str:
        """The safe form, for errors and incidents."""
        return self.mask(self.key)


@dataclass(frozen=True, slots=True)
class CredentialSpec:
    """One virtual credential that an environment gets for a service.

    ``make`` gets a source of random text ``(length, alphabet) -> str`` and answers ``(key, secret)``: ``key``
    identifies a caller, ``secret`` is what it signs with, or None when the key itself is the secret.
    ``presented`` is False for secrets that never arrive in a request (webhook secrets).
    """

    name: str
    make: Callable[[Callable[[int, str], str]], tuple[str, str | None]]
    presented: bool = True


@dataclass(frozen=True, slots=True)
class BindingView:
    """What a service may know of a binding to name the variables that its SDKs read.

    ``base_url`` is the service's address by path, ``root_url`` the gateway's origin. ``credentials`` maps a
    spec's name to its ``(key, secret)``. ``inbox_url`` is where the environment's mails are read, and ``smtp`` where
    they are submitted, host and port: None where nothing listens."""

    base_url: str
    root_url: str
    credentials: Mapping[str, tuple[str, str | None]]
    inbox_url: str = ""
    smtp: tuple[str, int] | None = None


#: By the name of their spec: ``(key, secret)``.
Keys = Mapping[str, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Accounts:
    """A service in whose world several accounts meet. An account has a name of the caller's choice; the environment's
    own is called ``primary``.

    ``spec`` is the credential that each has of its own, which is called ``SPEC:ACCOUNT`` then. ``describe`` tells what
    the provider knows an account by: ``(realm, name) -> details``, of which ``account`` is its id. ``variables`` gives
    ``(key, secret)`` the names that SDKs read. The names and ids of two accounts are never the same.
    """

    spec: CredentialSpec
    describe: Callable[[str, str], Mapping[str, str]]
    variables: Callable[[tuple[str, str | None]], Mapping[str, str]]
    primary: str = "primary"

    def credential(self, account: str) -> str:
        """The name of the account's credential."""
        return self.spec.name if account == self.primary else f"{self.spec.name}{_OF}{account}"

    def account(self, credential: str) -> str:
        """Whose credential of that name it is."""
        return credential.partition(_OF)[2] or self.primary

    def holds(self, credential: str) -> bool:
        """Whether a credential of that name is an account's."""
        return credential.partition(_OF)[0] == self.spec.name

    @staticmethod
    def allowed(account: str) -> bool:
        """Whether an account may be called so."""
        return _ACCOUNT.fullmatch(account) is not None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key lets its holder do that the service's own API made. ``name`` is what it is called, as credentials are
    (``api_key:ID``); ``terms`` are for the service alone: what its ``allow`` and its handlers read."""

    name: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MadeKeys:
    """The keys that a service's own API makes, which open the environment that they were made in, beside those that it
    got when it was opened. The service's state alone knows them: a key is good from the commit of the call that made it
    to the commit of the one that deletes it.

    ``id`` finds in a key what ``call.new_id`` made of it, which tells whose it is; None where it has no such shape.
    ``find`` answers what the state knows of the whole key. ``allow`` refuses what its terms do not cover, before the
    contract reads the call: it raises ServiceError.
    """

    id: Callable[[str], str | None]
    find: Callable[[State, str], Awaitable[Grant | None]]
    allow: Callable[[Operation, Request, Mapping[str, Any]], None]
