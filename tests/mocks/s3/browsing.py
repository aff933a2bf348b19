"""The S3 mock behind its gateway, as browsers meet it: forms, origins and websites, without a socket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from contracts.exchange import Headers, Request, Response
from contracts.sigv4 import signing_key
from mocks.s3.service import SERVICE
from tests.broker.tiny import Gate
from tests.clocks import HeldClock
from tests.harness import read
from tests.mocks.s3.conftest import pieces

NAME, HOST, BOUNDARY = "pr-1", "127.0.0.1:4600", "----aBoundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class Browsing:
    """One environment, with the bucket ``bkt``. Header names are written with underscores."""

    def __init__(self, gate: Gate, key: str, secret: str) -> None:
        self.gate = gate
        self.key = key
        self.secret = secret

    async def own(self, method: str, path: str, query: Any = "", body: bytes = b"", **headers: str) -> Response:
        """A call of the environment's own, signed."""
        fields = {"host": HOST, "content-length": str(len(body)), **_named(headers)}
        query = query if isinstance(query, str) else urlencode(query)
        request = _request(method, f"/e/{NAME}/s3{path}", query, body, fields)
        keys = {"access_key": (self.key, self.secret)}
        signed = SERVICE.authorize(replace(request), keys, self.gate.clock.now())
        stream = pieces(body) if body else None
        return await self.gate.gateway.answer(replace(signed, body=b"", stream=stream))

    async def visit(
        self, method: str, path: str, query: str = "", body: bytes = b"", host: str = HOST, **headers: str
    ) -> Response:
        """What a browser sends, which has no key; the path is the whole one."""
        fields = {"host": host, "content-length": str(len(body)), **_named(headers)}
        request = _request(method, path, query, body, fields)
        stream = pieces(body, 1000) if body else None
        return await self.gate.gateway.answer(replace(request, host=host, body=b"", stream=stream))

    def policy(self, *conditions: Any, minutes: int = 5, **changes: Any) -> str:
        """A policy of these conditions and those that a signature needs, encoded."""
        needed = [{"bucket": "bkt"}, *({name: value} for name, value in self.signer().items())]
        expiration = (self.gate.clock.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        document = {"expiration": expiration, "conditions": [*needed, *conditions], **changes}
        return base64.b64encode(orjson.dumps(document)).decode()

    def signer(self) -> dict[str, str]:
        """The fields that say who signs, and when."""
        timestamp = self.gate.clock.now().strftime("%Y%m%dT%H%M%SZ")
        return {
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": f"{self.key}/{timestamp[:8]}/us-east-1/s3/aws4_request",
            "x-amz-date": timestamp,
        }

    def signed(self, policy: str) -> dict[str, str]:
        """The fields of a form with this policy."""
        signer = self.signer()
        key = signing_key(self.secret, signer["x-amz-credential"].partition("/")[2])
        return {**signer, "policy": policy, "x-amz-signature": hmac.digest(key, policy.encode(), "sha256").hex()}

    def signed_of_old(self, policy: str) -> dict[str, str]:
        """The same with Version 2."""
        digest = hmac.new(self.secret.encode(), policy.encode(), hashlib.sha1).digest()
        return {"AWSAccessKeyId": self.key, "policy": policy, "signature": base64.b64encode(digest).decode()}

    async def post(
        self,
        fields: Mapping[str, str] | Sequence[tuple[str, str]],
        content: bytes | None = b"content",
        filename: str = "f.txt",
        path: str = f"/e/{NAME}/s3/bkt",
        **headers: str,
    ) -> Response:
        """A form with these fields and a file, None for none."""
        return await self.visit("POST", path, body=form(fields, content, filename), content_type=TYPE, **headers)

    async def put(self, key: str, body: bytes = b"content", **headers: str) -> None:
        """An object."""
        made = await self.own("PUT", f"/bkt/{key}", body=body, **headers)
        assert made.status == 200, made.body

    async def content(self, key: str) -> bytes:
        """The bytes of an object."""
        response = await self.own("GET", f"/bkt/{key}")
        assert response.status == 200, response.body
        return await read(response)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _request(method: str, path: str, query: str, body: bytes, fields: Mapping[str, str]) -> Request:
    headers = Headers(fields.items())
    return Request(method=method, path=path, query=query, headers=headers, body=body, sent_path=path, host=HOST)


def form(
    fields: Mapping[str, str] | Sequence[tuple[str, str]], content: bytes | None, filename: str = "f.txt"
) -> bytes:
    """The body of a form."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in pairs]
    if content is not None:
        named = f'form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain'
        parts.append(f"--{BOUNDARY}\r\nContent-Disposition: {named}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def told(response: Response) -> str:
    """``403 AccessDenied: Access Denied``: status, code and sentence of an error."""
    found = re.search(b"<Code>(.*?)</Code><Message>(.*?)</Message>", response.body)
    return f"{response.status} {found[1].decode()}: {found[2].decode()}" if found else str(response.status)


async def browsing_in(folder: Path) -> AsyncIterator[Browsing]:
    """The environment, opened; answers that break S3's contract raise."""
    gate = Gate(folder, HeldClock(), services=[SERVICE], strict=True)
    home = await gate.open(NAME)
    key, secret = (await gate.keys(home, "s3"))["access_key"]
    browsing = Browsing(gate, key, secret or "")
    assert (await browsing.own("PUT", "/bkt")).status == 200
    yield browsing
    await gate.close()
