"""Lists against a plain model of what S3 promises, and their edges."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from mocks.s3.walking import rolled_up
from tests.mocks.s3.conftest import Caller, code

KEYS = sorted(
    ["a", "a/", "a/1", "a/2", "a/b/1", "a/b/2", "a0", "b", "b//c", "b/d", "c/\uffff", "c/\U00010000", "d d+/ü", "z"],
    key=str.encode,
)


async def filled(s3: Caller) -> None:
    for key in KEYS:
        record = {
            "key": key, "size": 0, "etag": "0", "modified": "2026-03-01T12:00:00.000Z", "class": "STANDARD",
            "checksum": ["CRC32", "AAAAAA==", "FULL_OBJECT"], "segments": [], "system": {}, "encryption": {},
        }  # fmt: skip
        transaction = (await s3.harness.store()).begin("s3")
        await transaction.put("object", f"bkt/{key}", record)
        await transaction.commit()


def promised(prefix: str, delimiter: str, after: str = "") -> list[str]:
    """Keys and prefixes in the order of a list."""
    found: list[str] = []
    for key in KEYS:
        if key.startswith(prefix) and key.encode() > after.encode():
            name = rolled_up(key, prefix, delimiter) or key
            if name not in found:
                found.append(name)
    return found


def names(value: dict[str, Any]) -> list[str]:
    entries = [item["Key"] for item in value["Contents"]] + [item["Prefix"] for item in value["CommonPrefixes"]]
    return sorted(entries, key=str.encode)


@pytest.mark.parametrize(
    ("prefix", "delimiter", "size"),
    list(itertools.product(["", "a", "a/", "b/", "c/", "nope"], ["", "/", "b/", "x"], [1, 3, 1000])),
)
async def test_pages_make_the_whole(s3: Caller, prefix: str, delimiter: str, size: int) -> None:
    await filled(s3)
    query = {"list-type": 2, "prefix": prefix, "delimiter": delimiter, "max-keys": size}
    found: list[str] = []
    while True:
        page = (await s3("GET", "/bkt", query)).value
        assert page["KeyCount"] == len(names(page)) <= size
        found += names(page)
        if not page["IsTruncated"]:
            break
        query["continuation-token"] = page["NextContinuationToken"]
    assert found == promised(prefix, delimiter)


@pytest.mark.parametrize(("delimiter", "size"), [("", 2), ("/", 1), ("/", 2)])
async def test_version_one_goes_on_from_its_marker(s3: Caller, delimiter: str, size: int) -> None:
    await filled(s3)
    query: dict[str, Any] = {"delimiter": delimiter, "max-keys": size}
    found: list[str] = []
    while True:
        page = (await s3("GET", "/bkt", query)).value
        found += names(page)
        if not page["IsTruncated"]:
            break
        assert ("NextMarker" in page) is bool(delimiter)
        query["marker"] = page.get("NextMarker", names(page)[-1])
    assert found == promised("", delimiter)


async def test_start_after(s3: Caller) -> None:
    await filled(s3)
    value = (await s3("GET", "/bkt", {"list-type": 2, "start-after": "a/2"})).value
    assert names(value) == promised("", "", "a/2")
    assert value["StartAfter"] == "a/2"
    first = (await s3("GET", "/bkt", {"list-type": 2, "max-keys": 1})).value
    query = {"list-type": 2, "start-after": "z", "continuation-token": first["NextContinuationToken"]}
    assert names((await s3("GET", "/bkt", query)).value) == KEYS[1:]


async def test_names_encoded(s3: Caller) -> None:
    await filled(s3)
    value = (
        await s3("GET", "/bkt", {"list-type": 2, "encoding-type": "url", "prefix": "d d+", "delimiter": "/"})
    ).value
    assert (value["Prefix"], value["EncodingType"], value["CommonPrefixes"]) == (
        "d+d%2B",
        "url",
        [{"Prefix": "d+d%2B/"}],
    )


async def test_edges(s3: Caller) -> None:
    await filled(s3)
    none = (await s3("GET", "/bkt", {"list-type": 2, "max-keys": 0})).value
    assert (none["KeyCount"], none["IsTruncated"], none["MaxKeys"]) == (0, False, 0)
    assert (await s3("GET", "/bkt", {"list-type": 2, "max-keys": 5000})).value["MaxKeys"] == 1000
    assert "Owner" not in (await s3("GET", "/bkt", "list-type=2")).value["Contents"][0]
    assert "Owner" in (await s3("GET", "/bkt", "list-type=2&fetch-owner=true")).value["Contents"][0]
    for wrong in ("max-keys=-1", "max-keys=x", "encoding-type=zip", "continuation-token=", "continuation-token=%21"):
        assert code(await s3("GET", "/bkt", f"list-type=2&{wrong}")) == "400 InvalidArgument"


async def test_uploads_by_key_and_age(s3: Caller) -> None:
    made = []
    for key in ("b", "a", "a", "dir/1", "dir/2"):
        made.append((key, await s3.upload(f"/bkt/{key}", [])))
        s3.harness.clock.advance(1)  # type: ignore[attr-defined]  # the harness's clock is a held one here
    expected = sorted(made, key=lambda pair: pair[0])
    found: list[tuple[str, str]] = []
    query: dict[str, Any] = {"max-uploads": 2}
    while True:
        page = (await s3("GET", "/bkt", {"uploads": "", **query})).value
        found += [(upload["Key"], upload["UploadId"]) for upload in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        query |= {"key-marker": page["NextKeyMarker"], "upload-id-marker": page["NextUploadIdMarker"]}
    assert found == expected
    rolled = (await s3("GET", "/bkt", "uploads&delimiter=/")).value
    assert (len(rolled["Uploads"]), rolled["CommonPrefixes"]) == (3, [{"Prefix": "dir/"}])
    behind = (await s3("GET", "/bkt", "uploads&key-marker=a")).value
    assert [upload["Key"] for upload in behind["Uploads"]] == ["b", "dir/1", "dir/2"]
