"""``broker drift``: what was seen in passing."""

from __future__ import annotations

import asyncio

from tests.broker.cli.conftest import Shell
from tests.broker.control.test_fidelity_routes import seen


def test_what_was_observed_is_shown_and_forgotten(shell: Shell) -> None:
    assert "No real answer differed" in shell("drift", "observed").out
    asyncio.run(shell.bench.drift.store.add_observed([seen(count=3), seen(service="beta")]))
    lines = shell("drift", "observed", "alpha").out.splitlines()
    assert lines[1].split()[:4] == ["safe", "alpha", "things.create", "response.200.body.new"]
    assert lines[2:] == ["", "0 breaking, 0 risky, 1 safe."]
    listed = shell("drift", "observed", "--json").json["items"]
    assert [each["count"] for each in listed] == [3, 1]
    assert shell("drift", "observed", "--forget", "--key", listed[0]["key"]).out == "1 forgotten.\n"
    assert shell("drift", "observed", "--forget", "--json").json == {"forgotten": 1}
