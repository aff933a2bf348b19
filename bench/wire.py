"""The requests of the bench as bytes, with the headers that the official SDKs send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from bench.load import MARK

#: As stripe-python sends them (stripe/_api_requestor.py); the last one is its own description of the machine.
_STRIPE_HEADERS = {
    "User-Agent": "Stripe/v1 PythonBindings/16.1.0",
    "Stripe-Version": "",
    "X-Stripe-Client-User-Agent": json.dumps(
        {"bindings_version": "16.1.0", "lang": "python", "publisher": "stripe", "httplib": "requests"}
    ),
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Connection": "keep-alive",
}

#: A customer with what an application usually stores.
CUSTOMER = {
    "email": "jenny.rosen@example.com",
    "name": "Jenny Rosen",
    "description": "Customer of the bench",
    "phone": "+15555550100",
    "address[line1]": "510 Townsend St",
    "address[city]": "San Francisco",
    "address[country]": "US",
    "metadata[order_id]": "6735",
    "metadata[plan]": "gold",
}


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request; empty headers are left out."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items() if value)]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Unsigned(botocore.auth.S3SigV4Auth):
    """Signs the head only: the body's hash is replaced by the word for "not signed"."""

    def payload(self, request: Any) -> str:
        return "UNSIGNED-PAYLOAD"


class Bundle:
    """An environment's bundle as a maker of requests."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.name: str = document["name"]
        self.variables: Mapping[str, str] = document["variables"]

    def stripe(self, method: str, path: str, form: Mapping[str, str] | None = None) -> bytes:
        """A Stripe call by path; a POST carries an idempotency key of its own, as every SDK's does."""
        base = urlsplit(self.variables["STRIPE_API_BASE"])
        headers = {
            "Host": base.netloc,
            **_STRIPE_HEADERS,
            "Authorization": f"Bearer {self.variables['STRIPE_API_KEY']}",
        }
        if method == "POST":
            headers["Idempotency-Key"] = "b9ae7c2e-5d1f-4a86-9c33-" + MARK.decode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return request(method, base.path + path, headers, urlencode(form or {}).encode())

    def sendgrid(self) -> bytes:
        """One mail, as sendgrid-python sends it."""
        base = urlsplit(self.variables["SENDGRID_API_BASE"])
        mail = {
            "personalizations": [{"to": [{"email": "jenny.rosen@example.com"}]}],
            "from": {"email": "shop@example.com"},
            "subject": "Your order 6735",
            "content": [{"type": "text/plain", "value": "Thank you. It leaves tomorrow."}],
        }
        headers = {
            "Host": base.netloc,
            "User-Agent": "sendgrid/6.12.5;python",
            "Accept": "application/json",
            "Authorization": f"Bearer {self.variables['SENDGRID_API_KEY']}",
            "Content-Type": "application/json",
            "Connection": "keep-alive",
        }
        return request("POST", base.path + "/v3/mail/send", headers, json.dumps(mail).encode())

    @classmethod
    def of_store(cls, url: str) -> Bundle:
        """For another store of objects, which takes whatever signature it is shown."""
        keys = {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }
        return cls({"name": "other", "variables": {"AWS_ENDPOINT_URL_S3": url, **keys}})

    def s3(self, method: str, path: str, body: bytes | None = b"", headers: Mapping[str, str] | None = None) -> bytes:
        """An S3 call, signed. With ``body`` None only the head is made, for a body that is sent apart, unsigned."""
        base = urlsplit(self.variables["AWS_ENDPOINT_URL_S3"])
        signed = botocore.awsrequest.AWSRequest(
            method=method,
            url=f"{base.scheme}://{base.netloc}{base.path}{path}",
            data=body or b"",
            headers={"User-Agent": "Boto3/1.44 md/Botocore", **(headers or {})},
        )
        credentials = botocore.credentials.Credentials(
            self.variables["AWS_ACCESS_KEY_ID"], self.variables["AWS_SECRET_ACCESS_KEY"]
        )
        sign = botocore.auth.S3SigV4Auth if body is not None else _Unsigned
        sign(credentials, "s3", self.variables["AWS_REGION"]).add_auth(signed)
        fields = {"Host": base.netloc, **dict(signed.headers.items())}
        if body is None:
            head = "\r\n".join(f"{name}: {value}" for name, value in fields.items())
            return f"{method} {base.path}{path} HTTP/1.1\r\n{head}\r\n\r\n".encode()
        return request(method, base.path + path, fields, body)
