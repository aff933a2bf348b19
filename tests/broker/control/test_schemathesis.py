"""Requests made from the API's own document, right and wrong ones: no 500, no undocumented answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from broker.control.app import describe
from broker.environments import NAME
from tests.broker.control.conftest import TOKEN, Bench
from tests.clocks import HeldClock

pytestmark = pytest.mark.slow

#: Not among them: positive_data_acceptance, since a policy or a ttl that is text can still be no policy and no ttl.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
#: Where generated names and ids lead, so that most requests get past the first refusal.
NAMES = ("pr-1", "pr-2", "nobody")
IDS = ("ex_1", "evt_1", "m_1", "none")
HOOKS = (("account", ("one", "two")), ("event", ("evt_1", "evt_2")))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("api") / Path("state"), HeldClock())
    asyncio.run(lived_in(made))
    yield made
    asyncio.run(made.close())


async def lived_in(world: Bench) -> None:
    """pr-1 is open and holds something of everything; pr-2 is whatever the requests before made it."""
    opened = await world.environments.open("pr-1", reopen=True)
    if opened.outcome == "created":
        world.clock.advance(1)
        await world.happen()
    await world.arrive("evt_1")


OPERATIONS = [(path, method) for path, methods in describe()["paths"].items() for method in methods]


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_the_api_keeps_its_word(path: str, method: str, world: Bench) -> None:
    schema = schemathesis.openapi.from_dict(without_security())
    schema.app = world.app
    operation = schema[path][method]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if next(operation.iter_parameters(), None) or operation.body:
        # Without a parameter there is nothing to get wrong.
        cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(case=cases)
    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def keeps(case: schemathesis.Case) -> None:
        asyncio.run(lived_in(world))
        steer(case)
        case.call_and_validate(headers={"authorization": f"Bearer {TOKEN}"}, checks=CHECKS)
        if path.startswith("/_broker/v1"):
            # A generated Authorization header goes: what is left must be refused whatever else is in it.
            case.headers = {
                name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
            }
            assert case.call().status_code == 401

    keeps()


def without_security() -> dict[str, Any]:
    """The document without its token, which the test brings itself: generated ones would get nowhere."""
    found = describe()
    for methods in found["paths"].values():
        for operation in methods.values():
            operation["security"] = []
    return found


def steer(case: schemathesis.Case) -> None:
    """Well-formed names and ids become ones that mean something; malformed ones stay. Nothing is waited for."""
    given = case.path_parameters or {}
    if (
        case.path.endswith("/wait")
        and isinstance(case.body, dict)
        and isinstance(case.body.get("timeout", 0), int | float)
    ):
        case.body["timeout"] = min(case.body.get("timeout", 0), 0)
    for parameter, known in (("name", NAMES), ("id", IDS), ("service", ("alpha", "gamma")), *HOOKS):
        value = given.get(parameter)
        if isinstance(value, str) and NAME.fullmatch(value):
            given[parameter] = known[sum(value.encode()) % len(known)]
    if case.path.endswith("/wait") and case.query is not None and str(case.query.get("timeout", "30")).isdecimal():
        case.query["timeout"] = "0"  # nothing more comes
