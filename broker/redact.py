"""What must never be stored: credentials, secrets and card numbers, in headers, queries and bodies.

It errs on the side of hiding: a number that could be a card's (12 to 19 digits with a right check digit) is
hidden even where it is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

HIDDEN = "[hidden]"

#: Header fields whose whole value is a secret.
_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-amz-security-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
    }
)

#: Well-known shapes of keys and tokens, whoever issued them: payment keys and webhook secrets, mail keys, cloud
#: access key ids, tokens of code hosts, JSON web tokens, private keys.
_SHAPES = (
    r"\b(?:sk|rk|pk)_(?:test|live)_[0-9A-Za-z]{8,}"
    r"|\bwhsec_[0-9A-Za-z+/=]{8,}"
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[0-9A-Za-z]{30,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
)

#: Members whose value is a secret by their name, in JSON and XML, and in forms and queries. Brackets of nested form
#: names may be percent-encoded.
_NAMES = (
    r"password|passwd|passphrase|client_secret|secret|secret_key|secretaccesskey|secret_access_key|api_key|apikey"
    r"|access_token|refresh_token|id_token|session_token|private_key|cvc|cvv|cvc2|security_code"
    r"|x-amz-signature|x-amz-credential|x-amz-security-token|signature|awsaccesskeyid|account_number"
)
_JSON_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.]*)', re.IGNORECASE)
_XML_MEMBER = re.compile(rf"(<(?:{_NAMES})>)([^<]+)", re.IGNORECASE)
_PAIR = re.compile(rf"((?:^|[&?\[]|%5B)(?:{_NAMES})(?:\]|%5D)?=)([^&\s]+)", re.IGNORECASE)

#: A run of digits that may be a card number, with the separators that people and encodings put between them.
_DIGITS = re.compile(r"(?<![0-9A-Za-z.])[0-9](?:(?:[ +-]|%20|%2D)?[0-9]){11,18}(?![0-9])")
_NOT_A_DIGIT = re.compile(r"%20|%2D|\D")


def _hide_card(found: re.Match[str]) -> str:
    digits = _NOT_A_DIGIT.sub("", found.group())
    return HIDDEN if 12 <= len(digits) <= 19 and passes_luhn(digits) else found.group()


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


class Redactor:
    """Hides secrets in text. ``patterns`` are what the services add to the well-known shapes."""

    def __init__(self, patterns: Iterable[re.Pattern[str]] = ()) -> None:
        self._shapes = re.compile("|".join([_SHAPES, *(f"(?:{pattern.pattern})" for pattern in patterns)]))

    def text(self, text: str) -> str:
        """A body or any other text without secrets."""
        if not text:
            return text
        text = self._shapes.sub(HIDDEN, text)
        first = text.lstrip()[:1]
        if first in ("{", "["):
            text = _JSON_MEMBER.sub(rf'\1"{HIDDEN}"', text)
        elif first == "<":
            text = _XML_MEMBER.sub(rf"\1{HIDDEN}", text)
        else:
            text = _PAIR.sub(rf"\1{HIDDEN}", text)
        return _DIGITS.sub(_hide_card, text)

    def headers(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Header fields without secrets."""
        return [(name, HIDDEN if name in _SECRET_HEADERS else self._header(value)) for name, value in pairs]

    def _header(self, value: str) -> str:
        # Short values cannot hold a key of any known shape.
        return value if len(value) < 12 else _DIGITS.sub(_hide_card, self._shapes.sub(HIDDEN, value))


_PLAIN = Redactor()


def redact_path(path: str) -> str:
    """A path, with its query if it has one, without secrets."""
    head, mark, query = path.partition("?")
    return _PLAIN.text(head) + (mark + _PLAIN.text(query) if mark else "")
