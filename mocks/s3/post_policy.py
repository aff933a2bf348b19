"""The policy of a POST: what a form that was signed with it may say, and how large its file may be.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html. Pure: the time is given. Sentences
about a document that is no policy follow "Invalid Policy: ..."; where no source quotes S3 they are worded here.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.aws_values import NotCoercible, moment
from mocks.base import ServiceError
from mocks.s3.errors import access_denied

#: Fields that need no condition (same page): what is signed or signs, the file, and what S3 does not look at.
_FREE = frozenset({"awsaccesskeyid", "signature", "x-amz-signature", "file", "policy"})
_IGNORED = "x-ignore-"
_MATCHES = {"eq", "starts-with"}
_RANGE = "content-length-range"
#: Escapes of this document that JSON has not (same page, "Character Escaping").
_ESCAPES = {"$": "$", "v": "\\u000b"}
_STRING_OR_COMMA = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[\]}])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Condition:
    """One field's: ``name`` in lower case, ``shown`` as the policy writes it."""

    match: str
    name: str
    shown: str
    value: str

    def holds(self, fields: Mapping[str, str]) -> bool:
        """Whether the form's fields fulfil it; a field that is not sent never does."""
        sent = fields.get(self.name)
        if sent is None:
            return False
        if self.match == "eq":
            return sent == self.value
        if self.name == "content-type" and "," in sent:
            # "Content-Types values for a starts-with condition that include commas are interpreted as lists. Each value
            # in the list must meet the condition for the whole condition to pass" (same page).
            return all(each.strip().startswith(self.value) for each in sent.split(","))
        return sent.startswith(self.value)

    @property
    def text(self) -> str:
        """As a refusal quotes it."""
        return json.dumps([self.match, self.shown, self.value], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, read. ``sizes`` are in bytes, both included."""

    expiration: datetime
    conditions: tuple[Condition, ...]
    sizes: tuple[int, int] | None

    def check_time(self, now: datetime) -> None:
        """Raises AccessDenied when the policy is over."""
        if now >= self.expiration:
            raise _denied("Policy expired.")

    def check(self, fields: Mapping[str, str]) -> None:
        """Raises AccessDenied unless everything that ``fields`` say is allowed."""
        for condition in self.conditions:
            if not condition.holds(fields):
                raise _denied(f"Policy Condition failed: {condition.text}")
        named = {condition.name for condition in self.conditions}
        extra = [name for name in fields if name not in named | _FREE and not name.startswith(_IGNORED)]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)}")


def _denied(why: str) -> ServiceError:
    return access_denied(f"Invalid according to Policy: {why}")


def _invalid(why: str) -> ServiceError:
    return ServiceError(400, "InvalidPolicyDocument", f"Invalid Policy: {why}")


def read_policy(encoded: str) -> Policy:
    """The policy in a form's field. Raises InvalidPolicyDocument."""
    document = _document(encoded)
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    for name in ("expiration", "conditions"):
        if name not in document:
            raise _invalid(f"Policy missing {name}.")
    for name in document:
        if name not in ("expiration", "conditions"):
            raise _invalid(f"Unexpected: '{name[:64]}'.")
    if not isinstance(document["conditions"], list):
        raise _invalid("Invalid 'conditions' value: must be a List.")
    conditions: list[Condition] = []
    sizes: tuple[int, int] | None = None
    for each in document["conditions"]:
        if isinstance(each, list) and each and str(each[0]).lower() == _RANGE:
            low, high = _range(each)
            sizes = (low, high) if sizes is None else (max(low, sizes[0]), min(high, sizes[1]))
        else:
            conditions += _conditions(each)
    return Policy(_expiration(document["expiration"]), tuple(conditions), sizes)


def _document(encoded: str) -> Any:
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _invalid("Invalid Base64 or UTF-8 encoding.") from error
    try:
        document = json.loads(_plain(text), strict=False)
        json.dumps(document, ensure_ascii=False).encode()  # an escape may be half a character
    except (ValueError, RecursionError) as error:
        raise _invalid("Invalid JSON.") from error
    return document


def _plain(text: str) -> str:
    """Without what JSON does not know: escapes of its own, and commas before an end, which the examples of the page
    have."""

    def replaced(found: re.Match[str]) -> str:
        return "" if found[0] == "," else re.sub(r"\\(.)", escaped, found[0], flags=re.DOTALL)

    def escaped(found: re.Match[str]) -> str:
        return _ESCAPES.get(found[1], found[0])

    return _STRING_OR_COMMA.sub(replaced, text)


def _expiration(text: Any) -> datetime:
    if isinstance(text, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z", text, re.ASCII):
        try:
            return moment(text)
        except NotCoercible:
            pass  # a date that does not exist, which is said below
    raise _invalid(f"Invalid 'expiration' value: '{str(text)[:64]}'")


def _range(each: list[Any]) -> tuple[int, int]:
    if len(each) != 3:
        raise _invalid(f"Invalid Condition: wrong number of arguments to {_RANGE}.")
    bounds = []
    for bound in each[1:]:
        text = str(bound)
        if isinstance(bound, bool) or not re.match(r"\d{1,18}\Z", text, re.ASCII):
            raise _invalid(f"Invalid {_RANGE}: '{text[:64]}' is not a number.")
        bounds.append(int(text))
    return bounds[0], bounds[1]


def _conditions(each: Any) -> Iterator[Condition]:
    if isinstance(each, dict):
        # Quoted by an answer of S3 (alibabacloud.com/help/doc-detail/42976.htm shows its sentence for the same form).
        if len(each) != 1:
            raise _invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
        ((name, value),) = each.items()
        yield Condition("eq", name.lower(), f"${name}", _value(value))
        return
    if not isinstance(each, list) or not each:
        raise _invalid("Invalid Condition: conditions must be Lists or Simple-Conditions.")
    match = str(each[0]).lower()
    if match not in _MATCHES:
        raise _invalid(f"Invalid Condition: unknown operation '{match[:64]}'.")
    if len(each) != 3:
        raise _invalid(f"Invalid Condition: wrong number of arguments to {match}.")
    if not isinstance(each[1], str) or not each[1].startswith("$"):
        raise _invalid(f"Invalid Condition: '{str(each[1])[:64]}' must begin with '$'.")
    yield Condition(match, each[1][1:].lower(), each[1], _value(each[2]))


def _value(value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid("Invalid Condition: values must be Strings.")
    return value
