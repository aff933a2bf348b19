"""What an answer lets a browser's script of another origin see: headers beside those of the answer itself, an error's
too, since a script that may not see an error cannot tell it from a network that is down."""

from __future__ import annotations

import logging

from broker.backends.mock import MockBackend
from broker.storage.base import StoreGone
from broker.visit import Visit
from contracts.exchange import Response
from mocks.base import Call, Page, ServiceError

log = logging.getLogger("broker.sharing")


async def shared(pages: MockBackend, visit: Visit) -> list[tuple[str, str]]:
    """The headers that the service tells by the environment's state, after whatever answered the call."""
    service = visit.service
    tell = None if service is None else service.shared
    if service is None or tell is None:
        return []

    async def show(call: Call, _: ServiceError | None) -> Response:
        return Response(204, list(await tell(call)))

    missed = visit.missed
    try:
        return (await pages.page(visit, service, Page(show))).headers
    except StoreGone:
        return []
    except Exception:
        # The call itself is over: its answer is given all the same, and a browser keeps it to itself.
        log.exception("what %s shares with another origin could not be told", service.name)
        return []
    finally:
        visit.missed = missed
