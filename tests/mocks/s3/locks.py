"""What tests of Object Lock share: a bucket that has it, dates, and configurations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from contracts.exchange import Response
from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.test_deleting import md5_of

DENIED = "403 AccessDenied"


async def locked_bucket(s3: Caller, default: str = "") -> None:
    """``/lck``, with Object Lock and perhaps a default such as ``<Mode>COMPLIANCE</Mode><Days>1</Days>``."""
    assert (await s3("PUT", "/lck", x_amz_bucket_object_lock_enabled="true")).status == 200
    if default:
        assert (await configure(s3, default)).status == 200


async def configure(s3: Caller, default: str, bucket: str = "/lck") -> Response:
    rule = f"<Rule><DefaultRetention>{default}</DefaultRetention></Rule>" if default else ""
    body = f"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>"
    return await s3.configured(bucket, "object-lock", body)


def date(s3: Caller, days: float) -> str:
    """Days from now, by the environment's clock."""
    moment: datetime = s3.harness.clock.now() + timedelta(days=days)
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


async def put(s3: Caller, body: bytes = b"1", path: str = "/lck/k", **headers: str) -> str:
    """A new version's id."""
    made = await s3.put(path, body, content_md5=md5_of(body), **headers)
    assert made.status == 200, made.body
    return made.header("x-amz-version-id") or ""


async def retain(s3: Caller, mode: str, days: float, query: Any = "retention", **headers: str) -> Response:
    body = f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{date(s3, days)}</RetainUntilDate></Retention>"
    return await s3.configured("/lck/k", query, body, **headers)


async def hold(s3: Caller, status: str, query: Any = "legal-hold") -> Response:
    return await s3.configured("/lck/k", query, f"<LegalHold><Status>{status}</Status></LegalHold>")


async def delete(s3: Caller, version: str, **headers: str) -> str:
    return code(await s3("DELETE", "/lck/k", {"versionId": version}, **headers))
