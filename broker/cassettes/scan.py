"""The last look before a cassette is written: what still looks like a secret is refused, whoever masked it.

It works on the finished exchange and shares no rule with the masking but the known shapes: names of members, keys of
mappings, encoded texts, and whatever the caller names as secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from broker.cassettes.masking import is_random
from broker.cassettes.recorded import Body, Recorded, inside
from broker.redact import HIDDEN, Redactor, names_secret

_RUN = re.compile(r"[A-Za-z0-9_+-]{40,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,20}[A-Za-z]{2,63}")


#: Encodings of a body that are not taken off here.
_CLOSED = frozenset({"br", "zstd", "deflate", "compress", "x-compress"})
#: Runs of a text that are looked at in their decoded form.
_RUNS = 2000
#: Credentials that are shorter are parts of ordinary words.
_SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Suspicion:
    """``place`` is inside the exchange (``response.json.client_secret``); ``why`` repeats nothing of the value."""

    place: str
    why: str


class LooksSecret(Exception):
    """A cassette is not written: names the file and every place."""

    def __init__(self, file: str, found: Sequence[tuple[int, Suspicion]]) -> None:
        self.file = file
        self.found = tuple(found)
        places = "; ".join(f"exchange {number}, {each.place}: {each.why}" for number, each in self.found[:5])
        more = f" (and {len(self.found) - 5} more)" if len(self.found) > 5 else ""
        super().__init__(f"{file} is not written, because it would hold what looks like a secret: {places}{more}")


def refuse(
    file: str, exchanges: Sequence[Recorded], redactor: Redactor, secrets: Sequence[str] = (), at: int = 1
) -> None:
    """Raises LooksSecret. ``secrets`` are texts that must not occur; ``at`` is the number of the first exchange."""
    found = [
        (number, suspicion)
        for number, one in enumerate(exchanges, at)
        for suspicion in suspicions(one, redactor, secrets)
    ]
    if found:
        raise LooksSecret(file, found)


def suspicions(one: Recorded, redactor: Redactor, secrets: Sequence[str] = ()) -> Iterator[Suspicion]:
    """Everything in an exchange that looks like a secret."""
    look = _Look(redactor, [secret for secret in secrets if len(secret) >= _SHORTEST])
    yield from look.at("request.path", "", one.path)
    yield from look.at("request.query", "", one.query)
    for side, headers, body in (
        ("request", one.request_headers, one.request),
        ("response", one.response_headers, one.response),
    ):
        yield from look.at(f"{side}.headers", "", headers)
        if body.form == "base64" and not _opens(headers, body):
            yield Suspicion(f"{side}.base64", "nobody can look into a body in this encoding")
        yield from look.at(f"{side}.{body.form}", "", _opened(body))


def _opened(body: Body) -> Any:
    """A body with its encoding taken off, so that what is in it can be seen."""
    if body.form == "base64":
        raw = body.raw()
        return [raw.decode("latin-1"), (inside(raw) or b"").decode("latin-1")]
    return body.value


def _opens(headers: Mapping[str, Any], body: Body) -> bool:
    """Whether a body of bytes can be looked into, as far as its header fields tell."""
    codings = {coding.strip() for coding in str(headers.get("content-encoding", "")).lower().split(",")}
    if codings & _CLOSED:
        return False
    return "gzip" not in codings or inside(body.raw()) is not None


class _Look:
    def __init__(self, redactor: Redactor, secrets: Sequence[str]) -> None:
        self._redactor = redactor
        self._secrets = secrets

    def at(self, place: str, name: str, value: Any) -> Iterator[Suspicion]:
        if isinstance(value, dict):
            for key, member in value.items():
                why = self._why(key)
                if why is not None:
                    yield Suspicion(f"{place} (a name in it)", why)
                step = re.split(r"[\[\]]+", key.rstrip("]"))[-1]
                yield from self.at(f"{place}.{key[:60]}", step, member)
        elif isinstance(value, list):
            for number, member in enumerate(value):
                yield from self.at(f"{place}[{number}]", name, member)
        elif value is not None and not isinstance(value, bool):
            text = str(value)
            if names_secret(name) and text and text != HIDDEN:
                yield Suspicion(place, "its name says that it is a secret")
                return
            why = self._why(text)
            if why is not None:
                yield Suspicion(place, why)

    def _why(self, text: str) -> str | None:
        for reading, how in self._readings(text):
            if any(secret in reading for secret in self._secrets):
                return f"a credential of this call{how}"
            if self._redactor.text(reading) != reading:
                return f"it has the shape of a key, a token or a card's number{how}"
        if any(is_random(found) for found in _RUN.findall(text)):
            return "a long random text"
        for found in _EMAIL.findall(text):
            if not found.endswith("@example.com"):
                return "an address of mail"
        return None

    @staticmethod
    def _readings(text: str) -> Iterator[tuple[str, str]]:
        """As it stands, and with an encoding taken off."""
        yield text, ""
        if "\0" in text:
            yield text.replace("\0", ""), " (in UTF-16)"
        if "%" in text:
            yield unquote_plus(text), " (percent-encoded)"
        for found in _BASE64.findall(text)[:_RUNS]:
            try:
                opened = base64.b64decode(found.translate(_STANDARD) + "=" * (-len(found) % 4)).decode()
            except (binascii.Error, UnicodeDecodeError, ValueError):
                continue
            if opened.isprintable():
                yield opened, " (in base64)"


_STANDARD = str.maketrans("-_", "+/")
