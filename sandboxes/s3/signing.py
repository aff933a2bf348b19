"""Signatures of an account: for which host, region and service.

A request that names a host of its own goes to the session service (STS); all others go to the account's endpoint.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from contracts.exchange import Request
from contracts.sigv4 import Signer, canonical_path, canonical_query
from sandboxes.base import Account

#: Regions that every account can use; those to opt in to need the account's own endpoint.
#: docs.aws.amazon.com/general/latest/gr/s3.html (2026-11).
REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
HOME = "us-east-1"
HOSTS = frozenset(
    {"s3.amazonaws.com", "sts.amazonaws.com"}
    | {f"{service}.{region}.amazonaws.com" for service in ("s3", "sts") for region in REGIONS}
)
ENDPOINT = f"https://s3.{HOME}.amazonaws.com"

_REGIONAL = re.compile(r"s3\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com\Z")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def host_of(address: str) -> str:
    """What the Host field says for a URL: in lower case, without the scheme's own port."""
    parts = urlsplit(address)
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))


def region_of(account: Account) -> str:
    """The option ``region``, else the endpoint's own, else us-east-1."""
    chosen = account.options.get("region")
    if chosen:
        return str(chosen)
    found = _REGIONAL.match(host_of(account.endpoint))
    return found[1] if found else HOME


def sign(request: Request, account: Account, now: datetime) -> Request:
    """A request of the broker's own. Its path and query are written in the one form that is signed."""
    payload = hashlib.sha256(request.body).hexdigest()
    return signed(request, account, now, payload, service="sts" if request.host else "s3")


def signed(request: Request, account: Account, now: datetime, payload: str, *, service: str = "s3") -> Request:
    """With the account's signature over path, query, host and the headers that matter; ``payload`` stands for the
    body (contracts.sigv4)."""
    secret = account.secret
    signer = Signer(secret.key, secret.secret or "", secret.token, region_of(account), service)
    ready = replace(request, path=canonical_path(request.path), query=canonical_query(request.query))
    host = host_of(f"{request.scheme}://{request.host}" if request.host else account.endpoint)
    return replace(ready, headers=signer.headers(ready, now, payload, host))
