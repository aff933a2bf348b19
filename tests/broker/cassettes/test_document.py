from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.cassettes import document
from broker.cassettes.recorded import Body, Cassette, Recorded
from broker.errors import InvalidInput
from tests.broker.cassettes.exchanges import asked

_TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=15,
)
_PAIRS = st.dictionaries(_TEXT, _TEXT | st.lists(_TEXT, min_size=2, max_size=3), max_size=4)


@given(query=_PAIRS, headers=_PAIRS, value=_JSON, form=_PAIRS, text=_TEXT)
def test_what_is_written_is_read_again(
    query: dict[str, Any], headers: dict[str, Any], value: Any, form: dict[str, Any], text: str
) -> None:
    exchanges = [
        Recorded(
            operation="things.list", method="POST", path="/v1/things", query=query, request_headers=headers,
            request=Body("form", form), status=402, response_headers=headers, response=Body("json", value),
            recorded_at="2026-11-27T07:00:00Z", contract="2026-10-28",
        ),
        asked(request=Body("text", text), response=Body("xml", text + "\n" + text)),
        asked(response=Body("digest", {"sha256": "ab", "size": 7})),
    ]  # fmt: skip
    cassette = Cassette("things", "first", exchanges, "pr-7", "pr-7-abc")
    assert document.read(document.text(cassette).encode(), "x") == cassette


def test_it_reads_well() -> None:
    one = asked(
        form={"name": "masked-name-1", "items[0]": "a"},
        answer={"id": "th_1", "live": False, "note": "one\ntwo"},
        recorded_at="2026-11-27T07:00:00Z",
        response_headers={"content-type": "application/json"},
    )
    assert document.text(Cassette("things", "first", [one], "pr-7", "pr-7-abc")).partition("\n")[2] == (
        "cassette: 1\nservice: things\nname: first\nenvironment: pr-7\nuid: pr-7-abc\nexchanges:\n"
        "- operation: things.create\n  recorded_at: '2026-11-27T07:00:00Z'\n"
        "  request:\n    method: POST\n    path: /v1/things\n    form:\n      name: masked-name-1\n      items[0]: a\n"
        "  response:\n    status: 200\n    headers:\n      content-type: application/json\n"
        "    json:\n      id: th_1\n      live: false\n      note: |-\n        one\n        two\n"
    )


def test_exchanges_are_added_at_the_end() -> None:
    text = document.head(Cassette("things", "first")) + document.written([asked()]) + document.written([asked("PUT")])
    assert [one.method for one in document.read(text.encode(), "x").exchanges] == ["POST", "PUT"]
    assert document.read(document.head(Cassette("things", "first")).encode(), "x").exchanges == []


_HEAD = "cassette: 1\nservice: s\nname: n\nexchanges:\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no cassette of this broker's"),
        ("cassette: 2\nexchanges: []", "no cassette of this broker's"),
        ("cassette: 1\nexchanges: []", "service and name are missing"),
        ("cassette: 1\nservice: s\nname: n\nexchanges: {a: 1}", "exchanges must be a list"),
        (_HEAD + "- 7", "exchange 1 must be a mapping"),
        (_HEAD + "- {request: {method: GET, path: /}}", "exchange 1: response is missing"),
        (_HEAD + "- {request: {method: GET, path: x}, response: {status: 200}}", "needs a method and a path"),
        (_HEAD + "- {request: {method: GET, path: /}, response: {status: 99}}", "status from 100 to 599"),
        (_HEAD + "- {request: {method: GET, path: /}, response: {status: true}}", "status from 100 to 599"),
        (_HEAD + "- {request: {method: GET, path: /, query: 7}, response: {status: 200}}", "query must be a mapping"),
        (_HEAD + "- {request: {method: GET, path: /, json: 1, text: a}, response: {status: 200}}", "one body"),
        (_HEAD + "- {request: {method: GET, path: /, form: 1}, response: {status: 200}}", "form does not hold"),
        (_HEAD + "- {request: {method: GET, path: /, digest: {}}, response: {status: 200}}", "digest does not hold"),
    ],
)
def test_what_is_no_cassette_is_told_where(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        document.read(text.encode(), "a.yaml")
