"""Links lead to this service, and times are told as the API does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mocks.sendgrid.marketing import answers


def test_links_and_moments() -> None:
    call: Any = SimpleNamespace(address="http://127.0.0.1:4600/e/pr-1/sendgrid")
    assert answers.itself(call, "lists/1") == {"self": f"{call.address}/v3/marketing/lists/1"}
    assert answers.link(call, "lists", page_size=2) == f"{call.address}/v3/marketing/lists?page_size=2"
    assert answers.moment(0) == "1970-01-01T00:00:00Z"
    assert answers.wrong("no", "name", 404).status == 404
    assert answers.missing("list", "x").status == 404
