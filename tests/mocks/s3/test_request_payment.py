"""Who pays for requests."""

from __future__ import annotations

from tests.mocks.s3.conftest import Caller, code

BODY = "<RequestPaymentConfiguration><Payer>{}</Payer></RequestPaymentConfiguration>"


async def test_the_owner_pays_until_somebody_else_does(s3: Caller) -> None:
    assert (await s3("GET", "/bkt", "requestPayment")).value == {"Payer": "BucketOwner"}
    for payer in ("Requester", "BucketOwner"):
        assert (await s3.configure("requestPayment", BODY.format(payer))).status == 200
        assert (await s3("GET", "/bkt", "requestPayment")).value == {"Payer": payer}


async def test_what_is_refused(s3: Caller) -> None:
    assert code(await s3.configure("requestPayment", BODY.format("Nobody"))) == "400 MalformedXML"
    assert code(await s3.configure("requestPayment", BODY.format("Requester"), "/nope")) == "404 NoSuchBucket"
