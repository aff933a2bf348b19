"""rclone, unmodified, at an environment's address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.commands import Command, found, site

pytestmark = pytest.mark.slow


@pytest.fixture
def rclone(environment: dict[str, Any], tmp_path: Path) -> Command:
    variables = environment["variables"]
    (tmp_path / "rclone.conf").write_text(
        f"[s3]\ntype = s3\nprovider = Other\nforce_path_style = true\nendpoint = {variables['AWS_ENDPOINT_URL_S3']}\n"
        f"access_key_id = {variables['AWS_ACCESS_KEY_ID']}\nsecret_access_key = {variables['AWS_SECRET_ACCESS_KEY']}\n"
        f"region = {variables['AWS_REGION']}\n"
    )
    return Command(tmp_path, ["rclone", "--config", "rclone.conf", "--retries", "1", "--low-level-retries", "1"])


def test_files_go_up_and_down(rclone: Command, tmp_path: Path) -> None:
    files = site(tmp_path)
    rclone("mkdir", "s3:website")
    rclone("sync", "site", "s3:website/v1", "--s3-upload-cutoff", "10M", "--s3-chunk-size", "5M")
    rclone("check", "--download", "site", "s3:website/v1")
    listed = json.loads(rclone("lsjson", "-R", "--files-only", "s3:website/v1"))
    assert {one["Path"]: one["Size"] for one in listed} == {name: len(content) for name, content in files.items()}
    assert all(one["ModTime"][:19] for one in listed)
    assert rclone("copy", "site", "s3:website/v1", "-v") == ""
    rclone("moveto", "s3:website/v1/big.bin", "s3:website/v2/big.bin")
    assert rclone("cat", "s3:website/v1/a b/ü+%.txt") == "nested"
    rclone("copy", "s3:website/v2", "back")
    assert found(tmp_path / "back") == {"big.bin": files["big.bin"]}
    (tmp_path / "site" / "empty").unlink()
    rclone("sync", "site", "s3:website/v1")
    assert "empty" not in rclone("lsf", "s3:website/v1")
    assert httpx.get(rclone("link", "s3:website/v1/index.html").strip()).content == b"<p>hello"
    assert json.loads(rclone("size", "--json", "s3:website"))["count"] == 4
    rclone("purge", "s3:website")
    assert rclone("lsd", "s3:") == ""


def test_versions_are_seen(rclone: Command, tmp_path: Path) -> None:
    rclone("mkdir", "s3:kept")
    assert rclone("backend", "versioning", "s3:kept").strip() == "Unversioned"
    rclone("backend", "versioning", "s3:kept", "Enabled")
    for text in ("first", "second"):
        (tmp_path / "note.txt").write_text(text)
        rclone("copyto", "note.txt", "s3:kept/note.txt", "--ignore-times")
    assert len(rclone("lsf", "--s3-versions", "s3:kept").split()) == 2
    rclone("deletefile", "s3:kept/note.txt")
    assert rclone("lsf", "s3:kept") == ""
    assert len(rclone("lsf", "--s3-versions", "s3:kept").split()) == 2
    rclone("backend", "cleanup-hidden", "s3:kept")
    rclone("rmdir", "s3:kept")
