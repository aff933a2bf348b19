"""The documents that the bench makes mocks of: one is a mock, and the large one is large."""

from __future__ import annotations

from bench.generic import document, large
from contracts import documents
from contracts.compile.unseen import compile_unseen


def test_it_is_a_mock_with_a_resource() -> None:
    unseen = compile_unseen("crm", document(3))
    assert unseen.notes == []
    assert unseen.contract.kept() == ["contact", "contact1", "contact2"]
    assert len(unseen.contract.operations) == 15


def test_a_large_one_is_as_large_as_was_asked() -> None:
    content = large(200_000)
    assert 200_000 <= len(content) < 240_000
    assert b'"version":"1"' in content
    assert documents.read(content)["openapi"] == "3.0.3"
