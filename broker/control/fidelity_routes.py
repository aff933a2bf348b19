"""Control routes of fidelity, and of drift that real answers showed in passing."""

from __future__ import annotations

from typing import Any

from broker.control import fidelity_shapes as forms
from broker.control.answering import Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ID_PARAMETER, ref
from broker.drift import Drift
from broker.errors import NotFound

_V1 = "/_broker/v1"
_SERVICE = Query("service", ID_PARAMETER, "Only this service.")


async def list_observed(parts: Parts, ask: Ask) -> Any:
    """The most frequent first."""
    found = await _drift(parts).observer.observed(ask.query.get("service"), limit=ask.query.get("limit", 1000))
    return {"items": [forms.observed(one) for one in found]}


async def forget_observed(parts: Parts, ask: Ask) -> Any:
    """What is seen again counts anew."""
    observer = _drift(parts).observer
    return {"forgotten": await observer.forget(ask.query.get("service"), ask.query.get("key"))}


async def list_fidelity(parts: Parts, ask: Ask) -> Any:
    """Every service, with the operations that have a score."""
    fidelity = _drift(parts).fidelity
    return {"items": [forms.fidelity(await fidelity.of(name), all_=False) for name in fidelity.services]}


async def show_fidelity(parts: Parts, ask: Ask) -> Any:
    """One service, every operation."""
    service = ask.path["service"]
    fidelity = _drift(parts).fidelity
    if service not in fidelity.services:
        raise NotFound(f"there is no service {service!r}; this server has {', '.join(fidelity.services)}")
    return forms.fidelity(await fidelity.of(service, ask.query.get("operation", "*")))


def _drift(parts: Parts) -> Drift:
    if parts.drift is None:
        raise NotFound("this server keeps nothing of drift")
    return parts.drift


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_V1 + "/drift/observed",
        id="listObserved",
        about="List what real answers did in passing that their contracts do not say: each difference once, with how "
        "often it was seen, first and last, and one example without values.",
        respond=list_observed,
        query=(
            _SERVICE,
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 5000}, "Differences, 1000 unless said."),
        ),
        replies={200: ref("ObservedList")},
        errors=(NotFound,),
    ),
    Route(
        method="DELETE",
        path=_V1 + "/drift/observed",
        id="forgetObserved",
        about="Forget what was observed, for instance after a contract was promoted; what is seen again counts anew.",
        respond=forget_observed,
        query=(_SERVICE, Query("key", ID_PARAMETER, "Only this difference.")),
        replies={200: ref("Forgotten")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_V1 + "/fidelity",
        id="listFidelity",
        about="Say how true each service's mock is, for the operations of which anything was measured.",
        respond=list_fidelity,
        replies={200: ref("FidelityList")},
        errors=(NotFound,),
    ),
    Route(
        method="GET",
        path=_V1 + "/fidelity/{service}",
        id="showFidelity",
        about="Say how true a service's mock is, operation by operation: a score of 0 to 100, or null where nothing "
        "was measured.",
        respond=show_fidelity,
        query=(
            Query("operation", ID_PARAMETER, "A pattern, for instance `customers.*`: only operations that fit it."),
        ),
        replies={200: ref("Fidelity")},
        errors=(NotFound,),
    ),
)
