"""S3's contract against botocore: what it serialises is matched and read, what is written it parses."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import library
from contracts.aws import AwsContract
from contracts.contract import Contract, ContractViolation, Operation, Params
from contracts.exchange import Headers, Request, Response
from tests.contracts import botocore_oracle as oracle

#: Told from their twin by the host alone, which a contract does not see: the twin answers.
TWINS = {
    "ListDirectoryBuckets": "ListBuckets",
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}


@pytest.fixture(scope="module")
def s3() -> Contract:
    return library.load("s3")


def test_every_operation_of_the_model_is_there(s3: Contract) -> None:
    assert set(s3.operations()) == {*oracle.names(), "PostObject", "OptionsBucket", "OptionsObject"}


@pytest.mark.parametrize("variant", oracle.VARIANTS)
@pytest.mark.parametrize("name", oracle.names())
def test_what_botocore_sends_is_matched_and_read(s3: Contract, name: str, variant: oracle.Variant) -> None:
    given = oracle.value_of(oracle.operation(name).input_shape, variant)
    request = oracle.request(name, given)
    match = s3.match(request)
    assert match is not None
    assert match.operation.id == TWINS.get(name, name)
    if name in TWINS:
        return
    params = s3.read(match, request)
    read = {member: params[member] for member in params}
    for member, value in given.items():
        if value == {} and member not in read:
            continue
        assert read[member] == value, member
    assert set(read) <= set(given)


@pytest.mark.parametrize("variant", oracle.VARIANTS)
@pytest.mark.parametrize("name", oracle.names())
def test_what_is_written_botocore_parses(s3: Contract, name: str, variant: oracle.Variant) -> None:
    value = oracle.value_of(oracle.operation(name).output_shape, variant) or {}
    operation = s3.operations()[name]
    response = s3.write(operation, value)
    assert s3.check(operation, response) == []
    if name in TWINS:
        return  # two of the deprecated answers have two members of one name on the wire
    parsed = oracle.parse(name, response)
    if operation.streams_response or name == "SelectObjectContent":
        parsed = {member: held for member, held in parsed.items() if member in value}
    if name == "GetBucketLocation":
        # botocore reads this one with a hook of its own (handlers.parse_get_bucket_location).
        parsed = value if value.get("LocationConstraint", "").encode() in response.body else parsed
    assert _without_empty(parsed) == _without_empty(value)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        held = {name: _without_empty(item) for name, item in value.items()}
        return {name: item for name, item in held.items() if item not in ({}, [], None, "")}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", oracle.names())
def test_an_answer_in_bytes_is_checked_as_its_value_is(s3: Contract, name: str) -> None:
    value = oracle.value_of(oracle.operation(name).output_shape, "full") or {}
    operation = s3.operations()[name]
    written = s3.write(operation, value)
    assert s3.check(operation, Response(written.status, written.headers, written.body)) == []


@pytest.mark.parametrize("name", oracle.names())
def test_examples_keep_the_promise(s3: Contract, name: str) -> None:
    operation = s3.operations()[name]
    params = Params(path={"Bucket": "a-bucket", "Key": "a/key"})
    value = s3.example(operation, params, 3)
    assert value == s3.example(operation, params, 3)
    assert s3.check(operation, s3.write(operation, value)) == []


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected"),
    [
        ("GET", "/", "", {}, "ListBuckets"),
        ("GET", "/b", "", {}, "ListObjects"),
        ("GET", "/b/", "", {}, "ListObjects"),
        ("GET", "/b", "list-type=2", {}, "ListObjectsV2"),
        ("GET", "/b", "prefix=acl&list-type=2", {}, "ListObjectsV2"),
        ("GET", "/b", "acl", {}, "GetBucketAcl"),
        ("GET", "/b", "acl=", {}, "GetBucketAcl"),
        ("GET", "/b", "analytics", {}, "ListBucketAnalyticsConfigurations"),
        ("GET", "/b", "analytics&id=1", {}, "GetBucketAnalyticsConfiguration"),
        ("PUT", "/b", "analytics", {}, "PutBucketAnalyticsConfiguration"),
        ("PUT", "/b/k", "", {}, "PutObject"),
        ("PUT", "/b/k", "x-id=PutObject&X-Amz-Signature=1", {}, "PutObject"),
        ("PUT", "/b/k", "", {"x-amz-copy-source": "a/b"}, "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=2", {}, "UploadPart"),
        ("PUT", "/b/k", "partNumber=1&uploadId=2", {"x-amz-copy-source": "a/b"}, "UploadPartCopy"),
        ("GET", "/b/k", "uploadId=2", {}, "ListParts"),
        ("GET", "/b/k", "versionId=2", {}, "GetObject"),
        ("GET", "/b/k", "attributes", {}, "GetObjectAttributes"),
        ("HEAD", "/b/k/", "", {}, "HeadObject"),
        ("DELETE", "/b/k", "uploadId=2", {}, "AbortMultipartUpload"),
        ("POST", "/b/k", "uploads", {}, "CreateMultipartUpload"),
        ("POST", "/b/k", "uploadId=2", {}, "CompleteMultipartUpload"),
        ("POST", "/b", "delete", {}, "DeleteObjects"),
        ("POST", "/b", "", {}, "PostObject"),
        ("PATCH", "/b/k", "", {}, None),
        ("DELETE", "/", "", {}, None),
    ],
)
def test_matching(
    s3: Contract, method: str, path: str, query: str, headers: dict[str, str], expected: str | None
) -> None:
    request = Request(method=method, path=path, query=query, headers=Headers(headers.items()))
    match = s3.match(request)
    assert (match.operation.id if match else None) == expected


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/b/a/../b", "a/../b"),
        ("/b/..", ".."),
        ("/b//", "/"),
        ("/b//a//b/", "/a//b/"),
        ("/b/%C3%A4%20+%2F", "ä +/"),
        ("/b/%00", "\x00"),
    ],
)
def test_a_key_is_everything_after_the_bucket(s3: Contract, path: str, key: str) -> None:
    match = s3.match(Request(method="GET", path=path))
    assert match is not None
    assert match.path == {"Bucket": "b", "Key": key}


def test_methods_of_a_path(s3: Contract) -> None:
    assert s3.methods("/b/k") == {"GET", "PUT", "HEAD", "DELETE", "POST", "OPTIONS"}
    assert s3.methods("/") == {"GET"}


def _read(s3: Contract, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Params:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = Request(method=method, path=path, query=query, headers=Headers(fields), body=body)
    match = s3.match(request)
    assert match is not None
    return s3.read(match, request)


@pytest.mark.parametrize(
    ("arguments", "headers", "place", "rule", "pointer"),
    [
        (("GET", "/b", "max-keys=many"), {}, "query", "type", ("MaxKeys",)),
        (("GET", "/b", "max-keys=99999999999"), {}, "query", "type", ("MaxKeys",)),
        (("GET", "/", "max-buckets=0"), {}, "query", "minimum", ("MaxBuckets",)),
        (("GET", "/b", "encoding-type=zip"), {}, "query", "enum", ("EncodingType",)),
        (("GET", "/b", "prefix=%ff"), {}, "query", "malformed", ("Prefix",)),
        (
            (
                "GET",
                "/b/%ff",
            ),
            {},
            "path",
            "malformed",
            ("Key",),
        ),
        (
            (
                "GET",
                "/b/%ED%A0%80",
            ),
            {},
            "path",
            "malformed",
            ("Key",),
        ),
        (("PUT", "/b/k"), {"x_amz_storage_class": "ATTIC"}, "header", "enum", ("StorageClass",)),
        (("GET", "/b/k", "attributes"), {}, "header", "required", ("ObjectAttributes",)),
        (("PUT", "/b", "analytics"), {}, "query", "required", ("Id",)),
        (("POST", "/b", "delete"), {}, "body", "required", ("Delete",)),
        (("POST", "/b", "delete", b"<Delete>"), {}, "body", "malformed", ()),
        (("POST", "/b", "delete", b"\x00"), {}, "body", "malformed", ()),
        (("POST", "/b", "delete", b"<Remove/>"), {}, "body", "unknown", ()),
        (("POST", "/b", "delete", b"<Delete><Foo/></Delete>"), {}, "body", "unknown", ("Delete", "Foo")),
        (
            ("POST", "/b", "delete", b"<Delete><Object/></Delete>"),
            {},
            "body",
            "required",
            ("Delete", "Objects", 0, "Key"),
        ),
        (
            ("POST", "/b", "delete", b"<Delete><Object><Key>a</Key></Object><Quiet>maybe</Quiet></Delete>"),
            {},
            "body",
            "type",
            ("Delete", "Quiet"),
        ),
        (
            ("POST", "/b", "delete", b"<Delete><Quiet>true</Quiet><Quiet>true</Quiet></Delete>"),
            {},
            "body",
            "conflict",
            ("Delete", "Quiet"),
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    s3: Contract,
    arguments: tuple[Any, ...],
    headers: dict[str, str],
    place: str,
    rule: str,
    pointer: tuple[str | int, ...],
) -> None:
    with pytest.raises(ContractViolation) as caught:
        _read(s3, *arguments, **headers)
    first = caught.value.violations[0]
    assert (first.place, first.rule, first.pointer) == (place, rule, pointer)


def test_what_s3_leaves_open_passes(s3: Contract) -> None:
    body = b"<CreateBucketConfiguration><LocationConstraint>eu-moon-1</LocationConstraint></CreateBucketConfiguration>"
    assert _read(s3, "PUT", "/b", body=body)["CreateBucketConfiguration"] == {"LocationConstraint": "eu-moon-1"}
    assert "IfModifiedSince" not in _read(s3, "GET", "/b/k", if_modified_since="yesterday")
    assert _read(s3, "GET", "/b", "unheard-of=1&max-keys=2")["MaxKeys"] == 2


@pytest.mark.parametrize(
    ("response", "rule"),
    [
        (Response(200, value={"KeyCount": "3"}), "type"),
        (Response(200, value={"Surprise": 1}), "unknown"),
        (Response(200, value={"Contents": [{"LastModified": "yesterday"}]}), "format"),
        (Response(200, value={"Contents": [{"StorageClass": "ATTIC"}]}), "enum"),
        (Response(203, value={}), "status"),
        (Response(200, body=b"<ListBucketResult><Surprise/></ListBucketResult>"), "unknown"),
        (Response(200, body=b"<ListBucketResult>"), "malformed"),
        (Response(404, body=b"<Fault/>"), "required"),
        (Response(404, body=b"no"), "malformed"),
    ],
)
def test_an_untrue_answer_is_noticed(s3: Contract, response: Response, rule: str) -> None:
    violations = s3.check(s3.operations()["ListObjectsV2"], response)
    assert [violation.rule for violation in violations] == [rule]


def test_errors_that_s3_would_send_pass(s3: Contract) -> None:
    operations = s3.operations()
    error = Response(404, body=b"<Error><Code>NoSuchKey</Code><Message/></Error>")
    assert s3.check(operations["GetObject"], error) == ()
    assert s3.check(operations["HeadObject"], Response(404)) == ()
    assert s3.check(operations["GetObject"], Response(304)) == ()


def test_a_code_that_the_model_does_not_name_is_told(s3: Contract) -> None:
    assert isinstance(s3, AwsContract)
    get, put = s3.operations()["GetObject"], s3.operations()["PutBucketCors"]

    def codes(operation: Operation, body: bytes, status: int = 404) -> list[str]:
        return [violation.value for violation in s3.observe(operation, Response(status, body=body), ())]

    assert codes(get, b"<Error><Code>NoSuchKey</Code></Error>") == []
    assert codes(get, b"<Error><Code>SlowDown</Code></Error>", 503) == ["SlowDown"]
    assert codes(get, b"<Error>", 404) == codes(get, b"", 404) == codes(get, b"<Error/>", 404) == []
    # Where it names none, none is missing; what is no error is left to the check.
    assert codes(put, b"<Error><Code>SlowDown</Code></Error>", 503) == []
    assert codes(get, b"<Error><Code>SlowDown</Code></Error>", 200) == []


def test_control_characters_in_keys_are_written_as_references(s3: Contract) -> None:
    value = {"Contents": [{"Key": "a\x01\r<"}]}
    assert b"<Key>a&#x1;&#xd;&lt;</Key>" in s3.write(s3.operations()["ListObjectsV2"], value).body


FRAGMENTS = st.sampled_from(
    [
        "<Delete>",
        "</Delete>",
        "<Object>",
        "</Object>",
        "<Key>",
        "</Key>",
        "a",
        "<!DOCTYPE a>",
        "&x;",
        "<Quiet>",
        "true",
        "</Quiet>",
        "\x00",
        "é",
        "<![CDATA[",
        "]]>",
        "<?p?>",
        "<!-- -->",
        "<Delete xmlns='u'>",
        "<x:y/>",
        "&#1;",
        "&#xD800;",
    ]
)
PLACES = st.sampled_from(
    [("POST", "/b", "delete"), ("PUT", "/b", ""), ("PUT", "/b", "acl"), ("GET", "/b/%ed%a0%80", "")]
)


@settings(max_examples=300, deadline=None)
@given(PLACES, st.lists(FRAGMENTS, max_size=16).map("".join).map(str.encode) | st.binary(max_size=30))
def test_whatever_comes_is_read_or_refused(place: tuple[str, str, str], body: bytes) -> None:
    contract = library.load("s3")
    request = Request(method=place[0], path=place[1], query=place[2], body=body)
    match = contract.match(request)
    assert match is not None
    with suppress(ContractViolation):
        contract.read(match, request)


def test_the_names_that_an_operation_reads() -> None:
    contract = library.load("s3")
    assert isinstance(contract, AwsContract)
    query, headers = contract.wire_names(contract.operations()["PutObjectAcl"])
    assert query == {"acl", "versionId"}
    assert {"x-amz-acl", "content-md5"} <= headers
    assert "x-amz-meta-" in contract.wire_names(contract.operations()["PutObject"])[1]
    assert contract.wire_names(contract.operations()["UploadPart"])[0] == {"partNumber", "uploadId"}


def test_members_by_their_names_on_the_wire(s3: Contract) -> None:
    assert isinstance(s3, AwsContract)
    listed, put = s3.operations()["ListObjectsV2"], s3.operations()["PutObject"]
    assert s3.spelled(listed, "MaxKeys") == "max-keys"
    assert s3.spelled(put, "ObjectLockMode") == "x-amz-object-lock-mode"
    assert s3.spelled(put, "Metadata") == s3.spelled(put, "Nothing").replace("Nothing", "Metadata") == "Metadata"
