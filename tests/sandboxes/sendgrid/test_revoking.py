"""Everything is taken back, twice if need be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sandboxes.base import Refused, Resource
from sandboxes.sendgrid.kinds import KINDS
from sandboxes.sendgrid.revoking import revoke
from tests.sandboxes.sendgrid.calls import COLLECTIONS, Scripted, Shared, reply


def tell(done: Mapping[str, int]) -> None:
    raise AssertionError("nothing here takes long")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_made_is_deleted_and_absent_ever_after(kind: str) -> None:
    account = Shared()
    path = KINDS[kind].listing
    assert COLLECTIONS[path][1] == KINDS[kind].id_field
    name = account.put(path, name="x")
    other = account.put(path, name="y")
    assert await revoke(Resource(kind, name), account, tell) == "deleted"
    assert await revoke(Resource(kind, name), account, tell) == "absent"
    assert [str(item[KINDS[kind].id_field]) for item in account.kept[path]] == [other]


async def test_an_id_is_one_segment_of_the_path() -> None:
    send = Scripted(reply(204))
    await revoke(Resource("template", "../api_keys/k"), send, tell)
    assert send.lines == ["DELETE /v3/templates/..%2Fapi_keys%2Fk"]


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_a_refusal_is_told_in_sendgrids_words(status: int) -> None:
    send = Scripted(reply(status, {"errors": [{"message": "template is in use"}]}))
    with pytest.raises(Refused, match="template is in use") as refused:
        await revoke(Resource("template", "t1"), send, tell)
    assert refused.value.status == status


async def test_a_batch_is_kept_without_a_call() -> None:
    assert await revoke(Resource("batch", "b1"), Scripted(), tell) == "kept"


async def test_what_waits_is_canceled() -> None:
    send = Scripted(reply(201, {"batch_id": "b1", "status": "cancel"}))
    assert await revoke(Resource("scheduled_send", "scheduled:b1"), send, tell) == "canceled"
    assert send.lines == ["POST /v3/user/scheduled_sends"]
    assert send.body() == {"batch_id": "b1", "status": "cancel"}


async def test_what_was_paused_is_canceled() -> None:
    send = Scripted(reply(400, {"errors": [{"message": "has a status"}]}), reply(204))
    assert await revoke(Resource("scheduled_send", "scheduled:b/1"), send, tell) == "canceled"
    assert send.lines[1] == "PATCH /v3/user/scheduled_sends/b%2F1"
    assert send.body() == {"status": "cancel"}


async def test_an_eleventh_batch_has_to_wait() -> None:
    send = Scripted(reply(400, {"errors": [{"message": "only ten"}]}), reply(404))
    with pytest.raises(Refused, match="only ten") as refused:
        await revoke(Resource("scheduled_send", "scheduled:b1"), send, tell)
    assert refused.value.status == 400


async def test_a_batch_that_is_gone_is_absent() -> None:
    assert await revoke(Resource("scheduled_send", "scheduled:b1"), Scripted(reply(404)), tell) == "absent"


async def test_an_unknown_kind_is_refused_loudly() -> None:
    with pytest.raises(Refused, match="nothing is known"):
        await revoke(Resource("spaceship", "1"), Scripted(), tell)
