"""What an email address looks like."""

from __future__ import annotations

import re
from typing import Final

#: One @, something on both sides, no blanks, and a domain of labels (dotted, or an address literal).
_ADDRESS: Final = re.compile(
    r"[^@\s<>,;]+@([A-Za-z0-9\u0080-\uffff]([A-Za-z0-9\u0080-\uffff-]*[A-Za-z0-9\u0080-\uffff])?\.)+[^@\s.,;<>]{2,}"
)


def is_address(text: str) -> bool:
    """Whether ``text`` is the address of a mailbox."""
    return _ADDRESS.fullmatch(text) is not None
