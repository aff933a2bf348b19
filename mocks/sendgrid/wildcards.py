"""Texts with wildcards, matched in time that grows with the text alone, however many wildcards there are."""

from __future__ import annotations

from collections.abc import Sequence


def matches(parts: Sequence[str], text: str, *, whole: bool = True) -> bool:
    """Whether ``text`` begins with the first of ``parts``, has the others after each other, with anything in between,
    and ends with the last one; without ``whole`` it may go on after that."""
    if len(parts) == 1:
        return text == parts[0] if whole else text.startswith(parts[0])
    if not text.startswith(parts[0]):
        return False
    place = len(parts[0])
    for part in parts[1:-1]:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    if whole:
        return len(text) - place >= len(parts[-1]) and text.endswith(parts[-1])
    return text.find(parts[-1], place) >= 0
