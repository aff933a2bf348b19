"""Forms before they are answered: which requests are some, and what becomes of their fields."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from contracts.exchange import Headers, Request
from mocks.base import Refusal, ServiceError
from mocks.s3.forms import fields_of, is_form, unfold
from tests.mocks.s3.browsing import TYPE, Browsing, browsing_in, form
from tests.mocks.s3.conftest import pieces


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browsing]:
    async for browsing in browsing_in(tmp_path):
        yield browsing


def request(body: bytes, path: str = "/bkt", kind: str = TYPE, **headers: str) -> Request:
    fields = {"host": "h", "content-type": kind, "content-length": "9", "x-amz-acl": "private", **headers}
    return Request(method="POST", path=path, headers=Headers(fields.items()), stream=pieces(body, 50))


async def test_which_requests_are_forms() -> None:
    for path in ("/bkt", "/bkt/"):
        assert is_form(Request(method="POST", path=path))
    for other in (
        Request(method="PUT", path="/bkt"),
        Request(method="POST", path="/bkt/key"),
        Request(method="POST", path="/bkt", query="delete"),
        Request(method="POST", path="/bkt", endpoint="s3-website"),
    ):
        assert not is_form(other)
        assert await unfold(other) is other
    plain = request(b"", kind="text/plain")
    assert await unfold(plain) is plain


async def test_fields_take_the_place_of_headers() -> None:
    sent = {"Key": "\u00fc", "ACL": "public-read", "x-amz-meta-a": "\u00fc", "authorization": "no", "other": "no"}
    found = await unfold(request(form(sent, b"1"), origin="https://a.example"))
    assert dict(found.headers) == {
        "host": "h",
        "origin": "https://a.example",
        "key": "\u00fc",
        "acl": "public-read",
        "x-amz-acl": "public-read",
        "x-amz-meta-a": "\u00fc",
    }
    assert found.form is not None
    assert fields_of(found.form)["other"] == "no"
    assert found.stream is not None
    assert b"".join([piece async for piece in found.stream]) == b"1"


@pytest.mark.parametrize("name", ["x-amz-meta-\u00fc", "x-amz-meta-a\nb", "x-amz-meta-a b", "x-amz-meta-a:b"])
async def test_names_that_no_header_can_have(name: str) -> None:
    found = await unfold(request(form({"key": "k", name: "1"}, b"1")))
    assert found.form is not None
    assert isinstance(found.form.broken, ServiceError)
    assert found.form.broken.code == "InvalidArgument"


async def test_values_that_hold_anything(browser: Browsing) -> None:
    sent = {"key": "a\x01\r\nb", "x-amz-meta-a": "1\r\nx-injected: 2 \U0001f600"}
    conditions = [["starts-with", f"${field}", ""] for field in sent]
    signed = browser.signed(browser.policy(*conditions))
    assert (await browser.post({**sent, **signed})).status == 204
    head = await browser.own("HEAD", "/bkt/a%01%0D%0Ab")
    assert head.status == 200
    assert str(make_header(decode_header(head.header("x-amz-meta-a") or ""))) == sent["x-amz-meta-a"]
    assert head.header("x-injected") is None


async def test_a_body_in_memory() -> None:
    whole = request(b"")
    whole.stream, whole.body = None, form({"key": "k"}, b"1")
    found = await unfold(whole)
    assert (found.body, found.headers.get("key")) == (b"", "k")


async def test_what_is_wrong_is_kept() -> None:
    async def silent() -> object:
        raise Refusal("body_timeout", "nothing came")
        yield b""

    waiting = request(b"")
    waiting.stream = silent()  # type: ignore[assignment]  # a generator of nothing
    found = await unfold(waiting)
    assert found.form is not None
    assert isinstance(found.form.broken, Refusal)
    found = await unfold(request(b"nonsense"))
    assert found.form is not None
    assert isinstance(found.form.broken, ServiceError)
    with pytest.raises(ServiceError, match="MalformedPOSTRequest"):
        raise found.form.broken


async def test_a_file_without_an_end_is_told_in_s3s_words() -> None:
    found = await unfold(request(form({"key": "k"}, b"1" * 500)[:-40]))
    assert found.stream is not None
    with pytest.raises(ServiceError, match="MalformedPOSTRequest"):
        async for _ in found.stream:
            pass
