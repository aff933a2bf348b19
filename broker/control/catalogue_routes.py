"""Control routes of what this server offers: policies checked and explained, services, contracts, health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from broker.control.answering import Answer, Ask
from broker.control.parts import Parts
from broker.errors import InvalidInput, NotFound
from broker.policy import REAL, Policy
from broker.policy.document import schema_bytes
from broker.policy.explain import explain, idle_rules, parse_request
from contracts.contract import Contract
from mocks.base import MockService


async def check_policy(parts: Parts, ask: Ask) -> Any:
    """Every fault at once; an invalid policy is a result here, not a refusal."""
    try:
        policy = parts.environments.parse_policy(ask.body["policy"])
    except InvalidInput as refused:
        return {"valid": False, "errors": refused.errors, "warnings": [], "policy": None}
    ruled = {name: _contract(parts, name) for name in parts.services if policy.service(name).rules}
    real = parts.accounts if REAL & parts.available_modes else None
    lacking = () if real is None else await real.warnings(policy)
    taped = () if parts.recording is None else await parts.recording.warnings(policy, parts.services)
    return {
        "valid": True,
        "errors": [],
        "warnings": [*idle_rules(policy, ruled), *_unavailable(parts, policy), *lacking, *taped],
        "policy": policy.normalised,
    }


def _unavailable(parts: Parts, policy: Policy) -> list[str]:
    """Modes that parse and are refused when a call comes."""
    found = []
    for name in parts.services:
        service = policy.service(name)
        wanted = {service.default.mode, *(rule.mode for rule in service.rules)}
        found += [
            f"services.{name}: this server has no {mode} mode yet, so these calls are refused"
            for mode in sorted(wanted - parts.available_modes)
        ]
    return found


async def explain_policy(parts: Parts, ask: Ask) -> Any:
    """Which rule decides for a request."""
    environment = await parts.environments.get(ask.path["name"])
    request = parse_request(ask.query["request"])
    service = ask.query.get("service")
    policy = Policy.from_normalised(environment.policy)
    known = parts.environments.services_of(policy)
    if service is not None and service not in known:
        raise NotFound(f"no service is called {service[:100]}; known ones are {', '.join(known)}")
    contracts = {name: known[name].contract() for name in (known if service is None else [service])}
    found = explain(policy, contracts, request, service=service)
    return {"request": f"{request.method} {request.path}", "decisions": [asdict(one) for one in found]}


async def list_services(parts: Parts, ask: Ask) -> Any:
    """Every service of this server; no contract is loaded for it."""
    return {"items": [_described(service) for service in parts.services.values()]}


def _described(service: MockService) -> dict[str, Any]:
    return {
        "name": service.name,
        "handlers": len(service.operations),
        "credentials": [spec.name for spec in service.credentials],
        "webhooks": service.sign_event is not None,
        "limits": service.limits,
    }


async def list_contracts(parts: Parts, ask: Ask) -> Any:
    """Versions and sizes."""
    found = []
    for name, service in parts.services.items():
        contract = _contract(parts, name)
        found.append(
            {
                "service": name,
                "version": contract.version,
                "operations": len(contract.operations()),
                "handlers": len(service.operations),
            }
        )
    return {"items": found}


async def show_contract(parts: Parts, ask: Ask) -> Any:
    """Its operations, and how each is answered."""
    service = _service(parts, ask.path["service"])
    contract = _contract(parts, service.name)
    operations = [
        {
            "id": operation.id,
            "method": operation.method,
            "path": operation.path,
            "resource": operation.resource,
            "action": operation.action,
            "fidelity": "stateful" if operation.id in service.operations else service.rest,
        }
        for operation in contract.operations().values()
    ]
    return {"service": service.name, "version": contract.version, "operations": operations}


def _service(parts: Parts, name: str) -> MockService:
    found = parts.services.get(name)
    if found is None:
        raise NotFound(f"no service is called {name[:100]}; known ones are {', '.join(parts.services)}")
    return found


def _contract(parts: Parts, name: str) -> Contract:
    return parts.services[name].contract()


async def health(parts: Parts, ask: Ask) -> Any:
    """The process answers."""
    return {"status": "ok"}


async def readiness(parts: Parts, ask: Ask) -> Answer:
    """Calls can be answered: 503 names what is waited for."""
    waiting: list[str] = list(parts.unready())
    try:
        await parts.storage.registry.environments(limit=1)
    except Exception as broken:  # whatever the storage raises, the answer is the same: not ready
        waiting.append(f"the storage does not answer: {type(broken).__name__}")
    status: Mapping[str, Any] = {"status": "waiting" if waiting else "ready", "waiting": waiting}
    return Answer(status, status=503 if waiting else 200)


async def metrics(parts: Parts, ask: Ask) -> Answer:
    """Prometheus' text format."""
    return Answer(text=parts.metrics.render(), media="text/plain; version=0.0.4")


async def policy_schema(parts: Parts, ask: Ask) -> Answer:
    """The JSON Schema of policies, for editors and checks."""
    return Answer(text=schema_bytes(), media="application/schema+json")
