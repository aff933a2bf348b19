"""Configurations of websites: what S3 takes as one, and where its routing rules send a visitor.

Source: docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html, userguide/how-to-page-redirect.html. The
sentences of refused configurations have no source that we know of. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mocks.base import ServiceError
from mocks.s3.errors import invalid_argument, invalid_request

_MOST = 50
_REDIRECT = re.compile(r"30[1-8]\Z", re.ASCII)
_ERROR = re.compile(r"[45]\d\d\Z", re.ASCII)

Configuration = Mapping[str, Any]


def check_website(given: Configuration) -> None:
    """Raises InvalidRequest or InvalidArgument."""
    if "RedirectAllRequestsTo" in given:
        if any(name in given for name in ("IndexDocument", "ErrorDocument", "RoutingRules")):
            raise invalid_request("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.")
        if not given["RedirectAllRequestsTo"]["HostName"]:
            raise invalid_request("The HostName of RedirectAllRequestsTo must not be empty.")
        _check_protocol(given["RedirectAllRequestsTo"])
        return
    index = given.get("IndexDocument")
    if index is None:
        message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        raise invalid_argument(message, "IndexDocument", "null")
    if not index["Suffix"] or "/" in index["Suffix"]:
        raise invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", index["Suffix"][:256])
    error = given.get("ErrorDocument")
    if error is not None and not error["Key"]:
        raise invalid_argument("The ErrorDocument Key is not well formed", "ErrorDocument", "")
    rules = given.get("RoutingRules") or ()
    if len(rules) > _MOST:
        raise invalid_request(
            f"{len(rules)} routing rules provided, the number of routing rules in a website configuration is limited "
            f"to {_MOST}."
        )
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    condition, redirect = rule.get("Condition"), rule["Redirect"]
    if condition is not None and not condition:
        raise invalid_request(
            "Condition cannot be empty. To redirect all requests without a condition, "
            "the condition element shouldn't be present."
        )
    if not redirect:
        raise invalid_request("Redirect must contain at least one of its elements.")
    code = (condition or {}).get("HttpErrorCodeReturnedEquals")
    if code is not None and not _ERROR.match(code):
        raise invalid_request(f"The provided HTTP error code ({code[:16]}) is not valid. Valid codes are 4XX or 5XX.")
    code = redirect.get("HttpRedirectCode")
    if code is not None and not _REDIRECT.match(code):
        raise invalid_request(
            f"The provided HTTP redirect code ({code[:16]}) is not valid. Valid codes are 3XX except 300."
        )
    _check_protocol(redirect)
    if "ReplaceKeyWith" in redirect and "ReplaceKeyPrefixWith" in redirect:
        raise invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")


def _check_protocol(redirect: Mapping[str, str]) -> None:
    if redirect.get("Protocol", "http") not in ("http", "https"):
        raise invalid_request(
            "Invalid protocol, protocol can be http or https. "
            "If not defined the protocol will be selected automatically."
        )


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a visitor is: ``scheme`` and ``host`` as asked for, ``base`` what stands before every key in the path."""

    scheme: str
    host: str
    base: str


def all_elsewhere(redirect: Mapping[str, str], visitor: Visitor, key: str, query: str) -> str:
    """Where RedirectAllRequestsTo sends a visitor."""
    scheme = redirect.get("Protocol", visitor.scheme)
    return f"{scheme}://{redirect['HostName']}/{quote(key)}{'?' if query else ''}{query}"


def routed(rules: Sequence[Mapping[str, Any]], visitor: Visitor, key: str, error: int | None) -> tuple[int, str] | None:
    """The status and the address of the first rule that a visitor meets: with ``error`` among those that are about an
    answer of that status, without it among the others."""
    for rule in rules:
        condition = rule.get("Condition") or {}
        code = condition.get("HttpErrorCodeReturnedEquals")
        prefix = condition.get("KeyPrefixEquals", "")
        if key.startswith(prefix) and code == (None if error is None else str(error)):
            redirect = rule["Redirect"]
            return int(redirect.get("HttpRedirectCode", 301)), _address(redirect, visitor, key, prefix)
    return None


def _address(redirect: Mapping[str, str], visitor: Visitor, key: str, prefix: str) -> str:
    if "ReplaceKeyWith" in redirect:
        key = redirect["ReplaceKeyWith"]
    elif "ReplaceKeyPrefixWith" in redirect:
        key = redirect["ReplaceKeyPrefixWith"] + key[len(prefix) :]
    host = redirect.get("HostName")
    # Elsewhere there is no path of ours before the key.
    base = visitor.base if host is None else ""
    return f"{redirect.get('Protocol', visitor.scheme)}://{host or visitor.host}{base}/{quote(key)}"


def is_document_for(status: int) -> bool:
    """ "Amazon S3 returns your custom error document for only the HTTP 4XX class of error codes"
    (userguide/CustomErrorDocSupport.html)."""
    return 400 <= status < 500


def page(status: int, reason: str, error: ServiceError, ids: Mapping[str, str], second: ServiceError | None) -> str:
    """The page that S3 shows for an error, and for a second one, of the error document."""
    lines = [
        "<html>",
        f"<head><title>{status} {reason}</title></head>",
        "<body>",
        f"<h1>{status} {reason}</h1>",
        *_listed({"Code": error.code, "Message": error.message, **error.details, **ids}),
    ]
    if second is not None:
        lines.append("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>")
        lines += _listed({"Code": second.code, "Message": second.message, **second.details})
    return "\n".join([*lines, "<hr/>", "</body>", "</html>", ""])


def _listed(members: Mapping[str, Any]) -> list[str]:
    return ["<ul>", *(f"<li>{name}: {_escaped(str(value))}</li>" for name, value in members.items()), "</ul>"]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
