"""Buckets as files: fsspec's s3fs and obstore in Python, and Debian's s3fs as a file system."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.serving import plain_environment
from tests.journeys.buckets import connect
from tests.journeys.commands import found, site
from tests.standins import pypi

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).parent / "clients"


def test_files_of_an_application(environment: dict[str, Any], tmp_path: Path) -> None:
    done = subprocess.run(
        [str(pypi.installed(CLIENTS)), str(CLIENTS / "files.py"), environment["variables"]["AWS_ENDPOINT_URL_S3"]],
        env={**plain_environment(tmp_path), **environment["variables"]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["found"] == ["files/a b/ü.txt", "files/large"]
    assert told["sizes"] == [12 << 20]
    assert told["log"] == "one\ntwo\n"
    assert told["metadata"]["colour"] == "red"
    assert told["tags"] == {"team": "shop"}
    assert told["glob"] == ["files/a b/ü.txt"]
    assert told["range"] == "0000000100000002"
    assert told["listed"] == ["rust/renamed"]
    for name in ("middle", "whole", "etag", "url", "rust", "once", "gone"):
        assert told[name] is True, name


@pytest.fixture
def mounted(environment: dict[str, Any], tmp_path: Path) -> Iterator[Path]:
    """A bucket as a folder."""
    if shutil.which("s3fs") is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("s3fs or /dev/fuse is not there, so a bucket cannot be mounted on this machine")
    variables = environment["variables"]
    connect(environment).create_bucket(Bucket="disk")
    place = urlsplit(variables["AWS_ENDPOINT_URL_S3"])
    keys = tmp_path / "keys"
    keys.write_text(f"{variables['AWS_ACCESS_KEY_ID']}:{variables['AWS_SECRET_ACCESS_KEY']}\n")
    keys.chmod(0o600)
    folder = tmp_path / "disk"
    folder.mkdir()
    options = f"passwd_file={keys},url=http://{place.netloc},use_path_request_style,multipart_size=10"
    running = subprocess.Popen(
        ["s3fs", "disk", str(folder), "-f", "-o", options], env=plain_environment(tmp_path), stderr=subprocess.PIPE
    )
    until = time.monotonic() + 20
    while not os.path.ismount(folder):
        if running.poll() is not None:
            assert running.stderr is not None
            said = running.stderr.read().decode()
            pytest.skip(f"a bucket cannot be mounted on this machine: {said[-300:]}")
        assert time.monotonic() < until, "s3fs did not mount the bucket"
        time.sleep(0.01)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    running.wait(20)
    assert running.stderr is not None
    running.stderr.close()


def test_a_bucket_is_a_disk(mounted: Path, tmp_path: Path) -> None:
    files = site(tmp_path)
    shutil.copytree(tmp_path / "site", mounted / "site")
    assert found(mounted / "site") == files
    (mounted / "site" / "big.bin").rename(mounted / "moved.bin")
    assert (mounted / "moved.bin").read_bytes() == files["big.bin"]
    with (mounted / "log").open("a") as log:
        log.write("one\n")
    with (mounted / "log").open("a") as log:
        log.write("two\n")
    assert (mounted / "log").read_text() == "one\ntwo\n"
    (mounted / "log").chmod(0o640)
    assert (mounted / "log").stat().st_mode & 0o777 == 0o640
    shutil.rmtree(mounted / "site")
    assert sorted(found(mounted)) == ["log", "moved.bin"]
