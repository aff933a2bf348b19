"""POST Object: what a browser's form may upload, what it is answered, and every way in which it is refused."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mocks.s3.digests import ALGORITHMS, encoded
from tests.mocks.s3.access.policies import document, statement
from tests.mocks.s3.browsing import TYPE, Browsing, browsing_in, form, told

ETAG = f'"{hashlib.md5(b"content", usedforsecurity=False).hexdigest()}"'
ANY_KEY = ["starts-with", "$key", ""]


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browsing]:
    async for browsing in browsing_in(tmp_path):
        yield browsing


async def test_a_signed_form_uploads(browser: Browsing) -> None:
    posted = await browser.post({"key": "a/b", **browser.signed(browser.policy(ANY_KEY))})
    assert (posted.status, posted.body, posted.header("etag")) == (204, b"", ETAG)
    assert posted.header("location") == "http://127.0.0.1:4600/e/pr-1/s3/bkt/a/b"
    assert await browser.content("a/b") == b"content"
    (entry, *_) = [
        each for each in await browser.gate.journal(await browser.gate.open("pr-1")) if each.operation == "PostObject"
    ]
    assert (entry.status, entry.mode, entry.fidelity) == (204, "mock", "stateful")


async def test_the_example_of_the_documentation(browser: Browsing) -> None:
    """docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html: its policy and its form, of today."""
    rule = b"<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"
    md5 = base64.b64encode(hashlib.md5(rule, usedforsecurity=False).digest()).decode()
    assert (await browser.own("PUT", "/bkt", "ownershipControls", rule, content_md5=md5)).status == 200
    assert (await browser.own("DELETE", "/bkt", "publicAccessBlock")).status == 204
    signer, done = browser.signer(), "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"
    end = (browser.gate.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    policy = f"""{{ "expiration": "{end}",
      "conditions": [
        {{"bucket": "bkt"}},
        ["starts-with", "$key", "user/user1/"],
        {{"acl": "public-read"}},
        {{"success_action_redirect": "{done}"}},
        ["starts-with", "$Content-Type", "image/"],
        {{"x-amz-meta-uuid": "14365123651274"}},
        {{"x-amz-server-side-encryption": "AES256"}},
        ["starts-with", "$x-amz-meta-tag", ""],

        {{"x-amz-credential": "{signer["x-amz-credential"]}"}},
        {{"x-amz-algorithm": "AWS4-HMAC-SHA256"}},
        {{"x-amz-date": "{signer["x-amz-date"]}" }}
      ]
    }}""".replace("\n", "\r\n")
    signed = browser.signed(base64.b64encode(policy.encode()).decode())
    posted = await browser.post(
        {
            "key": "user/user1/${filename}",
            "acl": "public-read",
            "success_action_redirect": done,
            "Content-Type": "image/jpeg",
            "x-amz-meta-uuid": "14365123651274",
            "x-amz-server-side-encryption": "AES256",
            "X-Amz-Credential": signer["x-amz-credential"],
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": signer["x-amz-date"],
            "x-amz-meta-tag": "",
            "Policy": signed["policy"],
            "X-Amz-Signature": signed["x-amz-signature"],
        },
        filename="MyFilename.jpg",
    )
    assert posted.status == 303, posted.body
    key = "user%2Fuser1%2FMyFilename.jpg"
    assert posted.header("location") == f"{done}?bucket=bkt&key={key}&etag={ETAG.replace(chr(34), '%22')}"
    seen = await browser.visit("GET", "/e/pr-1/s3/bkt/user/user1/MyFilename.jpg")
    assert (seen.status, seen.header("content-type"), seen.header("x-amz-meta-uuid")) == (
        200,
        "image/jpeg",
        "14365123651274",
    )


async def test_the_older_signature(browser: Browsing) -> None:
    fields = browser.signed_of_old(browser.policy({"key": "k"}))
    assert told(await browser.post({"key": "k", **fields})).startswith("403 AccessDenied: Invalid according to Policy")
    policy = browser.policy(conditions=[{"bucket": "bkt"}, {"key": "k"}])
    assert (await browser.post({"key": "k", **browser.signed_of_old(policy)})).status == 204
    wrong = {**browser.signed_of_old(policy), "signature": "bm9uc2Vuc2U="}
    assert told(await browser.post({"key": "k", **wrong})).startswith("403 SignatureDoesNotMatch")
    del wrong["signature"]
    assert "field named 'signature'" in told(await browser.post({"key": "k", **wrong}))


async def test_a_bucket_in_the_host(browser: Browsing) -> None:
    for host, path in (("bkt.s3.pr-1.localhost:4600", "/"), ("bkt.s3.pr-1.localhost", "")):
        fields = {"key": "k", "success_action_status": "201", **browser.signed(browser.policy(ANY_KEY, STATUS))}
        posted = await browser.post(fields, path=path or "/", host=host)
        assert posted.header("location") == f"http://{host}/k"


STATUS = ["starts-with", "$success_action_status", ""]


async def test_the_answer_that_the_form_asks_for(browser: Browsing) -> None:
    signed = browser.signed(browser.policy(ANY_KEY, STATUS))
    for asked, status in (("200", 200), ("204", 204), ("201", 201), ("202", 204), ("", 204)):
        posted = await browser.post({"key": "ü &/k", "success_action_status": asked, **signed})
        assert posted.status == status
        if status != 201:
            assert (posted.body, posted.header("content-type")) == (b"", None)
        else:
            expected = (
                '<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>'
                "<Location>http://127.0.0.1:4600/e/pr-1/s3/bkt/%C3%BC%20%26/k</Location>"
                f"<Bucket>bkt</Bucket><Key>ü &amp;/k</Key><ETag>{ETAG.replace(chr(34), '&quot;')}</ETag></PostResponse>"
            )
            assert posted.body.decode().replace('"', "&quot;") == expected.replace('"', "&quot;")


async def test_the_browser_goes_where_the_form_says(browser: Browsing) -> None:
    signed = browser.signed(browser.policy(ANY_KEY, ["starts-with", "$success_action_redirect", ""]))
    query = f"bucket=bkt&key=k&etag={ETAG.replace(chr(34), '%22')}"
    for target, location in (
        ("https://shop.example/done", f"https://shop.example/done?{query}"),
        ("https://shop.example/done?a=1", f"https://shop.example/done?a=1&{query}"),
    ):
        posted = await browser.post({"key": "k", "success_action_redirect": target, **signed})
        assert (posted.status, posted.header("location"), posted.body) == (303, location, b"")
    for target in ("nonsense", "javascript:alert(1)", "http://[", "/relative"):
        assert (await browser.post({"key": "k", "success_action_redirect": target, **signed})).status == 204
    signed = browser.signed(browser.policy(ANY_KEY, {"redirect": "http://a.example/"}))
    assert (await browser.post({"key": "k", "redirect": "http://a.example/", **signed})).status == 303


async def test_fields_become_what_headers_are_for_a_put(browser: Browsing) -> None:
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1 + 2</Value></Tag></TagSet></Tagging>"
    sent = {
        "Content-Type": "image/png",
        "Cache-Control": "no-store",
        "Content-Disposition": "attachment",
        "Expires": "Sat, 21 Nov 2026 00:00:00 GMT",
        "x-amz-meta-Colour": "blue",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/other",
        "tagging": tags,
        "acl": "private",
        "x-ignore-me": "1",
    }
    conditions = [["starts-with", f"${name}", ""] for name in sent if name != "x-ignore-me"]
    signed = browser.signed(browser.policy(ANY_KEY, *conditions))
    posted = await browser.post({"key": "k", **sent, **signed})
    assert posted.status == 204, posted.body
    head = await browser.own("HEAD", "/bkt/k")
    assert [head.header(name) for name in ("content-type", "cache-control", "x-amz-meta-colour")] == [
        "image/png",
        "no-store",
        "blue",
    ]
    assert head.header("x-amz-storage-class") == "STANDARD_IA"
    assert head.header("x-amz-website-redirect-location") == "/other"
    tagged = await browser.own("GET", "/bkt/k", "tagging")
    assert b"<Key>a</Key><Value>1 + 2</Value>" in tagged.body


async def test_the_type_of_a_file_is_not_taken_from_its_part(browser: Browsing) -> None:
    await browser.post({"key": "k", **browser.signed(browser.policy(ANY_KEY))})
    assert (await browser.own("HEAD", "/bkt/k")).header("content-type") == "binary/octet-stream"


@pytest.mark.parametrize(
    ("filename", "key"), [("a.txt", "a.txt"), ("C:\\dir\\a.txt", "a.txt"), ("d/a.txt", "a.txt"), ("", "")]
)
async def test_the_file_gives_its_name(browser: Browsing, filename: str, key: str) -> None:
    policy = browser.policy(["starts-with", "$key", "up/"], {"x-amz-meta-name": key})
    fields = {"key": "up/${filename}", "x-amz-meta-name": "${filename}", **browser.signed(policy)}
    assert (await browser.post(fields, filename=filename)).status == 204
    assert await browser.content(f"up/{key}") == b"content"


async def test_fields_of_one_name_are_one(browser: Browsing) -> None:
    signed = browser.signed(browser.policy(ANY_KEY, {"x-amz-meta-tag": "Ninja,Stallman"}))
    fields = [("key", "k"), ("x-amz-meta-tag", "Ninja"), ("X-Amz-Meta-Tag", "Stallman"), *signed.items()]
    assert (await browser.post(fields)).status == 204
    assert (await browser.own("HEAD", "/bkt/k")).header("x-amz-meta-tag") == "Ninja,Stallman"


async def test_checksums(browser: Browsing) -> None:
    running = ALGORITHMS["CRC32C"].start()
    running.update(b"content")
    checksum, md5 = encoded(running.digest()), base64.b64encode(bytes.fromhex(ETAG[1:-1])).decode()
    sent = {"x-amz-checksum-algorithm": "CRC32C", "x-amz-checksum-crc32c": checksum, "Content-MD5": md5}
    signed = browser.signed(browser.policy(ANY_KEY, *(["starts-with", f"${name}", ""] for name in sent)))
    posted = await browser.post({"key": "k", **sent, **signed})
    assert (posted.status, posted.header("x-amz-checksum-crc32c")) == (204, checksum)
    for broken, code in (
        ({"Content-MD5": base64.b64encode(bytes(16)).decode()}, "400 BadDigest"),
        ({"x-amz-checksum-crc32c": "AAAAAA=="}, "400 BadDigest"),
        ({"Content-MD5": "x"}, "400 InvalidDigest"),
        ({"x-amz-checksum-algorithm": "CRC32"}, "400 InvalidRequest"),
    ):
        assert told(await browser.post({"key": "k2", **sent, **broken, **signed})).startswith(code)
    assert (await browser.own("HEAD", "/bkt/k2")).status == 404
    signed = browser.signed(browser.policy(ANY_KEY, {"x-amz-checksum-algorithm": "SHA256"}))
    posted = await browser.post({"key": "k", "x-amz-checksum-algorithm": "SHA256", **signed})
    assert posted.header("x-amz-checksum-sha256") == encoded(hashlib.sha256(b"content").digest())


@pytest.mark.parametrize(
    ("range_", "size", "expected"),
    [
        ((1, 10), 10, "204"),
        ((1, 10), 1, "204"),
        ((1, 10), 0, "400 EntityTooSmall: Your proposed upload is smaller than the minimum allowed size"),
        ((1, 10), 11, "400 EntityTooLarge: Your proposed upload exceeds the maximum allowed size"),
        (("1", "10"), 300_000, "400 EntityTooLarge: Your proposed upload exceeds the maximum allowed size"),
    ],
)
async def test_a_range_of_sizes(browser: Browsing, range_: tuple[Any, Any], size: int, expected: str) -> None:
    signed = browser.signed(browser.policy(ANY_KEY, ["content-length-range", *range_]))
    posted = await browser.post({"key": "k", **signed}, b"x" * size)
    assert told(posted) == expected
    if posted.status == 400:
        assert f"<ProposedSize>{size}</ProposedSize>".encode() in posted.body
        assert (await browser.own("HEAD", "/bkt/k")).status == 404


@pytest.mark.parametrize(
    ("fields", "conditions", "expected"),
    [
        ({"key": "k"}, [{"key": "other"}], 'Policy Condition failed: ["eq", "$key", "other"]'),
        ({"key": "k"}, [["eq", "$Key", "K"]], 'Policy Condition failed: ["eq", "$Key", "K"]'),
        ({"key": "k"}, [["starts-with", "$key", "u/"]], 'Policy Condition failed: ["starts-with", "$key", "u/"]'),
        ({"key": "k"}, [ANY_KEY, {"acl": "private"}], 'Policy Condition failed: ["eq", "$acl", "private"]'),
        ({"key": "k"}, [ANY_KEY, ["starts-with", "$f", ""]], 'Policy Condition failed: ["starts-with", "$f", ""]'),
        ({"key": "k", "Content-Type": "a/b"}, [ANY_KEY], "Extra input fields: content-type"),
        ({"key": "k", "x": "1", "y": "2"}, [ANY_KEY], "Extra input fields: x, y"),
        ({"key": "k"}, [ANY_KEY, {"bucket": "other"}], 'Policy Condition failed: ["eq", "$bucket", "other"]'),
    ],
)
async def test_what_the_policy_does_not_allow(
    browser: Browsing, fields: dict[str, str], conditions: list[Any], expected: str
) -> None:
    posted = await browser.post({**fields, **browser.signed(browser.policy(*conditions))})
    assert told(posted).replace("&quot;", '"') == f"403 AccessDenied: Invalid according to Policy: {expected}"


async def test_a_policy_ends(browser: Browsing) -> None:
    posted = await browser.post({"key": "k", **browser.signed(browser.policy(ANY_KEY, minutes=0))})
    assert told(posted) == "403 AccessDenied: Invalid according to Policy: Policy expired."
    unnamed = browser.policy(conditions=[ANY_KEY, *({name: value} for name, value in browser.signer().items())])
    posted = await browser.post({"key": "k", **browser.signed(unnamed)})
    assert told(posted) == "403 AccessDenied: Invalid according to Policy: Extra input fields: bucket"


async def test_who_signed(browser: Browsing) -> None:
    signed = browser.signed(browser.policy(ANY_KEY))
    wrong = await browser.post({"key": "k", **signed, "x-amz-signature": "0" * 64})
    assert told(wrong).startswith("403 SignatureDoesNotMatch")
    assert f"<StringToSign>{signed['policy']}</StringToSign>".encode() in wrong.body
    (incident,) = await browser.gate.incidents()
    assert incident.kind == "bad_signature"
    stranger = signed["x-amz-credential"].replace(browser.key, "AKIAAAAAAAAAAAAAAAAA")
    unknown = await browser.post({"key": "k", **signed, "x-amz-credential": stranger})
    assert told(unknown).startswith("403 InvalidAccessKeyId")
    older = browser.signed_of_old(browser.policy(ANY_KEY))
    for stranger in ("AKIAAAAAAAAAAAAAAAAA", "foo"):
        unknown = await browser.post({"key": "k", **older, "AWSAccessKeyId": stranger})
        assert told(unknown).startswith("403 InvalidAccessKeyId")
    for changes, expected in (
        ({"x-amz-algorithm": "AWS4-HMAC-SHA1"}, "400 InvalidArgument: X-Amz-Algorithm only supports"),
        ({"x-amz-credential": f"{browser.key}/20260101/s3"}, "400 InvalidArgument: the Credential is mal-formed"),
        ({"x-amz-date": "2026-11-27"}, "400 InvalidArgument: X-Amz-Date must be formatted"),
        ({"x-amz-date": "20200101T000000Z"}, "400 InvalidArgument: Invalid credential date"),
        ({"x-amz-security-token": "t"}, "400 InvalidToken"),
        ({"x-amz-signature": ""}, "400 InvalidArgument: Bucket POST must contain a field named 'X-Amz-Signature'."),
    ):
        assert told(await browser.post({"key": "k", **signed, **changes})).replace("&quot;", '"').startswith(expected)
    del signed["policy"]
    assert "field named 'policy'" in told(await browser.post({"key": "k", **signed}))


async def test_a_form_that_nobody_signed(browser: Browsing) -> None:
    assert told(await browser.post({"key": "k"})) == "403 AccessDenied: Access Denied"
    unnamed = {"key": "k", "policy": browser.policy(ANY_KEY)}
    assert "field named 'AWSAccessKeyId'" in told(await browser.post(unnamed))


async def test_a_bucket_that_everybody_may_write(browser: Browsing) -> None:
    writes = document(statement(Action="s3:PutObject", Resource="arn:aws:s3:::bkt/open/*")).encode()
    assert (await browser.own("DELETE", "/bkt", "publicAccessBlock")).status == 204
    assert (await browser.own("PUT", "/bkt", "policy", writes)).status == 204
    posted = await browser.post({"key": "open/${filename}", "success_action_status": "201", "x-any": "field"})
    assert posted.status == 201
    assert await browser.content("open/f.txt") == b"content"
    assert told(await browser.post({"key": "closed"})).startswith("403 AccessDenied")
    # A signed form is its signer's, whose right it is to write anywhere, and keeps to its policy.
    signed = browser.signed(browser.policy({"key": "closed"}))
    assert (await browser.post({"key": "closed", **signed})).status == 204
    assert told(await browser.post({"key": "open/k", **signed})).startswith("403 AccessDenied: Invalid according to")


async def test_what_the_buckets_policy_denies(browser: Browsing) -> None:
    condition = {"StringNotEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}
    denied = statement(Effect="Deny", Action="s3:PutObject", Condition=condition)
    assert (await browser.own("PUT", "/bkt", "policy", document(denied).encode())).status == 204
    signed = browser.signed(browser.policy(ANY_KEY, {"x-amz-storage-class": "STANDARD_IA"}))
    assert (await browser.post({"key": "k", "x-amz-storage-class": "STANDARD_IA", **signed})).status == 204
    signed = browser.signed(browser.policy(ANY_KEY))
    assert told(await browser.post({"key": "k", **signed})).startswith("403 AccessDenied")


async def test_a_canned_list_is_what_the_buckets_policy_asks_for(browser: Browsing) -> None:
    condition = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    denied = statement(Effect="Deny", Action="s3:PutObject", Condition=condition)
    assert (await browser.own("PUT", "/bkt", "policy", document(denied).encode())).status == 204
    signed = browser.signed(browser.policy(ANY_KEY, ["starts-with", "$acl", ""]))
    assert (await browser.post({"key": "k", "acl": "private", **signed})).status == 204
    refused = await browser.post({"key": "k", "acl": "bucket-owner-full-control", **signed})
    assert told(refused).startswith("403 AccessDenied")
    assert told(await browser.post({"key": "k", "acl": "public", **signed})).startswith("400 InvalidArgument")
    public = await browser.post({"key": "k", "acl": "public-read", **signed})
    assert told(public).startswith("400 AccessControlListNotSupported")


async def test_keys_of_kms_ask_for_the_newer_signature(browser: Browsing) -> None:
    encryption = {"x-amz-server-side-encryption": "aws:kms"}
    signed = browser.signed(browser.policy(ANY_KEY, encryption))
    posted = await browser.post({"key": "k", **encryption, **signed})
    assert (posted.status, posted.header("x-amz-server-side-encryption")) == (204, "aws:kms")
    older = browser.signed_of_old(browser.policy(conditions=[{"bucket": "bkt"}, ANY_KEY, encryption]))
    refused = await browser.post({"key": "k", **encryption, **older})
    assert "require AWS Signature Version 4" in told(refused)


async def test_what_a_form_lacks(browser: Browsing) -> None:
    signed = browser.signed(browser.policy(ANY_KEY))
    assert told(await browser.post(signed)) == (
        "400 InvalidArgument: Bucket POST must contain a field named 'key'.  "
        "If it is specified, please check the order of the fields."
    )
    assert told(await browser.post({"key": "k", **signed}, None)) == (
        "400 IncorrectNumberOfFilesInPostRequest: POST requires exactly one file upload per request."
    )
    assert told(await browser.post({"key": "x" * 1025, **signed})).startswith("400 KeyTooLongError")
    missing = await browser.post({"key": "k", **signed}, path="/e/pr-1/s3/nope")
    assert told(missing).startswith("404 NoSuchBucket")
    long = {"key": "k", **signed, "x-ignore-me": "x" * 20_480}
    assert told(await browser.post(long)) == (
        "400 MaxPostPreDataLengthExceededError: Your POST request fields preceding the upload file were too large."
    )


async def test_what_is_no_form(browser: Browsing) -> None:
    path = "/e/pr-1/s3/bkt"
    for body in (b"", b"nonsense", b"------aBoundary\r\n"):
        broken = await browser.visit("POST", path, body=body, content_type=TYPE)
        assert told(broken).startswith("400 MalformedPOSTRequest: The body of your POST request is not well-formed")
    other = await browser.visit("POST", path, body=b"a=1", content_type="application/x-www-form-urlencoded")
    assert told(other).startswith("412 PreconditionFailed")
    assert b"<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>" in other.body
    assert told(await browser.own("POST", "/bkt", body=b"x")).startswith("412 PreconditionFailed")
    headed = await browser.own("POST", "/bkt", body=b"nonsense", content_type=TYPE)
    assert told(headed).startswith("403 AccessDenied")
    keyed = await browser.visit("POST", path + "/key", body=b"x", content_type=TYPE)
    assert keyed.status in (403, 405)


async def test_a_file_without_an_end_leaves_nothing(browser: Browsing) -> None:
    body = form({"key": "k", **browser.signed(browser.policy(ANY_KEY))}, b"x" * 200_000)[:-40]
    broken = await browser.visit("POST", "/e/pr-1/s3/bkt", body=body, content_type=TYPE)
    assert told(broken).startswith("400 MalformedPOSTRequest")
    assert (await browser.own("HEAD", "/bkt/k")).status == 404
    inventory = await (await browser.gate.storage.open(await browser.gate.open("pr-1"))).inventory()
    assert inventory["blobs"]["count"] == 0


@pytest.mark.parametrize(
    "tagging",
    [
        "nonsense",
        "<Other/>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet/><TagSet/></Tagging>",
    ],
)
async def test_tags_that_are_none(browser: Browsing, tagging: str) -> None:
    signed = browser.signed(browser.policy(ANY_KEY, ["starts-with", "$tagging", ""]))
    assert told(await browser.post({"key": "k", "tagging": tagging, **signed})).startswith("400 MalformedXML")
