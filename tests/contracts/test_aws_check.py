"""Answers of S3's model that are right, and each way to be wrong: told by the compiled test, and worded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import library
from contracts.aws_check import Checker, _violations
from contracts.aws_model import Model
from contracts.contract import Params

S3 = library.load("s3")
MODEL: Model = S3._model  # type: ignore[attr-defined]  # of an AWS contract
SIDES = {name: side for name in S3.operations() if (side := MODEL.output(name)) is not None}
ITEM = {"Key": "k", "LastModified": "2026-11-27T14:00:00.000Z", "ETag": '"e"', "Size": 1, "StorageClass": "STANDARD"}


@pytest.mark.parametrize("name", sorted(SIDES))
def test_an_example_is_right(name: str) -> None:
    value = S3.example(S3.operations()[name], Params())
    assert Checker(SIDES[name], {}).check(value) == _violations(SIDES[name], value)


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        (lambda item: item.update(Size="1"), ("Contents", 0, "Size"), "type"),
        (lambda item: item.update(Size=True), ("Contents", 0, "Size"), "type"),
        (lambda item: item.update(Key=b"k"), ("Contents", 0, "Key"), "type"),
        (lambda item: item.update(Key=""), ("Contents", 0, "Key"), "min_length"),
        (lambda item: item.update(StorageClass="WARM"), ("Contents", 0, "StorageClass"), "enum"),
        (lambda item: item.update(LastModified="today"), ("Contents", 0, "LastModified"), "format"),
        (lambda item: item.update(ChecksumAlgorithm="CRC32"), ("Contents", 0, "ChecksumAlgorithm"), "type"),
        (lambda item: item.update(ChecksumAlgorithm=["CRC"]), ("Contents", 0, "ChecksumAlgorithm", 0), "enum"),
        (lambda item: item.update(Owner=[]), ("Contents", 0, "Owner"), "type"),
        (lambda item: item.update(Owner={"Id": "x"}), ("Contents", 0, "Owner", "Id"), "unknown"),
        (lambda item: item.update(Colour="red"), ("Contents", 0, "Colour"), "unknown"),
        (lambda item: item.update(Colour=None), ("Contents", 0, "Colour"), "unknown"),
    ],
)
def test_what_is_wrong_in_a_list_is_found(
    change: Callable[[dict[str, Any]], None], pointer: tuple[str | int, ...], rule: str
) -> None:
    item = dict(ITEM)
    change(item)
    found = Checker(SIDES["ListObjectsV2"], {}).check({"Name": "b", "Contents": [item, dict(ITEM)]})
    assert [(one.pointer, one.rule) for one in found] == [(pointer, rule)]


def test_what_is_required_is_missed() -> None:
    found = Checker(SIDES["ListBucketInventoryConfigurations"], {}).check({"InventoryConfigurationList": [{"Id": "a"}]})
    assert {one.rule for one in found} == {"required"}
    assert ("InventoryConfigurationList", 0, "Destination") in {one.pointer for one in found}


def test_times_may_be_times_and_members_may_be_none() -> None:
    item = {**ITEM, "LastModified": datetime(2026, 11, 27, tzinfo=UTC), "Owner": None}
    assert Checker(SIDES["ListObjectsV2"], {}).check({"Contents": (item,)}) == []


def test_opaque_bodies_are_not_looked_at() -> None:
    assert Checker(SIDES["GetObject"], {}).check({"Body": object(), "ETag": '"e"'}) == []


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_an_answer_is_a_structure(value: Any) -> None:
    assert [one.rule for one in Checker(SIDES["ListObjectsV2"], {}).check(value)] == ["type"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3) | st.just("STANDARD"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ITEM, "Owner", "ID"]), inner),
    max_leaves=6,
)


@given(contents=st.lists(st.dictionaries(st.sampled_from([*ITEM, "Owner", "Other"]), VALUES), max_size=3) | VALUES)
def test_the_test_says_what_the_long_way_says(contents: Any) -> None:
    value = {"Name": "b", "Contents": contents}
    assert Checker(SIDES["ListObjectsV2"], {}).check(value) == _violations(SIDES["ListObjectsV2"], value)
    assert Checker(SIDES["ListObjectsV2"], {})._right(value) is (not _violations(SIDES["ListObjectsV2"], value))
