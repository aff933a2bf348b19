"""Which objects a rule is for. What is refused of a filter stands among the tests of lifecycle rules."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.base import ServiceError
from mocks.s3.filters import check_filter, fits, prefix_of, sizes_of, tags_of

OBJECT: dict[str, Any] = {"key": "logs/a", "size": 10, "tags": [["team", "blue"], ["stage", "x"]]}
BLUE, RED = {"Key": "team", "Value": "blue"}, {"Key": "team", "Value": "red"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, True),
        ({"Prefix": ""}, True),
        ({"Prefix": "logs/"}, True),
        ({"Prefix": "log/"}, False),
        ({"Tag": BLUE}, True),
        ({"Tag": RED}, False),
        ({"ObjectSizeGreaterThan": 9}, True),
        ({"ObjectSizeGreaterThan": 10}, False),
        ({"ObjectSizeLessThan": 11}, True),
        ({"ObjectSizeLessThan": 10}, False),
        ({"And": {"Prefix": "logs/", "Tags": [BLUE, {"Key": "stage", "Value": "x"}]}}, True),
        ({"And": {"Prefix": "logs/", "Tags": [BLUE, {"Key": "stage", "Value": "y"}]}}, False),
        ({"And": {"Prefix": "x", "Tags": [BLUE]}}, False),
        ({"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 10}}, False),
    ],
)
def test_an_object_fits(given: dict[str, Any], expected: bool) -> None:
    check_filter(given)
    assert fits(given, OBJECT) is expected


def test_an_object_without_tags_fits_no_tag() -> None:
    assert not fits({"Tag": BLUE}, {"key": "a", "size": 1})


def test_what_a_filter_holds() -> None:
    given = {"And": {"Prefix": "p", "Tags": [BLUE], "ObjectSizeLessThan": 5}}
    assert (prefix_of(given), tags_of(given), sizes_of(given)) == ("p", [BLUE], (None, 5))
    assert (prefix_of({}), tags_of({}), sizes_of({})) == ("", (), (None, None))


def test_one_condition_alone() -> None:
    with pytest.raises(ServiceError, match="MalformedXML"):
        check_filter({"Prefix": "a", "ObjectSizeLessThan": 5})
