"""A file of probes is read, its faults are told with their lines, and its steps become requests."""

from __future__ import annotations

import pytest

from contracts.comparison import Answer
from contracts.probes import ProbeFault, Uncaptured, capture, parse, request, variables

TEXT = """version: 1
service: tiny
scenarios:
  life:
    steps:
      - call: POST /v1/things
        form: {name: a b, card: {number: 1}}
        capture: {thing: id}
      - call: GET /v1/things/${thing}
        expect: 200
"""


def test_steps_become_requests() -> None:
    (scenario,) = parse(TEXT, "tiny")
    first, second = scenario.steps
    assert request(first, {}).body == b"name=a+b&card%5Bnumber%5D=1"
    captured = capture(first, Answer(200, "json", {"id": "thi_1"}, {}))
    assert request(second, captured).path == "/v1/things/thi_1"
    assert (variables(first), variables(second)) == (set(), {"thing"})
    with pytest.raises(Uncaptured):
        request(second, {})


def test_a_file_says_what_none_of_its_steps_compares() -> None:
    text = TEXT.replace("expect: 200", "compare: {ignore: [body.name]}").replace(
        "scenarios:", "compare: {ignore: ['**.print'], headers: [ETag]}\nscenarios:"
    )
    first, second = parse(text, "tiny")[0].steps
    assert (first.compare.ignore, second.compare.ignore) == (["**.print"], ["**.print", "body.name"])
    assert list(second.compare.headers) == ["etag"]


def test_faults_are_told_with_their_line() -> None:
    with pytest.raises(ProbeFault) as told:
        parse(TEXT.replace("expect: 200", "expct: 200").replace("capture: {thing", "capture: {other"), "tiny")
    assert [fault.partition(",")[0] for fault in told.value.faults] == ["line 10", "line 9"]
