"""An S3 mock in one environment, with a bucket, and a caller of few words."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.exchange import Response
from mocks.s3.service import SERVICE
from tests.harness import Harness, read


class Caller:
    """Calls of one environment's S3. Header names are written with underscores."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness

    async def __call__(self, method: str, path: str, query: Any = "", body: bytes = b"", **headers: str) -> Response:
        """A call whose body, if any, is in memory."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.harness.call(method, path, query=query, body=body, headers=fields)

    async def put(self, path: str, body: bytes, query: Any = "", piece: int = 65536, **headers: str) -> Response:
        """A PUT whose body streams in pieces."""
        fields = {"content-length": str(len(body)), **{n.replace("_", "-"): v for n, v in headers.items()}}
        return await self.harness.call("PUT", path, query=query, stream=pieces(body, piece), headers=fields)

    async def configure(self, subresource: Any, body: str, path: str = "/bkt", **headers: str) -> Response:
        """PUT a bucket's configuration with the digest that some of them must come with."""
        digest = base64.b64encode(hashlib.md5(body.encode(), usedforsecurity=False).digest()).decode()
        return await self("PUT", path, subresource, body.encode(), content_md5=digest, **headers)

    async def content(self, path: str, query: Any = "", **headers: str) -> bytes:
        """The bytes of an object."""
        response = await self("GET", path, query, **headers)
        assert response.status in (200, 206), response.body
        return await read(response)

    async def upload(self, path: str, parts: list[bytes], **headers: str) -> str:
        """An upload with these parts, not completed: its id."""
        upload_id: str = (await self("POST", path, "uploads", **headers)).value["UploadId"]
        for number, part in enumerate(parts, 1):
            made = await self.put(path, part, {"partNumber": number, "uploadId": upload_id})
            assert made.status == 200, made.body
        return upload_id

    async def complete(self, path: str, upload_id: str, etags: list[tuple[int, str]], **headers: str) -> Response:
        """Complete an upload from (number, ETag) pairs."""
        parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in etags)
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        return await self("POST", path, {"uploadId": upload_id}, body, **headers)

    async def etags(self, path: str, upload_id: str) -> list[tuple[int, str]]:
        """What an upload holds, as ``complete`` wants it."""
        listed = (await self("GET", path, {"uploadId": upload_id})).value["Parts"]
        return [(part["PartNumber"], part["ETag"]) for part in listed]

    async def versioned(self, status: str = "Enabled") -> None:
        """Set the versioning of the bucket ``bkt``."""
        body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
        assert (await self("PUT", "/bkt", "versioning", body)).status == 200

    async def configured(self, path: str, query: Any, body: str, **headers: str) -> Response:
        """PUT a configuration, with the digest that S3 demands of some."""
        digest = base64.b64encode(hashlib.md5(body.encode(), usedforsecurity=False).digest()).decode()
        return await self("PUT", path, query, body.encode(), content_md5=digest, **headers)

    async def blobs(self) -> int:
        """How many blobs the environment holds."""
        inventory = await (await self.harness.store()).inventory()
        count: int = inventory["blobs"]["count"]
        return count


async def pieces(body: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    """``body`` as a stream."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


def code(response: Response) -> str:
    """``404 NoSuchKey``: status and code of an error."""
    found = re.search(b"<Code>(.*?)</Code>", response.body)
    return f"{response.status} {found[1].decode() if found else ''}".strip()


def told(response: Response) -> str:
    """An error's sentence."""
    found = re.search(b"<Message>(.*?)</Message>", response.body)
    return html.unescape(found[1].decode()) if found else ""


@pytest.fixture
async def s3(tmp_path: Path) -> AsyncIterator[Caller]:
    """The mock, with the empty bucket ``bkt``; a reply that breaks S3's contract raises."""
    harness = Harness(SERVICE, tmp_path)
    caller = Caller(harness)
    assert (await caller("PUT", "/bkt")).status == 200
    yield caller
    await harness.close()
