from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.cassettes.masking import MASK, is_random
from broker.cassettes.recorded import Body
from broker.cassettes.scan import suspicions
from broker.redact import HIDDEN
from tests.broker.cassettes.exchanges import JSON, NAMES, REDACTOR, VALUES, asked, masker

MAIL = "masked-email-"


def test_secrets_are_hidden_by_name_and_by_shape() -> None:
    one = masker().masked(
        asked(
            path="/v1/whsec_abcdefgh12345678/x",
            query={"client_secret": "pi_1_secret_2", "key": "sk_" + "test_abcdefgh1234"},
            request_headers={"x-thing": "Bearer sk_" + "test_abcdefgh1234"},
            form={"card[cvc]": "123", "card[number]": "4242424242424242", "card[exp_month]": "12", "password": "x"},
            answer={"secret": "whatever", "api_key": 7, "card": {"number": 4242424242424242, "last4": "4242"}},
        )
    )
    assert one.path == f"/v1/{HIDDEN}/x"
    assert one.query == {"client_secret": HIDDEN, "key": HIDDEN}
    assert one.request_headers == {"x-thing": f"Bearer {HIDDEN}"}
    assert one.request.value == {
        "card[cvc]": HIDDEN, "card[number]": HIDDEN, "card[exp_month]": "12", "password": HIDDEN
    }  # fmt: skip
    assert one.response.value == {"secret": HIDDEN, "api_key": HIDDEN, "card": {"number": HIDDEN, "last4": "4242"}}


def test_persons_are_masked_the_same_wherever_they_stand() -> None:
    one = masker().masked(
        asked(
            form={
                "name": "Ada Lovelace", "email": "Ada@Example.org", "description": "Ada Lovelace",
                "phone": "+44 20 7946 0000",
            },
            answer={
                "name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0000",
                "address": {"line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y", "country": "GB"},
                "message": "sent to ada@example.org", "dob": {"day": 10, "month": 12, "year": 1815},
                "ip": "203.0.113.9",
            },
        )
    )  # fmt: skip
    form, answer = one.request.value, one.response.value
    assert form["name"] == answer["name"] == form["description"]
    assert form["name"].startswith("masked-name-")
    assert form["email"] == answer["email"] != "ada@example.org"
    assert form["email"].startswith(MAIL)
    assert answer["message"] == f"sent to {answer['email']}"
    assert form["phone"] == answer["phone"]
    assert form["phone"].startswith("+1555")
    assert answer["address"]["country"] == "GB"
    assert answer["address"]["line1"].startswith("masked-address-")
    assert answer["dob"] == {"day": 1, "month": 1, "year": 1}
    assert answer["ip"].startswith("2001:db8::")
    assert "Lovelace" not in str(one)
    assert "London" not in str(one)


def test_the_name_of_a_thing_stays() -> None:
    one = masker().masked(asked(form={"name": "Gold plan"}, answer={"object": "product", "name": "Gold plan"}))
    assert one.request.value == {"name": "Gold plan"}
    assert one.response.value["name"] == "Gold plan"


@pytest.mark.parametrize(
    "one",
    [
        asked(form={"email": "a@b.org", "shipping[name]": "Ada", "shipping[phone]": "+44 20 7946 0000"}),
        asked(answer={"url": "https://pay.example/i/acct_1/test_YWNjdF8xTTJKVGtMa2RJd0h1N2l4LF9PNFZ6abcdefGHIJ0123"}),
        asked(response=Body("xml", "<Owner><ID>1</ID><SecretAccessKey>abc</SecretAccessKey>a@b.org</Owner>")),
    ],
)
def test_masking_what_is_masked_changes_nothing(one: Any) -> None:
    first = masker().masked(one)
    assert first != one
    assert masker().masked(first) == first


def test_bytes_are_masked_where_text_stands_in_them() -> None:
    raw = b"\xff\x00mail ada@example.org key AKIA" + b"ABCDEFGHIJKLMNOP\xfe"
    one = masker().masked(asked(response=Body("base64", base64.b64encode(raw).decode())))
    opened = one.response.raw()
    assert opened.startswith(b"\xff\x00mail masked-email-")
    assert opened.endswith(b"[hidden]\xfe")
    packed = masker().masked(asked(response=Body("base64", base64.b64encode(gzip.compress(raw)).decode())))
    assert gzip.decompress(packed.response.raw()) == opened
    plain = Body("base64", base64.b64encode(b"\xff\x00nothing").decode())
    assert masker().masked(asked(response=plain)).response == plain


def test_sums_of_a_body_go_with_what_they_were_of() -> None:
    headers = {"x-amz-checksum-crc32": "AAAA", "etag": '"1"', "digest": "x"}
    kept = masker().masked(asked(response=Body("text", "no one"), response_headers=headers))
    assert kept.response_headers == headers
    changed = masker().masked(asked(response=Body("text", "ada@example.org"), response_headers=headers))
    assert changed.response_headers == {"etag": '"1"'}


def test_every_mask_is_known_as_one() -> None:
    masks = [masker()._mask(kind, "x") for kind in ("name", "address", "postal", "id", "birth", "phone", "ip")]
    masks.append(masker()._text("ada@example.org"))
    assert [mask for mask in masks if MASK.fullmatch(mask) is None] == []


def test_random_texts_are_told_from_sums_and_words() -> None:
    assert is_random("test_YWNjdF8xTTJKVGtMa2RJd0h1N2l4LF9PNFZ6abcdefGHIJ0123")
    assert not is_random("0123456789abcdef" * 4)
    assert not is_random("masked-token-01234567-Aa" + "b" * 30)
    assert not is_random("this_is_a_long_name_of_something_in_words_only")


@given(query=st.dictionaries(NAMES, VALUES, max_size=4), body=JSON, form=st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_was_masked_stays_as_it_is_and_passes_the_scan(query: Any, body: Any, form: Any) -> None:
    for one in (asked(query=query, json={"v": body}), asked(query=query, form=form, answer=body)):
        once = masker().masked(one)
        assert masker().masked(once) == once
        assert list(suspicions(once, REDACTOR)) == []
