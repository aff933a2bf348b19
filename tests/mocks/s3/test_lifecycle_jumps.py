"""A clock that is moved far at once does what the same days one by one would have done."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mocks.s3.service import SERVICE
from tests.harness import Harness
from tests.mocks.s3.conftest import Caller
from tests.mocks.s3.test_lifecycle_runs import pass_time, rules

DAYS = st.integers(1, 4)
ACTIONS = st.one_of(
    DAYS.map("<Expiration><Days>{}</Days></Expiration>".format),
    st.sampled_from(["<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"]),
    DAYS.map("<NoncurrentVersionExpiration><NoncurrentDays>{}</NoncurrentDays></NoncurrentVersionExpiration>".format),
    DAYS.map(
        (
            "<NoncurrentVersionExpiration><NoncurrentDays>{}</NoncurrentDays>"
            "<NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>"
        ).format
    ),
    DAYS.map(
        (
            "<NoncurrentVersionTransition><NoncurrentDays>{}</NoncurrentDays><StorageClass>GLACIER</StorageClass>"
            "</NoncurrentVersionTransition>"
        ).format
    ),
    DAYS.map("<Transition><Days>{}</Days><StorageClass>GLACIER</StorageClass></Transition>".format),
    DAYS.map("<Transition><Days>{}</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>".format),
)
FILTERS = st.sampled_from(
    ["<Prefix>a</Prefix>", "<Prefix/>", "<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>", "<Prefix>b</Prefix>"]
)
KEYS = st.sampled_from(["a", "a1", "b"])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "delete", "wait"]), KEYS), max_size=8)


async def outcome(
    wanted: list[tuple[str, str]], steps: list[tuple[str, str]], versioning: str, *, at_once: bool
) -> list[Any]:
    """What is left of it all after a while: of each version what it is."""
    with TemporaryDirectory() as folder:
        s3 = Caller(Harness(SERVICE, Path(folder)))
        await s3("PUT", "/bkt")
        if versioning:
            body = f"<VersioningConfiguration><Status>{versioning}</Status></VersioningConfiguration>"
            await s3.configure("versioning", body)
        await rules(s3, *((f, a) for f, a in wanted if "Marker" not in a or "Size" not in f))
        for step, key in steps:
            if step == "put":
                await s3.put(f"/bkt/{key}", b"1")
            elif step == "delete":
                await s3("DELETE", f"/bkt/{key}")
            else:
                await pass_time(s3, 1)
        for days in [12] if at_once else [1] * 12:
            await pass_time(s3, days)
        state = (await s3.harness.store()).begin("s3")
        found = [
            (record["key"], record.get("marker", False), record.get("class"), record["modified"])
            for kind in ("object", "version")
            for record in await state.page(kind, order="key", prefix="bkt/")
        ]
        await state.rollback()
        await s3.harness.close()
        return found


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(FILTERS, ACTIONS), min_size=1, max_size=3), STEPS, st.sampled_from(["", "Enabled", "Suspended"])
)
def test_a_jump_is_its_days(wanted: list[tuple[str, str]], steps: list[tuple[str, str]], versioning: str) -> None:
    wanted = [*wanted, ("<Prefix>none</Prefix>", "<Expiration><Days>9</Days></Expiration>")]
    slowly = asyncio.run(outcome(wanted, steps, versioning, at_once=False))
    assert asyncio.run(outcome(wanted, steps, versioning, at_once=True)) == slowly
