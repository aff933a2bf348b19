"""Deletes of one object and of many, with conditions and versions."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from contracts.exchange import Response
from tests.mocks.s3.conftest import Caller, code

DELETE = "<Delete>{}</Delete>"


def md5_of(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


async def many(s3: Caller, *items: str) -> Response:
    body = DELETE.format("".join(f"<Object>{item}</Object>" for item in items)).encode()
    return await s3("POST", "/bkt", "delete", body, content_md5=md5_of(body))


async def test_conditional_delete(s3: Caller) -> None:
    etag = (await s3.put("/bkt/k", b"1")).value["ETag"]
    assert code(await s3("DELETE", "/bkt/k", if_match='"0"')) == "412 PreconditionFailed"
    assert (await s3("DELETE", "/bkt/k", if_match=etag)).status == 204


async def test_deleting_many(s3: Caller) -> None:
    for key in "abc":
        await s3.put(f"/bkt/{key}", key.encode())
    body = DELETE.format(
        "".join(f"<Object><Key>{key}</Key></Object>" for key in ("a", "b", "nope", "x" * 1025))
    ).encode()
    assert code(await s3("POST", "/bkt", "delete", body)) == "400 InvalidRequest"
    done = (await s3("POST", "/bkt", "delete", body, content_md5=md5_of(body))).value
    assert [item["Key"] for item in done["Deleted"]] == ["a", "b", "nope"]
    assert [item["Code"] for item in done["Errors"]] == ["KeyTooLongError"]
    quiet = DELETE.format("<Quiet>true</Quiet><Object><Key>c</Key></Object>").encode()
    assert (await s3("POST", "/bkt", "delete", quiet, content_md5=md5_of(quiet))).value == {}
    assert await s3.blobs() == 0


async def test_a_condition_of_one_among_many(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    [failed] = (await many(s3, "<Key>nope</Key><ETag>*</ETag>")).value["Errors"]
    assert failed == {"Key": "nope", "Code": "NoSuchKey", "Message": "The specified key does not exist."}
    [failed] = (await many(s3, "<Key>k</Key><ETag>0</ETag>")).value["Errors"]
    assert failed["Code"] == "PreconditionFailed"
    assert await s3.content("/bkt/k") == b"1"


async def test_deleting_none_or_too_many(s3: Caller) -> None:
    many = DELETE.format("<Object><Key>a</Key></Object>" * 1001).encode()
    assert code(await s3("POST", "/bkt", "delete", many, content_md5=md5_of(many))) == "400 MalformedXML"
    assert code(await s3("POST", "/bkt", "delete", b"<Delete>", content_md5=md5_of(b"<Delete>"))) == "400 MalformedXML"
    assert code(await s3("POST", "/bkt", "delete", many, content_md5=md5_of(b"other"))) == "400 BadDigest"
    assert code(await s3("POST", "/bkt", "delete")) == "400 MissingRequestBodyError"


async def test_conditions_of_directory_buckets(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    dated = {"x_amz_if_match_last_modified_time": "Sat, 21 Nov 2026 00:00:00 GMT"}
    assert code(await s3("DELETE", "/bkt/k", **dated)) == "501 NotImplemented"
    assert code(await s3("DELETE", "/bkt/k", x_amz_if_match_size="1")) == "501 NotImplemented"
    [failed] = (await many(s3, "<Key>k</Key><Size>1</Size>")).value["Errors"]
    assert failed["Code"] == "NotImplemented"
    assert await s3.content("/bkt/k") == b"1"


async def test_a_condition_is_of_the_current_object(s3: Caller) -> None:
    await s3.versioned()
    first = await s3.put("/bkt/k", b"1")
    await s3.put("/bkt/k", b"2")
    assert code(await s3("DELETE", "/bkt/k", if_match=first.value["ETag"])) == "412 PreconditionFailed"
    by_id = {"versionId": first.value["VersionId"]}
    assert code(await s3("DELETE", "/bkt/k", by_id, if_match=first.value["ETag"])) == "501 NotImplemented"
    assert (await s3("DELETE", "/bkt/k", if_match="*")).header("x-amz-delete-marker") == "true"
    assert code(await s3("DELETE", "/bkt/k", if_match="*")) == "404 NoSuchKey"


async def test_many_with_versions(s3: Caller) -> None:
    await s3.versioned()
    old, new = [(await s3.put("/bkt/a", body)).value["VersionId"] for body in (b"1", b"2")]
    done = (
        await many(
            s3,
            f"<Key>a</Key><VersionId>{old}</VersionId>",
            "<Key>a</Key>",
            "<Key>b</Key>",
            "<Key>c</Key><VersionId>nonsense</VersionId>",
            f"<Key>c</Key><VersionId>{new}</VersionId>",
        )
    ).value
    first, hidden, marked, absent = done["Deleted"]
    assert first == {"Key": "a", "VersionId": old}
    assert (hidden["DeleteMarker"], len(hidden["DeleteMarkerVersionId"])) == (True, 32)
    assert "VersionId" not in hidden
    assert marked["Key"] == "b"
    assert marked["DeleteMarker"], "a key that never was gets a marker, too"
    assert absent == {"Key": "c", "VersionId": new}
    [failed] = done["Errors"]
    assert (failed["Code"], failed["VersionId"]) == ("NoSuchVersion", "nonsense")
    [failed] = (await many(s3, "<Key>a</Key><VersionId></VersionId>")).value["Errors"]
    assert failed["Message"] == "The specified version does not exist."
    marker: Any = hidden["DeleteMarkerVersionId"]
    [unhidden] = (await many(s3, f"<Key>a</Key><VersionId>{marker}</VersionId>")).value["Deleted"]
    assert unhidden == {"Key": "a", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    assert await s3.content("/bkt/a") == b"2"
