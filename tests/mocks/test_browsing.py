"""Which services have files to look through."""

from __future__ import annotations

from mocks.browsing import Folder
from mocks.registry import SERVICES


def test_only_a_service_that_keeps_files_is_browsed() -> None:
    assert [service.name for service in SERVICES if service.browsing is not None] == ["s3"]


def test_a_folder_ends_unless_it_says_how_to_go_on() -> None:
    assert Folder([], []).next is None
