"""Variables in the words of several languages: each is read back by its language, where this machine has it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from broker.dashboard import snippets

NASTY = {"PLAIN": "value", "NASTY": "a'b\"c\\d $HOME ${X} #{y} `z`", "LINES": "one\ntwo"}


def test_python_reads_them_back() -> None:
    program = snippets.python(NASTY) + f"import json\nprint(json.dumps({{n: os.environ[n] for n in {list(NASTY)}}}))"
    assert json.loads(subprocess.check_output([sys.executable, "-c", program])) == NASTY


def test_node_reads_them_back() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("this machine has no Node")
    program = snippets.javascript(NASTY) + f"const n = {json.dumps(list(NASTY))};"
    program += "console.log(JSON.stringify(Object.fromEntries(n.map((name) => [name, process.env[name]]))))"
    assert json.loads(subprocess.check_output([node, "-e", program], env={"PATH": os.defpath})) == NASTY


def test_compose_reads_them_back_with_its_dollars() -> None:
    found = yaml.safe_load(snippets.compose(NASTY))["environment"]
    assert {name: value.replace("$$", "$") for name, value in found.items()} == NASTY
    assert "$HOME" not in found["NASTY"].replace("$$", "")


def test_ruby_and_go_escape_what_ends_a_literal() -> None:
    assert snippets.ruby({"A": "it's \\ #{x}"}) == "ENV['A'] = 'it\\'s \\\\ #{x}'\n"
    assert snippets.go({"A": 'say "x"\n'}) == 'os.Setenv("A", "say \\"x\\"\\n")\n'
