"""What a service does that has nothing of its own to do: the defaults of ``MockService``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.contract import Match, Operation
from contracts.exchange import Request, Response
from mocks.holding import Hold


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
