"""Every operation that a mock has behaviour for is touched by a probe, so that a check can say whether it is true."""

from __future__ import annotations

import pytest

from contracts import probes
from contracts.exchange import Headers, Request
from contracts.probes import Step
from mocks.base import MockService
from mocks.registry import SERVICES
from tests.house.tree import found

#: (service, operation) that no probe touches -> why.
UNTOUCHED: dict[tuple[str, str], str] = {
    ("s3", "OptionsBucket"): "is what a browser asks before it calls, and passes to no real provider",
    ("s3", "OptionsObject"): "is what a browser asks before it calls, and passes to no real provider",
    ("s3", "PostObject"): "is signed in the fields of its form, which a step cannot say",
    ("stripe", "v2.billing.meter_event_stream.create"): "is called with a session's token, not with a key",
    (
        "s3",
        "GetBucketNotification",
    ): "is the same request as GetBucketNotificationConfiguration, which the contract reads",
    (
        "s3",
        "PutBucketNotification",
    ): "is the same request as PutBucketNotificationConfiguration, which the contract reads",
    ("s3", "GetBucketLifecycle"): "is the same request as GetBucketLifecycleConfiguration, which the contract reads",
    ("s3", "PutBucketLifecycle"): "is the same request as PutBucketLifecycleConfiguration, which the contract reads",
}


def excused(service: MockService) -> set[str]:
    """The service's operations that need no probe."""
    return {operation for name, operation in UNTOUCHED if name == service.name}


def touched(service: MockService) -> set[str]:
    """The operations that the service's probes call."""
    contract = service.contract()
    steps = (step for scenario in probes.load(service.name) for step in scenario.steps)
    matches = (contract.match(asked(step)) for step in steps)
    return {match.operation.id for match in matches if match is not None}


def asked(step: Step) -> Request:
    """The step's request, with something for each name that it captures."""
    fixed = step.path.partition("?")[2]
    query = "&".join(filter(None, (fixed, *(f"{name}={value or ''}" for name, value in step.query.items()))))
    path = step.path.partition("?")[0].replace("${", "").replace("}", "")
    return Request(method=step.method, path=path, query=query, headers=Headers(step.headers.items()))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_operation_is_touched_by_a_probe(service: MockService) -> None:
    untouched = sorted(set(service.operations) - touched(service) - excused(service))
    assert not untouched, found([f"{name}: no probe in contracts/library/{service.name}/probes" for name in untouched])


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_exceptions_are_true(service: MockService) -> None:
    assert excused(service) <= set(service.operations) - touched(service)
