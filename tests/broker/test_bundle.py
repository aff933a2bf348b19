"""Each format of the bundle, read back by what will read it: a shell, dotenv's rules, a YAML reader."""

from __future__ import annotations

import io
import subprocess

import dotenv
import orjson
import pytest
import yaml

from broker.bundle import FORMATS, render
from broker.errors import InvalidInput

VALUES = {
    "PLAIN": "http://127.0.0.1:4600/e/pr-1/alpha",
    "KEY": "SG.a-b_c.d+e/f=",
    "SPACES": " two words ",
    "EMPTY": "",
    "DOLLAR": "a$HOME `id` $(id) !x",
    "SINGLE": "it's",
    "DOUBLE": 'say "x"',
    "BACKSLASH": "a\\b\\n",
    "LINES": 'first\nsecond\'s "x"\nEOF\nBROKER_EOF',
    "HASH": "a # b",
    "UNICODE": "grüße 🎈",
    "LOOKS_LIKE_A_NUMBER": "0123",
    "LOOKS_LIKE_A_BOOLEAN": "yes",
}
BUNDLE = {"name": "pr-1", "status": "open", "endpoint": "x", "expires_at": "y", "variables": VALUES, "bindings": {}}


def test_json() -> None:
    assert orjson.loads(render(BUNDLE, "json")) == BUNDLE


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_shell(shell: str) -> None:
    script = render(BUNDLE, "shell") + "".join(f'printf "%s\\0" "${name}"\n' for name in VALUES)
    out = subprocess.run([shell, "-eu"], input=script.encode(), stdout=subprocess.PIPE, check=True).stdout
    assert out.decode().split("\0")[:-1] == list(VALUES.values())


def test_dotenv() -> None:
    assert dict(dotenv.dotenv_values(stream=io.StringIO(render(BUNDLE, "dotenv")))) == VALUES


def test_plain_values_have_no_quotes_in_dotenv_so_that_docker_reads_them_too() -> None:
    lines = render(BUNDLE, "dotenv").splitlines()
    assert "PLAIN=http://127.0.0.1:4600/e/pr-1/alpha" in lines
    assert "KEY=SG.a-b_c.d+e/f=" in lines


def test_k8s() -> None:
    manifest = yaml.safe_load(render(BUNDLE, "k8s"))
    assert manifest["kind"] == "Secret"
    assert manifest["metadata"]["name"] == "broker-pr-1"
    assert manifest["stringData"] == VALUES


def test_github() -> None:
    """Read as the runner does: ``NAME=value``, or ``NAME<<DELIMITER`` up to a line that is the delimiter alone."""
    found, lines = {}, iter(render(BUNDLE, "github").split("\n")[:-1])
    for line in lines:
        name, heredoc, delimiter = line.partition("<<")
        if heredoc and "=" not in name:
            collected = []
            while (part := next(lines)) != delimiter:
                collected.append(part)
            found[name] = "\n".join(collected)
        else:
            name, _, found[name] = line.partition("=")
    assert found == VALUES


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(InvalidInput, match="known ones are json, dotenv, shell, github, k8s"):
        render(BUNDLE, "xml")
    assert set(FORMATS) == {"json", "dotenv", "shell", "github", "k8s"}
