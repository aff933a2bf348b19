"""What takes messages by SMTP names an operation that its API has."""

from __future__ import annotations

from mocks.registry import SERVICES


def test_it_does_what_an_operation_does() -> None:
    takers = [(service, service.submission) for service in SERVICES if service.submission is not None]
    assert takers
    for service, submission in takers:
        assert submission.operation in service.operations
        assert submission.operation in service.contract().operations()
