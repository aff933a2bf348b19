"""Control routes of the propagation check: components report digests of what they see, and verify compares them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from broker import attestation
from broker.attestation import ENDPOINT, Finding, Other, Question
from broker.control import shapes
from broker.control.answering import Ask, Route, check_token
from broker.control.forms import moment
from broker.control.parts import Parts
from broker.control.shapes import ref
from broker.environments import parse_ttl
from broker.errors import Conflict, EnvironmentClosed, NotFound, Unauthorised
from broker.storage.base import Environment, Incident
from broker.storage.external import Attested

#: The kind of the incident that a component with another environment's key makes.
FOREIGN = "foreign_attestation"
#: Components of one environment that are kept.
MOST_COMPONENTS = 100
#: Incidents that a verdict looks at, newest first.
_LOOKED_AT = 1000


async def admit(parts: Parts, request: Request) -> None:
    """The control token, or the key that the environment's own bundle has: nothing in an environment must hold the
    token. Another environment's key is what the check is there to find: an incident."""
    try:
        return check_token(request, parts.token)
    except Unauthorised:
        given = request.headers.get("authorization", "").partition(" ")[2].strip()
        uid = attestation.holder(parts.vault, given)
        if uid is None:
            raise
    environment = await parts.environments.get(request.path_params["name"])
    if environment.uid == uid:
        return None
    component = attestation.check_component(request.path_params["component"])
    whose = await _whose(parts, uid)
    await _note(parts, environment, component, whose)
    raise Unauthorised(
        f"this key is {whose}'s: the component was given that bundle, and not the one that {environment.name} has now"
    )


async def _note(parts: Parts, environment: Environment, component: str, whose: str) -> None:
    """An incident, once for each component and holder until the right key comes: a component that attests every minute,
    or somebody who means it, must not push the environment's other incidents out."""
    registry = parts.storage.registry
    reports = await parts.storage.external.attested(environment.uid)
    known = await _refused(parts, environment, reports)
    if known.get(component) == whose or len(known) >= MOST_COMPONENTS:
        return
    await registry.add_incident(
        Incident(
            id="inc_" + parts.clock.text(16),
            at=parts.clock.now(),
            kind=FOREIGN,
            environment=environment.name,
            uid=environment.uid,
            service=None,
            message=f"a component of {environment.name} attested with the key of {whose}",
            details={"component": component, "holder": whose},
        )
    )


async def _whose(parts: Parts, uid: str) -> str:
    holder = await parts.storage.registry.environment_by_uid(uid)
    if holder is None:
        return uid
    return holder.name if holder.status != "closed" else f"{holder.name} as it was before it was closed"


async def attest(parts: Parts, ask: Ask) -> Any:
    """Keep what a component sees; the last report counts."""
    component = attestation.check_component(ask.path["component"])
    environment = await parts.environments.get_open(ask.path["name"])
    known = {report.component for report in await parts.storage.external.attested(environment.uid)}
    if component not in known and len(known) >= MOST_COMPONENTS:
        raise Conflict(f"environment {environment.name} has {len(known)} components, and more are not kept")
    report = Attested(
        uid=environment.uid,
        component=component,
        digests=dict(ask.body["digests"]),
        at=parts.clock.now(),
    )
    await parts.storage.external.put_attested(report)
    return {
        "environment": environment.name,
        "component": report.component,
        "at": moment(report.at),
        "variables": sorted(report.digests),
    }


async def verify(parts: Parts, ask: Ask) -> Any:
    """Compare what the components reported."""
    body = ask.body or {}
    environment = await parts.environments.get_open(ask.path["name"])
    reports = await parts.storage.external.attested(environment.uid)
    given = await _given(parts, environment)
    # Keys and the like are opened for every other environment only where somebody reported one.
    everything = any(name in given for report in reports for name in report.digests if name != ENDPOINT)
    max_age = body.get("max_age")
    findings = attestation.judge(
        Question(
            environment=environment.name,
            key=attestation.own_key(parts.vault, environment.uid),
            now=parts.clock.now(),
            reports=reports,
            given=given,
            others=[other async for other in _others(parts, environment, given if everything else None)],
            expected=body.get("expect") or {},
            required=body.get("require") or (),
            components=body.get("components") or (),
            max_age=None if max_age is None else parse_ttl(max_age),
            refused=await _refused(parts, environment, reports),
        )
    )
    return {
        "environment": environment.name,
        "components": [{"component": report.component, "at": moment(report.at)} for report in reports],
        "findings": [asdict(finding) for finding in findings],
        "faults": sum(_is_fault(finding) for finding in findings),
    }


def _is_fault(finding: Finding) -> bool:
    return finding.verdict != "ok"


async def _given(parts: Parts, environment: Environment) -> Mapping[str, str]:
    found: Mapping[str, str] = (await parts.environments.bundle(environment))["variables"]
    return found


async def _others(parts: Parts, environment: Environment, mine: Mapping[str, str] | None) -> AsyncIterator[Other]:
    """Every other open environment; with ``mine`` by all that its bundle has and ours has not."""
    after: str | None = None
    while page := await parts.environments.list(status="open", after=after):
        after = page[-1].name
        for other in page:
            if other.uid == environment.uid:
                continue
            given = {ENDPOINT: parts.environments.addresses(other).endpoint}
            if mine is not None:
                # The salt is everybody's, and constants (a region) are nobody's in particular.
                given = {name: value for name, value in (await _given(parts, other)).items() if mine.get(name) != value}
            yield Other(other.name, given, await parts.storage.external.attested(other.uid))


async def _refused(parts: Parts, environment: Environment, reports: Sequence[Attested]) -> Mapping[str, str]:
    """By component, whose key it came with, unless it has come with the right one since."""
    since = {report.component: report.at for report in reports}
    found: dict[str, str] = {}
    for incident in await parts.storage.registry.incidents(environment.name, limit=_LOOKED_AT):
        if incident.kind != FOREIGN or incident.uid != environment.uid:
            continue
        component = str(incident.details.get("component", ""))
        if component not in found and (component not in since or since[component] < incident.at):
            found[component] = str(incident.details.get("holder", ""))
    return found


_ENVIRONMENT = "/_broker/v1/environments/{name}"
_ONE = (NotFound, Conflict, EnvironmentClosed)

ROUTES: tuple[Route, ...] = (
    Route(
        method="PUT",
        path=_ENVIRONMENT + "/attestations/{component}",
        id="attestComponent",
        about="Report what a component sees: keyed digests of its variables, never their values. The environment's own "
        "BROKER_ATTEST_KEY does as the token.",
        respond=attest,
        admit=admit,
        body=shapes.ATTESTATION,
        from_text=attestation.from_lines,
        replies={200: ref("Attested")},
        errors=_ONE,
    ),
    Route(
        method="POST",
        path=_ENVIRONMENT + "/verify",
        id="verifyEnvironment",
        about="Compare what the components reported: with the bundle, among themselves, with every other environment, "
        "and with what is expected.",
        respond=verify,
        body=shapes.VERIFICATION,
        body_required=False,
        replies={200: ref("Verdict")},
        errors=_ONE,
    ),
)
