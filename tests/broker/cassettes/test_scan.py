"""Secrets are planted where the masking did not look, or as if there were none: the scan has to find each by itself."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from broker.cassettes.recorded import Body, Recorded
from broker.cassettes.scan import LooksSecret, refuse, suspicions
from broker.redact import HIDDEN
from tests.broker.cassettes.exchanges import REDACTOR, asked, masker

KEY = "sk_" + "test_abcdefgh12345678"
TOKEN = "YWNjdF8xTTJKVGtMa2RJd0h1N2l4LF9PNFZ6abcdefGHIJ0123"
ENCODED = base64.b64encode(f"user:{KEY}".encode()).decode()


def packed(raw: bytes) -> Body:
    return Body("base64", base64.b64encode(raw).decode())


PLANTED: list[tuple[Recorded, str]] = [
    (asked(path=f"/v1/things/{KEY}"), "request.path"),
    (asked(path="/v1/things/sk%5Ftest_abcdefgh12345678"), "request.path"),
    (asked(query={"key": KEY}), "request.query.key"),
    (asked(query={KEY: "1"}), "request.query (a name in it)"),
    (asked(query={"password": "x"}), "request.query.password"),
    (asked(request_headers={"x-thing": f"Basic {ENCODED}"}), "request.headers.x-thing"),
    (asked(request_headers={"x-api-key": "anything"}), "request.headers.x-api-key"),
    (asked(form={"card[number]": "4242 4242 4242 4242"}), "request.form.card[number]"),
    (asked(form={"card[cvc]": "123"}), "request.form.card[cvc]"),
    (asked(form={"list": ["a", "b@company.org"]}), "request.form.list[1]"),
    (asked(json={"a": [{"b": {"secret": "x"}}]}), "request.json.a[0].b.secret"),
    (asked(answer={"url": f"https://pay.invalid/{TOKEN}"}), "response.json.url"),
    (asked(answer={"card": 4242424242424242}), "response.json.card"),
    (asked(answer={"jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"}), "response.json.jwt"),
    (asked(answer={f"x{KEY}": 1}), "response.json (a name in it)"),
    (asked(response_headers={"location": f"https://u:{TOKEN}@x.invalid/"}), "response.headers.location"),
    (asked(response_headers={"link": ["<a>", f"<https://x.invalid/?secret={KEY}>"]}), "response.headers.link[1]"),
    (asked(response=Body("xml", "<C><SecretAccessKey>abc</SecretAccessKey></C>")), "response.xml"),
    (asked(response=Body("text", f"curl -u {KEY}:")), "response.text"),
    (asked(response=packed(b"\xff" + KEY.encode())), "response.base64[0]"),
    (asked(response=packed(KEY.encode("utf-16"))), "response.base64[0]"),
    (asked(response=packed(gzip.compress(b"\xff" + KEY.encode()))), "response.base64[1]"),
    (asked(response=packed(b"\xff\x01"), response_headers={"content-encoding": "br"}), "response.base64"),
    (asked(response=packed(b"\xff\x01"), response_headers={"content-encoding": "gzip"}), "response.base64"),
]


@pytest.mark.parametrize(("one", "place"), PLANTED)
def test_a_planted_secret_is_found_where_it_is(one: Recorded, place: str) -> None:
    found = list(suspicions(one, REDACTOR))
    assert [each.place for each in found] == [place]
    assert KEY not in str(found)
    assert TOKEN not in str(found)


def test_what_was_masked_passes_but_for_what_the_masking_does_not_see() -> None:
    left = [each.place for one, _ in PLANTED for each in suspicions(masker().masked(one), REDACTOR)]
    assert left == [
        "request.query (a name in it)",
        "request.headers.x-thing",  # in base64
        "response.json (a name in it)",
        "response.base64[0]",  # in UTF-16
        "response.base64",
        "response.base64",
    ]


@pytest.mark.parametrize("spelled", ["{}", "a{}b", "x={}"])
def test_the_credentials_of_the_call_occur_nowhere(spelled: str) -> None:
    secret = "own+credential/1"
    for text in (secret, "own%2Bcredential%2F1", base64.b64encode(secret.encode() * 3).decode()):
        one = asked(answer={"echo": spelled.format(text) if "=" not in text else text})
        assert [each.place for each in suspicions(one, REDACTOR, [secret])] == ["response.json.echo"]
    assert not list(suspicions(asked(answer={"echo": "else"}), REDACTOR, [secret, "short"]))


def test_ordinary_answers_pass() -> None:
    one = asked(
        answer={
            "id": "ch_3MmlLrLkdIwHu7ix0snN0B15", "created": 1790000000, "fingerprint": "Xt5EWLLDS7FJjR1c",
            "email": "masked-email-01234567@example.com", "client_secret": HIDDEN, "ok": True, "none": None,
            "sha256": "0123456789abcdef" * 4, "request_log_url": "https://dashboard.example.com/test/logs/req_1",
        },
        response_headers={"etag": '"0123456789abcdef0123456789abcdef"', "request-id": "req_9sPlY1fkXBjcEk"},
    )  # fmt: skip
    assert not list(suspicions(one, REDACTOR))


def test_the_refusal_names_file_and_places_and_no_value() -> None:
    with pytest.raises(LooksSecret) as refused:
        refuse("data/x.yaml", [asked(), asked(query={f"k{n}": KEY for n in range(7)})], REDACTOR, at=3)
    assert str(refused.value).startswith("data/x.yaml is not written")
    assert "exchange 4, request.query.k0: it has the shape of a key" in str(refused.value)
    assert str(refused.value).endswith("(and 2 more)")
    assert "abcdefgh" not in str(refused.value)
    refuse("data/x.yaml", [asked()], REDACTOR)


def test_long_texts_take_no_long_time() -> None:
    hostile: Any = ["a" * 300_000, "a." * 150_000 + "@", "@" + "a." * 150_000, "%41" * 100_000, "+1" * 150_000]
    assert not [each for each in suspicions(asked(answer=hostile), REDACTOR) if "mail" in each.why]
