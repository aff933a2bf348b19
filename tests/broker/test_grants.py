"""Keys that a service's own API made: good while its state knows them, in their own environment, in mode mock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.storage.base import Environment
from contracts.exchange import Headers, Request
from tests.broker.tiny import HOST, MADE, Gate, code, signed, tiny, value
from tests.clocks import HeldClock

THINGS = "/e/pr-1/tiny/v1/things"


@pytest.fixture
async def gate(tmp_path: Path, clock: HeldClock) -> AsyncIterator[Gate]:
    made = Gate(tmp_path, clock, services=(tiny(made_keys=MADE), signed()))
    yield made
    await made.close()


@pytest.fixture
async def home(gate: Gate) -> Environment:
    return await gate.open("pr-1")


async def make(gate: Gate, home: Environment, name: str = "all") -> str:
    """A key; what its holder may do is its name."""
    path = f"/e/{home.name}/tiny/v1/things"
    response = await gate.call("POST", path, key=await gate.key(home), json={"name": name})
    return f"tk_made_{value(response)['id']}"


@pytest.mark.parametrize("path", [THINGS, "/v1/things"])
async def test_a_made_key_opens_its_environment_by_every_way(gate: Gate, home: Environment, path: str) -> None:
    key = await make(gate, home)
    response = await gate.call("GET", path, key=key)
    assert response.status == 200
    assert response.header("broker-environment") == "pr-1"
    caller = await gate.resolver.resolve(_request(key))
    assert (caller.spec, caller.secret, caller.grant) == (f"made:{key.removeprefix('tk_made_')}", None, {"may": "all"})


async def test_its_terms_are_asked_before_the_call_is_read(gate: Gate, home: Environment) -> None:
    key = await make(gate, home, "read")
    refused = await gate.call("POST", THINGS, key=key, json={"nothing": "that it needs"})
    assert (refused.status, code(refused)) == (403, "forbidden")
    assert (await gate.call("GET", THINGS, key=key)).status == 200
    assert await gate.incidents() == []


async def test_a_deleted_key_is_dead_at_once(gate: Gate, home: Environment) -> None:
    key = await make(gate, home)
    made_id = key.removeprefix("tk_made_")
    assert (await gate.call("GET", THINGS, key=key)).status == 200
    assert (await gate.call("DELETE", f"{THINGS}/{made_id}", key=await gate.key(home))).status == 204
    for path in (THINGS, "/v1/things"):
        gone = await gate.call("GET", path, key=key)
        assert (gone.status, code(gone)) == (401, "unknown_credential")
    assert {one.kind for one in await gate.incidents("pr-1")} == {"unknown_credential"}


async def test_what_only_looks_like_a_made_key_opens_nothing(gate: Gate, home: Environment) -> None:
    for key in (f"tk_made_thi_{home.tag}{'0' * 19}", f"tk_made_thi_{'z' * 24}", "tk_made_"):
        response = await gate.call("GET", THINGS, key=key)
        assert (response.status, code(response)) == (401, "unknown_credential")


async def test_it_opens_no_other_environment_and_no_other_service(gate: Gate, home: Environment) -> None:
    await gate.open("pr-2")
    key = await make(gate, home)
    foreign = await gate.call("GET", "/e/pr-2/tiny/v1/things", key=key)
    assert (foreign.status, code(foreign)) == (401, "foreign_credential")
    for name in ("pr-1", "pr-2"):
        [incident] = await gate.incidents(name)
        assert incident.kind == "foreign_credential"
    other = await gate.call("GET", "/e/pr-1/signed/v1/things", key=key)
    assert (other.status, code(other)) == (401, "unknown_credential")


async def test_it_outlives_a_rotation_and_no_reset(gate: Gate, home: Environment) -> None:
    key = await make(gate, home)
    await gate.environments.rotate("pr-1")
    assert (await gate.call("GET", THINGS, key=key)).status == 200
    await (await gate.storage.open(home)).reset()
    assert code(await gate.call("GET", THINGS, key=key)) == "unknown_credential"


async def test_it_dies_with_its_environment(gate: Gate, home: Environment) -> None:
    key = await make(gate, home)
    await gate.close_environment(home)
    await gate.storage.destroy(home)
    for path in (THINGS, "/v1/things"):
        assert code(await gate.call("GET", path, key=key)) == "closed_environment"
    await gate.open("pr-1", reopen=True)
    assert code(await gate.call("GET", THINGS, key=key)) == "closed_environment"


async def test_a_store_that_is_just_gone_knows_no_key(gate: Gate, home: Environment) -> None:
    key = await make(gate, home)
    await gate.storage.destroy(home)
    assert code(await gate.call("GET", THINGS, key=key)) == "unknown_credential"


async def test_it_is_the_mocks_alone(gate: Gate) -> None:
    """What a mock made is nothing to a provider, or to a recording of one."""
    rules = [{"operation": "things.list", "mode": "replay"}]
    home = await gate.open("pr-1", {"services": {"tiny": {"mode": "mock", "rules": rules}}})
    gate.backends["replay"] = gate.backend
    key = await make(gate, home)
    refused = await gate.call("GET", THINGS, key=key)
    assert (refused.status, code(refused)) == (401, "unknown_credential")
    assert (await gate.call("GET", THINGS, key=await gate.key(home))).status == 200
    assert (await gate.call("GET", f"{THINGS}/{key.removeprefix('tk_made_')}", key=key)).status == 200


def _request(key: str) -> Request:
    return Request(method="GET", path=THINGS, headers=Headers([("authorization", f"Bearer {key}")]), host=HOST)
