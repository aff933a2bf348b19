"""Each service signs a request of the server's own so that its other side, `credential` and `verify`, lets it in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.exchange import Headers, Request
from mocks.base import MockService, ServiceError
from mocks.registry import SERVICES

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def letters(length: int, alphabet: str) -> str:
    return (alphabet * length)[3 : 3 + length]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_is_signed_is_let_in(service: MockService) -> None:
    keys = {spec.name: spec.make(letters) for spec in service.credentials}
    request = Request(
        method="PUT",
        path="/e/pr-1/x/y%20z",
        query="a=b%2Fc&d",
        headers=Headers([("content-type", "text/plain")]),
        body=b"hello",
        sent_path="/e/pr-1/x/y%20z",
        host="127.0.0.1:4600",
    )
    signed = service.authorize(request, keys, NOW)
    presented = service.credential(signed)
    assert presented is not None
    assert presented.key in {key for key, _ in keys.values()}
    if service.verify is not None:
        secret = next(secret for _, secret in keys.values() if secret)
        service.verify(signed, secret, NOW)
        with pytest.raises(ServiceError):
            service.verify(signed, "another", NOW)
