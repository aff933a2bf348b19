"""What of a service happens by time alone."""

from __future__ import annotations

from mocks.registry import SERVICES


def test_only_some_services_have_anything_to_do_by_themselves() -> None:
    assert [service.name for service in SERVICES if service.waking is not None] == ["stripe", "s3", "sendgrid"]
