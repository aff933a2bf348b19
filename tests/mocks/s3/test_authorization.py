"""Where a request carries its key, and how a malformed claim is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.exchange import Headers, Request
from mocks.base import ServiceError
from mocks.s3.authorization import is_unsigned, is_version_2, presented, read_authorization, region_of
from mocks.s3.verification import verify

SCOPE = "20260301/eu-west-1/s3/aws4_request"
GOOD = f"AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/{SCOPE}, SignedHeaders=host;x-amz-date, Signature=0a"


def request(authorization: str | None = None, query: str = "", date: str = "20260301T120000Z") -> Request:
    pairs = [("x-amz-date", date)] + ([("authorization", authorization)] if authorization is not None else [])
    return Request(method="GET", path="/", query=query, headers=Headers(pairs))


@pytest.mark.parametrize(
    ("made", "key"),
    [
        (request(GOOD), "AKIAABCDEFGHIJKLMNOP"),
        (request("AWS4-HMAC-SHA256 SignedHeaders=host,Credential=x/y"), "x"),
        (request("AWS AKIAABCDEFGHIJKLMNOP:c2ln"), "AKIAABCDEFGHIJKLMNOP"),
        (request("AWS HAHAHA"), None),
        (request("AWS a b:c2ln"), None),
        (request(query="X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F20260301"), "AKIAABCDEFGHIJKLMNOP"),
        (request(query="AWSAccessKeyId=AKIAABCDEFGHIJKLMNOP&Signature=1"), "AKIAABCDEFGHIJKLMNOP"),
        (request(), None),
        (request("Bearer sk_test_1"), None),
        (request(query="prefix=a"), None),
    ],
)
def test_the_key(made: Request, key: str | None) -> None:
    found = presented(made)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("key", "live"),
    [("AKIAABCDEFGHIJKLMNOP", True), ("ASIAABCDEFGHIJKLMNOP", True), ("AKIASHORT", False), ("test", False)],
)
def test_a_live_key_by_its_shape(key: str, live: bool) -> None:
    found = presented(request(f"AWS4-HMAC-SHA256 Credential={key}/{SCOPE}"))
    assert found is not None
    assert found.live is live


def test_a_date_of_http() -> None:
    claim = read_authorization(request(GOOD, date="Sun, 01 Mar 2026 12:00:00 GMT"))
    assert claim.timestamp == "20260301T120000Z"
    assert claim.at.isoformat() == "2026-03-01T12:00:00+00:00"


def test_a_claim() -> None:
    claim = read_authorization(request(GOOD))
    assert (claim.key, claim.scope, claim.date) == ("AKIAABCDEFGHIJKLMNOP", SCOPE, "20260301")
    assert (claim.signed_headers, claim.signature, claim.expires) == (("host", "x-amz-date"), "0a", None)
    assert region_of(request(GOOD)) == "eu-west-1"
    assert region_of(request()) == "us-east-1"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (request(GOOD.replace("Signature=0a", "")), "AuthorizationHeaderMalformed"),
        (request(GOOD.replace("SignedHeaders", "Headers")), "AuthorizationHeaderMalformed"),
        (request(GOOD.replace("/s3/", "/ec2/")), "AuthorizationHeaderMalformed"),
        (request(GOOD.replace("aws4_request", "aws5")), "AuthorizationHeaderMalformed"),
        (request(GOOD.replace("eu-west-1", "")), "AuthorizationHeaderMalformed"),
        (request(GOOD.replace("/20260301", "/today")), "AuthorizationHeaderMalformed"),
        (request(GOOD, date="20260302T120000Z"), "AuthorizationHeaderMalformed"),
        (request(GOOD, date="20261301T120000Z"), "AccessDenied"),
        (request(GOOD, date="yesterday"), "AccessDenied"),
        (request(GOOD, date="Tue, 07 Jul 1950 21:53:04 GMT"), "AccessDenied"),
        (request("AWS4-ECDSA-P256-SHA256 Credential=a"), "InvalidRequest"),
        (request("Bearer x"), "InvalidArgument"),
        (request(GOOD, query="X-Amz-Signature=1"), "InvalidArgument"),
        (request(query="X-Amz-Signature=1"), "AuthorizationQueryParametersError"),
        (request(), "AccessDenied"),
    ],
)
def test_what_is_refused(made: Request, code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_authorization(made)
    assert caught.value.code == code


QUERY = (
    f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA/{SCOPE}&X-Amz-Date=20260301T120000Z"
    "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0a"
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Expires=60", "Expires=soon", "X-Amz-Expires should be a number"),
        ("Expires=60", "Expires=-1", "X-Amz-Expires must be non-negative"),
        ("Expires=60", "Expires=604801", "X-Amz-Expires must be less than a week (in seconds)"),
        ("HMAC", "CMAC", "X-Amz-Algorithm only supports"),
        ("20260301T", "20260302T", "Error parsing the X-Amz-Credential parameter; Invalid credential date"),
        ("Date=20260301T120000Z", "Date=now", "X-Amz-Date must be in the ISO8601 Long Format"),
        ("/s3/", "/sqs/", "Error parsing the X-Amz-Credential parameter; incorrect service"),
        ("&X-Amz-SignedHeaders=host", "", "Query-string authentication version 4 requires"),
    ],
)
def test_a_query_that_is_refused(old: str, new: str, message: str) -> None:
    assert read_authorization(request(query=QUERY)).expires == 60
    with pytest.raises(ServiceError) as caught:
        read_authorization(request(query=QUERY.replace(old, new)))
    assert (caught.value.status, caught.value.code) == (400, "AuthorizationQueryParametersError")
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            GOOD.replace(", Signature=0a", ""),
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        (GOOD.replace("Signature=0a", "Signature="), 'the authorization component " Signature=" is malformed.'),
        (GOOD.replace("/s3/", "/"), "the Credential is mal-formed; expecting"),
        (GOOD.replace("AKIAABCDEFGHIJKLMNOP", ""), "a non-empty Access Key (AKID) must be provided in the credential."),
        (GOOD.replace("/20260301", "/2026"), 'incorrect date format "2026". This date in the credential must be in'),
        (GOOD.replace("/s3/", "/ec2/"), 'incorrect service "ec2". This endpoint belongs to "s3".'),
        (GOOD.replace("aws4_request", "aws3"), 'incorrect terminal "aws3". This endpoint uses "aws4_request".'),
        (GOOD.replace("/20260301", "/20260302"), 'Invalid credential date "20260302". This date is not the same as'),
    ],
)
def test_a_malformed_header_in_s3s_words(header: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_authorization(request(header))
    assert (caught.value.status, caught.value.code) == (400, "AuthorizationHeaderMalformed")
    assert caught.value.message.startswith(f"The authorization header is malformed; {message}")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Basic YTpi", "Unsupported Authorization Type"),
        ("AWS-HMAC-SHA25 Credential=AKIA", "Unsupported Authorization Type"),
        ("nonsense", "Authorization header is invalid -- one and only one ' ' (space) required"),
        ("a b c", "Authorization header is invalid -- one and only one ' ' (space) required"),
    ],
)
def test_another_scheme(header: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_authorization(request(header))
    assert (caught.value.code, caught.value.message) == ("InvalidArgument", message)
    assert caught.value.details == {"ArgumentName": "Authorization", "ArgumentValue": header}


@pytest.mark.parametrize(
    ("made", "unsigned", "older"),
    [
        (request(), True, False),
        (request(""), True, False),
        (request(query="prefix=Signature&x-amz-meta-a=1"), True, False),
        (request(query="X-Amz-Date=1"), True, False),
        (request("x"), False, False),
        (request(GOOD), False, False),
        (request("AWS AKIA:sig"), False, True),
        (request(query="X-Amz-Algorithm=x"), False, False),
        (request(query="Signature=x"), False, True),
        (request(query="AWSAccessKeyId=x&X-Amz-Signature=y"), False, False),
    ],
)
def test_whether_and_how_it_is_signed(made: Request, unsigned: bool, older: bool) -> None:
    assert (is_unsigned(made), is_version_2(made)) == (unsigned, older)


FRAGMENTS = st.sampled_from(
    [
        "AWS4-HMAC-SHA256 ",
        "Credential=",
        f"AKIA/{SCOPE}",
        ", ",
        "SignedHeaders=host;x",
        "Signature=",
        "0a",
        "=",
        "/",
        "é",
        "\x00",
        "AWS ",
        ":",
        "&",
        "X-Amz-Expires=",
        "9" * 20,
        "X-Amz-Credential=",
        "%ff",
        "AWSAccessKeyId=a",
        "Expires=1",
        "Expires=999999999999",
        "Signature=%ff",
        "²",
        "X-Amz-Signature=é",
        "x-amz-meta-é=%ff",
        QUERY,
    ]
)
TEXT = st.lists(FRAGMENTS, max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXT | st.none(), TEXT, st.sampled_from(["20260301T120000Z", "", "Sun, 99 Mar 2026", "20260301T999999Z"]))
def test_whatever_comes_is_refused_in_s3s_words(authorization: str | None, query: str, date: str) -> None:
    made = request(authorization, query, date)
    presented(made)
    with pytest.raises(ServiceError) as caught:
        verify(made, "secret", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert 400 <= caught.value.status < 500
