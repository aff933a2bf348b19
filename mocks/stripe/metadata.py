"""Metadata: merged key by key, an empty value deletes a key, an empty string deletes all of it.

https://docs.stripe.com/api/metadata (2026-11): up to 50 keys, names up to 40 characters, values up to 500.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe.errors import invalid

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def first(sent: Any, param: str = "metadata") -> dict[str, str]:
    """The metadata of a new object: empty values are left out (seen)."""
    return merged({}, sent, param)


def merged(old: Mapping[str, str], sent: Any, param: str = "metadata") -> dict[str, str]:
    """``old`` with what a caller sent: None (nothing), ``""`` (empty it) or a mapping. A new dict always."""
    if sent is None:
        return dict(old)
    if sent == "":
        return {}
    result = dict(old)
    for key, value in sent.items():
        if value in ("", None):
            result.pop(key, None)
            continue
        text = value if isinstance(value, str) else _text(value)
        if len(key) > LONGEST_KEY:
            raise invalid(
                f"Metadata keys can have up to {LONGEST_KEY} characters, but you passed in one key that has "
                f"{len(key)} characters. Invalid key: {key}",
                param=f"{param}[{key}]",
            )
        if len(text) > LONGEST_VALUE:
            raise invalid(
                f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in a value that is "
                f"{len(text)} characters. Invalid value: {text}",
                param=f"{param}[{key}]",
            )
        result[key] = text
    if len(result) > MOST_KEYS:
        raise invalid(
            f"Metadata can only have up to {MOST_KEYS} keys. You are attempting to set {len(result)} keys.", param=param
        )
    return result


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
