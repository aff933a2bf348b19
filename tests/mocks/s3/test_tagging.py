"""Tags of an object."""

from __future__ import annotations

from tests.mocks.s3.conftest import Caller, code

BODY = b"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"


async def test_tags_come_and_go(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1", x_amz_tagging="old=1")
    assert (await s3("PUT", "/bkt/k", "tagging", BODY)).status == 200
    assert (await s3("GET", "/bkt/k", "tagging")).value == {"TagSet": [{"Key": "a", "Value": "1"}]}
    assert (await s3("HEAD", "/bkt/k")).header("x-amz-tagging-count") == "1"
    for _ in range(2):
        assert (await s3("DELETE", "/bkt/k", "tagging")).status == 204
    assert (await s3("GET", "/bkt/k", "tagging")).value == {"TagSet": []}
    assert await s3.content("/bkt/k") == b"1"


async def test_what_is_refused(s3: Caller) -> None:
    assert code(await s3("GET", "/bkt/k", "tagging")) == "404 NoSuchKey"
    await s3.put("/bkt/k", b"1")
    assert code(await s3("PUT", "/bkt/k", "tagging", BODY.replace(b"Value", b"Values"))) == "400 MalformedXML"
    assert code(await s3("PUT", "/bkt/k", "tagging", BODY, content_md5="AAAAAAAAAAAAAAAAAAAAAA==")) == "400 BadDigest"
    for key, element in ((b"aws:a", b"<TagKey>aws:a</TagKey>"), (b"a!", b"<TagKey>a!</TagKey>")):
        refused = await s3("PUT", "/bkt/k", "tagging", BODY.replace(b">a<", b">" + key + b"<"))
        assert code(refused) == "400 InvalidTag"
        assert element in refused.body
