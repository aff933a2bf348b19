"""``make fidelity`` for one service: checked against its stand-in, scored, and written down as facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.standins import fidelity


@pytest.mark.slow
def test_a_service_is_measured_against_its_stand_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s3").mkdir()
    (line,) = fidelity.measure(["s3"], tmp_path)
    assert "scenarios" in line
    found = json.loads((tmp_path / "s3" / "fidelity.json").read_text())
    assert set(found) == {"against", "contract", "date", "operations"}
    (against,) = found["against"]
    assert against.startswith("moto ")
    assert "a stand-in, not the provider" in against
    # Each part had its evidence: the mock's answers, the probes, and the real ones that passed by.
    assert found["operations"]["HeadBucket"] == 100
    assert all(0 <= points <= 100 for points in found["operations"].values())
    assert fidelity.main(["nobody"]) == 2
    assert "there are stripe, s3, sendgrid" in capsys.readouterr().err


def test_the_committed_files_say_against_what() -> None:
    for path in sorted(fidelity.LIBRARY.glob("*/fidelity.json")):
        found = json.loads(path.read_text())
        assert all(each.strip() for each in found["against"]), path
        assert found["operations"], path
