"""kill -9 in the middle of parallel uploads, copies and deletions: every object that was acknowledged is whole, nothing
that did not arrive is listed, and no file is left that nothing refers to."""

from __future__ import annotations

import contextlib
import hashlib
import random
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from demo.serving import Broker
from tests.journeys.buckets import connect
from tests.journeys.test_boto3 import MIB

pytestmark = pytest.mark.slow

ROUNDS, WRITERS = 4, 5
PLAIN, VERSIONED = "plain", "versioned"


def body_of(size: int, chance: random.Random) -> bytes:
    """Different at every place, so that no two pieces can be taken for each other."""
    return chance.randbytes(size)


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Writer(threading.Thread):
    """Works on keys of its own until the server is gone, and knows what it was told.

    ``told`` maps (bucket, key) to the digest of what the object has to be; ``doubtful`` is the one write that was not
    answered: before or after, and whole in both cases. ``versions`` maps (key, version id) to digests.
    """

    def __init__(self, bundle: dict[str, Any], name: str, seed: int) -> None:
        super().__init__()
        self.client = connect(bundle)
        self.name = name
        self.chance = random.Random(seed)  # noqa: S311 - bodies and the order of calls
        self.told: dict[tuple[str, str], str | None] = {}
        self.doubtful: tuple[tuple[str, str], str | None] | None = None
        self.versions: dict[tuple[str, str], str] = {}
        self.uploads: list[tuple[str, str, list[dict[str, Any]], bytes]] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        steps: list[Callable[[str, str], None]] = [self.put, self.put, self.put, self.multipart, self.copy, self.delete]
        with contextlib.suppress(HTTPClientError, BotoCoreError):
            while True:
                bucket = self.chance.choice([PLAIN, VERSIONED])
                try:
                    self.chance.choice(steps)(bucket, f"{self.name}/{self.chance.randrange(8)}")
                except ClientError as refused:
                    self.wrong.append(str(refused))
                    return

    def wrote(self, where: tuple[str, str], call: Callable[[], Any], found: str | None) -> None:
        self.doubtful = (where, found)
        answer = call()
        self.told[where] = found
        self.doubtful = None
        if found is not None and (version := answer.get("VersionId")):
            self.versions[where[1], version] = found

    def put(self, bucket: str, key: str) -> None:
        body = body_of(self.chance.choice([1024, 1024, 200 * 1024, 8 * MIB]), self.chance)
        self.wrote((bucket, key), lambda: self.client.put_object(Bucket=bucket, Key=key, Body=body), digest(body))

    def multipart(self, bucket: str, key: str) -> None:
        body = body_of(5 * MIB + self.chance.randrange(MIB), self.chance)
        upload = self.client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        parts: list[dict[str, Any]] = []
        # What is left of it when the server dies is completed afterwards.
        self.uploads.append((bucket, key, parts, body))
        pieces = [body[: 5 * MIB], body[5 * MIB :]]
        for number, piece in enumerate(pieces, 1):
            made = self.client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=piece)
            parts.append({"PartNumber": number, "ETag": made["ETag"], "UploadId": upload})
        done = {"Parts": [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in parts]}
        self.wrote(
            (bucket, key),
            lambda: self.client.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=done
            ),
            digest(body),
        )
        self.uploads.pop()

    def copy(self, bucket: str, key: str) -> None:
        there = [where for where, found in self.told.items() if found is not None and where != (bucket, key)]
        if there:
            source = self.chance.choice(there)
            named = {"Bucket": source[0], "Key": source[1]}
            self.wrote(
                (bucket, key),
                lambda: self.client.copy_object(Bucket=bucket, Key=key, CopySource=named),
                self.told[source],
            )

    def delete(self, bucket: str, key: str) -> None:
        self.wrote((bucket, key), lambda: self.client.delete_object(Bucket=bucket, Key=key), None)


def half_sent(client: Any, key: str, size: int) -> socket.socket:
    """An upload of which the half has arrived, and that nobody ends."""
    url = urlsplit(client.generate_presigned_url("put_object", Params={"Bucket": PLAIN, "Key": key}))
    sending = socket.create_connection((url.hostname or "", url.port or 0))
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {size}\r\n\r\n"
    sending.sendall(head.encode() + b"x" * (size // 2))
    return sending


def read(client: Any, bucket: str, key: str, **more: str) -> str | None:
    try:
        body: bytes = client.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **more)["Body"].read()
    except client.exceptions.NoSuchKey:
        return None
    return digest(body)


def check_no_orphans(server: Broker) -> None:
    """Files and the rows that name them are the same, in every environment."""
    for home in (server.data / "environments").iterdir():
        rows = sqlite3.connect(f"file:{home / 'state.db'}?mode=ro", uri=True)
        named = {row[0] for row in rows.execute("SELECT id FROM blobs WHERE body IS NULL")}
        rows.close()
        assert {path.name for path in home.glob("blobs/*/*")} == named


def test_acknowledged_objects_outlive_a_kill_and_nothing_else_does(own_server: Broker) -> None:
    server = own_server
    server.start()
    bundle = server.open("pr-142")
    client = connect(bundle)
    for bucket in (PLAIN, VERSIONED):
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    versions: dict[tuple[str, str], str] = {}
    for turn in range(ROUNDS):
        writers = [Writer(bundle, f"{turn}-{number}", turn * 100 + number) for number in range(WRITERS)]
        halves = [half_sent(client, f"half/{size}", size) for size in (1024, 200 * 1024, 16 * MIB)]
        for writer in writers:
            writer.start()
        time.sleep(0.7 + 0.5 * turn)
        server.kill()
        for writer in writers:
            writer.join()
            assert writer.wrong == []
        assert sum(len(writer.told) for writer in writers) > WRITERS
        assert list(server.data.rglob("*.part")), "the kill left garbage, which start-up has to collect"
        server.start()
        check_no_orphans(server)
        for half in halves:
            half.close()
        assert client.list_objects_v2(Bucket=PLAIN, Prefix="half/")["KeyCount"] == 0
        for writer in writers:
            check(client, writer)
            versions.update(writer.versions)
        check_no_orphans(server)
    for (key, version), expected in versions.items():
        assert read(client, VERSIONED, key, VersionId=version) == expected


def check(client: Any, writer: Writer) -> None:
    """What the writer was told holds, and lists show nothing else."""
    doubtful = dict([writer.doubtful]) if writer.doubtful else {}
    for bucket in (PLAIN, VERSIONED):
        listed = client.list_objects_v2(Bucket=bucket, Prefix=f"{writer.name}/").get("Contents", [])
        told = {key for (named, key), found in writer.told.items() if named == bucket and found is not None}
        assert {one["Key"] for one in listed} ^ told <= {key for _, key in doubtful}
    for (bucket, key), expected in {**dict.fromkeys(doubtful), **writer.told}.items():
        found = read(client, bucket, key)
        assert found == expected or ((bucket, key) in doubtful and found == doubtful[bucket, key])
    for bucket, key, parts, body in writer.uploads:
        if len(parts) == 2 and (bucket, key) not in doubtful:
            finish(client, bucket, key, parts)
            assert read(client, bucket, key) == digest(body)


def finish(client: Any, bucket: str, key: str, parts: list[dict[str, Any]]) -> None:
    done = {"Parts": [{"PartNumber": one["PartNumber"], "ETag": one["ETag"]} for one in parts]}
    client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=parts[0]["UploadId"], MultipartUpload=done)
