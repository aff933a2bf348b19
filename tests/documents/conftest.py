"""The folder of public documents, and how many of them are tried: a handful, or all with ``--all-documents``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import directory


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-documents", action="store_true", help="all thirty documents, and ten generated sessions")


@pytest.fixture(scope="session")
def documents() -> Path:
    """Installed once; skips where there is no npm."""
    if not directory.available():
        pytest.skip("npm is not installed, so no public documents can be fetched on this machine")
    return directory.installed()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # Without a path of this folder on the command line the option is not known.
    whole = bool(metafunc.config.getoption("--all-documents", False))
    if "document" in metafunc.fixturenames:
        metafunc.parametrize("document", directory.THIRTY if whole else directory.HANDFUL)
    if "generated" in metafunc.fixturenames:
        metafunc.parametrize("generated", directory.TEN if whole else directory.TEN[:2])
