"""The mock's Handlebars against Handlebars.js itself: thousands of templates that are put together by chance, each
rendered by both, the blanks too."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mocks.sendgrid.rendering import TemplateFault, render
from tests.standins import npm

FOLDER = Path(__file__).parent / "node"

VALUES: dict[str, Any] = {
    "a": "x<y>&\"'`=",
    "n": 3,
    "z": 0,
    "f": 1.5,
    "t": True,
    "no": False,
    "nil": None,
    "e": "",
    "l": [1, "two", {"k": "v"}, [1, 2]],
    "el": [],
    "o": {"b": "B", "c": {"d": "D"}, "10": "ten", "2": "two"},
    "eo": {},
    "items": [{"name": "n1", "on": True, "tags": ["p", "q"]}, {"name": "n2", "tags": []}, {"on": 0}],
    "s p": "spaced",
}
PATHS = (
    *("a", "n", "z", "f", "t", "no", "nil", "e", "l", "el", "o", "eo", "items", "o.b", "o/c/d", "o.c.d", "l.[1]"),
    *("l.1", "l.length", "a.length", "items.[0].name", "this", "this.a", "./a", "../a", "../../a", "@root.a", "@index"),
    *("@key", "@first", "@last", "@../index", "@root", "[s p]", "o.[10]", "missing", "missing.deep", "items.0.tags"),
    *("..", "."),
)
#: What is compared by size is never null nor missing: those two JavaScript tells apart, and the mock does not.
SIZED = ("n", "z", "f", "a", "o.b", "l.length", "5", "-2", '"3"', "(length a)", "(length el)", "true")
LITERALS = ('"str"', "'s'", "5", "-2", "1.5", "true", "false", "null", "undefined", '"3"')
BLANKS = ("", "\n", " ", "  \n", "\n\n", "\t", "x", "  y", "z\n", " \n ", "\r\n")


class Author:
    """Writes templates by chance, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - templates, not secrets

    def _one(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _argument(self, depth: int = 0) -> str:
        drawn = self._chance.random()
        if drawn < 0.15 and depth < 2:
            name = self._one("equals", "and", "or", "notEquals")
            return f"({name} {self._argument(depth + 1)} {self._argument(depth + 1)})"
        if drawn < 0.2:
            return f"({self._one('greaterThan', 'lessThan')} {self._one(*SIZED)} {self._one(*SIZED)})"
        return self._one(*LITERALS) if drawn < 0.4 else self._one(*PATHS)

    def template(self) -> str:
        return "".join(self._node(0) for _ in range(self._chance.randint(1, 4)))

    def _node(self, depth: int) -> str:
        drawn = self._chance.random()
        left, right = self._one("", "", "", "~"), self._one("", "", "", "~")
        if drawn < 0.3 or depth > 3:
            return self._one("text", "\n", " ", "line\n", "  ", "\\{{x}}", "\\\\") + self._one(*BLANKS)
        if drawn < 0.5:
            return f"{{{{{left}{self._one(*PATHS)}{right}}}}}"
        if drawn < 0.56:
            return f" {{{{{{{self._one(*PATHS)}}}}}}}"
        if drawn < 0.6:
            return self._one("{{! c }}", "{{!-- c }} --}}", "{{~! c ~}}")
        if drawn < 0.64:
            call = self._one("insert {} 'default=D'", "length {}", "lookup l {}", "equals {} 'B'")
            return "{{" + call.format(self._argument()) + "}}"
        return self._block(depth, left, right)

    def _body(self, depth: int) -> str:
        inner = "".join(self._node(depth + 1) for _ in range(self._chance.randint(0, 3)))
        return self._one(*BLANKS) + inner + self._one(*BLANKS)

    def _block(self, depth: int, left: str, right: str) -> str:
        name = self._one("if", "unless", "each", "with", "each", "equals", "and", "section", "inverse")
        if name in ("section", "inverse"):
            name, mark, argument = self._one(*PATHS), "#" if name == "section" else "^", ""
        else:
            mark, argument = "#", f" {self._argument()}"
        if name in ("equals", "and"):
            argument += f" {self._argument()}"
        if name in ("each", "with"):
            argument += self._one("", "", "", " as |n i|")
        written = f"{{{{{left}{mark}{name}{argument}{right}}}}}{self._body(depth)}"
        if mark == "#":
            for _ in range(self._chance.choice((0, 0, 0, 1, 2))):
                tilde = self._one("", "", "~")
                written += f"{{{{{tilde}else if {self._argument()}{tilde}}}}}{self._body(depth)}"
            if self._chance.random() < 0.4:
                written += f"{{{{{right}{self._one('else', '^')}{left}}}}}{self._body(depth)}"
        return f"{written}{{{{{right}/{name}{left}}}}}"


@pytest.mark.parametrize("seed", range(3))
def test_both_render_the_same(seed: int) -> None:
    if not npm.available():
        pytest.skip("Node.js with npm is not installed, so Handlebars.js cannot judge on this machine")
    npm.installed(FOLDER)
    author = Author(seed)
    templates = [author.template() for _ in range(2_000)]
    done = subprocess.run(
        ["node", "handlebars_judge.mjs"],
        cwd=FOLDER,
        env={"PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent)},
        input=json.dumps([[template, VALUES] for template in templates]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    judged = json.loads(done.stdout)
    wrong = [
        f"{template!r}: {answer} is {ours}"
        for template, answer in zip(templates, judged, strict=True)
        if (ours := _ours(template)) != answer.get("text")
    ]
    assert not wrong, "\n".join(sorted(wrong, key=len)[:10])
    assert sum("text" in answer for answer in judged) > 1_000
    assert sum("fault" in answer for answer in judged) > 50


def _ours(template: str) -> str | None:
    """What the mock renders; None for a fault, whose words are its own."""
    try:
        return render(template, VALUES)
    except TemplateFault:
        return None
