"""Calls about objects, lists of them, uploads in parts, and buckets."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.differential.words import (
    PART,
    Step,
    algorithm,
    body,
    call,
    conditions,
    etag,
    key,
    known_version,
    marker,
    metadata,
    of_object,
    pages,
    ref,
    source,
    tags,
    upload,
    version,
)

parts = st.lists(
    st.fixed_dictionaries({"PartNumber": st.integers(1, 3), "ETag": ref("PartETag")}), min_size=1, max_size=3
)
listed = {
    "Prefix": st.sampled_from(("", "a", "a/", "b/..", "ü", "nothing")),
    "Delimiter": st.sampled_from(("", "/", "//")),
    "EncodingType": st.just("url"),
}
few = st.sampled_from((0, 1, 2, 3, 1000))
OBJECTS = [
    of_object(
        "put_object",
        {"Body": body},
        Metadata=metadata,
        ContentType=st.just("text/plain"),
        StorageClass=st.sampled_from(("STANDARD", "STANDARD_IA")),
        Tagging=st.sampled_from(("team=shop", "team=shop&stage=")),
        ChecksumAlgorithm=algorithm,
    ),
    of_object("put_object", {"Body": body}),
    of_object("put_object", {"Body": body, "IfNoneMatch": st.just("*")}),
    of_object("put_object", {"Body": body, "IfMatch": etag}),
    of_object(
        "get_object",
        Range=st.sampled_from(("bytes=0-1", "bytes=2-", "bytes=-2", "bytes=5000-", "bytes=-0", "lines=1")),
        VersionId=version,
        **conditions,
    ),
    of_object("get_object"),
    of_object("head_object", VersionId=version, **conditions),
    of_object("delete_object", VersionId=version),
    call(
        "delete_objects",
        {
            "Delete": st.fixed_dictionaries(
                {
                    "Objects": st.lists(
                        st.fixed_dictionaries({"Key": key}, optional={"VersionId": known_version}),
                        min_size=1,
                        max_size=3,
                    )
                },
                optional={"Quiet": st.booleans()},
            )
        },
    ),
    of_object("copy_object", {"CopySource": source}),
    of_object(
        "copy_object",
        {"CopySource": source},
        MetadataDirective=st.sampled_from(("COPY", "REPLACE")),
        Metadata=metadata,
        TaggingDirective=st.sampled_from(("COPY", "REPLACE")),
        StorageClass=st.sampled_from(("STANDARD", "STANDARD_IA")),
        CopySourceIfMatch=etag,
        CopySourceIfNoneMatch=etag,
    ),
    of_object("put_object_tagging", {"Tagging": tags.map(lambda found: {"TagSet": found})}, VersionId=version),
    of_object("get_object_tagging", VersionId=version),
    of_object("delete_object_tagging", VersionId=version),
    of_object(
        "get_object_attributes",
        {"ObjectAttributes": st.just(["ETag", "ObjectSize", "StorageClass"])},
        VersionId=version,
    ),
]

LISTS = [
    call("list_objects_v2", MaxKeys=few, StartAfter=marker, FetchOwner=st.booleans(), **listed),
    call("list_objects", MaxKeys=few, Marker=marker, **listed),
    call("list_object_versions", MaxKeys=few, **listed),
    call("list_multipart_uploads", **listed),
]

_grouped = {"Delimiter": st.just("/"), "Prefix": st.sampled_from(("a", "a/"))}
#: Keys of one byte a character: moto compares a marker with what is encoded.
_inside = {"Prefix": st.sampled_from(("a", "a/"))}
PAGES = [
    pages("list_objects_v2", "MaxKeys", {"ContinuationToken": "NextContinuationToken"}, StartAfter=marker, **_grouped),
    # "This element is returned only if you have the delimiter request parameter specified" (API_ListObjects.html).
    pages(
        "list_objects",
        "MaxKeys",
        {"Marker": "NextMarker"},
        {"Delimiter": _grouped["Delimiter"]},
        Prefix=_grouped["Prefix"],
    ),
    pages(
        "list_object_versions",
        "MaxKeys",
        {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"},
        _inside,
        Delimiter=st.just("/"),
    ),
    call("list_objects_v2", {"ContinuationToken": st.sampled_from(("", "unknown"))}),
    call("list_object_versions", {"KeyMarker": marker, **_inside}, MaxKeys=few),
    st.just(Step("list_buckets", {"MaxBuckets": 1})),
    st.just(Step("list_buckets", {"Prefix": "be"})),
]
UPLOAD_PAGES = [
    pages(
        "list_multipart_uploads",
        "MaxUploads",
        {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"},
        **_grouped,
    ),
]

UPLOADS = [
    of_object("create_multipart_upload", Metadata=metadata, ContentType=st.just("text/plain")),
    of_object("upload_part", {**upload, "PartNumber": st.integers(1, 3), "Body": st.sampled_from((b"tail", PART))}),
    of_object("list_parts", upload, MaxParts=few, PartNumberMarker=st.integers(0, 2)),
    of_object("complete_multipart_upload", {**upload, "MultipartUpload": parts.map(lambda found: {"Parts": found})}),
    of_object("abort_multipart_upload", upload),
]
COPIED_PARTS = [
    of_object(
        "upload_part_copy",
        {**upload, "PartNumber": st.integers(1, 3), "CopySource": source},
        CopySourceRange=st.sampled_from(("bytes=0-1", "bytes=0-0", "bytes=0-5000", "bytes=-2", "0-1")),
        CopySourceIfMatch=etag,
        CopySourceIfNoneMatch=etag,
    ),
    of_object("create_multipart_upload", {"ChecksumAlgorithm": algorithm}),
    of_object(
        "upload_part",
        {**upload, "PartNumber": st.integers(1, 3), "Body": st.just(b"tail"), "ChecksumAlgorithm": algorithm},
    ),
    of_object("get_object", {"PartNumber": st.integers(1, 3)}),
    of_object("head_object", {"PartNumber": st.integers(1, 3)}),
    of_object(
        "get_object_attributes", {"ObjectAttributes": st.just(["ETag", "Checksum", "ObjectParts", "ObjectSize"])}
    ),
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
