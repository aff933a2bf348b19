"""What must never be stored: credentials, secrets and card numbers, in headers, queries and bodies.

It errs on the side of hiding: a number that could be a card's (12 to 19 digits with a right check digit) is
hidden even where it is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ahocorasick_rs import BytesAhoCorasick

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
#: access key ids, tokens of code hosts, JSON web tokens, private keys. Each with a text that it contains: looking for
#: that first costs a hundredth of the pattern, and nearly no text has it.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("_test_", r"[srp]k_test_[0-9A-Za-z]{8,}"),
    ("_live_", r"[srp]k_live_[0-9A-Za-z*]{8,}"),
    ("k_org_", r"[sr]k_org_[0-9A-Za-z_]{8,}"),
    ("whsec_", r"whsec_[0-9A-Za-z+/=%]{8,}"),
    ("SG.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("AKIA", r"AKIA[0-9A-Z]{16}"),
    ("ASIA", r"ASIA[0-9A-Z]{16}"),
    ("ghp_", r"ghp_[0-9A-Za-z]{30,}"),
    ("gho_", r"gho_[0-9A-Za-z]{30,}"),
    ("ghu_", r"ghu_[0-9A-Za-z]{30,}"),
    ("ghs_", r"ghs_[0-9A-Za-z]{30,}"),
    ("ghr_", r"ghr_[0-9A-Za-z]{30,}"),
    # Also without its dots: looking for them from every possible begin would take quadratic time.
    ("eyJ", r"eyJ[\w-]{8,}(?:\.[\w-]*){0,2}"),
    # Virtual keys of services that are made from a document.
    ("_vk_", r"[a-z0-9-]{0,40}_vk_[0-9A-Za-z]{16,}"),
    ("PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"),
)

#: Members whose value is a secret by their name, in JSON and XML, and in forms and queries. Brackets of nested form
#: names may be percent-encoded.
_NAMES = (
    r"password|old_password|new_password|passwd|passphrase|client_secret|secret|secret_key|secretaccesskey"
    r"|secret_access_key|api_key|apikey|access_token|refresh_token|id_token|session_token|private_key|cvc|cvv|cvc2|security_code"
    r"|x-amz-signature|x-amz-credential|x-amz-security-token|signature|awsaccesskeyid|account_number"
)
_NAME = re.compile(rf"(?:{_NAMES})\Z", re.IGNORECASE)
#: One of these is in every one of _NAMES, and none holds a quote.
_FRAGMENTS = (
    b"passw",
    b"passphrase",
    b"secret",
    b"_key",
    b"apikey",
    b"_token",
    b"-token",
    b"cvc",
    b"cvv",
    b"security_code",
    b"signature",
    b"-credential",
    b"accesskeyid",
    b"account_number",
)
# A text may be the beginning of a longer one: a value without its end is hidden too.
_JSON_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?\Z)|-?\d[\d.]*)', re.IGNORECASE)
_FRAGMENT = BytesAhoCorasick(_FRAGMENTS)
_XML_MEMBER = re.compile(rf"(<(?:\w+:)?(?:{_NAMES})(?:\s[^<>]*)?>)([^<]+)", re.IGNORECASE)
_PAIR_NAME = rf"((?:^|[&?\[\s\"',;]|%5B|%3F|%26)(?:{_NAMES})(?:\]|%5D)?(?:=|%3D))"
_PAIR = re.compile(rf"{_PAIR_NAME}([^&\r\n]+)", re.IGNORECASE)
#: A pair inside of JSON or XML, in an address for instance, ends with the text that it stands in.
_INNER_PAIR = re.compile(rf"{_PAIR_NAME}([^&\s\"<\\]+)", re.IGNORECASE)

#: User name and password of an address: ``https://user:password@host/``, in a form percent-encoded.
_USERINFO = re.compile(r"(://|:\\/\\/|%3A%2F%2F)([^\s/?#@%\"'<>\\]|%(?!2F|3F|23|40))+(?=@|%40)", re.IGNORECASE)

#: A run of digits that may be a card number, with the separators that people and encodings put between them. What
#: stands before it is looked at afterwards: a look-behind would be tried at every character.
_DIGITS = re.compile(r"[0-9](?:(?:[ +-]|%20|%2[BDbd])?[0-9]){11,}")
_RUN = re.compile(_DIGITS.pattern.encode())
_SEPARATOR = re.compile(r"%20|%2[BD]|\D", re.IGNORECASE)
#: The begin of an escape whose last digits are the run's first ones: ``%22``, ``\u0020``.
_ESCAPE = re.compile(r"(?:%|\\u)[0-9A-Fa-f]{0,3}\Z")
#: More groups than this are no text that somebody wrote: hidden unread, because looking costs time.
_GROUPS = 64


def names_secret(name: str) -> bool:
    """Whether a member or a header field of this name holds a secret, whatever it looks like."""
    return name.lower() in _SECRET_HEADERS or _NAME.match(name) is not None


def _hide_members(text: str) -> str:
    """JSON's members whose name tells a secret. The pattern is tried only where a piece of such a name stands in
    quotes: at every quote it would cost ten times as much."""
    if not text.isascii():
        return _JSON_MEMBER.sub(rf'\1"{HIDDEN}"', text)
    kept: list[str] = []
    end = 0
    for _, place, _ in _FRAGMENT.find_matches_as_indexes(text.lower().encode()):
        quote = text.rfind('"', end, place)
        found = _JSON_MEMBER.match(text, quote) if quote >= 0 else None
        if found is not None:
            kept += (text[end : found.end(1)], f'"{HIDDEN}"')
            end = found.end()
    return "".join((*kept, text[end:])) if kept else text


def _hide_card(found: re.Match[str]) -> str:
    """Hides the run when any of its neighbouring groups together could be a card's number."""
    groups = _SEPARATOR.split(found.group())
    if len(groups) > _GROUPS or _holds_card(groups):
        return HIDDEN
    escape = _ESCAPE.search(found.string[max(found.start() - 5, 0) : found.start()])
    if escape is not None:
        whole = 3 if escape.group().startswith("%") else 6
        if _holds_card([groups[0][max(whole - len(escape.group()), 0) :], *groups[1:]]):
            return HIDDEN
    return found.group()


def _holds_card(groups: Sequence[str]) -> bool:
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > 19:
                break
            if len(digits) >= 12 and passes_luhn(digits):
                return True
    return False


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


#: Every digit becomes 0 and what may stand between a card's digits goes: twelve zeros in a row are worth a look.
_DIGITS_TO_ZERO = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
_BETWEEN = b" +-"
# `%2D` is a hyphen too, and `%2B` a plus: only there may letters stand between digits, of which hashes have so many.
_BETWEEN_ESCAPED = b" +-%BDbd"
_TWELVE = b"0" * 12


def _between(raw: bytes) -> bytes:
    return _BETWEEN_ESCAPED if b"%2" in raw else _BETWEEN


class Redactor:
    """Hides secrets in text. ``patterns`` are what the services add to the well-known shapes, each by a text that every
    match of it contains."""

    def __init__(self, patterns: Mapping[str, re.Pattern[str]] | None = None) -> None:
        self._shapes = {
            **{sign: [re.compile(shape)] for sign, shape in _SHAPES},
            **{sign: [pattern] for sign, pattern in (patterns or {}).items()},
        }
        for sign, shape in _SHAPES:
            if patterns and sign in patterns:
                self._shapes[sign].append(re.compile(shape))
        signs = {sign.encode().lower() for sign in self._shapes}
        self._signs = BytesAhoCorasick(sorted(signs.union(_FRAGMENTS)))
        self._exact = BytesAhoCorasick([sign.encode() for sign in self._shapes])
        self._patterns = list(self._shapes.values())

    def suspicious(self, raw: bytes) -> bool:
        """Whether there may be something to hide: two passes over the bytes, which cost a hundredth of the patterns.
        Never False where ``text`` would change anything."""
        lowered = raw.lower()
        if self._signs.find_matches_as_indexes(lowered):
            return True
        if (b"@" in raw or b"%40" in raw) and (b"://" in raw or b":\\/\\/" in raw or b"%3a%2f%2f" in lowered):
            return True
        # Hashes in hexadecimal and telephone numbers come this far and no further.
        return _TWELVE in raw.translate(_DIGITS_TO_ZERO, _between(raw)) and _RUN.search(raw) is not None

    def text(self, text: str) -> str:
        """A body or any other text without secrets."""
        raw = text.encode("utf-8", "replace")
        for sign in sorted({found[0] for found in self._exact.find_matches_as_indexes(raw, overlapping=True)}):
            for shape in self._patterns[sign]:
                text = shape.sub(HIDDEN, text)
        text = _hide_members(text)
        if "<" in text:
            text = _XML_MEMBER.sub(rf"\1{HIDDEN}", text)
        # Every match holds one of these, and looking for them costs a hundredth of the pattern.
        if "=" in text or "%3D" in text or "%3d" in text:
            document = text.lstrip()[:1] in ("{", "[", "<")
            text = (_INNER_PAIR if document else _PAIR).sub(rf"\1{HIDDEN}", text)
        if "@" in text or "%40" in text:
            text = _USERINFO.sub(rf"\1{HIDDEN}", text)
        raw = text.encode("utf-8", "replace")
        if _TWELVE in raw.translate(_DIGITS_TO_ZERO, _between(raw)):
            text = _DIGITS.sub(_hide_card, text)
        return text

    def target(self, path: str) -> str:
        """A path, with its query if it has one, without secrets."""
        head, mark, query = path.partition("?")
        return self.text(head) + (mark + self.text(query) if mark else "")

    def headers(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Header fields without secrets."""
        shown = open_headers(pairs)
        if not self.suspicious("\n".join([value for _, value in shown]).encode("utf-8", "replace")):
            return shown
        return [(name, self.text(value)) for name, value in shown]


def open_headers(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header fields without those whose whole value is a secret: enough where nothing else is suspicious."""
    return [(name, HIDDEN) if name in _SECRET_HEADERS else (name, value) for name, value in pairs]
