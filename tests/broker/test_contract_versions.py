"""Versions of contracts side by side: names, promotion, removal, and what a server makes of them."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from broker.app import Broker
from broker.contract_versions import Damaged, UnknownVersion, Unremovable, Versions, applied
from broker.settings import InvalidSetting, Settings
from contracts import library
from contracts.compile import compile_content
from contracts.compile.document import CompiledLibrary
from mocks import generic
from mocks.registry import SERVICES
from tests.contracts.diff.documents import document

DAY = datetime.date(2026, 11, 27)


def compiled(version: str, *, service: str = "billing", date: datetime.date = DAY, **info: Any) -> CompiledLibrary:
    made = copy.deepcopy(document())
    made["info"] |= {"version": version, **info}
    beside = library.load(service) if service in {one.name for one in library.installed()} else None
    content = json.dumps(made).encode()
    return compile_content(service, content, date, origin="billing.json", command="a test", beside=beside)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "contracts")


def test_a_version_is_kept_once_and_found_again(versions: Versions, tmp_path: Path) -> None:
    first, fresh = versions.add(compiled("1.2"))
    assert (first.name, first.api, fresh) == ("1.2", "1.2", True)
    assert versions.add(compiled("1.2")) == (first, False)
    other, fresh = versions.add(compiled("1.2", summary="another source"))
    assert fresh
    assert other.name == f"1.2+{other.entry.sha256[:8]}"
    again = Versions(tmp_path / "contracts")
    assert {one.name for one in again.of("billing")} == {"1.2", other.name}
    assert set(again.load(again.find("billing", "1.2")).operations()) == set(versions.load(first).operations())
    assert versions.load(first) is versions.load(first)
    assert "billing" in versions.services()
    assert not list((tmp_path / "contracts" / "billing").glob(".new*"))


def test_names(versions: Versions) -> None:
    assert versions.add(compiled("Wed Oct 15 (UTC)"))[0].name == "Wed-Oct-15-UTC"
    assert versions.add(compiled("../../x"))[0].name == "x"
    assert versions.add(compiled("current"))[0].name.startswith("current+")
    assert versions.add(compiled("5"), "mine")[0].name == "mine"
    for bad in ("", "../x", "current", "a b", ".x"):
        with pytest.raises(ValueError, match="cannot name"):
            versions.add(compiled("6"), bad)
    with pytest.raises(ValueError, match="another version"):
        versions.add(compiled("6"), "mine")


def test_the_api_s_own_version_means_the_last_pull(versions: Versions) -> None:
    versions.add(compiled("2026-04-22.dahlia", date=DAY), "15.1.0")
    versions.add(compiled("2026-04-22.dahlia", summary="x", date=DAY + datetime.timedelta(1)), "15.2.0")
    versions.add(compiled("2026-10-28.endive"), "16.0.0")
    assert versions.find("billing", "2026-04-22").name == "15.2.0"
    assert versions.find("billing", "2026-04-22.dahlia").name == "15.2.0"
    assert versions.find("billing", "15.1.0").name == "15.1.0"
    with pytest.raises(UnknownVersion, match=r"16\.0\.0 \(2026-10-28\.endive\)"):
        versions.find("billing", "2026-04")


def test_promoting_and_removing(versions: Versions, tmp_path: Path) -> None:
    name = library.installed()[0].name
    installed = versions.current(name)
    assert installed.installed
    assert versions.promoted(name) is None
    pulled, _ = versions.add(compiled("9", service=name))
    assert versions.current(name).folder == installed.folder
    versions.promote(pulled)
    assert versions.current(name).name == "9"
    with pytest.raises(Unremovable, match="promoted"):
        versions.remove(pulled)
    with pytest.raises(Unremovable, match="comes with"):
        versions.remove(installed)
    versions.promote(installed)
    assert versions.current(name).installed
    versions.remove(pulled)
    assert [one.installed for one in versions.of(name)] == [True]
    assert [path.name for path in (tmp_path / "contracts" / name).iterdir()] == ["current"]


def test_what_is_promoted_and_gone_is_told(versions: Versions, tmp_path: Path) -> None:
    versions.promote(versions.add(compiled("9"))[0])
    (tmp_path / "contracts" / "billing" / "9").rename(tmp_path / "elsewhere")
    with pytest.raises(UnknownVersion, match="not there"):
        versions.current("billing")
    with pytest.raises(UnknownVersion, match="no contract"):
        versions.current("nothing")
    for odd in ("../x", "", "a/b"):
        assert versions.of(odd) == []


def test_damaged_files_are_told(versions: Versions, tmp_path: Path) -> None:
    version, _ = versions.add(compiled("9"))
    (version.folder / "contract.json").write_text("{")
    with pytest.raises(Damaged, match="pull again"):
        Versions(tmp_path / "contracts").of("billing")


def test_a_service_speaks_the_promoted_version(versions: Versions) -> None:
    own = generic.service("billing", lambda: versions.load(first))
    first, _ = versions.add(compiled("1"))
    second, _ = versions.add(compiled("2"))
    assert applied(versions, [own])["billing"] is own
    versions.promote(second)
    found = applied(versions, [own])["billing"]
    assert found.contract().version == "2"
    assert not found.native


def test_a_server_starts_with_what_is_promoted(tmp_path: Path) -> None:
    service = SERVICES[0]
    settings = Settings(data=tmp_path / "data", contracts=tmp_path / "contracts")
    versions = Versions(settings.contracts_folder)
    version, _ = versions.add(compiled("9", service=service.name))
    versions.promote(version)
    broker = Broker(settings)
    assert broker.services[service.name].contract().version == "9"
    assert all(broker.services[each.name] is each for each in SERVICES[1:])
    (version.folder / "source.toml").unlink()
    with pytest.raises(InvalidSetting, match="BROKER_CONTRACTS"):
        Broker(settings)
