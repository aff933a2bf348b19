"""A provider's own refusals: what they say and what is missing."""

from __future__ import annotations

from mocks.base import Missing, ServiceError


def test_an_error_tells_its_status_code_and_message() -> None:
    error = ServiceError(402, "declined", "Declined.", details={"param": "card"}, headers=[("a", "b")], keep=True)
    assert str(error) == "402 declined: Declined."
    assert (error.details, error.headers, error.keep) == ({"param": "card"}, (("a", "b"),), True)


def test_what_is_missing_in_a_path_is_not_found_and_elsewhere_wrong() -> None:
    assert Missing("thing", "t_1").status == 404
    assert Missing("thing", "t_1", in_path=False).status == 400
    assert str(Missing("thing", "t_1")) == "404 resource_missing: No such thing: 't_1'"
