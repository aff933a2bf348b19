"""The versioning state of a bucket."""

from __future__ import annotations

import pytest

from tests.mocks.s3.conftest import Caller, code


async def test_never_set_enabled_suspended(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "versioning")).value == {}
    for status in ("Enabled", "Suspended", "Enabled", "Enabled"):
        await s3.versioned(status)
        assert (await s3("GET", "/bkt", "versioning")).value == {"Status": status}


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("", "400 IllegalVersioningConfigurationException"),
        ("<MfaDelete>Disabled</MfaDelete>", "400 IllegalVersioningConfigurationException"),
        ("<Status>enabled</Status>", "400 MalformedXML"),
        ("<Status></Status>", "400 MalformedXML"),
        ("<State>Enabled</State>", "400 MalformedXML"),
        ("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>", "403 AccessDenied"),
    ],
)
async def test_what_is_refused(s3: Caller, inside: str, told: str) -> None:
    body = f"<VersioningConfiguration>{inside}</VersioningConfiguration>".encode()
    assert code(await s3("PUT", "/bkt", "versioning", body)) == told
    assert (await s3("GET", "/bkt", "versioning")).value == {}


async def test_no_body_and_no_bucket(s3: Caller) -> None:
    assert code(await s3("PUT", "/bkt", "versioning")) == "400 MissingRequestBodyError"
    assert code(await s3("GET", "/nope", "versioning")) == "404 NoSuchBucket"


async def test_mfa_delete_off_is_what_it_is(s3: Caller) -> None:
    body = b"<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>"
    assert (await s3("PUT", "/bkt", "versioning", body)).status == 200
    assert (await s3("GET", "/bkt", "versioning")).value == {"Status": "Enabled"}
