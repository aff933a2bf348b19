"""Retention and legal hold of versions: set, shown, made longer, and not made shorter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.s3.conftest import Caller, code
from tests.mocks.s3.locks import DENIED, date, delete, hold, locked_bucket, put, retain

BYPASS = {"x_amz_bypass_governance_retention": "true"}
EMPTY = "<Retention></Retention>"


async def test_of_the_version_that_is_named(s3: Caller) -> None:
    await locked_bucket(s3)
    one, two = await put(s3), await put(s3, b"2")
    assert (await retain(s3, "GOVERNANCE", 1, {"retention": "", "versionId": one})).status == 200
    assert (await hold(s3, "ON", {"legal-hold": "", "versionId": one})).status == 200
    shown = (await s3("GET", "/lck/k", {"retention": "", "versionId": one})).value["Retention"]
    assert (shown["Mode"], shown["RetainUntilDate"][:19]) == ("GOVERNANCE", date(s3, 1)[:19])
    assert (await s3("GET", "/lck/k", {"legal-hold": "", "versionId": one})).value["LegalHold"] == {"Status": "ON"}
    assert (await s3("HEAD", "/lck/k", {"versionId": one})).header("x-amz-object-lock-mode") == "GOVERNANCE"
    for what in ("retention", "legal-hold"):
        assert code(await s3("GET", "/lck/k", what)) == "404 NoSuchObjectLockConfiguration"
    assert await delete(s3, two) == "204"
    assert await delete(s3, one, **BYPASS) == DENIED, "the hold is still on"
    assert (await hold(s3, "OFF")).status == 200
    assert (await s3("GET", "/lck/k", "legal-hold")).value["LegalHold"] == {"Status": "OFF"}


@pytest.mark.parametrize(
    ("standing", "wanted", "plain", "passing"),
    [
        (("GOVERNANCE", 2), ("GOVERNANCE", 3), True, True),
        (("GOVERNANCE", 2), ("GOVERNANCE", 2), True, True),
        (("GOVERNANCE", 2), ("GOVERNANCE", 1), False, True),
        (("GOVERNANCE", 2), ("COMPLIANCE", 3), False, True),
        (("GOVERNANCE", 2), None, False, True),
        (("COMPLIANCE", 2), ("COMPLIANCE", 3), True, True),
        (("COMPLIANCE", 2), ("COMPLIANCE", 1), False, False),
        (("COMPLIANCE", 2), ("GOVERNANCE", 3), False, False),
        (("COMPLIANCE", 2), None, False, False),
    ],
)
async def test_changes(s3: Caller, standing: Any, wanted: Any, plain: bool, passing: bool) -> None:
    await locked_bucket(s3)
    await put(s3)
    assert (await retain(s3, *standing)).status == 200

    async def change(**headers: str) -> str:
        if wanted is None:
            return code(await s3.configured("/lck/k", "retention", EMPTY, **headers))
        return code(await retain(s3, *wanted, **headers))

    assert await change() == ("200" if plain else DENIED)
    assert await change(**BYPASS) == ("200" if passing else DENIED)
    shown = await s3("GET", "/lck/k", "retention")
    if wanted is None and passing:
        assert code(shown) == "404 NoSuchObjectLockConfiguration"
    else:
        mode, days = wanted if passing else standing
        assert (shown.value["Retention"]["Mode"], shown.value["Retention"]["RetainUntilDate"][:19]) == (
            mode,
            date(s3, days)[:19],
        )


@pytest.mark.parametrize(
    ("query", "body", "told"),
    [
        ("retention", "<Retention><Mode>GOVERNANCE</Mode></Retention>", "400 MalformedXML"),
        ("retention", "<Retention><RetainUntilDate>2099-01-01</RetainUntilDate></Retention>", "400 MalformedXML"),
        ("retention", "<Retention><Mode>x</Mode></Retention>", "400 MalformedXML"),
        (
            "retention",
            "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2001-01-01T00:00:00Z</RetainUntilDate></Retention>",
            "400 InvalidArgument",
        ),
        ("retention", "<Retention><EventHold>ON</EventHold></Retention>", "501 NotImplemented"),
        ("legal-hold", "<LegalHold></LegalHold>", "400 MalformedXML"),
        ("legal-hold", "<LegalHold><Status>on</Status></LegalHold>", "400 MalformedXML"),
        ("legal-hold", "", "400 MissingRequestBodyError"),
        ("retention", "", "400 MissingRequestBodyError"),
    ],
)  # fmt: skip
async def test_what_is_refused(s3: Caller, query: str, body: str, told: str) -> None:
    await locked_bucket(s3)
    await put(s3)
    assert code(await s3.configured("/lck/k", query, body)) == told
    assert code(await s3("GET", "/lck/k", query)) == "404 NoSuchObjectLockConfiguration"


async def test_what_is_not_there(s3: Caller) -> None:
    await s3.put("/bkt/k", b"1")
    for what, body in (("retention", EMPTY), ("legal-hold", "<LegalHold><Status>ON</Status></LegalHold>")):
        assert code(await s3("GET", "/bkt/k", what)) == "400 InvalidRequest"
        assert code(await s3.configured("/bkt/k", what, body)) == "400 InvalidRequest"
        assert code(await s3("PUT", "/bkt/k", what, body.encode())) == "400 InvalidRequest"
    await locked_bucket(s3)
    assert code(await s3("GET", "/lck/k", "retention")) == "404 NoSuchKey"
    assert code(await retain(s3, "GOVERNANCE", 1)) == "404 NoSuchKey"
    marker = (await s3("DELETE", "/lck/k")).header("x-amz-version-id")
    query = {"retention": "", "versionId": marker}
    assert code(await retain(s3, "GOVERNANCE", 1, query)) == "405 MethodNotAllowed"
