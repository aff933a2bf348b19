"""Ids of the forms that SendGrid has besides letters and digits. Each carries, as every id does, where it was made."""

from __future__ import annotations

from mocks.base import Call
from mocks.generic.ids import forms

_LENGTH = 24


def uuid(call: Call) -> str:
    """A new UUID."""
    return str(forms(call.new_id("", _LENGTH)).forms[1])


def hexadecimal(call: Call) -> str:
    """32 new hexadecimal digits."""
    return uuid(call).replace("-", "")
