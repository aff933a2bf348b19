"""Stored things as JSON: nothing secret or internal in them, and true to their shapes."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from broker.control import forms
from broker.control.shapes import COMPONENTS, DELIVERY
from broker.storage.base import Attempt, Event, Incident
from tests.broker.control.conftest import delivery, exchange
from tests.clocks import START, HeldClock

EVENT = Event(id="evt_1", service="alpha", type="thing.created", payload={"id": "evt_1"}, created_at=START)
ATTEMPT = Attempt(number=1, at=START, status=None, error="refused", duration_ms=1.5)
INCIDENT = Incident(
    id="in_1", at=START, kind="foreign_id", environment=None, uid="internal-uid", service=None, message="no"
)
DELIVERED = forms.delivery(delivery("dl_1", "evt_1", HeldClock()), [ATTEMPT])


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        (forms.exchange_summary(exchange("ex_1", START)), COMPONENTS["ExchangeSummary"]),
        (forms.exchange(exchange("ex_1", START)), COMPONENTS["Exchange"]),
        (forms.incident(INCIDENT), COMPONENTS["Incident"]),
        (forms.event_summary(EVENT), COMPONENTS["EventSummary"]),
        (DELIVERED, DELIVERY),
        (forms.event(EVENT, [DELIVERED]), COMPONENTS["Event"]),
    ],
)
def test_forms_have_their_shapes(form: dict[str, Any], shape: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": {"schemas": COMPONENTS}, **shape},
        validate_formats=True,
    )
    assert [error.message for error in validator.iter_errors(form)] == []


def test_what_is_ours_alone_stays_inside() -> None:
    assert "sealed-secret" not in str(DELIVERED)
    assert "internal-uid" not in str(forms.incident(INCIDENT))


def test_moments_keep_their_order() -> None:
    assert forms.moment(START) == "2026-03-01T12:00:00.000000Z"
