"""Control routes of checks of drift: begun, watched, and read afterwards."""

from __future__ import annotations

from typing import Any

from broker.control import check_shapes as forms
from broker.control.answering import Answer, Ask, Query, Route
from broker.control.parts import Parts
from broker.control.shapes import ID_PARAMETER, ref
from broker.drift import Drift
from broker.errors import Conflict, NotFound

_V1 = "/_broker/v1"


async def begin_check(parts: Parts, ask: Ask) -> Answer:
    """It goes on in the background."""
    drift, account = _drift(parts), ask.body["account"]
    service = ask.body.get("service")
    if service is None:
        service = await drift.checks.service_of(account)
    run = await drift.checks.begin(service, account, ask.body.get("probes", "*"))
    return Answer(forms.check(run), status=202)


async def list_checks(parts: Parts, ask: Ask) -> Any:
    """Newest first."""
    found = await _drift(parts).store.runs(service=ask.query.get("service"), limit=ask.query.get("limit", 100))
    return {"items": [forms.summary(run) for run in found]}


async def show_check(parts: Parts, ask: Ask) -> Any:
    """As far as it is."""
    run = await _drift(parts).store.run(ask.path["id"])
    if run is None:
        raise NotFound(f"no check has the id {ask.path['id'][:80]}; the oldest ones make room for new ones")
    return forms.check(run)


def _drift(parts: Parts) -> Drift:
    if parts.drift is None:
        raise NotFound("this server checks nothing for drift")
    return parts.drift


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_V1 + "/drift/checks",
        id="listChecks",
        about="List checks of drift, newest first; the last 30 of each service are kept.",
        respond=list_checks,
        query=(
            Query("service", ID_PARAMETER, "Only this service."),
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "Checks, 100 unless said."),
        ),
        replies={200: ref("CheckList")},
        errors=(NotFound,),
    ),
    Route(
        method="POST",
        path=_V1 + "/drift/checks",
        id="beginCheck",
        about="Ask a service's probes of its mock and of a real account, and keep what differs. It goes on in the "
        "background: in two environments of its own, which it closes, so that nothing of it is left anywhere.",
        respond=begin_check,
        body=forms.CHECKING,
        replies={202: ref("Check")},
        errors=(NotFound, Conflict),
    ),
    Route(
        method="GET",
        path=_V1 + "/drift/checks/{id}",
        id="showCheck",
        about="Show a check of drift with all that it found so far.",
        respond=show_check,
        replies={200: ref("Check")},
        errors=(NotFound,),
    ),
)
