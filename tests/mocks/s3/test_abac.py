"""Attribute-based access control: whether it is on."""

from __future__ import annotations

from tests.mocks.s3.conftest import Caller, code

BODY = "<AbacStatus><Status>{}</Status></AbacStatus>"


async def test_it_is_kept(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "abac")).value == {"AbacStatus": {"Status": "Disabled"}}
    for status in ("Enabled", "Disabled"):
        assert (await s3.configure("abac", BODY.format(status))).status == 200
        assert (await s3("GET", "/bkt", "abac")).value == {"AbacStatus": {"Status": status}}


async def test_what_is_refused(s3: Caller) -> None:
    assert code(await s3.configure("abac", BODY.format("On"))) == "400 MalformedXML"
    assert code(await s3.configure("abac", "<AbacStatus/>")) == "400 MalformedXML"
