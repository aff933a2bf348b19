from __future__ import annotations

import pytest

from sandboxes.base import Refused
from sandboxes.stripe import asking
from tests.sandboxes.stripe.calls import MISSING, Listed, Scripted, pairs_of, refusal, reply


async def test_every_page_of_a_list_is_read() -> None:
    account = Listed({"/v1/customers": [{"id": f"cus_{number}"} for number in range(250)]})
    pages = [page async for page in asking.pages(account, "/v1/customers", [("status", "all")])]
    assert [len(page) for page in pages] == [100, 100, 50]
    assert account.asked[1].query == "limit=100&status=all&starting_after=cus_99"


async def test_a_list_that_is_not_there_is_empty() -> None:
    assert [page async for page in asking.pages(Listed({}), "/v1/quotes")] == []


async def test_a_refused_list_is_no_empty_one() -> None:
    with pytest.raises(Refused, match="may not") as caught:
        async for _ in asking.pages(Scripted(refusal(403, message="You may not.")), "/v1/quotes"):
            pass
    assert caught.value.status == 403
    with pytest.raises(Refused, match="status 200"):
        async for _ in asking.pages(Scripted(reply(200, {"object": "page"})), "/v1/quotes"):
            pass


async def test_forms_and_keys() -> None:
    send = Scripted(reply(200, {}))
    await asking.post(send, "/v1/accounts", [("metadata[a]", "1 2")], key="k1")
    assert pairs_of(send.asked[0]) == {"metadata[a]": "1 2"}
    assert send.asked[0].headers.get("idempotency-key") == "k1"
    assert send.asked[0].headers.get("content-type") == "application/x-www-form-urlencoded"


def test_what_is_missing() -> None:
    assert asking.missing(MISSING)
    assert asking.missing(refusal(400, "resource_missing"))
    assert asking.missing(refusal(403, "account_invalid"))
    assert not asking.missing(refusal(403))
    assert not asking.missing(refusal(404, message="Unrecognized request URL (DELETE: /v1/x)."))
    assert not asking.missing(reply(200, {}))
