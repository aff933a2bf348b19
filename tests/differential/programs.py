"""Programs: short sequences of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.differential.calls import BUCKET, COPIED_PARTS, LISTS, OBJECTS, PAGES, UPLOAD_PAGES, UPLOADS
from tests.differential.features import ACCESS, CONTENTS, CUSTOMERS_KEYS, LOCK, SETTINGS
from tests.differential.words import BUCKETS, KEYS, Step

#: What a program is of: the groups whose calls it draws from.
GROUPS: dict[str, list[st.SearchStrategy[Any]]] = {
    "objects": [*OBJECTS, *LISTS],
    "versions": [*OBJECTS, *LISTS, *PAGES, *[BUCKET[5]] * 3],
    "contents": [*CONTENTS, OBJECTS[0]],
    "pages": [*[OBJECTS[1]] * 6, *PAGES, OBJECTS[7]],
    "uploads": [*UPLOADS, *UPLOADS, *COPIED_PARTS, *LISTS, *UPLOAD_PAGES, *OBJECTS[:5]],
    "buckets": [*BUCKET, *SETTINGS],
    "access": ACCESS,
    "lock": LOCK,
    "everything": [*BUCKET, *OBJECTS, *LISTS, *UPLOADS, *CONTENTS, *PAGES, *UPLOAD_PAGES, *ACCESS, *LOCK, *SETTINGS],
}
#: What the first bucket of a group's programs is made with, besides its name.
MADE: dict[str, dict[str, Any]] = {
    "access": {"ObjectOwnership": "BucketOwnerPreferred"},
    "lock": {"ObjectLockEnabledForBucket": True},
}


def programs(group: str, most: int = 12) -> st.SearchStrategy[list[Step]]:
    """Programs of a group; the first bucket is there from the beginning, with what the group is about: versions,
    ACLs, Object Lock, keys of the customer, objects to list."""
    begin = [Step("create_bucket", {"Bucket": BUCKETS[0], **MADE.get(group, {})})]
    if group == "versions":
        begin.append(
            Step("put_bucket_versioning", {"Bucket": BUCKETS[0], "VersioningConfiguration": {"Status": "Enabled"}})
        )
    if group == "pages":
        begin += [Step("put_object", {"Bucket": BUCKETS[0], "Key": key, "Body": b"hello"}) for key in KEYS[:4]]
    if group == "contents":
        begin.append(Step("put_bucket_encryption", {"Bucket": BUCKETS[0], **CUSTOMERS_KEYS}))
    if group == "access":
        begin.append(Step("delete_public_access_block", {"Bucket": BUCKETS[0]}))

    def drawn(found: Sequence[Step | tuple[Step, ...]]) -> list[Step]:
        flat = [step for one in found for step in (one if isinstance(one, tuple) else (one,))]
        return [*begin, *flat]

    return st.lists(st.one_of(GROUPS[group]), min_size=3, max_size=most).map(drawn)
