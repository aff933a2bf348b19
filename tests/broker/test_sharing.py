"""What scripts of another origin may see of an answer, as a service tells it by the environment's state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from broker.storage.base import StoreGone
from mocks.base import Call
from tests.broker.test_gateway import fields
from tests.broker.tiny import Gate, signed, tiny, value
from tests.clocks import HeldClock

ASKING = {"origin": "https://shop.example"}


async def tell(call: Call) -> Sequence[tuple[str, str]]:
    """As many headers as there are things."""
    if call.request.headers.get("origin") == "https://broken.example":
        raise ZeroDivisionError("by nought")
    return [("x-shared", thing["name"]) for thing in await call.state.page("thing")]


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    gate = Gate(tmp_path, HeldClock(), services=[tiny(shared=tell), signed(shared=tell)])
    yield gate
    await gate.close()


async def test_answers_and_errors_say_what_is_shared(gate: Gate) -> None:
    home = await gate.open("pr-1")
    key = await gate.key(home)
    made = await gate.call("POST", "/v1/things", key=key, json={"name": "one"}, headers=ASKING)
    assert (made.status, fields(made)["x-shared"]) == (200, "one")
    assert "x-shared" not in fields(await gate.call("GET", "/v1/things", key=key))
    missing = await gate.call("GET", "/v1/things/nope", key=key, headers=ASKING)
    assert (missing.status, fields(missing)["x-shared"]) == (404, "one")
    refused = await gate.call("POST", "/v1/things", key=key, json={}, headers=ASKING)
    assert (refused.status, fields(refused)["x-shared"]) == (400, "one")
    unknown = await gate.call("GET", "/v1/nowhere", key=key, headers=ASKING)
    assert (unknown.status, fields(unknown)["x-shared"]) == (404, "one")


async def test_a_wrong_signature_can_be_read_too(gate: Gate) -> None:
    home = await gate.open("pr-1")
    ((key, secret),) = (await gate.keys(home, "signed")).values()
    await gate.call("POST", "/v1/things", key=key, json={"name": "one"}, headers={"x-signature": secret or ""})
    wrong = await gate.call("GET", "/v1/things", key=key, headers={"x-signature": "no", **ASKING})
    assert (wrong.status, fields(wrong)["x-shared"]) == (403, "one")


async def test_who_is_turned_away_can_read_why(gate: Gate) -> None:
    home = await gate.open("pr-1")
    await gate.call("POST", "/v1/things", key=await gate.key(home), json={"name": "one"})
    path = "/e/pr-1/tiny/v1/things"
    for key in ("tk_test_unknown", None):
        turned = await gate.call("GET", path, key=key, headers=ASKING)
        assert (turned.status, fields(turned)["x-shared"]) == (401, "one")
    await gate.close_environment(home)
    closed = await gate.call("GET", path, key="tk_test_unknown", headers=ASKING)
    assert (closed.status, "x-shared" in fields(closed)) == (401, False)
    nowhere = await gate.call("GET", "/e/pr-2/tiny/v1/things", key="tk_test_unknown", headers=ASKING)
    assert "x-shared" not in fields(nowhere)


async def test_an_environment_that_goes_meanwhile_tells_nothing(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(*_: object) -> None:
        raise StoreGone("closed")

    home = await gate.open("pr-1")
    key = await gate.key(home)
    monkeypatch.setattr(gate.backend, "page", gone)
    assert "x-shared" not in fields(await gate.call("GET", "/v1/things", key=key, headers=ASKING))
    assert "could not be told" not in caplog.text


async def test_what_cannot_be_told_changes_no_answer(gate: Gate) -> None:
    home = await gate.open("pr-1")
    asking = {"origin": "https://broken.example"}
    made = await gate.call("POST", "/v1/things", key=await gate.key(home), json={"name": "one"}, headers=asking)
    assert (made.status, value(made)["name"]) == (200, "one")
    assert "x-shared" not in fields(made)
