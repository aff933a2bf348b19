"""What differs between any two answers, replaced by its shape: times, addresses, ids, tokens. Pure."""

from __future__ import annotations

import re

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
)
_ORIGIN = re.compile(r"https?://[^/\s\"'<>]+(?:/e/[a-z0-9-]+/[a-z0-9-]+)?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
#: ``cus_9s6XKzkNRiz8i3``: a word, and letters of which some are digits or capitals.
#: Several may be joined, as in a client's secret.
_ID = re.compile(r"(?<![A-Za-z0-9])([a-z]{2,12}_(?:[a-z]{2,12}_)*)(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{8,}(?![A-Za-z0-9])")
_HEX = re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{16,}\b")
#: What separates the parts of a text, and parts that are no chance: ``personalizations.0.to``, ``photos/2026/x.jpg``.
_SEPARATORS, _PLAIN = re.compile(r"[+/=_.~-]+"), re.compile(r"[a-z]*(?:[A-Z][a-z]+)*|[A-Z]{1,4}|[0-9]{1,5}")
#: Random text: letters and digits, long, and no words.
_TOKEN = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+/=_.~-]{12,}")


def masked(text: str) -> str:
    """The text with what always differs replaced by its shape."""
    text = _TIME.sub("<time>", text)
    text = _ORIGIN.sub("<origin>", text)
    text = _UUID.sub("<uuid>", text)
    text = _ID.sub(r"<\1>", text)
    text = _HEX.sub("<hex>", text)
    if text == "<hex>":
        return "<token>"  # by chance, or all of it: what is drawn from sixteen characters is random text too
    if _TOKEN.fullmatch(text) and not all(_PLAIN.fullmatch(part) for part in _SEPARATORS.split(text)):
        return "<token>"
    return text
