"""Ids in the forms that contracts ask for: text, UUID, hexadecimal, number.

The first characters of an id that ``Call.new_id`` makes tell where it was made. A UUID carries them too, in its first
eight digits, so that it can be recognised elsewhere as well; a number cannot.
"""

from __future__ import annotations

import re
import string
import zlib
from typing import Final

from contracts import scalars
from contracts.generate import Either

_LETTERS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: 62**5 fits into 32 bits.
_CARRIED: Final = 5
_UUID: Final = re.compile(r"([0-9a-f]{8})-?[0-9a-f]{4}-?4[0-9a-f]{3}-?a[0-9a-f]{3}-?[0-9a-f]{12}")


def forms(text: str, prefix: str = "") -> Either:
    """``text``, which begins with ``prefix``, in every form; the same for the same text."""
    drawn = text.removeprefix(prefix)
    made = scalars.uuid_of(int.from_bytes(drawn.encode(), "big") % (2**127 - 1))
    uuid_form = _number(drawn[:_CARRIED]) + made[8:]
    whole = zlib.crc32(text.encode()) & 0x7FFFFFFF
    return Either((text, uuid_form, uuid_form.replace("-", ""), whole, str(whole)))


def carried(key: str) -> str | None:
    """The characters that a UUID made by ``forms`` carries; None for what cannot be one."""
    found = _UUID.fullmatch(key)
    if found is None:
        return None
    number, letters = int(found[1], 16), ""
    for _ in range(_CARRIED):
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters if number == 0 else None


def _number(letters: str) -> str:
    """Five characters as eight hexadecimal digits."""
    number = 0
    for letter in letters:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return f"{number:08x}"
