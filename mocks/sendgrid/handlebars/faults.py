"""What is wrong with a template, and the bounds within which one is read and rendered.

The bounds are ours: a template comes from whoever holds a key, and rendering one must not hold up anybody else.
"""

from __future__ import annotations

from typing import Any, Final

#: Blocks within blocks, and calls within calls.
MOST_DEPTH: Final = 50
#: Expressions of a template, and the words in all of them.
MOST_TAGS: Final = 20_000
MOST_WORDS: Final = 100_000
#: Steps of rendering: nodes that are visited, and every ``CHARACTERS_A_STEP`` characters that are written.
MOST_STEPS: Final = 500_000
CHARACTERS_A_STEP: Final = 256
LOOKED_A_STEP: Final = 1_024
#: Characters of what is rendered: more than SendGrid's 30 MB is no mail.
MOST_OUTPUT: Final = 30 * 1024 * 1024


class TemplateFault(ValueError):
    """The template cannot be read, or cannot be rendered with these values. Its text says why."""


class Work:
    """What rendering may still cost: one message's templates share one. Raises TemplateFault when it is used up."""

    __slots__ = ("_output", "_steps")

    def __init__(self, steps: int = MOST_STEPS, output: int = MOST_OUTPUT) -> None:
        self._steps = steps
        self._output = output

    def step(self, steps: int = 1) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise TemplateFault("the template takes too many steps to render")

    def look(self, value: Any) -> None:
        """Somebody looks through ``value``, if it is a text."""
        if isinstance(value, str):
            self.step(len(value) // LOOKED_A_STEP)

    def write(self, text: str) -> str:
        """``text``, once its characters are counted."""
        self._output -= len(text)
        if self._output < 0:
            raise TemplateFault("what the template renders is too long")
        self.step(1 + len(text) // CHARACTERS_A_STEP)
        return text
