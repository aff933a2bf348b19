"""Calls without an SDK: raw HTTP to the three services by each way of addressing, and bytes on a bare socket."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import httpx

Way = Literal["path", "host", "credential"]
WAYS: tuple[Way, ...] = ("path", "host", "credential")

MAIL = {
    "personalizations": [{"to": [{"email": "ada@example.com"}]}],
    "from": {"email": "shop@example.com"},
    "subject": "hello",
    "content": [{"type": "text/plain", "value": "hi"}],
}


class Caller:
    """One environment's calls, addressed in one way. ``name`` may be another's, to knock at a foreign door."""

    def __init__(self, origin: str, bundle: Mapping[str, Any], way: Way = "path", name: str | None = None) -> None:
        self.variables: Mapping[str, str] = bundle["variables"]
        self.name = name or bundle["name"]
        self.way = way
        self._origin = origin
        self._client = httpx.Client(base_url=origin, timeout=30)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def address(self, service: str, path: str) -> tuple[str, dict[str, str]]:
        """The path on the wire, and the headers that address the environment."""
        if self.way == "path":
            return f"/e/{self.name}/{service}{path}", {}
        if self.way == "host":
            port = urlsplit(self._origin).port
            return path, {"Host": f"{service}.{self.name}.localhost:{port}"}
        return path, {}

    def stripe(
        self, method: str, path: str, form: Mapping[str, Any] | None = None, *, key: str | None = None, **options: Any
    ) -> httpx.Response:
        """A Stripe call, with another key when one is given."""
        target, headers = self.address("stripe", path)
        headers |= {"Authorization": f"Bearer {key or self.variables['STRIPE_API_KEY']}"} | options.pop("headers", {})
        return self._client.request(method, target, data=form, headers=headers, **options)

    def sendgrid(
        self, method: str = "POST", path: str = "/v3/mail/send", json: Any = MAIL, **options: Any
    ) -> httpx.Response:
        """A SendGrid call; a mail when nothing else is said."""
        target, headers = self.address("sendgrid", path)
        headers |= {"Authorization": f"Bearer {self.variables['SENDGRID_API_KEY']}"} | options.pop("headers", {})
        if "content" not in options:
            options["json"] = json
        return self._client.request(method, target, headers=headers, **options)

    def s3(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        bucket: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """An S3 call, signed. With ``bucket`` it is named by the host; ``variables`` are another environment's keys."""
        target, addressed = self.address("s3", path)
        if bucket is not None:
            port = urlsplit(self._origin).port
            target, addressed = path, {"Host": f"{bucket}.s3.{self.name}.localhost:{port}"}
        keys = variables or self.variables
        host = addressed.get("Host", urlsplit(self._origin).netloc)
        signed = botocore.awsrequest.AWSRequest(
            method=method, url=f"http://{host}{target}", data=body, headers=dict(headers or {})
        )
        credentials = botocore.credentials.Credentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
        botocore.auth.S3SigV4Auth(credentials, "s3", keys["AWS_REGION"]).add_auth(signed)
        return self._client.request(method, target, content=body, headers={**dict(signed.headers.items()), **addressed})


def exchange(port: int, sent: bytes, *, timeout: float = 15.0, finish: bool = True) -> bytes:
    """Send bytes on a fresh connection; all that comes back until the server closes it. ``finish`` says that nothing
    more comes from us; without it the server has to end the conversation."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(sent)
        if finish:
            with contextlib.suppress(OSError):  # cut already: see below
                connection.shutdown(socket.SHUT_WR)
        found = b""
        try:
            while chunk := connection.recv(65536):
                found += chunk
        except ConnectionResetError:
            pass  # a server may cut a connection whose request it does not want to read to its end
        return found


def status(answer: bytes) -> int:
    """The status of a raw answer; 0 when there is none."""
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") else 0
