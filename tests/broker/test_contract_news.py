"""The newest contracts are pulled in a process of its own; what hinders it comes back in words."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import psutil
import pytest

from broker import contract_news
from broker.contract_news import News, Unfetched
from broker.reports import text
from broker.settings import Settings
from contracts.compile.newest import NEWEST
from contracts.drift import Finding

SERVICE = min(NEWEST)
FINDING = Finding(
    service=SERVICE,
    operation=None,
    rule="response-property-enum-value-added",
    place="response.#thing.state",
    severity="risky",
    message="the value 'new' is new",
    before=("a",),
    after=("a", "new"),
)


def news(tmp_path: Path, script: str) -> News:
    settings = Settings(data=tmp_path, contracts=tmp_path / "contracts")
    return News(settings, [SERVICE, "homemade"], (sys.executable, "-c", script))


async def test_findings_arrive_as_they_were_found(tmp_path: Path) -> None:
    told = json.dumps({"findings": [text.described(FINDING)]})
    (tmp_path / "told.json").write_text(told)
    script = (
        "import os, pathlib, sys; assert sys.argv[1:] == ['contracts', 'pull', %r, '--json'], sys.argv\n"
        "folder = pathlib.Path(os.environ['BROKER_CONTRACTS']); assert folder.name == 'contracts'\n"
        "print((folder.parent / 'told.json').read_text())"
    )
    found = news(tmp_path, script % SERVICE)
    assert found.services == [SERVICE]
    assert list(await found.newest(SERVICE)) == [FINDING]
    assert [each.key for each in await found.newest(SERVICE)] == [FINDING.key]


async def test_what_hinders_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = news(tmp_path, "import sys; sys.stderr.write('the index is away'); sys.exit(1)")
    with pytest.raises(Unfetched, match="the index is away"):
        await failing.newest(SERVICE)
    with pytest.raises(Unfetched, match="ended with 3"):
        await news(tmp_path, "import sys; sys.exit(3)").newest(SERVICE)
    monkeypatch.setattr(contract_news, "_PATIENCE", 0.05)
    with pytest.raises(Unfetched, match="did not arrive"):
        await news(tmp_path, "import time; time.sleep(60)").newest(SERVICE)


async def test_nobody_is_left_when_the_server_ends(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, time; data = pathlib.Path(os.environ['BROKER_DATA'])\n"
        "data.joinpath('new').write_text(str(os.getpid())); data.joinpath('new').rename(data / 'pid'); time.sleep(60)"
    )
    written = tmp_path / "pid"
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(news(tmp_path, script).newest(SERVICE))
        for _ in range(3000):
            if written.exists():
                break
            await asyncio.sleep(0.01)
        asking.cancel()
    assert asking.cancelled()
    assert not psutil.pid_exists(int(written.read_text()))


async def test_our_own_command_is_there(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, contracts=tmp_path / "contracts")
    (tmp_path / "contracts" / SERVICE / "9").mkdir(parents=True)
    (tmp_path / "contracts" / SERVICE / "current").write_text("8")
    with pytest.raises(Unfetched, match="promotes '8'"):
        await News(settings, [SERVICE]).newest(SERVICE)
