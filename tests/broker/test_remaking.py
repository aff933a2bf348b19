"""What a recording presupposes is made before it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from broker.cassettes.recorded import Cassette, Recorded
from broker.scoring import Score, score
from mocks.base import Record
from mocks.defaults import Send
from tests.broker.test_scoring import A, B, made, one
from tests.broker.tiny import tiny

C = "thi_UvWxYzAbCd3"


async def remake(key: str, shown: Mapping[str, Any] | None, beside: Sequence[str], send: Send) -> Record | None:
    """Things by their name; of unknown ones nothing; what refers to another is named by it."""
    if shown is None:
        return None
    if await send("GET", "/v1/nowhere", {}) is not None or await send("POST", "/v1/decline", {}) is not None:
        return None
    if "of" in shown:
        await send("GET", f"/v1/things/{shown['of']}", {})
    name = shown.get("name")
    found: Record | None = await send("POST", "/v1/things", {"name": name}) if name else None
    return found


async def played(folder: Path, *exchanges: Recorded) -> Score:
    service = replace(tiny(), remake=remake)
    return await score([Cassette("tiny", "way", list(exchanges))], {"tiny": service}, folder)


async def test_what_is_changed_is_scored_and_what_is_read_is_not(tmp_path: Path) -> None:
    found = await played(
        tmp_path,
        one("GET", f"/v1/things/{A}", 200, {"id": A, "name": "Ada", "size": 1}),
        one("DELETE", f"/v1/things/{A}", 204),
        made(B, "Bob"),
    )
    assert found.reasons == {"it reads what was made before the recording began": 1}
    assert (found.all.scored, found.all.score) == (2, 1.0)


async def test_what_it_needs_itself_is_made_as_well(tmp_path: Path) -> None:
    shown = {"id": C, "name": "Cy", "of": A, "ref_id": {"id": A, "name": "Ada", "size": 1}}
    found = await played(tmp_path, one("GET", f"/v1/things/{C}", 200, shown), one("DELETE", f"/v1/things/{A}", 204))
    assert found.reasons == {"it reads what was made before the recording began": 1}
    assert (found.all.scored, found.all.score) == (1, 1.0)


async def test_what_cannot_be_made_is_needed(tmp_path: Path) -> None:
    nameless = {"id": A, "size": 1, "color": "red"}
    found = await played(tmp_path, one("GET", f"/v1/things/{A}", 200, nameless), one("DELETE", f"/v1/things/{B}", 204))
    assert found.all.scored == 0
    assert found.reasons == {"it needs thi_\u2026 that no scored exchange of its cassette made": 2}
