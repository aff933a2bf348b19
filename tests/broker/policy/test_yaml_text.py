"""Text to values: bounded, whatever the text; JSON is read as well as YAML."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import InvalidInput
from broker.policy import Policy

SERVICES = ("alpha", "beta")


def faults(document: object, services: tuple[str, ...] = SERVICES) -> list[dict[str, object]]:
    with pytest.raises(InvalidInput) as caught:
        Policy.parse(document, services)  # type: ignore[arg-type]  # some tests hand over nonsense
    return [dict(fault) for fault in caught.value.errors]


def test_endless_documents_are_cut_short() -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "too many values" in str(faults(laughs)[0]["message"])
    assert "too deeply" in str(faults("a: &a [*a]")[0]["message"])
    assert "too deeply" in str(faults("[" * 5000)[0]["message"])
    assert "too deeply" in str(faults("{a: " * 60 + "1" + "}" * 60)[0]["message"])


def test_json_text_is_yaml_enough() -> None:
    text = '{\n\t"version": 1,\n\t"services": {"alpha": {"mode": "refuse"},\n\t"alpha": "mock"}\n}'
    assert faults(text)[0]["line"] == 4
    assert Policy.parse('{"version": 1, "services": {"alpha": "refuse"}}', SERVICES).mode("alpha") == "refuse"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_policy_or_has_faults(text: str | bytes) -> None:
    try:
        Policy.parse(text, SERVICES)
    except InvalidInput as refused:
        told = refused.errors
    else:
        told = ["a valid policy"]
    assert told
