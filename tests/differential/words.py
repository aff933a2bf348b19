"""Calls as boto3 takes them, and the values that they are made of, over few buckets and keys, so that they meet.

A value that only the server knows (a version, an upload, an entity tag) stands in a program as a ``Ref``: the so-and-so
many-eth of its kind that this side has told. What the last list told for its next page stands as one, too, and is left
out of a call where that list ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

BUCKETS = ("alpha", "beta.two")
KEYS = ("a", "a/b", "a/c/d", "a//b", "b/../c", "ü +&<%", "z/")
BODIES = (b"", b"hello", b"other", bytes(range(256)) * 8)
#: The least that S3 takes as a part that is not the last.
PART = b"p" * (5 << 20)


@dataclass(frozen=True)
class Ref:
    """The value of a kind that was told ``back`` before the last one; one that does not exist where there is none."""

    kind: str
    back: int
    #: Where there is none: whether the argument is left out.
    optional: bool = False


@dataclass(frozen=True)
class Step:
    """One call: boto3's method and its arguments."""

    method: str
    arguments: dict[str, Any]


Arguments = st.SearchStrategy[dict[str, Any]]

bucket = st.sampled_from((BUCKETS[0], BUCKETS[0], BUCKETS[0], BUCKETS[1]))
key = st.sampled_from(KEYS)
body = st.sampled_from(BODIES)


def ref(kind: str, most: int = 2) -> st.SearchStrategy[Ref]:
    return st.builds(Ref, st.just(kind), st.integers(0, most))


version = ref("VersionId", 3) | st.just("null")
#: One that there is, or none: moto's DeleteObjects takes one that there is not for the object's own.
known_version = st.builds(Ref, st.just("VersionId"), st.integers(0, 3), st.just(True)) | st.just("null")
etag = ref("ETag") | st.just('"00000000000000000000000000000000"')
tags = st.lists(
    st.fixed_dictionaries({"Key": st.sampled_from(("team", "stage")), "Value": st.sampled_from(("shop", ""))}),
    max_size=2,
    unique_by=lambda tag: tag["Key"],
)
metadata = st.dictionaries(st.sampled_from(("order", "colour")), st.sampled_from(("1", "red")), max_size=2)


def call(method: str, needed: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Step]:
    """A call of a bucket, with further arguments that it needs and that it may have."""
    arguments = st.fixed_dictionaries({"Bucket": bucket, **(needed or {})}, optional=optional)
    return arguments.map(lambda found: Step(method, found))


def pages(
    method: str, size: str, markers: dict[str, str], needed: dict[str, Any] | None = None, **optional: Any
) -> st.SearchStrategy[tuple[Step, ...]]:
    """Two pages of a list: the second begins where the answer to the first says (its members by the parameters)."""
    arguments = st.fixed_dictionaries({"Bucket": bucket, size: st.integers(1, 2), **(needed or {})}, optional=optional)
    following = {parameter: Ref(member, 0, optional=True) for parameter, member in markers.items()}
    return arguments.map(lambda found: (Step(method, found), Step(method, {**found, **following})))


def of_object(method: str, needed: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Step]:
    return call(method, {"Key": key, **(needed or {})}, **optional)


conditions = {"IfMatch": etag, "IfNoneMatch": etag}
source = st.builds(
    lambda bucket, key, version: {"Bucket": bucket, "Key": key, **({} if version is None else {"VersionId": version})},
    bucket,
    key,
    st.none() | version,
)
marker = st.sampled_from(("a", "a/", "a/b", "m", "zz"))
upload = {"UploadId": ref("UploadId")}
algorithm = st.sampled_from(("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"))
