"""What answers tell of lifecycle rules."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller

DAY = "<Expiration><Days>{}</Days></Expiration>"
TOLD = 'expiry-date="Wed, 04 Mar 2026 00:00:00 GMT", rule-id="two%20days"'


def lifecycle(*rules: tuple[str, str, str]) -> str:
    texts = (
        f"<Rule><ID>{id_}</ID><Filter><Prefix>{prefix}</Prefix></Filter><Status>Enabled</Status>{actions}</Rule>"
        for id_, prefix, actions in rules
    )
    return f"<LifecycleConfiguration>{''.join(texts)}</LifecycleConfiguration>"


async def test_the_expiry_of_an_object(s3: Caller) -> None:
    put = await s3.put("/bkt/logs/a", b"1")
    assert put.header("x-amz-expiration") is None
    await s3.configure("lifecycle", lifecycle(("year", "", DAY.format(365)), ("two days", "logs/", DAY.format(2))))
    assert (await s3.put("/bkt/logs/a", b"1")).header("x-amz-expiration") == TOLD
    for method in ("GET", "HEAD"):
        assert (await s3(method, "/bkt/logs/a")).header("x-amz-expiration") == TOLD
    copied = await s3("PUT", "/bkt/logs/b", x_amz_copy_source="/bkt/logs/a")
    assert copied.header("x-amz-expiration") == TOLD
    upload = await s3.upload("/bkt/logs/c", [b"part"])
    completed = await s3.complete("/bkt/logs/c", upload, await s3.etags("/bkt/logs/c", upload))
    assert completed.header("x-amz-expiration") == TOLD
    other = await s3.put("/bkt/other", b"1")
    assert (other.header("x-amz-expiration") or "").endswith('rule-id="year"')
    await s3("DELETE", "/bkt", "lifecycle")
    assert (await s3("HEAD", "/bkt/logs/a")).header("x-amz-expiration") is None


async def test_a_version_that_is_not_current_does_not_expire(s3: Caller) -> None:
    await s3.configure("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    await s3.configure("lifecycle", lifecycle(("two days", "", DAY.format(2))))
    first = (await s3.put("/bkt/a", b"1")).header("x-amz-version-id")
    assert first
    assert (await s3("HEAD", "/bkt/a", {"versionId": first})).header("x-amz-expiration") == TOLD
    await s3.put("/bkt/a", b"2")
    assert (await s3("HEAD", "/bkt/a", {"versionId": first})).header("x-amz-expiration") is None


async def test_when_an_upload_is_aborted(s3: Caller) -> None:
    abort = (
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
    )
    await s3.configure("lifecycle", lifecycle(("clean up", "logs/", abort)))
    made = await s3("POST", "/bkt/logs/a", "uploads")
    listed = await s3("GET", "/bkt/logs/a", {"uploadId": made.value["UploadId"]})
    for answer in (made, listed):
        assert answer.header("x-amz-abort-date") == "Wed, 04 Mar 2026 00:00:00 GMT"
        assert answer.header("x-amz-abort-rule-id") == "clean up"
    assert (await s3("POST", "/bkt/other", "uploads")).header("x-amz-abort-date") is None


@pytest.mark.parametrize(
    ("id_", "told"), [("Ü", "%C3%9C"), ("a&#10;x-evil: 1", "a%0Ax-evil%3A%201"), ("a &amp; b", "a & b")]
)
async def test_an_id_that_no_header_could_have(s3: Caller, id_: str, told: str) -> None:
    abort = (
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
    )
    await s3.configure("lifecycle", lifecycle((id_, "", abort + DAY.format(2))))
    assert (await s3("POST", "/bkt/a", "uploads")).header("x-amz-abort-rule-id") == told
    assert "\n" not in ((await s3.put("/bkt/a", b"1")).header("x-amz-expiration") or "\n")
