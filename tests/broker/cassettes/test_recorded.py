from __future__ import annotations

import gzip
import hashlib

import pytest

from broker.cassettes.recorded import DEPTH, KEPT, Body, Kept, Recorded, inside, joined, pairs, query_of, telling


@pytest.mark.parametrize(
    ("raw", "kind", "form", "value"),
    [
        (b"", "application/json", "none", None),
        (b'{"a": [1, 2.5, null]}', "application/json; charset=utf-8", "json", {"a": [1, 2.5, None]}),
        (b'{"a":1}', "", "json", {"a": 1}),
        (b'{"a":', "application/json", "text", '{"a":'),
        (b"a=1&b[]=x&b[]=y", "application/x-www-form-urlencoded", "form", {"a": "1", "b[]": ["x", "y"]}),
        (b"<a/>", "application/xml", "xml", "<a/>"),
        (b"<?xml version='1.0'?><a/>", "", "xml", "<?xml version='1.0'?><a/>"),
        ("grüß".encode(), "text/plain", "text", "grüß"),
        (b"\xff\x00", "text/plain", "base64", "/wA="),
    ],
)
def test_bodies_say_what_they_are(raw: bytes, kind: str, form: str, value: object) -> None:
    assert Body.of(raw, kind) == Body(form, value)  # type: ignore[arg-type]  # a table of cases


def test_an_opaque_body_keeps_every_byte() -> None:
    raw = b'{ "a":  1 }\n'
    assert Body.of(raw, "application/json", opaque=True).raw() == raw
    assert Body.of(raw, "application/json").raw() == b'{"a":1}'


def test_a_long_body_is_kept_as_its_sum() -> None:
    raw = b"x" * (KEPT + 1)
    body = Body.of(raw)
    assert body == Body("digest", {"sha256": hashlib.sha256(raw).hexdigest(), "size": KEPT + 1})
    kept = Kept()
    for at in range(0, len(raw), 1000):
        kept.take(raw[at : at + 1000])
    assert kept.body("text/plain") == body


def test_a_body_in_pieces_is_the_same_as_a_whole_one() -> None:
    kept = Kept()
    for piece in (b'{"a"', b":", b"1}"):
        kept.take(piece)
    assert kept.body("application/json") == Body("json", {"a": 1})
    assert kept.body("application/json", opaque=True) == Body("text", '{"a":1}')


def test_json_that_no_cassette_could_hold_is_text() -> None:
    deep = b"[" * (DEPTH + 5) + b"]" * (DEPTH + 5)
    assert Body.of(deep, "application/json") == Body("text", deep.decode())
    shallow = b"[" * (DEPTH - 5) + b"]" * (DEPTH - 5)
    assert Body.of(shallow, "application/json").form == "json"


def test_what_is_compressed_is_opened_as_far_as_it_goes() -> None:
    assert inside(gzip.compress(b"hello")) == b"hello"
    assert inside(b"hello") is None
    assert inside(gzip.compress(b"hello")[:-3]) is None
    assert inside(gzip.compress(bytes(20 << 20))) is None, "a bomb is not opened"


def test_only_telling_headers_are_kept() -> None:
    sent = [
        ("Authorization", "Bearer x"), ("User-Agent", "y"), ("X-Amz-Security-Token", "z"), ("Cookie", "c"),
        ("X-Client-Telemetry", "t"), ("Broker-Exchange", "e"), ("Range", "bytes=0-1"), ("If-Match", '"a"'),
    ]  # fmt: skip
    assert telling(sent) == [("range", "bytes=0-1"), ("if-match", '"a"')]


def test_names_that_occur_twice_hold_a_list() -> None:
    found = [("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")]
    assert joined(found) == {"a": ["1", "3", "4"], "b": "2"}
    assert list(pairs(joined(found))) == [("a", "1"), ("a", "3"), ("a", "4"), ("b", "2")]
    assert query_of("a=&b=%20&a=x") == {"a": ["", "x"], "b": " "}


def test_the_target_is_for_people() -> None:
    one = Recorded(operation=None, method="GET", path="/v1/a%20b", query={"limit": "3"}, status=200)
    assert one.target == "GET /v1/a%20b?limit=3"
