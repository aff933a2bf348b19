"""Lists of versions: order, pages, markers, and what is the latest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.s3.conftest import Caller, code

Entry = tuple[str, str, bool, bool]


async def listed(s3: Caller, **query: Any) -> Any:
    answer = await s3("GET", "/bkt", {"versions": "", **query})
    assert answer.status == 200, answer.body
    return answer.value


def entries(value: Any) -> list[Entry]:
    """(key, version, marker, latest)."""
    versions = [(each["Key"], each["VersionId"], False, each["IsLatest"]) for each in value["Versions"]]
    return versions + [(each["Key"], each["VersionId"], True, each["IsLatest"]) for each in value["DeleteMarkers"]]


async def put(s3: Caller, key: str, body: bytes = b"1") -> str:
    return (await s3.put(f"/bkt/{key}", body)).header("x-amz-version-id") or "null"


async def hide(s3: Caller, key: str) -> str:
    return (await s3("DELETE", f"/bkt/{key}")).header("x-amz-version-id") or ""


async def test_without_versioning_each_object_is_one_version(s3: Caller) -> None:
    for key in ("b", "a", "c/1", "c/2"):
        await put(s3, key)
    value = await listed(s3, delimiter="/")
    assert entries(value) == [("a", "null", False, True), ("b", "null", False, True)]
    assert value["CommonPrefixes"] == [{"Prefix": "c/"}]
    assert (value["KeyMarker"], value["VersionIdMarker"], value["IsTruncated"]) == ("", "", False)
    [first, _] = value["Versions"]
    assert first["StorageClass"] == "STANDARD"
    assert first["Size"] == 1
    assert len(first["Owner"]["ID"]) == 64


async def history(s3: Caller) -> list[Entry]:
    """Versions of four keys, as a list should tell them."""
    old = await put(s3, "a"), await put(s3, "b")
    assert old == ("null", "null")
    await s3.versioned()
    a2, a3 = await put(s3, "a"), await put(s3, "a")
    b2 = await hide(s3, "b")
    b3 = await put(s3, "b")
    b4 = await hide(s3, "b")
    c1 = await put(s3, "b/c")
    d1 = await hide(s3, "d")
    return [
        ("a", a3, False, True), ("a", a2, False, False), ("a", "null", False, False),
        ("b", b4, True, True), ("b", b3, False, False), ("b", b2, True, False), ("b", "null", False, False),
        ("b/c", c1, False, True),
        ("d", d1, True, True),
    ]  # fmt: skip


def split(expected: list[Entry]) -> list[Entry]:
    """Versions before markers, as answers hold them."""
    return [each for each in expected if not each[2]] + [each for each in expected if each[2]]


async def test_by_key_and_newest_first(s3: Caller) -> None:
    expected = await history(s3)
    assert entries(await listed(s3)) == split(expected)
    assert entries(await listed(s3, prefix="b")) == split(expected[3:8])
    rolled = await listed(s3, delimiter="/")
    assert entries(rolled) == split(expected[:7] + expected[8:])
    assert rolled["CommonPrefixes"] == [{"Prefix": "b/"}]
    assert entries(await listed(s3, **{"key-marker": "a"})) == split(expected[3:])
    assert entries(await listed(s3, **{"key-marker": "b/", "delimiter": "/"})) == split(expected[8:])
    assert entries(await listed(s3, **{"key-marker": "zzz"})) == []
    nothing = await listed(s3, **{"max-keys": 0})
    assert (entries(nothing), nothing["IsTruncated"], nothing["MaxKeys"]) == ([], False, 0)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("delimiter", ["", "/"])
async def test_pages_make_the_whole(s3: Caller, size: int, delimiter: str) -> None:
    expected = await history(s3)
    found: list[Entry] = []
    prefixes: list[str] = []
    query: dict[str, Any] = {"max-keys": size, "delimiter": delimiter}
    while True:
        page = await listed(s3, **query)
        found += entries(page)
        prefixes += [each["Prefix"] for each in page["CommonPrefixes"]]
        assert 0 < len(entries(page)) + len(page["CommonPrefixes"]) <= size
        if not page["IsTruncated"]:
            break
        query["key-marker"] = page["NextKeyMarker"]
        query.pop("version-id-marker", None)
        if page.get("NextVersionIdMarker"):
            query["version-id-marker"] = page["NextVersionIdMarker"]
    assert sorted(found) == sorted(each for each in expected if not (delimiter and "/" in each[0]))
    assert prefixes == (["b/"] if delimiter else [])


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_who_deletes_what_each_page_says_deletes_all(s3: Caller, size: int) -> None:
    await history(s3)
    await s3.versioned("Suspended")
    await put(s3, "a")
    query: dict[str, Any] = {"max-keys": size}
    while True:
        page = await listed(s3, **query)
        for key, version, _, _ in entries(page):
            assert (await s3("DELETE", f"/bkt/{key}", {"versionId": version})).status == 204
        if not page["IsTruncated"]:
            break
        query |= {"key-marker": page["NextKeyMarker"], "version-id-marker": page["NextVersionIdMarker"]}
    assert entries(await listed(s3)) == []
    assert (await s3("DELETE", "/bkt")).status == 204
    assert await s3.blobs() == 0


async def test_what_a_marker_cannot_be(s3: Caller) -> None:
    expected = await history(s3)
    for query, told in [
        ({"version-id-marker": "null"}, b"cannot be specified without a key marker"),
        ({"version-id-marker": "", "key-marker": ""}, b"cannot be specified without a key marker"),
        ({"version-id-marker": "", "key-marker": "a"}, b"cannot be the empty string"),
        ({"version-id-marker": "nonsense", "key-marker": "a"}, b"Invalid version id specified"),
        ({"max-keys": -1}, b"must be an integer between 0 and 2147483647"),
        ({"max-keys": 2**31}, b"not an integer or within integer range"),
        ({"encoding-type": "zip"}, b"Invalid Encoding Method"),
    ]:
        refused = await s3("GET", "/bkt", {"versions": "", **query})
        assert (code(refused), told in refused.body) == ("400 InvalidArgument", True), refused.body
    assert code(await s3("GET", "/nope", "versions")) == "404 NoSuchBucket"
    of_another_key = {"key-marker": "b", "version-id-marker": expected[0][1]}
    assert {each[0] for each in entries(await listed(s3, **of_another_key))} == {"b", "b/c", "d"}


async def test_a_latest_version_that_a_page_ended_with_is_not_latest_twice(s3: Caller) -> None:
    expected = await history(s3)
    after_marker = await listed(s3, **{"key-marker": "b", "version-id-marker": expected[3][1]})
    assert entries(after_marker) == split(expected[4:])
    await s3("DELETE", "/bkt/b", {"versionId": expected[3][1]})
    now_latest = entries(await listed(s3, **{"key-marker": "b", "version-id-marker": expected[3][1]}))
    assert ("b", expected[4][1], False, True) in now_latest
    assert ("b", expected[5][1], True, False) in now_latest


async def test_names_encoded_and_large_pages(s3: Caller) -> None:
    await s3.versioned()
    await put(s3, "d%20d%2B/%C3%BC")
    await hide(s3, "%01")
    value = await listed(s3, **{"encoding-type": "url", "max-keys": 5000})
    assert [each["Key"] for each in value["Versions"]] == ["d+d%2B/%C3%BC"]
    assert [each["Key"] for each in value["DeleteMarkers"]] == ["%01"]
    assert (value["EncodingType"], value["MaxKeys"]) == ("url", 1000)
    rolled = await listed(s3, **{"encoding-type": "url", "prefix": "d d", "delimiter": "/", "key-marker": "a b"})
    assert (rolled["Prefix"], rolled["KeyMarker"], rolled["CommonPrefixes"]) == ("d+d", "a+b", [{"Prefix": "d+d%2B/"}])


async def test_classes_of_storage(s3: Caller) -> None:
    await s3.put("/bkt/cold", b"1", x_amz_storage_class="GLACIER")
    assert [each["StorageClass"] for each in (await listed(s3))["Versions"]] == ["GLACIER"]
