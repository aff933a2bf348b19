"""``broker fidelity --cassettes``: what the mocks score when recordings are played against them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from broker.cli import cassette, codes, terminal
from broker.cli.client import Failure
from broker.scoring import Score, Tally, score

#: Differences that are shown to people; machines get all.
_SHOWN = 20


def measured(path: Path, service: str | None) -> dict[str, Any]:
    """The score of every recording at a path, as ``--json`` prints it. Raises Failure."""
    found = cassette.gathered(path, service)
    with TemporaryDirectory(prefix="broker-score-") as folder:
        scored = asyncio.run(score(found.cassettes, cassette.services(), Path(folder)))
    if not scored.all.exchanges:
        raise Failure(f"{path} holds no exchange of a service that is known.", codes.MISSING)
    return _facts(scored, found.skipped)


def _facts(found: Score, skipped: list[str]) -> dict[str, Any]:
    return {
        "cassettes": found.cassettes,
        **_tally(found.all),
        "operations": [
            {"operation": name, **_tally(tally)}
            for name, tally in sorted(
                found.operations.items(),
                key=lambda each: (each[1].score is None, each[1].score or 0.0, -each[1].scored, each[0]),
            )
        ],
        "versions": [{"version": name, **_tally(tally)} for name, tally in sorted(found.versions.items())],
        "default_versions": dict(found.defaults.most_common()),
        "unscored_because": dict(found.reasons.most_common()),
        "differences": [
            {
                "operation": operation,
                "aspect": difference.aspect,
                "place": difference.place,
                "message": difference.message,
                "exchanges": count,
                "examples": found.examples[operation, difference],
            }
            for (operation, difference), count in found.differences.most_common()
        ],
        "failures": found.failures,
        "skipped": skipped,
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "exchanges": tally.exchanges,
        "scored": tally.scored,
        "unscored": tally.unscored,
        "exact": tally.exact,
        "score": None if tally.score is None else percent(tally.score),
        "lost": {aspect: round(100 * lost, 2) for aspect, lost in tally.losses().items()},
    }


def percent(share: float) -> float:
    """To a tenth, never rounded up: 100 is said only where nothing differs."""
    return math.floor(share * 1000 + 1e-9) / 10


def show(found: Mapping[str, Any]) -> None:
    """For people: the operations, the whole, what was not scored, and what differs most."""
    terminal.table(
        ("OPERATION", "SCORE", "EXACT", "SCORED", "OF", "LOST BY"),
        [
            (
                one["operation"],
                one["score"],
                one["exact"],
                one["scored"],
                one["exchanges"],
                _lost(one["lost"]) or None,
            )
            for one in found["operations"]
        ],
        empty="Nothing was played.",
    )
    terminal.show()
    for line in _summary(found):
        terminal.show(line)
    if len(found["versions"]) > 1:
        terminal.show("\nBy the version of the API that answered:")
        terminal.table(
            ("VERSION", "SCORE", "EXACT", "SCORED", "OF"),
            [
                (one["version"], one["score"], one["exact"], one["scored"], one["exchanges"])
                for one in found["versions"]
            ],
            empty="",
        )
    if found["differences"]:
        terminal.show("\nWhat differs most:")
        terminal.table(
            ("EXCHANGES", "OPERATION", "WHAT", "PLACE", "HOW"),
            [
                (one["exchanges"], one["operation"], one["aspect"], one["place"], one["message"])
                for one in found["differences"][:_SHOWN]
            ],
            empty="",
        )
        if len(found["differences"]) > _SHOWN:
            terminal.show(f"and {len(found['differences']) - _SHOWN} more kinds (--json has them all)")


def _summary(found: Mapping[str, Any]) -> Iterator[str]:
    score = "nothing could be scored" if found["score"] is None else f"score {found['score']:g} of 100"
    yield (
        f"{found['exchanges']} exchanges of {found['cassettes']} cassettes: {found['scored']} scored, "
        f"{found['exact']} of them without any difference; {score}."
    )
    if found["lost"]:
        yield f"Lost by {_lost(found['lost'])}."
    for version, count in found["default_versions"].items():
        yield f"Asked without a version, {count}: {terminal.clean(version)} answered, the account's default."
    for reason, count in found["unscored_because"].items():
        yield f"Not scored, {count}: {terminal.clean(reason)}."
    if found["skipped"]:
        yield f"Left out while reading: {len(found['skipped'])} (--json says why)."
    for failure in found["failures"]:
        yield f"The mock broke down at {terminal.clean(failure)}"


def _lost(lost: Mapping[str, float]) -> str:
    return ", ".join(f"{aspect} {points:g}" for aspect, points in lost.items())


def markdown(found: Mapping[str, Any]) -> str:
    """As ``show``, for an issue or a comment."""
    lines = ["### Mocks played against cassettes", "", *_summary(found), ""]
    lines += ["| Operation | Score | Exact | Scored | Of | Lost by |", "|---|---|---|---|---|---|"]
    for one in found["operations"]:
        points = "-" if one["score"] is None else f"{one['score']:g}"
        counts = f"{one['exact']} | {one['scored']} | {one['exchanges']}"
        lines.append(f"| `{_cell(one['operation'])}` | {points} | {counts} | {_lost(one['lost'])} |")
    if found["differences"]:
        lines += ["", "| Exchanges | Operation | What | Place | How |", "|---|---|---|---|---|"]
    for one in found["differences"][:_SHOWN]:
        place = f"`{_cell(one['place'])}`" if one["place"] else ""
        what = f"`{_cell(one['operation'])}` | {one['aspect']}"
        lines.append(f"| {one['exchanges']} | {what} | {place} | {_cell(one['message'])} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Names of members come from recordings: they must not leave their cell."""
    return " ".join(terminal.clean(text).replace("`", "'").replace("|", "/").split())


def low(found: Mapping[str, Any], bound: int) -> bool:
    """Whether the score is under a bound, with a word about it; nothing scored is."""
    if found["score"] is None:
        terminal.note("broker: nothing could be scored.")
        return True
    if found["score"] < bound:
        terminal.note(f"broker: the cassettes score {found['score']:g}, which is less than {bound}.")
        return True
    return False
