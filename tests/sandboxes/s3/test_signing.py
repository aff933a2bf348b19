"""Which host, region and service a signature is for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contracts.exchange import Headers, Request
from sandboxes.base import Account, Secret
from sandboxes.s3.signing import HOSTS, host_of, region_of, sign
from tests.sandboxes.s3.calls import ACCOUNT, KEY, NOW, SECRET


def test_the_driver_signs_as_botocore_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: NOW.replace(tzinfo=None))
    body = b"<Delete/>"
    request = Request(method="POST", path="/bkt/a(b) c", query="delete", body=body)
    signed = sign(replace(request, headers=Headers([("content-md5", "x")])), ACCOUNT, NOW)
    theirs = AWSRequest(
        "POST", "https://s3.us-east-1.amazonaws.com/bkt/a%28b%29%20c?delete=", headers={"content-md5": "x"}, data=body
    )
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(theirs)
    assert (signed.path, signed.query) == ("/bkt/a%28b%29%20c", "delete=")
    assert signed.headers.get("authorization") == theirs.headers["Authorization"]
    assert signed.headers.get("x-amz-content-sha256") == hashlib.sha256(body).hexdigest()
    assert signed.headers.get("host") == "s3.us-east-1.amazonaws.com"


def test_the_time_is_the_one_given() -> None:
    early, late = (sign(Request(method="GET", path="/"), ACCOUNT, NOW + timedelta(seconds=n)) for n in (0, 1))
    assert early.headers.get("x-amz-date") == "20261127T120000Z"
    assert early.headers.get("authorization") != late.headers.get("authorization")


def test_a_session_has_its_token_signed() -> None:
    account = replace(ACCOUNT, secret=Secret("ASIAX", "s", "token"))
    signed = sign(Request(method="GET", path="/"), account, NOW)
    assert signed.headers.get("x-amz-security-token") == "token"
    assert "x-amz-security-token" in str(signed.headers.get("authorization"))


def test_a_request_with_a_host_of_its_own_is_for_the_session_service() -> None:
    request = Request(method="POST", path="/", host="sts.eu-west-1.amazonaws.com", scheme="https")
    account = replace(ACCOUNT, options={"region": "eu-west-1"})
    signed = sign(request, account, NOW)
    assert "/20261127/eu-west-1/sts/aws4_request" in str(signed.headers.get("authorization"))
    assert signed.headers.get("host") == request.host == signed.host


@pytest.mark.parametrize(
    ("endpoint", "options", "region"),
    [
        ("https://s3.us-east-1.amazonaws.com", {}, "us-east-1"),
        ("https://s3.eu-west-1.amazonaws.com", {}, "eu-west-1"),
        ("https://s3.amazonaws.com", {}, "us-east-1"),
        ("http://127.0.0.1:9000", {}, "us-east-1"),
        ("http://127.0.0.1:9000", {"region": "garage"}, "garage"),
    ],
)
def test_the_region(endpoint: str, options: dict[str, str], region: str) -> None:
    assert region_of(Account("a", endpoint, Secret("k", "s"), options)) == region


def test_hosts() -> None:
    assert host_of("https://S3.example.com:443") == "s3.example.com"
    assert host_of("http://127.0.0.1:9000") == "127.0.0.1:9000"
    assert {"s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", "sts.us-east-1.amazonaws.com"} <= HOSTS
    assert all(host.endswith(".amazonaws.com") for host in HOSTS)
