"""GetObjectAttributes."""

from __future__ import annotations

from typing import Any

from tests.mocks.s3.conftest import Caller, code, told

ALL = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"
MIB5 = 5 * 1024 * 1024


async def asked(s3: Caller, wanted: str = ALL, **headers: str) -> dict[str, Any]:
    response = await s3("GET", "/bkt/k", "attributes", x_amz_object_attributes=wanted, **headers)
    assert response.status == 200, response.body
    return dict(response.value)


async def test_only_what_is_asked_for(s3: Caller) -> None:
    await s3.put("/bkt/k", b"hello")
    whole = await asked(s3)
    assert set(whole) == {"LastModified", "ETag", "Checksum", "StorageClass", "ObjectSize"}
    assert (whole["ETag"], whole["ObjectSize"]) == ("5d41402abc4b2a76b9719d911017c592", 5)
    assert set(await asked(s3, "ObjectSize")) == {"LastModified", "ObjectSize"}
    for headers in ({}, {"x_amz_object_attributes": ""}):
        refused = await s3("GET", "/bkt/k", "attributes", **headers)
        assert (code(refused), "missing or empty" in told(refused)) == ("400 InvalidRequest", True)
    assert code(await s3("GET", "/bkt/k", "attributes", x_amz_object_attributes="Colour")) == "400 InvalidArgument"


async def test_parts_are_only_counted_without_a_checksum_of_the_uploaders_choice(s3: Caller) -> None:
    upload_id = await s3.upload("/bkt/k", [bytes(MIB5), b"end"])
    await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id))
    assert (await asked(s3))["ObjectParts"] == {"TotalPartsCount": 2}
    body = (await s3("GET", "/bkt/k", "attributes", x_amz_object_attributes="ObjectSize")).body
    assert b"<GetObjectAttributesResponse xmlns=" in body


async def test_parts_in_pages(s3: Caller) -> None:
    upload_id = await s3.upload(
        "/bkt/k",
        [bytes(MIB5), bytes(MIB5), b"end"],
        x_amz_checksum_algorithm="CRC32",
        x_amz_checksum_type="FULL_OBJECT",
    )
    await s3.complete("/bkt/k", upload_id, await s3.etags("/bkt/k", upload_id))
    first = (await asked(s3, x_amz_max_parts="2"))["ObjectParts"]
    assert (first["TotalPartsCount"], first["IsTruncated"], first["NextPartNumberMarker"]) == (3, True, 2)
    rest = (await asked(s3, x_amz_part_number_marker="2"))["ObjectParts"]
    assert [(part["PartNumber"], part["Size"]) for part in rest["Parts"]] == [(3, 3)]
    assert not rest["IsTruncated"]
    assert (await asked(s3, x_amz_max_parts="-1", x_amz_part_number_marker="-1"))["ObjectParts"]["MaxParts"] == 1000
