"""What must never be stored is hidden wherever it stands, and what is ordinary stays readable."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.redact import (
    _FRAGMENTS,
    _JSON_MEMBER,
    _NAMES,
    HIDDEN,
    Redactor,
    _hide_members,
    names_secret,
    open_headers,
    passes_luhn,
)

REDACTOR = Redactor({"_secret_": re.compile(r"pi_[0-9A-Za-z]+_secret_[0-9A-Za-z]+")})


def hide(text: str) -> str:
    """As the recorder does: the patterns only where the first look finds something."""
    return REDACTOR.text(text) if REDACTOR.suspicious(text.encode("utf-8", "replace")) else text


def digits_of(text: str) -> str:
    """All digits of a text, with its separators and escapes gone."""
    return re.sub(r"%2[0BDbd]|[ +-]", "", text)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """13 to 19 digits with a right check digit; not all the same, so that a search for them means something."""
    body = draw(st.text("0123456789", min_size=12, max_size=18).filter(lambda text: len(set(text)) > 2))
    return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))


@st.composite
def written_cards(draw: st.DrawFn) -> tuple[str, str]:
    """A card and how somebody wrote it: with separators of one kind, at any places."""
    card = draw(cards())
    separator = draw(st.sampled_from(["", " ", "-", "+", "%20", "%2D", "%2d", "%2B"]))
    places = draw(st.sets(st.integers(1, len(card) - 1))) if separator else set()
    return card, "".join((separator if at in places else "") + digit for at, digit in enumerate(card))


#: Where a card may stand; {} is the place.
PLACES = [
    "{}",
    '{{"number": "{}"}}',
    '{{"number":{}}}',
    '{{"card":{{"number":"{}","exp_month":12}}}}',
    "[{}]",
    '{{"text":"pay with {} please"}}',
    r'{{"text":"line\n{}\tend"}}',
    r'{{"text":"nbsp\u00a0{}"}}',
    r'{{"text":"space\u0020{}"}}',
    "card[number]={}&card[cvc]=123",
    "card%5Bnumber%5D={}&amount=100",
    "text=pay%20with%20{}",
    "text=%22{}%22",
    "text=caf%C3%A9{}",
    "text=pay+with+{}+please",
    "/v1/tokens?number={}&x=1",
    "/v1/tokens/{}",
    "<card><number>{}</number></card>",
    "Card: {}.",
    "card no.{}",
    "x={};y",
    "12 34 {}",
    "{} 1225 123",
    "a-{}-b",
    "card{}",
]


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60)
@given(written=written_cards())
@example(written=("4242424242424242", "4242 4242 4242 4242"))
@example(written=("378282246310005", "3782-822463-10005"))
@example(written=("6011000990139424", "6011000990139424"))
@example(written=("4000056655665556", "4%200%200%200%200%205%206%206%205%205%206%206%205%205%205%206"))
def test_no_card_survives(place: str, written: tuple[str, str]) -> None:
    card, text = written
    whole = place.format(text)
    found = hide(whole)
    assert text not in found
    assert card not in digits_of(found)
    assert HIDDEN in found


@settings(max_examples=100)
@given(card=cards(), name=st.sampled_from(["number", "card[number]", "note"]))
def test_no_card_survives_an_encoder(card: str, name: str) -> None:
    spaced = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    for value in (card, spaced, f"my card is {spaced}"):
        for whole in (
            urlencode({name: value, "amount": 100}),
            urlencode({name: value}, quote_via=quote),
            json.dumps({name: value}),
            quote(json.dumps({name: value})),
            quote_plus(json.dumps({"a": [{name: value}]})),
        ):
            assert card not in digits_of(hide(whole)), whole


@settings(max_examples=60)
@given(card=cards())
def test_no_card_survives_in_a_header(card: str) -> None:
    for value in (card, f"card={card}", f"{card[:4]} {card[4:]}"):
        ((_, found),) = REDACTOR.headers([("x-note", value)])
        assert card not in digits_of(found)


TAIL = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=24, max_size=40)
UPPER = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=16, max_size=16)
KEYS = (
    st.builds(
        str.__add__, st.sampled_from(["sk_test_", "sk_live_", "rk_live_", "rk_test_", "pk_live_", "whsec_"]), TAIL
    )
    | st.builds(str.__add__, st.sampled_from(["AKIA", "ASIA"]), UPPER)
    | st.builds(
        str.__add__, st.sampled_from(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]), st.builds(str.__add__, TAIL, TAIL)
    )
    | st.builds(lambda one, two: f"SG.{one[:22]}.{two}-_", TAIL, TAIL)
    | st.builds(lambda one, two, three: f"eyJ{one}.{two}.{three}", TAIL, TAIL, TAIL)
    | st.builds(lambda one, two: f"pi_{one}_secret_{two}", TAIL, TAIL)
)
#: Where a key may stand: also glued to what an escape ends with.
KEY_PLACES = [
    "{}",
    '{{"note":"{}"}}',
    r'{{"note":"key:\n{}"}}',
    "note={}&x=1",
    "note=key%3D{}",
    "note=key%3A%20{}",
    "/v1/{}/things",
    "/v1/things?a={}",
    "<Note>{}</Note>",
    "Bearer {}",
    "x_{}",
]


@pytest.mark.parametrize("place", KEY_PLACES)
@settings(max_examples=40)
@given(key=KEYS)
def test_no_key_survives(place: str, key: str) -> None:
    found = hide(place.format(key))
    assert HIDDEN in found
    for at in range(4, len(key) - 12):
        assert key[at : at + 12] not in found


def test_a_private_key_goes_whole_and_without_its_end() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"
    assert hide(f"before {pem} after") == f"before {HIDDEN} after"
    assert "MIIEow" not in hide(pem[:45])
    assert "MIIEow" not in hide(json.dumps({"key": pem})[:60])


NAMES = _NAMES.split("|")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", [str, str.upper, str.title], ids=["as it is", "upper", "title"])
def test_a_secret_is_known_by_its_members_name(name: str, change: type[str]) -> None:
    shown, value = change(name), "hunter2/+x"
    for whole in (
        json.dumps({shown: value, "other": 1}),
        json.dumps([{"a": {shown: value}}]),
        f'{{"{shown}" : "{value}',  # cut in the middle
        f'{{"{shown}":"{value}\\',
        f"{shown}={value}&other=1",
        f"other=1&{shown}={value}",
        f"a[{shown}]={value}",
        f"a%5B{shown}%5D={value}",
        f"[a]=1&{shown}={value}",
        f"<{shown}>{value}</{shown}>",
        f"<a><s:{shown} x='1'>{value}",
        f"a=1\n{shown}={value}",
        f"url=https%3A%2F%2Fx%3F{shown}%3D{value}",
        json.dumps({"url": f"https://x/?{shown}={value}", "other": 1}),
    ):
        assert "hunter2" not in hide(whole), whole
        assert HIDDEN in hide(whole)


def test_what_stands_beside_a_secret_stays() -> None:
    assert hide('{"password":"a\\"b","name":"Ann"}') == f'{{"password":"{HIDDEN}","name":"Ann"}}'
    assert hide('{"cvc": 123, "name":"Ann"}') == f'{{"cvc": "{HIDDEN}", "name":"Ann"}}'
    assert hide("card[cvc]=123&name=Ann") == f"card[cvc]={HIDDEN}&name=Ann"
    assert (
        hide('{"url":"https://x/?signature=abc","name":"Ann"}')
        == f'{{"url":"https://x/?signature={HIDDEN}","name":"Ann"}}'
    )
    assert hide("<Secret>a b</Secret><Name>Ann</Name>") == f"<Secret>{HIDDEN}</Secret><Name>Ann</Name>"


def test_the_first_look_knows_every_name() -> None:
    for name in NAMES:
        assert any(fragment.decode() in name for fragment in _FRAGMENTS), name


@settings(max_examples=300)
@given(st.text() | st.text("0123456789 +-%2BDd\\u&=[]{}\"'secrtcvpawod_", max_size=60))
def test_the_first_look_misses_nothing(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    if not REDACTOR.suspicious(raw):
        assert REDACTOR.text(raw.decode()) == raw.decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"id":"cus_9s6XKzkNRiz8i3","object":"customer","created":1700000000,"livemode":false}',
        '{"amount":1999,"currency":"eur","description":"secretary\'s lunch"}',
        "created[gte]=1700000000&created[lt]=1700086400&limit=100",
        "/v1/customers/cus_9s6XKzkNRiz8i3?expand%5B%5D=default_source",
        "2026-11-21T22:31:12.123456Z",
        "Sat, 21 Nov 2026 22:31:12 GMT",
        "20261121T223112Z",
        "+49 30 1234567",
        "2026-11-21 22:31:12",
        "1700000000",
        "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "4e8b4f6a-9c1d-4b6e-8f2a-1c5d7e9b3a6f",
        "req_8F3k2LmN9pQ4rS",
        '"9a0364b9e99bb480dd25e1f0284c8555"',
        "Mozilla/5.0 (X11; Linux x86_64) Stripe/v1 PythonBindings/16.1.0",
        "bytes 0-1023/146515",
        "4242424242424241",  # a wrong check digit
        "key=value&monkey=2&keys=3",
        "<Key>photos/2026/11/21/image.jpg</Key><Size>1048576</Size>",
        '{"token":"tok_visa","last4":"4242"}',
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert hide(text) == text
    assert REDACTOR.text(text) == text


def test_a_long_number_is_no_card() -> None:
    assert hide("1" * 40) == "1" * 40


@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000,
        "1 " * 100_000,
        "1%20" * 50_000,
        "11 " * 60_000,
        "%2" * 100_000,
        "-----BEGIN A PRIVATE KEY-----" * 5_000,
        "eyJ" * 60_000,
        "SG." * 60_000,
        "_secret_pi_" * 15_000,
        '{"password":"' + "\\" * 200_000,
        '"secret"' * 20_000,
        '"secret":' * 20_000,
        "<secret " * 20_000,
        "&secret" * 20_000,
        "[cvc" * 40_000,
        " " * 200_000 + "cvc",
        "whsec_" * 30_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_and_hostile_texts_end(text: str) -> None:
    """Each takes milliseconds where the patterns are linear, and hours where one is not."""
    REDACTOR.text(text)
    REDACTOR.suspicious(text.encode())


def test_headers() -> None:
    pairs = [
        ("authorization", "Bearer anything"),
        ("cookie", "a=b"),
        ("set-cookie", "a=b"),
        ("x-api-key", "x"),
        ("x-amz-security-token", "x"),
        ("host", "127.0.0.1"),
        ("referer", "https://x/?api_key=hunter2"),
        ("x-note", "sk_live_" + "a" * 24),
    ]
    found = dict(REDACTOR.headers(pairs))
    assert [name for name, value in found.items() if value == HIDDEN] == [
        "authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-amz-security-token",
        "x-note",
    ]
    assert found["host"] == "127.0.0.1"
    assert "hunter2" not in found["referer"]
    opened = dict(open_headers(pairs))
    assert opened["authorization"] == HIDDEN
    assert opened["host"] == "127.0.0.1"


def test_paths() -> None:
    assert REDACTOR.target("/e/pr-1/alpha/v1/things?limit=1") == "/e/pr-1/alpha/v1/things?limit=1"
    found = REDACTOR.target("/bucket/key?X-Amz-Credential=AKIA/x&X-Amz-Signature=0a1b&X-Amz-Expires=60")
    assert found == f"/bucket/key?X-Amz-Credential={HIDDEN}&X-Amz-Signature={HIDDEN}&X-Amz-Expires=60"
    assert "sk_live" not in REDACTOR.target("/v1/sk_live_" + "a" * 24)


def test_luhn() -> None:
    # ISO/IEC 7812-1, annex B, and the test numbers that payment providers publish.
    for card in ("4242424242424242", "378282246310005", "5555555555554444", "30569309025904", "6200000000000005"):
        assert passes_luhn(card)
        wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
        assert not passes_luhn(wrong)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ada:hunter2@example.com/x", "https://[hidden]@example.com/x"),
        ("https://hunter2@example.com", "https://[hidden]@example.com"),
        ("url=https%3A%2F%2Fada%3Ahunter2%40example.com%2Fx&a=b", "url=https%3A%2F%2F[hidden]%40example.com%2Fx&a=b"),
        ('{"url":"https://ada:hunter2@example.com"}', '{"url":"https://[hidden]@example.com"}'),
        ('{"url":"https:\\/\\/ada:hunter2@example.com"}', '{"url":"https:\\/\\/[hidden]@example.com"}'),
        ("https://example.com/a@b", "https://example.com/a@b"),
        ("https://example.com?email=ada@example.com", "https://example.com?email=ada@example.com"),
        ("url=https%3A%2F%2Fexample.com%2Fa%40b", "url=https%3A%2F%2Fexample.com%2Fa%40b"),
        ("No such key: sk_live_********abcd", "No such key: [hidden]"),
    ],
)
def test_the_user_of_an_address_is_hidden(text: str, shown: str) -> None:
    redactor = Redactor()
    assert redactor.text(text) == shown
    assert redactor.suspicious(text.encode()) or shown == text


def test_names_of_secrets_are_known() -> None:
    assert all(names_secret(name) for name in ("Authorization", "client_secret", "CVC", "x-api-key", "api_key"))
    assert not any(names_secret(name) for name in ("secretary", "key", "name", "x-client-secret-id", ""))


_PIECES = (
    "{0}",
    '"{0}":',
    '"{0}" : ',
    '"v"',
    "12.5",
    '"a\\"{0}\\":\\"b"',
    "{0}=4",
    "null",
    '"open',
    '"',
    "\\",
    "é",
    ",",
    "}}",
    " ",
)


@given(
    st.lists(
        st.tuples(st.sampled_from(_PIECES), st.sampled_from([*_NAMES.split("|"), "CVC", "my_secret_key", "name"])),
        max_size=12,
    )
)
@settings(max_examples=300)
def test_members_are_hidden_as_their_pattern_alone_would(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece.format(name) for piece, name in pieces)
    assert _hide_members(text) == _JSON_MEMBER.sub(rf'\1"{HIDDEN}"', text)
