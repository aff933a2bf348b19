"""Who comes by a link, and from where."""

from __future__ import annotations

from mocks.sendgrid import happenings, tracking
from tests.harness import Harness
from tests.mocks.sendgrid.linked.mailed import happened, record, store, upn, visit


async def test_a_visit_is_remembered_with_where_it_came_from(sendgrid: Harness) -> None:
    await store(sendgrid)
    await visit(sendgrid, tracking.OPEN, upn())
    [event] = await happened(sendgrid)
    assert event.payload["ip"] == happenings.READING_ADDRESS
    assert event.payload["useragent"] == happenings.READING_AGENT
    [kept] = (await record(sendgrid))["history"]
    assert (kept["event"], kept["to"], kept["ip"]) == ("open", "Ada@example.com", happenings.READING_ADDRESS)


async def test_a_visit_is_of_the_test_that_sent_the_mail(sendgrid: Harness) -> None:
    await store(sendgrid, scope="test-7")
    await visit(sendgrid, tracking.OPEN, upn())
    assert [event.scope for event in await happened(sendgrid)] == ["test-7"]
