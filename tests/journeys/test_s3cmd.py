"""s3cmd, unmodified: at the root, where the credential alone tells which environment is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.journeys.commands import Command, found, site

pytestmark = pytest.mark.slow


@pytest.fixture
def s3cmd(environment: dict[str, Any], tmp_path: Path) -> Command:
    variables = environment["variables"]
    place = urlsplit(variables["AWS_ENDPOINT_URL_S3"]).netloc
    (tmp_path / "s3cfg").write_text(
        f"[default]\naccess_key = {variables['AWS_ACCESS_KEY_ID']}\nsecret_key = {variables['AWS_SECRET_ACCESS_KEY']}\n"
        f"host_base = {place}\nhost_bucket = {place}\nuse_https = False\n"
    )
    return Command(tmp_path, ["s3cmd", "-c", "s3cfg", "--no-progress"])


def test_files_go_up_and_down(s3cmd: Command, tmp_path: Path) -> None:
    files = site(tmp_path)
    s3cmd("mb", "s3://website")
    s3cmd("sync", "--multipart-chunk-size-mb=8", "site/", "s3://website/v1/")
    listed = s3cmd("ls", "-r", "s3://website")
    assert all(f"s3://website/v1/{name}" in listed for name in files)
    assert s3cmd("sync", "site/", "s3://website/v1/") == ""
    (tmp_path / "back").mkdir()
    s3cmd("get", "-r", "s3://website/v1/", "back/")
    assert found(tmp_path / "back") == files
    assert s3cmd("du", "s3://website").split()[0] == str(sum(map(len, files.values())))
    s3cmd("cp", "-r", "s3://website/v1/", "s3://website/v2/")
    s3cmd("mv", "s3://website/v2/index.html", "s3://website/v2/start.html")
    s3cmd("modify", "--add-header=x-amz-meta-colour:red", "s3://website/v2/start.html")
    told = s3cmd("info", "s3://website/v2/start.html")
    assert "MIME type: text/" in told
    assert "x-amz-meta-colour: red" in told
    s3cmd("del", "-r", "--force", "s3://website/v1/")
    s3cmd("rb", "s3://website", fails="BucketNotEmpty")
    s3cmd("del", "-r", "--force", "s3://website")
    s3cmd("rb", "s3://website")
    assert s3cmd("ls") == ""


def test_what_a_bucket_keeps(s3cmd: Command, tmp_path: Path) -> None:
    s3cmd("mb", "s3://keeper")
    (tmp_path / "policy.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",'
        ' "Resource": "arn:aws:s3:::keeper/held/*"}]}'
    )
    (tmp_path / "cors.xml").write_text(
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://shop.example</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
    )
    s3cmd("setpolicy", "policy.json", "s3://keeper")
    s3cmd("setcors", "cors.xml", "s3://keeper")
    s3cmd("expire", "--expiry-days=3", "--expiry-prefix=logs/", "s3://keeper")
    told = s3cmd("info", "s3://keeper")
    assert "s3:DeleteObject" in told
    assert "https://shop.example" in told
    assert "'logs/'" in told
    (tmp_path / "note").write_text("held")
    s3cmd("put", "note", "s3://keeper/held/note")
    s3cmd("del", "s3://keeper/held/note", fails="AccessDenied")
    s3cmd("delpolicy", "s3://keeper")
    s3cmd("del", "s3://keeper/held/note")
    s3cmd("multipart", "s3://keeper")
