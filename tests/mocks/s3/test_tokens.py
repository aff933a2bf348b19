"""Continuation tokens."""

from __future__ import annotations

import pytest

from mocks.base import ServiceError
from mocks.s3.tokens import from_token, to_token


@pytest.mark.parametrize("name", ["a", "", "ü/\U0001f600", "x" * 1024])
def test_a_name_comes_back(name: str) -> None:
    assert from_token(to_token(name)) == name


@pytest.mark.parametrize("token", ["a", "a+b/", "ü", to_token("a")[1:], "", "Mv__"])
def test_what_is_none_of_ours(token: str) -> None:
    with pytest.raises(ServiceError, match="InvalidArgument"):
        from_token(token)
