"""Pausing and cancelling batches through the API."""

from __future__ import annotations

from tests.harness import Harness, value

SENDS = "/v3/user/scheduled_sends"


async def batch(sendgrid: Harness) -> str:
    return str(value(await sendgrid.call("POST", "/v3/mail/batch"))["batch_id"])


async def said(sendgrid: Harness, batch_id: str, status: str) -> int:
    return (await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": status})).status


async def test_what_is_said_of_a_batch_is_shown_changed_and_taken_back(sendgrid: Harness) -> None:
    batch_id = await batch(sendgrid)
    assert value(await sendgrid.call("GET", SENDS)) == []
    assert value(await sendgrid.call("GET", f"{SENDS}/{batch_id}")) == []
    made = await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "pause"})
    assert (made.status, value(made)) == (201, {"batch_id": batch_id, "status": "pause"})
    assert value(await sendgrid.call("GET", SENDS)) == [{"batch_id": batch_id, "status": "pause"}]
    changed = await sendgrid.call("PATCH", f"{SENDS}/{batch_id}", json={"status": "cancel"})
    assert changed.status == 204
    assert value(await sendgrid.call("GET", f"{SENDS}/{batch_id}")) == [{"batch_id": batch_id, "status": "cancel"}]
    assert (await sendgrid.call("DELETE", f"{SENDS}/{batch_id}")).status == 204
    assert value(await sendgrid.call("GET", SENDS)) == []


async def test_refusals(sendgrid: Harness) -> None:
    batch_id = await batch(sendgrid)
    await said(sendgrid, batch_id, "pause")
    twice = await sendgrid.call("POST", SENDS, json={"batch_id": batch_id, "status": "cancel"})
    assert (twice.status, value(twice)["errors"][0]["message"]) == (
        400,
        "a status for this batch id exists, try PATCH to update the status",
    )
    unknown = await sendgrid.call("POST", SENDS, json={"batch_id": "unknown", "status": "cancel"})
    assert (unknown.status, value(unknown)["errors"]) == (
        400,
        [{"message": "invalid batch id", "field": "batch_id"}],
    )
    assert await said(sendgrid, await batch(sendgrid), "stop") == 400
    for method, body in (("PATCH", {"status": "pause"}), ("DELETE", None)):
        missing = await sendgrid.call(method, f"{SENDS}/unknown", json=body)
        assert (missing.status, value(missing)["errors"]) == (404, [{"message": "batch id not found", "field": None}])


async def test_ten_batches_at_most(sendgrid: Harness) -> None:
    for _ in range(10):
        assert await said(sendgrid, await batch(sendgrid), "cancel") == 201
    eleventh = await batch(sendgrid)
    refused = await sendgrid.call("POST", SENDS, json={"batch_id": eleventh, "status": "cancel"})
    assert (refused.status, value(refused)["errors"][0]["message"]) == (400, "max limit reached")
