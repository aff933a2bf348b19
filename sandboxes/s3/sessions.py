"""A credential for one environment: an STS session of the account's role, limited to the environment's buckets.

Query protocol: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (2011-06-15). A session ends by itself
and cannot be ended earlier, so it is no resource to take back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from contracts.exchange import Headers, Request, Response
from sandboxes.base import Account, Issued, Marker, Refused, Secret, Upstream, Wish
from sandboxes.s3.answers import parsed, refused
from sandboxes.s3.signing import HOSTS, host_of, region_of

#: Seconds: what STS takes, what every role allows, and what a session from a session may last ("role chaining").
_SHORTEST, _LONGEST, _USUAL = 900, 43_200, 3_600
_NO_ROLE = (
    "isolation: account needs the account's option role_arn: the role whose sessions are limited to an environment"
)


async def issue(wish: Wish, account: Account, send: Upstream) -> Issued | None:
    """Nothing for environments that share the account. Raises Refused with STS's words."""
    if wish.isolation != "account":
        return None
    role = account.options.get("role_arn")
    if not role:
        raise Refused(400, _NO_ROLE)
    most = _USUAL if account.secret.token else _LONGEST
    seconds = min(max(int(wish.life.total_seconds()), _SHORTEST), most)
    response = await send(_assume(wish, account, str(role), seconds))
    if response.status == 400 and seconds > _USUAL and b"MaxSessionDuration" in response.body:
        # Every role allows an hour; how much more, only its owner may read.
        response = await send(_assume(wish, account, str(role), _USUAL))
    if response.status != 200:
        raise refused(response, "the role gives no session")
    return _session(response)


def session_policy(marker: Marker, scopes: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the session may do of what the role may: its own buckets and what is in them, and see that others exist."""
    buckets = f"arn:aws:s3:::{marker.label}*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(scopes) or ["s3:*"], "Resource": [buckets, f"{buckets}/*"]},
            {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": ["*"]},
        ],
    }


def _assume(wish: Wish, account: Account, role: str, seconds: int) -> Request:
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": role,
        # Of [\\w+=,.@-], 2 to 64 characters; CloudTrail shows it.
        "RoleSessionName": wish.marker.label.rstrip("-"),
        "DurationSeconds": str(seconds),
        "Policy": orjson.dumps(session_policy(wish.marker, tuple(wish.scopes))).decode(),
    }
    if account.options.get("external_id"):
        form["ExternalId"] = str(account.options["external_id"])
    address = _address(account)
    return Request(
        method="POST",
        path="/",
        headers=Headers([("content-type", "application/x-www-form-urlencoded; charset=utf-8")]),
        body=urlencode(form).encode(),
        host=urlsplit(address).netloc,
        scheme=urlsplit(address).scheme,
    )


def _address(account: Account) -> str:
    """The option ``sts_endpoint``, else AWS's own, else the stand-in that the account points at."""
    chosen = account.options.get("sts_endpoint")
    if chosen:
        return str(chosen).rstrip("/")
    if host_of(account.endpoint) in HOSTS:
        return f"https://sts.{region_of(account)}.amazonaws.com"
    return account.endpoint


def _session(response: Response) -> Issued:
    found = parsed(response).find("{*}AssumeRoleResult/{*}Credentials")
    if found is None:
        raise Refused(response.status, "the answer to AssumeRole has no credentials")
    texts = [found.findtext(f"{{*}}{name}") for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    ends = found.findtext("{*}Expiration")
    return Issued(Secret(texts[0] or "", texts[1], texts[2]), expires_at=datetime.fromisoformat(ends) if ends else None)
