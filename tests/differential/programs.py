"""Programs: short sequences of calls as boto3 takes them, over few buckets and keys, so that they meet.

A value that only the server knows (a version, an upload, an entity tag) stands in a program as a ``Ref``: the so-and-so
many-eth of its kind that this side has told.
"""

from __future__ import annotations

from collections.abc import Callable
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


def _of_object(method: str, needed: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Step]:
    return call(method, {"Key": key, **(needed or {})}, **optional)


_conditions = {"IfMatch": etag, "IfNoneMatch": etag}
_parts = st.lists(
    st.fixed_dictionaries({"PartNumber": st.integers(1, 3), "ETag": ref("PartETag")}), min_size=1, max_size=3
)
_source = st.builds(
    lambda bucket, key, version: {"Bucket": bucket, "Key": key, **({} if version is None else {"VersionId": version})},
    bucket,
    key,
    st.none() | version,
)
_listed = {
    "Prefix": st.sampled_from(("", "a", "a/", "b/..", "ü", "nothing")),
    "Delimiter": st.sampled_from(("", "/", "//")),
    "EncodingType": st.just("url"),
}
_few = st.sampled_from((0, 1, 2, 3, 1000))
_marker = st.sampled_from(("a", "a/", "a/b", "m", "zz"))
_upload = {"UploadId": ref("UploadId")}

OBJECTS = [
    _of_object(
        "put_object",
        {"Body": body},
        Metadata=metadata,
        ContentType=st.just("text/plain"),
        StorageClass=st.sampled_from(("STANDARD", "STANDARD_IA")),
        Tagging=st.sampled_from(("team=shop", "team=shop&stage=")),
        ChecksumAlgorithm=st.sampled_from(("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME")),
    ),
    _of_object("put_object", {"Body": body}),
    _of_object("put_object", {"Body": body, "IfNoneMatch": st.just("*")}),
    _of_object("put_object", {"Body": body, "IfMatch": etag}),
    _of_object(
        "get_object",
        Range=st.sampled_from(("bytes=0-1", "bytes=2-", "bytes=-2", "bytes=5000-", "bytes=-0", "lines=1")),
        VersionId=version,
        **_conditions,
    ),
    _of_object("get_object"),
    _of_object("head_object", VersionId=version, **_conditions),
    _of_object("delete_object", VersionId=version),
    call(
        "delete_objects",
        {
            "Delete": st.fixed_dictionaries(
                {
                    "Objects": st.lists(
                        st.fixed_dictionaries({"Key": key}, optional={"VersionId": version}), min_size=1, max_size=3
                    )
                },
                optional={"Quiet": st.booleans()},
            )
        },
    ),
    _of_object("copy_object", {"CopySource": _source}),
    _of_object(
        "copy_object",
        {"CopySource": _source},
        MetadataDirective=st.sampled_from(("COPY", "REPLACE")),
        Metadata=metadata,
        TaggingDirective=st.sampled_from(("COPY", "REPLACE")),
        StorageClass=st.sampled_from(("STANDARD", "STANDARD_IA")),
        CopySourceIfMatch=etag,
        CopySourceIfNoneMatch=etag,
    ),
    _of_object("put_object_tagging", {"Tagging": tags.map(lambda found: {"TagSet": found})}, VersionId=version),
    _of_object("get_object_tagging", VersionId=version),
    _of_object("delete_object_tagging", VersionId=version),
    _of_object(
        "get_object_attributes",
        {"ObjectAttributes": st.just(["ETag", "ObjectSize", "StorageClass"])},
        VersionId=version,
    ),
]

LISTS = [
    call("list_objects_v2", MaxKeys=_few, StartAfter=_marker, FetchOwner=st.booleans(), **_listed),
    call("list_objects", MaxKeys=_few, Marker=_marker, **_listed),
    call("list_object_versions", MaxKeys=_few, **_listed),
    call("list_multipart_uploads", **_listed),
]

UPLOADS = [
    _of_object("create_multipart_upload", Metadata=metadata, ContentType=st.just("text/plain")),
    _of_object("upload_part", {**_upload, "PartNumber": st.integers(1, 3), "Body": st.sampled_from((b"tail", PART))}),
    _of_object("list_parts", _upload, MaxParts=_few, PartNumberMarker=st.integers(0, 2)),
    _of_object("complete_multipart_upload", {**_upload, "MultipartUpload": _parts.map(lambda found: {"Parts": found})}),
    _of_object("abort_multipart_upload", _upload),
]

_cors = st.fixed_dictionaries(
    {
        "AllowedOrigins": st.just(["https://shop.example"]),
        "AllowedMethods": st.sampled_from((["GET"], ["GET", "PUT"], ["PATCH"])),
    },
    optional={"AllowedHeaders": st.just(["*"]), "MaxAgeSeconds": st.just(60), "ID": st.just("one")},
)
_rule = st.fixed_dictionaries(
    {"Status": st.sampled_from(("Enabled", "Disabled")), "Expiration": st.just({"Days": 3}), "ID": st.just("old")},
    optional={"Filter": st.just({"Prefix": "logs/"})},
)

BUCKET = [
    call("create_bucket"),
    call("head_bucket"),
    call("get_bucket_location"),
    call("delete_bucket"),
    st.just(Step("list_buckets", {})),
    call(
        "put_bucket_versioning",
        {"VersioningConfiguration": st.sampled_from(({"Status": "Enabled"}, {"Status": "Suspended"}))},
    ),
    call("get_bucket_versioning"),
    call("put_bucket_tagging", {"Tagging": tags.map(lambda found: {"TagSet": found})}),
    call("get_bucket_tagging"),
    call("delete_bucket_tagging"),
    call("put_bucket_cors", {"CORSConfiguration": _cors.map(lambda rule: {"CORSRules": [rule]})}),
    call("get_bucket_cors"),
    call("delete_bucket_cors"),
    call("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": _rule.map(lambda rule: {"Rules": [rule]})}),
    call("get_bucket_lifecycle_configuration"),
    call("delete_bucket_lifecycle"),
    call("put_bucket_website", {"WebsiteConfiguration": st.just({"IndexDocument": {"Suffix": "index.html"}})}),
    call("get_bucket_website"),
    call("delete_bucket_website"),
    call("get_bucket_encryption"),
    call("get_bucket_policy"),
    call("get_public_access_block"),
    call("get_bucket_notification_configuration"),
    call("get_bucket_logging"),
    call("get_bucket_request_payment"),
    call("get_bucket_accelerate_configuration"),
    call("get_object_lock_configuration"),
    call("get_bucket_replication"),
]

#: What a program is of: the groups whose calls it draws from.
GROUPS: dict[str, list[st.SearchStrategy[Step]]] = {
    "objects": [*OBJECTS, *LISTS],
    "versions": [*OBJECTS, *LISTS, *[BUCKET[5]] * 3],
    "uploads": [*UPLOADS, *UPLOADS, *LISTS, *OBJECTS[:5]],
    "buckets": BUCKET,
    "everything": [*BUCKET, *OBJECTS, *LISTS, *UPLOADS],
}


def programs(group: str, most: int = 12) -> st.SearchStrategy[list[Step]]:
    """Programs of a group; the first bucket is there from the beginning, and has versions in programs about them."""
    begin = [Step("create_bucket", {"Bucket": BUCKETS[0]})]
    if group == "versions":
        begin.append(
            Step("put_bucket_versioning", {"Bucket": BUCKETS[0], "VersioningConfiguration": {"Status": "Enabled"}})
        )
    drawn: Callable[[list[Step]], list[Step]] = lambda steps: [*begin, *steps]  # noqa: E731 - named for its type
    return st.lists(st.one_of(GROUPS[group]), min_size=3, max_size=most).map(drawn)
