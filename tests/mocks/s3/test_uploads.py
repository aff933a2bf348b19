"""Uploads in parts until they are completed."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code, told


async def test_parts_are_listed_by_number_in_pages(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [])
    for number in (10, 2, 10000, 1):
        await s3.put("/bkt/k", b"%d" % number, {"partNumber": number, "uploadId": upload_id})
    first = (await s3("GET", "/bkt/k", {"uploadId": upload_id, "max-parts": 3})).value
    assert [part["PartNumber"] for part in first["Parts"]] == [1, 2, 10]
    assert (first["IsTruncated"], first["NextPartNumberMarker"]) == (True, 10)
    rest = (await s3("GET", "/bkt/k", {"uploadId": upload_id, "part-number-marker": 10})).value
    assert ([part["PartNumber"] for part in rest["Parts"]], rest["IsTruncated"]) == ([10000], False)


async def test_a_part_replaces_the_one_of_its_number(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"first"])
    await s3.put("/bkt/k", b"second!", {"partNumber": 1, "uploadId": upload_id})
    parts = (await s3("GET", "/bkt/k", {"uploadId": upload_id})).value["Parts"]
    assert [part["Size"] for part in parts] == [7]
    assert await s3.blobs() == 1


@pytest.mark.parametrize("number", [0, 10001, -1])
async def test_a_number_outside(s3: Caller, number: int) -> None:
    upload_id = await s3.upload("/bkt/k", [])
    assert code(await s3.put("/bkt/k", b"1", {"partNumber": number, "uploadId": upload_id})) == "400 InvalidArgument"


async def test_metadata_is_of_no_part(s3: Caller) -> None:
    await s3.put("/bkt/source", b"1")
    upload_id = await s3.upload("/bkt/k", [])
    part = {"partNumber": 1, "uploadId": upload_id}
    for headers in ({}, {"x_amz_copy_source": "bkt/source"}):
        refused = await s3.put("/bkt/k", b"", part, x_amz_meta_a="b", **headers)
        assert (code(refused), told(refused)) == (
            "400 InvalidArgument",
            "Metadata cannot be specified in this context.",
        )
    copied = {"x_amz_copy_source": "bkt/source"}
    for headers in ({"content_md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, {"x_amz_metadata_directive": "COPY"}):
        refused = await s3.put("/bkt/k", b"", part, **copied, **headers)
        assert (code(refused), told(refused)) == (
            "400 InvalidArgument",
            "The specified header is not valid in this context",
        )
    assert await s3.etags("/bkt/k", upload_id) == []


async def test_an_upload_that_is_not_there(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"part"])
    for path, wanted in (("/bkt/k", "nope"), ("/bkt/other", upload_id)):
        query = {"uploadId": wanted}
        assert code(await s3("GET", path, query)) == "404 NoSuchUpload"
        assert code(await s3("DELETE", path, query)) == "404 NoSuchUpload"
        assert code(await s3.put(path, b"1", {**query, "partNumber": 1})) == "404 NoSuchUpload"
        assert code(await s3.complete(path, wanted, [(1, "x")])) == "404 NoSuchUpload"


async def test_aborting_leaves_nothing(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [b"a", b"b"])
    assert (await s3("DELETE", "/bkt/k", {"uploadId": upload_id})).status == 204
    inventory = await (await s3.harness.store()).inventory()
    assert inventory["records"]["s3"] == {"bucket": 1}
    assert inventory["blobs"]["count"] == 0
    assert code(await s3("GET", "/bkt/k")) == "404 NoSuchKey"


async def test_the_checksum_of_a_part_is_of_the_uploads_kind(s3: Caller) -> None:
    made = (await s3("POST", "/bkt/k", "uploads", x_amz_checksum_algorithm="SHA256")).value
    assert (made["ChecksumAlgorithm"], made["ChecksumType"]) == ("SHA256", "COMPOSITE")
    query = {"partNumber": 1, "uploadId": made["UploadId"]}
    other = await s3.put("/bkt/k", b"1", query, x_amz_checksum_crc32="g9zvtw==")
    assert code(other) == "400 InvalidRequest"
    assert b"expected checksum Type: sha256, actual checksum Type: crc32" in other.body
    assert code(await s3.put("/bkt/k", b"1", query)) == "400 InvalidRequest"


async def test_an_upload_without_an_algorithm_takes_any(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [])
    query = {"partNumber": 1, "uploadId": upload_id}
    part = await s3.put("/bkt/k", b"1", query, x_amz_checksum_crc32="g9zvtw==")
    assert part.value["ChecksumCRC32"] == "g9zvtw=="
    assert code(await s3.put("/bkt/k", b"2", query, x_amz_checksum_crc32="g9zvtw==")) == "400 BadDigest"
    done = await s3.complete("/bkt/k", upload_id, [(1, part.value["ETag"])])
    assert done.value["ChecksumType"] == "FULL_OBJECT"
    assert "ChecksumCRC64NVME" in done.value


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_amz_checksum_type": "FULL_OBJECT"}, "400 InvalidRequest"),
        ({"x_amz_checksum_type": "FULL_OBJECT", "x_amz_checksum_algorithm": "SHA1"}, "400 InvalidRequest"),
        ({"x_amz_checksum_type": "COMPOSITE", "x_amz_checksum_algorithm": "CRC64NVME"}, "400 InvalidRequest"),
        ({"x_amz_checksum_algorithm": "CRC16"}, "400 InvalidRequest"),
        ({"x_amz_checksum_type": "FULL_OBJECT", "x_amz_checksum_algorithm": "CRC32"}, "200"),
    ],
)
async def test_checksum_plans(s3: Caller, headers: dict[str, str], expected: str) -> None:
    assert code(await s3("POST", "/bkt/k", "uploads", **headers)) == expected
