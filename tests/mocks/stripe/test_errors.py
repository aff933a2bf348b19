"""How handlers say no."""

from __future__ import annotations

from mocks.stripe.errors import empty_param, exclusive, invalid, missing, missing_param, unexpected_state


def test_a_refusal_without_a_code() -> None:
    error = invalid("No.", param="amount")
    assert (error.status, error.code, error.details) == (400, "", {"type": "invalid_request_error", "param": "amount"})
    assert not error.keep


def test_codes() -> None:
    assert (missing_param("a").code, empty_param("a").code) == ("parameter_missing", "parameter_invalid_empty")
    assert exclusive("a", "b").message == "You may only specify one of these parameters: a, b."


def test_an_object_that_a_parameter_names_is_400() -> None:
    error = missing("customer", "cus_1", "customer")
    assert (error.status, error.param, error.in_path) == (400, "customer", False)


def test_the_intent_is_part_of_the_answer() -> None:
    intent = {"object": "setup_intent", "id": "seti_1"}
    error = unexpected_state("No.", intent)
    assert error.code == "setup_intent_unexpected_state"
    assert error.details["setup_intent"] is intent
