"""Says which line of a policy decides a call, and which rules decide none: for people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broker.errors import InvalidInput, NotFound
from broker.policy import Policy
from broker.storage.base import Mode
from contracts.contract import Contract
from contracts.exchange import Request

_REQUEST = re.compile(r"\s*([A-Za-z]{3,10})\s+(/\S*)\s*")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Explained:
    """What one service does with a request. ``operation`` is None when its contract knows none for it."""

    service: str
    operation: str | None
    mode: Mode
    rule: int | None
    because: str


def parse_request(text: str) -> Request:
    """``POST /v1/charges?x=1``; raises InvalidInput."""
    found = _REQUEST.fullmatch(text)
    method = found.group(1).upper() if found else ""
    if found is None or method not in _METHODS:
        raise InvalidInput(f"{text[:200]!r} is not a request: write a method and a path, like POST /v1/charges")
    path, _, query = found.group(2).partition("?")
    return Request(method=method, path=path, query=query)


def explain(
    policy: Policy, contracts: Mapping[str, Contract], request: Request, *, service: str | None = None
) -> Sequence[Explained]:
    """What each service whose contract knows the request does with it; with ``service`` that one in any case.
    Raises NotFound when none knows it."""
    found = []
    for name, contract in contracts.items():
        if service not in (None, name):
            continue
        match = contract.match(request)
        operation = match.operation.id if match else None
        if match is None and service is None:
            continue
        decision = policy.decide(name, operation, request.method, request.path)
        found.append(Explained(name, operation, decision.mode, decision.rule_index, decision.because))
    if not found:
        raise NotFound(
            f"no service of this server has an operation for {request.method} {request.path}; "
            "paths are those of the provider's own API, without /e/ENVIRONMENT/SERVICE before them"
        )
    return found


def idle_rules(policy: Policy, contracts: Mapping[str, Contract]) -> Sequence[str]:
    """A sentence for every operation rule that matches no operation: most likely a slip of the pen."""
    found = []
    for name, contract in contracts.items():
        operations = contract.operations()
        for index, rule in enumerate(policy.service(name).rules):
            if rule.operation is None or any(rule.matches(operation, "", "") for operation in operations):
                continue
            close = difflib.get_close_matches(rule.operation, list(operations), n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            found.append(f"services.{name}.rules[{index}]: no operation is called {rule.operation}{meant}")
    return found
