"""Ids that SendGrid writes as UUIDs or hexadecimal digits."""

from __future__ import annotations

import re
from typing import Any, cast

from mocks.base import Call
from mocks.generic.ids import carried
from mocks.sendgrid import ids


class _Maker:
    """A call that makes ids of one environment."""

    made = 0

    def new_id(self, prefix: str, length: int = 24) -> str:
        self.made += 1
        return prefix + f"00001{self.made:019d}"[:length]


def test_ids_have_their_form_and_tell_where_they_were_made() -> None:
    call = cast(Call, cast(Any, _Maker()))
    made = [ids.uuid(call) for _ in range(50)]
    assert len(set(made)) == 50
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in made)
    assert {carried(one) for one in made} == {"00001"}
    assert re.fullmatch(r"[0-9a-f]{32}", ids.hexadecimal(call))
