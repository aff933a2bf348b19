"""Signatures of forms, against the documentation's own example and botocore's signers."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import HmacV1PostAuth, S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contracts.exchange import Form, Request
from mocks.base import ServiceError
from mocks.s3.post_signatures import form_key, verify_form
from tests.mocks.s3.signing import KEY, REGION, SECRET

#: The example of "Browser-Based Uploads Using POST" (Signature Version 2), as gist.github.com/robbat2/8048020 has it;
#: its policy has a comma before its end.
POLICY = (
    "eyAiZXhwaXJhdGlvbiI6ICIyMDA3LTEyLTAxVDEyOjAwOjAwLjAwMFoiLAogICJjb25kaXRpb25zIjogWwogICAgeyJidWNrZXQiOiAiam9obnNtaXRo"
    "IiB9LAogICAgWyJzdGFydHMtd2l0aCIsICIka2V5IiwgInVzZXIvZXJpYy8iXSwKICAgIHsiYWNsIjogInB1YmxpYy1yZWFkIiB9LAogICAgeyJyZWRp"
    "cmVjdCI6ICJodHRwOi8vam9obnNtaXRoLnMzLmFtYXpvbmF3cy5jb20vc3VjY2Vzc2Z1bF91cGxvYWQuaHRtbCIgfSwKICAgIFsic3RhcnRzLXdpdGgi"
    "LCAiJENvbnRlbnQtVHlwZSIsICJpbWFnZS8iXSwKICAgIHsieC1hbXotbWV0YS11dWlkIjogIjE0MzY1MTIzNjUxMjc0In0sCiAgICBbInN0YXJ0cy13"
    "aXRoIiwgIiR4LWFtei1tZXRhLXRhZyIsICIiXSwKICBdCn0K"
)
TODAY = datetime(2026, 11, 27, tzinfo=UTC)
EXAMPLE_SECRET = "uV3F3YluFJax1cknvbcGwgjvx4QpvB+leU8dUj2o"


def verified(fields: dict[str, Any], secret: str = SECRET, now: datetime = TODAY) -> Request:
    form = Form(list(fields.items()), "f.txt")
    return verify_form(Request(method="POST", path="/bkt", form=form), form, secret, now)


def signed(signer: Any) -> dict[str, Any]:
    request = AWSRequest("POST", "http://localhost/bkt")
    request.context["s3-presign-post-fields"] = {}
    request.context["s3-presign-post-policy"] = {"expiration": "2030-01-01T00:00:00Z", "conditions": []}
    signer.add_auth(request)
    fields: dict[str, Any] = request.context["s3-presign-post-fields"]
    return fields


def test_the_example_of_the_documentation() -> None:
    fields = {"AWSAccessKeyId": "AKIA", "policy": POLICY, "signature": "2qCp0odXe7A9IYyUVqn0w2adtCA="}
    assert verified(fields, EXAMPLE_SECRET, datetime(2007, 12, 1, 11, 59, 59, tzinfo=UTC)).path == "/bkt"
    with pytest.raises(ServiceError, match=r"Policy expired\."):
        verified(fields, EXAMPLE_SECRET, datetime(2007, 12, 1, 12, tzinfo=UTC))
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        verified(fields, SECRET)


def test_what_botocore_signs() -> None:
    credentials = Credentials(KEY, SECRET)
    for signer in (S3SigV4PostAuth(credentials, "s3", REGION), HmacV1PostAuth(credentials)):
        fields = signed(signer)
        assert form_key(Form(list(fields.items()), None)) == KEY
        assert verified(fields).path == "/bkt"
        with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
            verified({**fields, "policy": fields["policy"] + "x"})


def test_a_policy_that_is_none_is_told_later() -> None:
    digest = hmac.digest(SECRET.encode(), b"bm9uZQ==", "sha1")
    fields = {"AWSAccessKeyId": KEY, "policy": "bm9uZQ==", "signature": base64.b64encode(digest).decode()}
    assert verified(fields).path == "/bkt"


def test_a_form_that_names_nobody() -> None:
    assert form_key(Form([("key", "k")], None)) == ""
