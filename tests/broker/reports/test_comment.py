"""The comment is short, folds its details, and says nothing that its author did not mean."""

from __future__ import annotations

import re
from dataclasses import replace

from broker.reports import comment
from broker.reports.night import Night, Part, Report, Row
from tests.broker.reports.nights import row, whole
from tests.broker.reports.test_html import hostile


def folds(text: str) -> list[str]:
    return re.findall(r"<details><summary>(.*?)</summary>", text)


def before_the_folds(text: str) -> str:
    return text.split("<details>", maxsplit=1)[0]


def test_the_whole_comment() -> None:
    text = comment.markdown(Report(night=whole()))
    first = before_the_folds(text)
    assert first.startswith("## ❌ Drift, night of 2026-03-01\n")
    assert "tiny probes at two: the account is locked" in first
    assert "| 1 breaking, 1 safe | 1 risky | 1 breaking | 1 |" in first
    assert "### New since the night before (2)" in first
    assert f"`{whole().fresh[0].key}`" in first
    assert "0123456789abcdef until 2026-02-28" in first
    assert whole().known[0].key not in first
    assert folds(text) == [
        "Known drift (1)",
        "Accepted drift (1)",
        "Over: not found any more (1)",
        "Acceptances of nothing (1)",
        "What to do",
        "Entries for the file of accepted drift",
        "What was looked at",
    ]
    assert text.count("<details>") == text.count("</details>") == 7
    # GitHub renders markdown inside HTML only after an empty line.
    assert all(part.startswith("\n\n") for part in text.split("</summary>")[1:])


def test_only_what_is_new() -> None:
    text = comment.markdown(Report(night=whole(), since_last=True))
    assert folds(text) == ["What to do", "Entries for the file of accepted drift", "What was looked at"]
    assert whole().known[0].key not in text


def test_a_night_without_drift_is_a_line() -> None:
    part = Part(service="tiny", source="observed", status="done")
    clean = Night(id="ngt_1", begun_at="2026-03-01T03:00:00+00:00", parts=[part])
    text = comment.markdown(Report(night=clean))
    assert text.startswith("## ✅")
    assert "No drift that counts." in text
    assert folds(text) == ["What was looked at"]
    assert comment.markdown(Report(night=clean, late="it is old")).startswith("## ❌")


def test_many_differences_have_room() -> None:
    place = "response.200.body." + "x" * 900
    rows = [row(f"{place}{number}", fresh=number % 2 == 0) for number in range(3000)]
    night = replace(whole(), parts=[Part(service="tiny", source="probes", status="done", rows=rows)], over=rows)
    text = comment.markdown(Report(night=night))
    assert len(text) <= comment.ROOM
    assert "### New since the night before (1500)" in text
    assert "… and 1485 more." in text
    assert folds(text)[-1] == "What was looked at"
    assert text.count("<details>") == text.count("</details>")


def test_text_from_elsewhere_steers_nothing() -> None:
    # What is fenced stays one block: nothing in it begins a line.
    before, fenced, after = comment.markdown(Report(night=hostile())).split("```")
    assert [line.strip()[:5] for line in fenced.splitlines()[2:]] == ["- key", "reaso", "until"]
    text = before + after
    assert re.search(r"(?<!\\)<(?!/?(details|summary)>)", text) is None
    assert "\u202e" not in text
    named = row("a", message="ask @owner about #12 | [link](http://x.test) `code` *now*")
    part = Part(service="tiny", source="probes", status="done", rows=[replace(named, fresh=True)])
    line = next(
        line
        for line in comment.markdown(
            Report(night=Night(id="n", begun_at="2026-03-01T00:00:00+00:00", parts=[part]))
        ).splitlines()
        if "ask" in line
    )
    assert "@owner" not in line
    assert "\\#12 \\| \\[link\\]" in line
    assert isinstance(named, Row)
