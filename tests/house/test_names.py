"""Names, sizes and first lines: what keeps the tree readable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, found, modules, ours, parsed, relative

#: A file longer than this does more than one thing.
LINES = 400
#: Longer ones, each with its reason.
LONG: dict[str, str] = {}

PROVIDERS = re.compile(
    r"(?<![a-z0-9])(stripe|sendgrid|twilio|s3|aws|amazon|boto3?|botocore|paypal|mailgun|auth0|openai)(?![a-z0-9])",
    re.IGNORECASE,
)
#: Where a provider's name may stand in broker/.
EXCEPTED = {
    "broker/app.py": "the composition root",
    "broker/destinations.py": "cites the clouds' documentation of their metadata addresses",
}

FORBIDDEN = {"manager", "helper", "helpers", "util", "utils", "common", "misc"}
FORBIDDEN_MODULES = FORBIDDEN | {"data", "info", "process", "base64_utils", "types", "constants"}


def test_files_stay_short() -> None:
    long = {relative(path): len(path.read_text().splitlines()) for path in modules()}
    wrong = [f"{path}: {lines} lines" for path, lines in long.items() if lines > LINES and path not in LONG]
    assert not wrong, found(wrong)
    assert all(long.get(path, 0) > LINES for path in LONG), "an exception that is no longer needed"


def test_the_broker_names_no_provider() -> None:
    wrong = []
    for path in sorted((ROOT / "broker").rglob("*")):
        if path.suffix not in (".py", ".json", ".html", ".yaml", ".css", ".js", ".jinja") or relative(path) in EXCEPTED:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if PROVIDERS.search(line):
                wrong.append(f"{relative(path)}:{number}: {line.strip()}")
    assert not wrong, found(wrong)


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        relative(path)
        for path in modules()
        if path.read_text().strip() and not (ast.get_docstring(parsed(path)) or "").strip()
    ]
    assert not wrong, found(wrong)


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|NotImplemented[E]rror)\b")
    wrong = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in ours()
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert not wrong, found(wrong)


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_names_say_something() -> None:
    wrong = [relative(path) for path in modules() if path.stem in FORBIDDEN_MODULES or path.parent.name in FORBIDDEN]
    for path in modules():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if FORBIDDEN & _words(node.name) or re.match(r"_*(handle|do)_", node.name):
                wrong.append(f"{relative(path)}:{node.lineno}: {node.name}")
    assert not wrong, found(wrong)


def test_the_check_on_names_can_fail() -> None:
    assert _words("StateManager") & FORBIDDEN
    assert _words("_form_utils") & FORBIDDEN
    assert not _words("commonality") & FORBIDDEN
    assert PROVIDERS.search("STRIPE_API_KEY")
    assert PROVIDERS.search("{bucket}.s3.{environment}")
    assert not PROVIDERS.search("text.strip() or striped")


def test_nothing_depends_on_one_machine() -> None:
    """No path of a developer's machine, no registry's host, nothing beside the checkout."""
    # Written with a group in the middle, so that the rule does not find itself.
    patterns = [
        r"\.\./(shared)",
        r"/(work)/",
        r"/(root)/",
        r"/(home)/[a-z]",
        r"(index)-url",
        r"(pypi)\.org",
        r"registry\.(npm)",
    ]
    wrong = []
    for path in ours():
        if path == Path(__file__):
            continue
        text = path.read_text()
        wrong += [f"{relative(path)}: {pattern}" for pattern in patterns if re.search(pattern, text)]
    # The lock files are made without naming an index; the option that does it may be named there.
    allowed = {"Makefile: (index)-url"}
    assert set(wrong) <= allowed, found(wrong)
