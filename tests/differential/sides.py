"""The two servers, and what one of them answered to a call in words that can be compared."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from tests.differential.words import Ref, Step

#: Values that only a server knows: each becomes its kind with the number of its first appearance.
_TOKENS = {
    "VersionId": "VersionId",
    "CopySourceVersionId": "VersionId",
    "DeleteMarkerVersionId": "VersionId",
    "NextVersionIdMarker": "VersionId",
    "VersionIdMarker": "VersionId",
    "UploadId": "UploadId",
    "NextUploadIdMarker": "UploadId",
    "NextContinuationToken": "token",
    "ContinuationToken": "token",
}
#: What an answer says of the next page of its list; the next answer's takes its place.
_FOLLOWING = (
    "NextContinuationToken",
    "NextMarker",
    "NextKeyMarker",
    "NextVersionIdMarker",
    "NextUploadIdMarker",
)
#: Times and who it is: there or not, and nothing else.
_PRESENT = frozenset({"LastModified", "Initiated", "CreationDate", "Owner", "Initiator", "SSEKMSKeyId"})
#: What stands for a value that no server has told yet.
_UNKNOWN = {"VersionId": "jXBYTDzyKkTqPRIiwTCBxmx0yVKEZzGx", "UploadId": "unknown", "ETag": '"0"', "PartETag": '"0"'}


class Side:
    """One server, as boto3 sees it. ``told`` are the values of each kind, in their order."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        self._told: dict[str, list[str]] = {}

    def close(self) -> None:
        """Let its connections go."""
        self._client.close()

    def begin(self) -> None:
        """A new program: nothing was told."""
        self._told = {kind: [] for kind in ("VersionId", "UploadId", "ETag", "PartETag", "token", *_FOLLOWING)}

    def run(self, step: Step) -> dict[str, Any]:
        """``{"status", "code"}`` of a refusal, ``{"status", "answer"}`` of an answer."""
        arguments = self._resolved(step.arguments)
        try:
            answer = getattr(self._client, step.method)(**arguments)
        except ParamValidationError as wrong:
            raise AssertionError(f"{step}: boto3 does not take this") from wrong
        except ClientError as refused:
            said = refused.response
            return {"status": said["ResponseMetadata"]["HTTPStatusCode"], "code": said["Error"]["Code"]}
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        if "Body" in answer:
            with contextlib.closing(answer["Body"]) as stream:
                answer["Body"] = stream.read()
        for name in _FOLLOWING:
            self._told[name] = [answer[name]] if name in answer else []
        if "CopyPartResult" in answer:
            self._told["PartETag"].append(answer["CopyPartResult"]["ETag"])
        if "ETag" in answer:
            self._told["PartETag" if step.method == "upload_part" else "ETag"].append(answer["ETag"])
        return {"status": status, "answer": self._plain(answer)}

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Ref):
            told = self._told[value.kind]
            if len(told) > value.back:
                return told[-1 - value.back]
            return None if value.optional else _UNKNOWN[value.kind]
        if isinstance(value, Mapping):
            resolved = {name: self._resolved(inner) for name, inner in value.items()}
            return {name: inner for name, inner in resolved.items() if inner is not None}
        if isinstance(value, list):
            return [self._resolved(inner) for inner in value]
        return value

    def _plain(self, value: Any, name: str = "") -> Any:
        if name in _PRESENT:
            return "present"
        if name in _TOKENS and isinstance(value, str) and value not in ("null", ""):
            kind = _TOKENS[name]
            if value == _UNKNOWN.get(kind):
                return "unknown"
            told = self._told[kind]
            if value not in told:
                told.append(value)
            return f"{kind} {told.index(value)}"
        if name == "Grantee":
            return {inner: "present" if inner == "ID" else held for inner, held in value.items()}
        if name == "Policy":
            return json.loads(value)
        if isinstance(value, Mapping):
            return {inner: self._plain(held, inner) for inner, held in value.items()}
        if isinstance(value, list):
            return [self._plain(held, name) for held in value]
        return "present" if isinstance(value, datetime) else value


def differences(ours: Any, theirs: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Where two answers differ: (path, ours, theirs); an index is ``*``, what is missing is None."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for name in sorted({*ours, *theirs}):
            found += differences(ours.get(name), theirs.get(name), f"{path}.{name}" if path else name)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [one for pair in zip(ours, theirs, strict=True) for one in differences(*pair, f"{path}.*")]
    return [] if ours == theirs else [(path, ours, theirs)]
