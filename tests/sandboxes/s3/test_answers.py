"""Answers, read."""

from __future__ import annotations

import pytest

from contracts.exchange import Response
from sandboxes.base import Refused, Unreachable
from sandboxes.s3 import answers
from sandboxes.s3.answers import code_of, parsed, refused, whole
from tests.sandboxes.s3.calls import failure, pieces, reply


def test_the_code_of_an_error() -> None:
    assert code_of(failure("NoSuchBucket")) == "NoSuchBucket"
    assert code_of(reply("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")) == "AccessDenied"
    for body in ("", "<html>", "<Other/>"):
        assert code_of(reply(body, 500)) == ""


def test_a_refusal_has_the_providers_words() -> None:
    told = refused(failure("AccessDenied", "not you", 403), "bucket x cannot be deleted")
    assert (told.status, str(told)) == (403, "bucket x cannot be deleted: AccessDenied: not you")
    assert str(refused(reply("", 500), "it failed")) == "it failed: status 500"


def test_what_is_no_xml_is_a_refusal() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        parsed(reply("<html>"))
    assert parsed(reply("<A><Key>a&#x1;</Key></A>"), lenient=True).findtext("Key") == "a?"


async def test_a_long_answer_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    read = await whole(Response(200, [], stream=pieces(b"<A>", b"</A>")))
    assert (read.body, read.stream) == (b"<A></A>", None)
    short = reply("<A/>")
    assert await whole(short) is short
    monkeypatch.setattr(answers, "_LONGEST", 4)
    with pytest.raises(Unreachable):
        await whole(Response(200, [], stream=pieces(b"<A>", b"</A>")))
