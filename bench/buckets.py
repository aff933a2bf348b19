"""Buckets of a stand-in for S3, whose keys exist only as numbers: a bucket of a million of them costs nothing.

Lists are written page by page with all that S3 says of a version, and what is deleted has to be what comes next.
Shapes: docs.aws.amazon.com/AmazonS3/latest/API, API_ListObjectVersions.html, API_ListMultipartUploads.html,
API_DeleteObjects.html, API_ListBuckets.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_PAGE = 1000
_KEY = "exports/2026/customer-{:09d}.json"
_KEYS = re.compile(rb"<Key>exports/2026/customer-([0-9]{9})\.json</Key>")
_AT = "2026-11-22T10:00:00.000Z"
_OWNER = "<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner>"


@dataclass(slots=True)
class Bucket:
    """The keys from number ``first`` to the one before ``end``."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Status and body of an answer; the body is XML where there is one."""

    status: int
    body: bytes = b""


class Buckets:
    """By name. ``size`` is how many keys a bucket has when it is made: it is filled by nobody."""

    def __init__(self) -> None:
        self.size = 0
        self._buckets: dict[str, Bucket] = {}

    @property
    def keys(self) -> int:
        """How many keys are left in all of them."""
        return sum(one.end - one.first for one in self._buckets.values())

    def __len__(self) -> int:
        return len(self._buckets)

    def answer(self, method: str, path: str, query: str, body: bytes) -> Answered | None:
        """What S3 says to a call about buckets; None for one about an object."""
        name, _, key = path.lstrip("/").partition("/")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        if not name:
            return Answered(200, self._all(asked.get("prefix", "")))
        if key:
            return None
        if method == "PUT":
            self._buckets[name] = Bucket(0, self.size)
            return Answered(200)
        bucket = self._buckets.get(name)
        if bucket is None:
            return _error(404, "NoSuchBucket", "The specified bucket does not exist")
        if method == "POST" and "delete" in asked:
            return _deleted(bucket, body)
        if method == "DELETE":
            return self._removed(name, bucket)
        return Answered(200, _listed(name, bucket, asked))

    def _all(self, prefix: str) -> bytes:
        found = "".join(
            f"<Bucket><Name>{name}</Name><CreationDate>{_AT}</CreationDate></Bucket>"
            for name in sorted(self._buckets)
            if name.startswith(prefix)
        )
        return _document("ListAllMyBucketsResult", f"{_OWNER}<Buckets>{found}</Buckets>")

    def _removed(self, name: str, bucket: Bucket) -> Answered:
        if bucket.first < bucket.end:
            return _error(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
        del self._buckets[name]
        return Answered(204)


def _listed(name: str, bucket: Bucket, asked: Mapping[str, str]) -> bytes:
    if "uploads" in asked:
        return _document("ListMultipartUploadsResult", f"<Bucket>{name}</Bucket><IsTruncated>false</IsTruncated>")
    after = _KEYS.fullmatch(f"<Key>{asked.get('key-marker', '')}</Key>".encode())
    first = max(bucket.first, int(after[1]) + 1 if after else 0)
    end = min(bucket.end, first + min(_PAGE, int(asked.get("max-keys", _PAGE))))
    versions = "".join(
        f"<Version><Key>{_KEY.format(number)}</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>{_AT}</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>1024</Size>"
        f"{_OWNER}<StorageClass>STANDARD</StorageClass></Version>"
        for number in range(first, end)
    )
    more = end < bucket.end
    following = f"<NextKeyMarker>{_KEY.format(end - 1)}</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>"
    return _document(
        "ListVersionsResult",
        f"<Name>{name}</Name><EncodingType>url</EncodingType><MaxKeys>{_PAGE}</MaxKeys>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{following if more else ''}{versions}",
    )


def _deleted(bucket: Bucket, body: bytes) -> Answered:
    """Quietly, as it was asked. Keys that are not the next ones would be a mistake of the bench's or the broker's."""
    numbers = [int(number) for number in _KEYS.findall(body)]
    if len(numbers) > _PAGE or numbers != list(range(bucket.first, min(bucket.first + len(numbers), bucket.end))):
        return _error(400, "MalformedXML", "These are not the next keys of the bucket")
    bucket.first += len(numbers)
    return Answered(200, _document("DeleteResult", ""))


def _document(root: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_XMLNS}>{inner}</{root}>'.encode()


def _error(status: int, code: str, words: str) -> Answered:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{words}</Message></Error>'
    return Answered(status, text.encode())
