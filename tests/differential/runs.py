"""One program on both sides, and every difference that is not written down.

What is written down is in accepted.toml: the operation, the part of the answer (``**`` at the end takes what is below
it), what each side says where it matters, and the page that tells who is right. An entry about refusals has ``refused``
instead of the part: ours refuses with one of these codes, or, where it is empty, only moto does; ``refuses`` is moto's
code likewise. With ``asks`` an entry is for calls with these arguments.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.serving import Broker
from tests.differential.sides import Side, differences
from tests.differential.words import Step
from tests.standins.moto import Moto

ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Accepted:
    """A difference that stands, by the patterns of its operation and its path; with ``ours`` and ``theirs`` it stands
    for these values alone."""

    id: str
    operation: re.Pattern[str]
    path: re.Pattern[str]
    ours: Any
    theirs: Any
    #: From here on the two are no longer alike.
    diverges: bool
    #: The code with which ours refuses, or nothing where it does not.
    refused: re.Pattern[str] | None = None
    #: And moto's.
    refuses: re.Pattern[str] = re.compile(".*")
    #: Arguments that the call must have.
    asks: frozenset[str] = frozenset()

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Accepted:
        """From an entry of the file; ``because`` and ``source`` are for people, and must be there."""
        assert raw["because"], raw
        assert raw["source"].startswith("https://docs.aws.amazon.com/"), raw
        refused = raw.get("refused")
        return cls(
            raw["id"],
            re.compile(raw["operation"]),
            re.compile(raw["path"] if refused is None else "status|code|answer"),
            _value(raw.get("ours", ...)),
            _value(raw.get("theirs", ...)),
            raw.get("diverges", False),
            None if refused is None else re.compile(refused),
            re.compile(raw.get("refuses", ".*")),
            frozenset(raw.get("asks", ())),
        )

    def takes(self, step: Step, path: str, ours: Any, theirs: Any, codes: tuple[str, str] = ("", "")) -> bool:
        """Whether this is the difference; ``codes`` are those of both refusals, empty where there is none."""
        return (
            self.operation.fullmatch(step.method) is not None
            and self.path.fullmatch(path) is not None
            and self.asks <= step.arguments.keys()
            and (self.refused is None or self.refused.fullmatch(codes[0]) is not None)
            and self.refuses.fullmatch(codes[1]) is not None
            and self.ours in (..., ours)
            and self.theirs in (..., theirs)
        )


def _value(raw: Any) -> Any:
    """TOML has no word for what is not there."""
    return None if raw == "absent" else raw


def accepted() -> list[Accepted]:
    """All of the file."""
    return [Accepted.read(raw) for raw in tomllib.loads(ACCEPTED.read_text())["difference"]]


@dataclass
class Differential:
    """Both sides. ``clear`` empties them; ``used`` are the entries that some program needed."""

    ours: Side
    theirs: Side
    clear: Callable[[], None]
    known: Sequence[Accepted]
    used: set[str] = field(default_factory=set)

    @property
    def unused(self) -> list[str]:
        """Entries that no program needed."""
        return [one.id for one in self.known if one.id not in self.used]

    def run(self, program: Sequence[Step]) -> list[str]:
        """What differs and is not written down, a line each. A program ends where one side refuses what the other
        does, or where an entry says so: from there on the two are no longer alike."""
        self.clear()
        self.ours.begin()
        self.theirs.begin()
        found: list[str] = []
        over = False
        for number, step in enumerate(program):
            first, second = self.ours.run(step), self.theirs.run(step)
            apart = differences(first, second)
            codes = first.get("code", ""), second.get("code", "")
            for path, ours, theirs in apart:
                entry = next((one for one in self.known if one.takes(step, path, ours, theirs, codes)), None)
                if entry is None:
                    found.append(f"{number} {step.method} {step.arguments}: {path}: ours {ours!r}, theirs {theirs!r}")
                else:
                    self.used.add(entry.id)
                    over = over or entry.diverges
            if over or found or ("code" in first) != ("code" in second):
                break
        return found


@contextmanager
def both(folder: Path) -> Iterator[Differential]:
    """A server of ours with its state in the folder, and moto's."""
    broker = Broker(folder, {"BROKER_STRICT_REPLIES": "1"})
    with Moto() as moto:
        broker.start()
        try:
            variables = broker.control("PUT", "environments/differential", {})["variables"]

            def clear() -> None:
                broker.control("POST", "environments/differential/reset")
                moto.reset()

            ours = Side(
                variables["AWS_ENDPOINT_URL_S3"], variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
            )
            theirs = Side(moto.url, "AKIAIOSFODNN7EXAMPLE", "secret")
            with closing(ours), closing(theirs):
                yield Differential(ours, theirs, clear, accepted())
        finally:
            broker.stop()
