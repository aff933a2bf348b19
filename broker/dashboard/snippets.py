"""An environment's variables as programs of several languages set them, to be pasted into a shell, a test or a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

Variables = Mapping[str, str]


def _quoted(value: str) -> str:
    """A string literal of Python, JavaScript and Go: JSON's escapes are theirs, too."""
    return json.dumps(value)


def python(variables: Variables) -> str:
    """``os.environ[...] = ...``"""
    return "import os\n\n" + "".join(f"os.environ[{_quoted(n)}] = {_quoted(v)}\n" for n, v in variables.items())


def javascript(variables: Variables) -> str:
    """``process.env.NAME = ...``"""
    return "".join(f"process.env.{name} = {_quoted(value)};\n" for name, value in variables.items())


def ruby(variables: Variables) -> str:
    """``ENV['NAME'] = '...'``: single quotes, in which only two characters need an escape."""

    def literal(value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    return "".join(f"ENV[{literal(name)}] = {literal(value)}\n" for name, value in variables.items())


def go(variables: Variables) -> str:
    """``os.Setenv(...)``"""
    return "".join(f"os.Setenv({_quoted(name)}, {_quoted(value)})\n" for name, value in variables.items())


def compose(variables: Variables) -> str:
    """``environment:`` of a service of Docker Compose, where ``$`` is written twice."""
    doubled = {name: value.replace("$", "$$") for name, value in variables.items()}
    return "environment:\n" + "".join(f"  {name}: {_quoted(value)}\n" for name, value in doubled.items())


LANGUAGES: Mapping[str, Callable[[Variables], str]] = {
    "compose": compose,
    "python": python,
    "javascript": javascript,
    "ruby": ruby,
    "go": go,
}
