"""Lists against a plain model of what S3 promises, and their edges."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

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
    value = (await s3("GET", "/bkt", query)).value
    assert (names(value), "StartAfter" in value) == (KEYS[1:], False)
    refused = await s3("GET", "/bkt", "start-after=a")
    assert (code(refused), b"with list-type=2" in refused.body) == ("400 InvalidArgument", True)
    assert (await s3("GET", "/bkt", "list-type=1")).value["Marker"] == ""


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


@pytest.mark.parametrize("query", ["list-type=2", "", "versions", "uploads"])
async def test_what_is_empty_or_beyond(s3: Caller, query: str) -> None:
    await filled(s3)
    member = {"versions": "Versions", "uploads": "Uploads"}.get(query, "Contents")
    marker = {"list-type=2": "start-after", "": "marker"}.get(query, "key-marker")
    name = {"list-type=2": "StartAfter", "": "Marker"}.get(query, "KeyMarker")
    for beyond in ("zzz", "\U0010ffff", "%0a", "a" * 1024):
        got = (await s3("GET", "/bkt", f"{query}&{marker}={quote(beyond, safe='%')}")).value
        assert got[name] == unquote(beyond)
        assert got["IsTruncated"] is False
        assert [each["Key"] for each in got[member]] == (
            [] if query == "uploads" else promised("", "", unquote(beyond))
        )
    plain = (await s3("GET", "/bkt", query)).value
    blank = (await s3("GET", "/bkt", f"{query}&delimiter=&prefix=&{marker}=&encoding-type=url")).value
    assert "Delimiter" not in blank
    assert blank["Prefix"] == plain["Prefix"] == ""
    assert [unquote_plus(each["Key"]) for each in blank[member]] == [each["Key"] for each in plain[member]]
    for unreadable in ("%0a", "%01", "%f0%9f%98%80"):
        got = (await s3("GET", "/bkt", f"{query}&prefix={unreadable}&delimiter={unreadable}")).value
        assert (got["Prefix"], got["Delimiter"]) == (unquote(unreadable), unquote(unreadable))
        encoded = (await s3("GET", "/bkt", f"{query}&prefix={unreadable}&encoding-type=url")).value
        assert encoded["Prefix"] == unreadable.upper()


@pytest.mark.parametrize(
    ("query", "told", "name"),
    [
        ("list-type=2&max-keys=-1", "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys"),
        ("max-keys=2147483648", "Provided max-keys not an integer or within integer range", "max-keys"),
        ("max-keys=%0a", "Provided max-keys not an integer or within integer range", "max-keys"),
        ("uploads&max-uploads=-1", "Argument max-uploads must be an integer between 0 and 2147483647", "max-uploads"),
        (
            "uploads&max-uploads=2147483648",
            "Provided max-uploads not an integer or within integer range",
            "max-uploads",
        ),
        ("uploads&key-marker=a&upload-id-marker=no", "Invalid uploadId marker", "upload-id-marker"),
        ("encoding-type=zip", "Invalid Encoding Method specified in Request", "encoding-type"),
    ],
)
async def test_words_and_names_of_what_is_refused(s3: Caller, query: str, told: str, name: str) -> None:
    refused = await s3("GET", "/bkt", query)
    assert code(refused) == "400 InvalidArgument"
    assert f"<Message>{told}</Message><ArgumentName>{name}</ArgumentName>".encode() in refused.body


async def test_restores_are_listed_for_who_asks(s3: Caller) -> None:
    await s3.put("/bkt/cold", b"1", x_amz_storage_class="GLACIER")
    await s3.put("/bkt/warm", b"1")
    wanted = {"x_amz_optional_object_attributes": "RestoreStatus"}
    body = b"<RestoreRequest><Days>1</Days></RestoreRequest>"
    assert (await s3("POST", "/bkt/cold", "restore", body)).status == 202
    for query, member in (("list-type=2", "Contents"), ("", "Contents"), ("versions", "Versions")):
        cold, warm = (await s3("GET", "/bkt", query, **wanted)).value[member]
        assert cold["RestoreStatus"] == {"IsRestoreInProgress": True}
        assert warm.get("RestoreStatus") is None
        assert "RestoreStatus" not in (await s3("GET", "/bkt", query)).value[member][0]
    refused = await s3("GET", "/bkt", x_amz_optional_object_attributes="Everything")
    assert code(refused) == "400 InvalidArgument"


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
    whole = (await s3("GET", "/bkt", "uploads")).value
    assert (whole["NextKeyMarker"], whole["NextUploadIdMarker"], whole["IsTruncated"]) == (*expected[-1], False)
    assert "NextKeyMarker" not in (await s3("GET", "/bkt", "uploads&prefix=nope")).value
    rolled = (await s3("GET", "/bkt", "uploads&delimiter=/")).value
    ignored = (await s3("GET", "/bkt", "uploads&upload-id-marker=no")).value
    assert len(ignored["Uploads"]) == 5, "without a key marker"
    assert (len(rolled["Uploads"]), rolled["CommonPrefixes"]) == (3, [{"Prefix": "dir/"}])
    behind = (await s3("GET", "/bkt", "uploads&key-marker=a")).value
    assert [upload["Key"] for upload in behind["Uploads"]] == ["b", "dir/1", "dir/2"]
