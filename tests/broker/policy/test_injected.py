"""Faults in a policy: what they may say, and what is made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from broker.errors import InvalidInput
from broker.policy import Policy


def parsed(*faults: dict[str, Any]) -> Policy:
    return Policy.parse({"version": 1, "services": {"alpha": {"faults": list(faults)}}}, ["alpha"])


def test_a_fault_is_read_and_survives_storage() -> None:
    full = {
        "operation": "things.*",
        "status": 402,
        "code": "card_declined",
        "message": "No.",
        "details": {"decline_code": "lost_card"},
        "latency": "250ms",
        "when": "after",
        "skip": 1,
        "times": 2,
        "probability": 0.5,
        "rate": 25,
    }
    policy = parsed(full, {"request": "* /**", "reset": True})
    again = Policy.from_normalised(policy.normalised)
    assert again.service("alpha").faults == policy.service("alpha").faults
    first, second = again.service("alpha").faults
    assert (first.place, first.status, first.code, first.message) == (
        "services.alpha.faults[0]",
        402,
        "card_declined",
        "No.",
    )
    assert (first.latency, first.when, first.skip, first.times) == (timedelta(milliseconds=250), "after", 1, 2)
    assert (first.probability, first.rate, first.details) == (0.5, 25, {"decline_code": "lost_card"})
    assert (second.reset, second.when, second.times, second.probability) == (True, "before", None, 1.0)


def test_a_policy_without_faults_is_stored_as_before() -> None:
    policy = Policy.parse({"version": 1, "services": {"alpha": "mock"}}, ["alpha"])
    assert "faults" not in policy.normalised["services"]["alpha"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"operation": "a"}, "something has to go wrong"),
        ({"operation": "a", "status": 200}, "less than the minimum"),
        ({"status": 500}, "either operation or request"),
        ({"operation": "a", "request": "GET /", "status": 500}, "either operation or request"),
        ({"request": "/v1", "status": 500}, "must be a method and a path"),
        ({"request": "GET /a*b*c", "status": 500}, "must be a whole segment"),
        ({"operation": "a", "reset": True, "status": 500}, "either status or reset"),
        ({"operation": "a", "reset": True, "code": "x"}, "part of an error"),
        ({"operation": "a", "latency": "6m"}, "5m at the most"),
        ({"operation": "a", "latency": "soon"}, "must be a duration"),
        ({"operation": "a", "status": 500, "probability": 1.5}, "greater than the maximum"),
        ({"operation": "a", "status": 500, "time": 1}, "did you mean times?"),
    ],
)
def test_what_cannot_be_is_refused(fault: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parsed(fault)
    assert said in refused.value.detail
