"""The Link header leads to the pages around, as SendGrid's documentation shows it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mocks.sendgrid import paging
from tests.harness import Harness


def asked(query: str = "", **params: int) -> Any:
    request = SimpleNamespace(path="/v3/resource", query=query)
    return SimpleNamespace(address="http://here", request=request, params=SimpleNamespace(query=params))


@pytest.mark.parametrize(
    ("total", "offset", "expected"),
    [
        (11, 0, [("next", 5, 2), ("prev", 0, 1), ("last", 10, 3), ("first", 0, 1)]),
        (11, 5, [("next", 10, 3), ("prev", 0, 1), ("last", 10, 3), ("first", 0, 1)]),
        (11, 10, [("prev", 5, 2), ("last", 10, 3), ("first", 0, 1)]),
        (10, 5, [("prev", 0, 1), ("last", 5, 2), ("first", 0, 1)]),
        (0, 0, [("prev", 0, 1), ("last", 0, 1), ("first", 0, 1)]),
    ],
)
def test_pages_around(total: int, offset: int, expected: list[tuple[str, int, int]]) -> None:
    assert paging.links(asked(), total, 5, offset) == ", ".join(
        f'<http://here/v3/resource?limit=5&offset={place}>; rel="{name}"; title="{number}"'
        for name, place, number in expected
    )


def test_a_page_keeps_what_else_was_asked() -> None:
    reply = paging.page(asked("start_time=1&offset=2&limit=2", offset=2, limit=2), list(range(7)), 500)
    assert reply.value == [2, 3]
    [(name, value)] = reply.headers
    assert name == "link"
    assert value.startswith('<http://here/v3/resource?start_time=1&limit=2&offset=4>; rel="next"; title="3"')
    assert paging.page(asked(), list(range(7)), 5).value == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("order", "first"), [("oldest", "n0"), ("newest", "n1004")])
async def test_every_record_is_read_once_in_its_order(sendgrid: Harness, order: Any, first: str) -> None:
    state = (await sendgrid.store()).begin("sendgrid")
    for number in range(1005):
        await state.put("numbers", f"n{number}", {"id": f"n{number}"}, {"even": str(number % 2 == 0)})

    async def read(where: dict[str, str] | None) -> list[str]:
        found = paging.every(state, "numbers", lambda each: str(each["id"]), order=order, where=where)
        return [each["id"] async for each in found]

    everything, even = await read(None), await read({"even": "True"})
    await state.rollback()
    assert (len(everything), len(set(everything)), everything[0]) == (1005, 1005, first)
    assert even == [each for each in everything if int(each[1:]) % 2 == 0]
