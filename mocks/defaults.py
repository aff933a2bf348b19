"""What a service does that has nothing of its own to do: the defaults of ``MockService``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.contract import Operation
from contracts.exchange import Request, Response


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
