"""What a service does that has nothing of its own to do: the defaults of ``MockService``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts.contract import Match, Operation
from contracts.exchange import Headers, Request, Response
from mocks.holding import Hold

#: A member that events have where they are shown or signed: the number of targets that none of its deliveries reached.
UNDELIVERED = "_undelivered"


def unchanged(request: Request) -> Request:
    """The ``relocate`` of a service whose host names carry nothing."""
    return request


def verbatim(operation: Operation, request: Request, options: Mapping[str, Any]) -> Request:
    """The ``adapt`` of a service whose API has one version."""
    return request


def never(request: Request) -> bool:
    """The ``anonymous`` of a service that lets nobody in without a key."""
    return False


def undecorated(request: Request, response: Response, new_id: Callable[[str, int], str]) -> None:
    """The ``decorate`` of a service without headers of its own."""


def hidden(key: str) -> str:
    """The ``mask`` that shows nothing of a key."""
    return ""


def free(match: Match, request: Request, options: Mapping[str, Any]) -> Sequence[Hold]:
    """The ``holds`` of a provider that refuses nobody on another call's account."""
    return ()


def anything(payload: Mapping[str, Any]) -> bool:
    """The ``wants`` of a target that hears every event of its types."""
    return True


def of_itself(payload: Mapping[str, Any]) -> None:
    """The ``connected`` of a service whose events are all of the environment's own account."""


def bearing(request: Request, key: str) -> Request:
    """The request with that bearer token."""
    return replace(request, headers=Headers([*request.headers, ("authorization", f"Bearer {key}")]))


#: Carries out a call of the service's own: (method, path, parameters) -> the value that it answers, None where it is
#: refused. Ids of a recording in it are put into the mock's own.
Send = Callable[[str, str, Mapping[str, Any]], Awaitable[Any]]
#: Makes what a recording presupposes: (id, the object as the recording shows it or None, what else the call names that
#: needs it, send) -> the mock's own.
Remake = Callable[[str, Mapping[str, Any] | None, Sequence[str], Send], Awaitable[dict[str, Any] | None]]


async def not_remade(
    key: str, shown: Mapping[str, Any] | None, beside: Sequence[str], send: Send
) -> dict[str, Any] | None:
    """The ``remake`` of a service that makes nothing again."""
    return None
