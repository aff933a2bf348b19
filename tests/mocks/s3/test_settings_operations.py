"""Configurations of buckets in the table of contents, and that they are their owner's."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import library, probes
from contracts.exchange import Headers, Request
from contracts.probes import Step
from mocks.s3 import service
from mocks.s3.settings_operations import OPERATIONS
from tests.mocks.s3.conftest import Caller, code

#: Their requests are read as those of newer operations.
TWINS = {"GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification"}
#: Whose answer depends on the bucket's CORS rules alone.
PREFLIGHTS = {"OptionsBucket", "OptionsObject"}


def query_of(step: Step) -> str:
    fixed = step.path.partition("?")[2]
    return "&".join(filter(None, (fixed, *(f"{name}={value or ''}" for name, value in step.query.items()))))


def examples() -> dict[str, Step]:
    """A probe's call of each operation, one that succeeds if there is one."""
    found: dict[str, Step] = {}
    contract = library.load("s3")
    steps = [step for scenario in probes.load("s3") for step in scenario.steps]
    for step in sorted(steps, key=lambda step: (step.expect or 200) >= 300):
        request = Request(method=step.method, path="/bkt", query=query_of(step), headers=Headers(step.headers.items()))
        match = contract.match(request)
        if match is not None:
            found.setdefault(match.operation.id, step)
    return found


EXAMPLES = examples()


def test_they_are_part_of_the_whole() -> None:
    assert OPERATIONS.items() <= service.OPERATIONS.items()


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - TWINS - PREFLIGHTS))
@pytest.mark.parametrize("credential", ["access_key:alt", ""])
async def test_nobody_else_may(s3: Caller, operation: str, credential: str) -> None:
    step = EXAMPLES[operation]

    async def ask(**who: Any) -> str:
        body = (step.body or "").replace("${run}", "run").encode()
        headers = {name: text for name, text in step.headers.items() if name != "content-md5"}
        return code(await s3.harness.call(step.method, "/bkt", query=query_of(step), body=body, headers=headers, **who))

    assert await ask(credential=credential) == "403 AccessDenied"
    assert await ask() != "403 AccessDenied"
