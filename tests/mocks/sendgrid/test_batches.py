"""Batch ids are made and known again."""

from __future__ import annotations

from tests.harness import Harness, value


async def test_a_batch_is_valid_after_it_was_made(sendgrid: Harness) -> None:
    made = await sendgrid.call("POST", "/v3/mail/batch")
    assert made.status == 201
    batch = value(made)["batch_id"]
    found = await sendgrid.call("GET", f"/v3/mail/batch/{batch}")
    assert (found.status, value(found)) == (200, {"batch_id": batch})


async def test_an_unknown_batch_is_a_bad_request(sendgrid: Harness) -> None:
    response = await sendgrid.call("GET", "/v3/mail/batch/nope")
    assert response.status == 400
    assert value(response)["errors"][0]["message"] == "invalid batch id"
