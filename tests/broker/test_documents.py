"""Documents on disk: uploads are whole or not there, and nothing outside the folders is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.documents import Documents
from broker.errors import InvalidInput, NotFound
from contracts.compile.document import CompileError


def test_what_was_put_is_found_listed_and_removed(tmp_path: Path) -> None:
    stored = Documents([tmp_path / "uploads"])
    assert stored.uploaded() == []
    stored.put("crm", b"one")
    stored.put("crm", b"second")
    assert stored.find("crm")[1] == b"second"
    assert [(one.name, one.size) for one in stored.uploaded()] == [("crm", 6)]
    stored.remove("crm")
    assert stored.uploaded() == []
    with pytest.raises(NotFound):
        stored.remove("crm")
    with pytest.raises(CompileError, match="no such document"):
        stored.find("crm")


def test_what_a_kill_leaves_is_no_document(tmp_path: Path) -> None:
    stored = Documents([tmp_path])
    (tmp_path / "crm,part").write_bytes(b"ha")
    assert stored.uploaded() == []
    with pytest.raises(NotFound):
        stored.remove("other")


@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "a\\b", "a\0", "a b", "x" * 101, "crm,part", "é"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    stored = Documents([tmp_path])
    for use in (lambda: stored.put(name, b""), lambda: stored.remove(name)):
        with pytest.raises(InvalidInput, match="cannot name a document"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "crm").mkdir()
    stored = Documents([tmp_path])
    assert stored.uploaded() == []
    with pytest.raises(NotFound):
        stored.remove("crm")


def test_the_first_folder_wins_and_what_is_beside_comes_from_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "apis").mkdir(parents=True)
        (tmp_path / name / "shared").write_text(name)
    (tmp_path / "two" / "apis" / "crm").write_text("crm of two")
    stored = Documents([tmp_path / "one", tmp_path / "two"])
    beside, content = stored.find("apis/crm")
    assert (content, beside("shared")) == (b"crm of two", b"two")
    assert beside("../one/shared") is None
    assert stored.find("shared")[1] == b"one"
