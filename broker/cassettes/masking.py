"""Takes secrets, card data and personal data out of an exchange before it is written down.

Secrets become ``[hidden]``. Personal data becomes a mask that is the same for the same value in one cassette, and can
be told from real values: a replay maps it back to what its own caller sent. Masking what is masked changes nothing.
"""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from broker.cassettes.recorded import Body, Recorded, inside
from broker.redact import HIDDEN, Redactor, names_secret

#: Eight hexadecimal digits of a value, the same for the same value in one cassette. It must not tell the value: it is
#: made with a key that is in no cassette.
Digest = Callable[[str], str]

EMAIL = re.compile(r"[A-Za-z0-9._%+!#$&'*/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
PHONE = re.compile(r"\+[1-9][0-9 ().-]{6,20}[0-9](?![0-9])")
_TOKEN = re.compile(r"[A-Za-z0-9_+-]{40,}")
_SUM = re.compile(r"checksum|content-md5|(?:\A|-)digest\Z")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_PREFIX = re.compile(r"(?:[a-z]{1,10}_){1,3}")
#: Every mask that there is.
MASK = re.compile(
    r"masked-(?:email-[0-9a-f]{8}@example\.com|(?:name|address|postal|id|token|birth)-[0-9a-f]{8})"
    r"|\+1555[0-9]{7}(?![0-9])|2001:db8::[0-9a-f]{4}:[0-9a-f]{4}"
)
_MASKS = re.compile(f"({MASK.pattern})")
_WHOLE = re.compile(rf"(?:{MASK.pattern})\Z")

#: Members that are personal wherever they stand.
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("phone", "phone_number", "support_phone", "mobile", "telephone", "fax"), "phone"),
    **dict.fromkeys(
        ("line1", "line2", "address_line1", "address_line2", "address_line_1", "address_line_2"), "address"
    ),
    **dict.fromkeys(("street", "street_address", "city", "address_city", "town"), "address"),
    **dict.fromkeys(("postal_code", "zip", "zip_code", "address_zip", "postcode"), "postal"),
    **dict.fromkeys(("first_name", "last_name", "given_name", "family_name", "middle_name", "maiden_name"), "name"),
    **dict.fromkeys(("full_name", "cardholder_name", "account_holder_name", "customer_name", "signature_name"), "name"),
    **dict.fromkeys(("ip", "ip_address", "client_ip", "remote_ip", "customer_purchase_ip"), "ip"),
    **dict.fromkeys(("id_number", "ssn", "ssn_last_4", "tax_id_number", "passport", "national_id"), "id"),
    **dict.fromkeys(("birthdate", "birth_date", "date_of_birth", "birthday"), "birth"),
}
#: Members that are a name where what they stand in is a person, or where the value is known as one.
_MAYBE = frozenset({"name", "nickname", "customer_name", "display_name", "description"})
#: A member beside them, or around them, that tells a person from a thing.
_PERSONS = frozenset({"email", "email_address", "phone", "address", "first_name", "last_name", "billing_details"})
_AROUND = frozenset(
    {"billing_details", "shipping", "owner", "individual", "person", "customer_details", "personalizations"}
)
_BIRTH = frozenset({"dob", "date_of_birth", "birthdate"})


class Masker:
    """Of one cassette. It remembers the names that it masked, so that they are masked where only the value tells."""

    def __init__(self, redactor: Redactor, digest: Digest) -> None:
        self._redactor = redactor
        self._digest = digest
        self._names: set[str] = set()

    def masked(self, one: Recorded) -> Recorded:
        """The exchange as it may be written down."""
        # The answer first: it tells which of the caller's values are names.
        for value in (one.response.value, one.request.value):
            self._meet(value)
        response = self._body(one.response)
        response_headers = self._pairs(one.response_headers)
        if response != one.response:
            # Sums of the body that was: a client would refuse the masked one for them.
            response_headers = {name: value for name, value in response_headers.items() if not _SUM.search(name)}
        return replace(
            one,
            path="/".join([quote(self._text(unquote(each)), safe=_SAFE) for each in one.path.split("/")]),
            query=self._pairs(one.query),
            request_headers=self._pairs(one.request_headers),
            request=self._body(one.request),
            response_headers=response_headers,
            response=response,
        )

    def text(self, name: str, value: str) -> str:
        """One value by the name of its member."""
        if names_secret(name) and value:
            return HIDDEN
        kind = _KINDS.get(name.lower())
        if kind is not None:
            return self._mask(kind, value)
        if name.lower() in _MAYBE and value in self._names:
            return self._mask("name", value)
        return self._text(value)

    def _body(self, body: Body) -> Body:
        match body.form:
            case "none" | "digest":
                return body
            case "form":
                return Body("form", self._pairs(body.value))
            case "json":
                return Body("json", self._value(body.value, ""))
            case "base64":
                return self._opaque(body)
            case _:
                return Body(body.form, self._text(str(body.value)))

    def _opaque(self, body: Body) -> Body:
        """Bytes: what is text in them is masked where it stands, also inside of compressed ones."""
        raw = body.raw()
        opened = inside(raw)
        plain = raw if opened is None else opened
        masked = self._text(plain.decode("latin-1")).encode("latin-1")
        if masked == plain:
            return body
        again = masked if opened is None else gzip.compress(masked, mtime=0)
        return Body("base64", base64.b64encode(again).decode())

    def _pairs(self, found: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        person = _is_person({_inner(name)[-1]: None for name in found}, "")
        for name, value in found.items():
            steps = _inner(name)
            around = steps[-2] if len(steps) > 1 else ""
            known = (person and len(steps) == 1) or around in _AROUND
            many = value if isinstance(value, list) else [value]
            masked = [
                self._mask("name", str(each)) if known and steps[-1] == "name" else self.text(steps[-1], str(each))
                for each in many
            ]
            if around in _BIRTH and not names_secret(steps[-1]):
                masked = ["1" if str(each) else "" for each in many]
            out[name] = masked if isinstance(value, list) else masked[0]
        return out

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            if name in _BIRTH:
                return {
                    key: self._value(member, key)
                    if isinstance(member, dict | list)
                    else (member if member in (None, "") else HIDDEN if names_secret(key) else 1)
                    for key, member in value.items()
                }
            person = _is_person(value, name)
            return {
                key: self._mask("name", member)
                if person and key == "name" and isinstance(member, str)
                else self._value(member, key)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self._value(member, name) for member in value]
        if isinstance(value, str):
            return self.text(name, value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if names_secret(name):
                return HIDDEN
            return HIDDEN if self._redactor.text(str(value)) != str(value) else value
        return value

    def _meet(self, value: Any, name: str = "") -> None:
        """Remember the names of persons."""
        if isinstance(value, dict):
            person = _is_person(value, name)
            for key, member in value.items():
                if isinstance(member, str) and member and (person and key == "name"):
                    self._names.add(member)
                else:
                    self._meet(member, key)
        elif isinstance(value, list):
            for member in value:
                self._meet(member, name)

    def _mask(self, kind: str, value: str) -> str:
        if not value or _WHOLE.match(value) or value == HIDDEN:
            return value
        digits = self._digest(value.strip().lower())
        if kind == "phone":
            return f"+1555{int(digits, 16) % 10_000_000:07}"
        if kind == "ip":
            return f"2001:db8::{digits[:4]}:{digits[4:]}"
        return f"masked-{kind}-{digits}"

    def _text(self, text: str) -> str:
        """What shows by itself what it is: keys and tokens, cards, addresses of mail, telephone numbers."""
        text = self._redactor.text(text)
        if MASK.search(text) is None:
            return self._piece(text)
        # What is a mask stays one, and is no part of anything else.
        return "".join([each if at % 2 else self._piece(each) for at, each in enumerate(_MASKS.split(text))])

    def _piece(self, text: str) -> str:
        if "@" in text:
            text = EMAIL.sub(self._email, text)
        if "+" in text:
            text = PHONE.sub(lambda found: self._mask("phone", found.group()), text)
        return _TOKEN.sub(self._token, text) if len(text) >= 40 else text

    def _email(self, found: re.Match[str]) -> str:
        if _WHOLE.match(found.group()):
            return found.group()
        return f"masked-email-{self._digest(found.group().lower())}@example.com"

    def _token(self, found: re.Match[str]) -> str:
        """A long random text opens something, a page of an invoice for instance; its prefix may stay."""
        text = found.group()
        if not is_random(text):
            return text
        prefix = _PREFIX.match(text)
        return (prefix.group() if prefix else "") + f"masked-token-{self._digest(text)}"


_SAFE = "!$&'()*+,;=:@-._~[]"


def is_random(text: str) -> bool:
    """Whether a run of 40 characters or more looks drawn by chance. Hexadecimal digests do not count: they are sums of
    what is there."""
    if len(text) < 40 or _HEX.fullmatch(text) or MASK.search(text):
        return False
    kinds = (any(c.isdigit() for c in text), any(c.islower() for c in text), any(c.isupper() for c in text))
    return all(kinds) and len(set(text)) >= 16


def _is_person(value: Mapping[str, Any], name: str) -> bool:
    return name in _AROUND or not _PERSONS.isdisjoint(value)


def _inner(name: str) -> list[str]:
    """``card[billing][name]`` as its steps; numbers are no step."""
    return [step for step in re.split(r"[\[\].]+", name) if step and not step.isdigit()] or [name]
