"""Transfer acceleration: what is told of it."""

from __future__ import annotations

from tests.mocks.s3.conftest import Caller, code

BODY = "<AccelerateConfiguration><Status>{}</Status></AccelerateConfiguration>"


async def test_it_is_kept(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "accelerate")).value == {}
    for status in ("Enabled", "Suspended"):
        assert (await s3.configure("accelerate", BODY.format(status))).status == 200
        assert (await s3("GET", "/bkt", "accelerate")).value == {"Status": status}


async def test_what_is_refused(s3: Caller) -> None:
    await s3("PUT", "/with.dots")
    assert code(await s3.configure("accelerate", BODY.format("Enabled"), "/with.dots")) == "400 InvalidRequest"
    assert code(await s3.configure("accelerate", BODY.format("On"))) == "400 MalformedXML"
    assert code(await s3.configure("accelerate", "<AccelerateConfiguration/>")) == "400 MalformedXML"
    assert code(await s3("GET", "/nope", "accelerate")) == "404 NoSuchBucket"
