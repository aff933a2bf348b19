"""The AWS CLI, unmodified, with the bundle's variables and nothing else."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.serving import plain_environment

#: A command takes a second to start.
pytestmark = pytest.mark.slow

AWS = str(Path(sys.executable).with_name("aws"))
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def aws(environment: dict[str, Any], tmp_path: Path) -> Run:
    """``aws(*words)`` runs the command; ``fails`` is the text of an error that it must end with."""
    variables = {
        **plain_environment(tmp_path),
        "AWS_CONFIG_FILE": "/nonexistent/aws/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/aws/credentials",
        "AWS_EC2_METADATA_DISABLED": "true",
        **environment["variables"],
    }

    def run(*words: str, fails: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run([AWS, *words], capture_output=True, text=True, env=variables, cwd=tmp_path)
        assert (fails in done.stderr and done.returncode) if fails else done.returncode == 0, done.stderr + done.stdout
        return done

    return run


def test_files_go_up_and_down(aws: Run, tmp_path: Path) -> None:
    (tmp_path / "site" / "a b").mkdir(parents=True)
    content = {"index.html": b"<p>hello", "a b/ü.txt": b"nested", "big.bin": bytes(range(256)) * (36 * 1024)}
    for name, data in content.items():
        (tmp_path / "site" / name).write_bytes(data)
    aws("s3", "mb", "s3://site")
    aws("s3", "sync", "site", "s3://site/v1", "--no-progress")
    listed = aws("s3", "ls", "s3://site/v1/", "--recursive").stdout
    assert all(f"v1/{name}" in listed for name in content)
    assert "PRE a b/" in aws("s3", "ls", "s3://site/v1/").stdout
    aws("s3", "cp", "s3://site/v1", "s3://site/v2", "--recursive", "--no-progress")
    aws("s3", "sync", "s3://site/v2", "back", "--no-progress")
    for name, data in content.items():
        found = (tmp_path / "back" / name).read_bytes()
        assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest(), name
    assert aws("s3", "sync", "s3://site/v2", "back", "--no-progress").stdout == ""
    aws("s3", "rb", "s3://site", fails="BucketNotEmpty")
    aws("s3", "rb", "s3://site", "--force")
    assert aws("s3", "ls").stdout == ""


def test_calls_by_their_name(aws: Run, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"hello")
    aws("s3api", "create-bucket", "--bucket", "pictures")
    put = json.loads(aws("s3api", "put-object", "--bucket", "pictures", "--key", "k", "--body", "body").stdout)
    head = json.loads(aws("s3api", "head-object", "--bucket", "pictures", "--key", "k").stdout)
    assert (head["ETag"], head["ContentLength"]) == (put["ETag"], 5)
    aws("s3api", "get-object", "--bucket", "pictures", "--key", "nope", "out", fails="NoSuchKey")
    aws("s3api", "get-bucket-replication", "--bucket", "pictures", fails="ReplicationConfigurationNotFoundError")
    url = aws("s3", "presign", "s3://pictures/k").stdout.strip()
    assert httpx.get(url).content == b"hello"
    assert httpx.get(url.replace("/k?", "/other?")).status_code == 403


def test_files_are_moved_kept_in_step_and_removed(aws: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "deep" / "er").mkdir(parents=True)
    for name in ("a.txt", "b.log", "deep/c.txt", "deep/er/d.txt"):
        (site / name).write_text(name)
    aws("s3", "mb", "s3://moving")
    aws("s3", "cp", "site", "s3://moving/v1/", "--recursive", "--exclude", "*.log", "--no-progress")
    assert "b.log" not in aws("s3", "ls", "s3://moving", "--recursive").stdout
    aws("s3", "mv", "s3://moving/v1/deep", "s3://moving/v2/deep", "--recursive")
    told = aws("s3", "ls", "s3://moving", "--recursive", "--summarize").stdout
    assert "v1/deep" not in told
    assert "Total Objects: 3" in told
    aws("s3", "mv", "site/b.log", "s3://moving/v2/")
    assert not (site / "b.log").exists()
    (site / "deep" / "c.txt").write_text("changed and longer")
    (site / "a.txt").unlink()
    done = aws("s3", "sync", "site", "s3://moving/v1", "--delete", "--no-progress").stdout
    assert "delete: s3://moving/v1/a.txt" in done
    assert "deep/c.txt" in done
    assert aws("s3", "cp", "s3://moving/v1/deep/c.txt", "-").stdout == "changed and longer"
    aws("s3", "rm", "s3://moving/v2", "--recursive", "--quiet")
    assert "v2" not in aws("s3", "ls", "s3://moving", "--recursive").stdout
    url = aws("s3", "presign", "s3://moving/v1/deep/c.txt", "--expires-in", "60").stdout.strip()
    assert httpx.get(url).text == "changed and longer"
    aws("s3", "rb", "s3://moving", "--force")
    aws("s3", "ls", "s3://moving", fails="NoSuchBucket")
