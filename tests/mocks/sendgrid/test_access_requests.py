"""There is nobody who could ask for access."""

from __future__ import annotations

from tests.harness import Harness, value

REQUESTS = "/v3/scopes/requests"


async def test_there_is_nothing_to_decide(sendgrid: Harness) -> None:
    assert value(await sendgrid.call("GET", REQUESTS)) == []
    none = {"errors": [{"message": "Cannot find request", "field": "request_id"}]}
    for method, path in (("DELETE", f"{REQUESTS}/1"), ("PATCH", f"{REQUESTS}/1/approve")):
        response = await sendgrid.call(method, path)
        assert (response.status, value(response)) == (404, none)
