"""What commands print: tables for people, JSON for machines, and notes beside both on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

#: Text from elsewhere (paths, subjects) is shown without the characters that steer a terminal.
_STEERING = (*range(32), *range(127, 160))
#: Those that turn the direction of what follows, so that a line reads as another: Unicode TR 36, section 2.3.
_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = {code: None for code in (*_STEERING, *_TURNING) if chr(code) not in "\n\t"}
#: Wide enough that a pipe gets whole lines.
_PIPE_WIDTH = 200


def console(*, error: bool = False) -> Console:
    """Of standard output, or of standard error; made anew so that redirections are followed."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, highlight=False, markup=False, width=None if stream.isatty() else _PIPE_WIDTH)


def clean(value: Any) -> str:
    """A value as text that cannot steer the terminal."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).translate(_CONTROLS)


def bars(*more: ProgressColumn) -> Progress:
    """Bars on standard error, where that is a terminal, that are gone at the end: what is done, how far it is,
    ``more``, and each task's ``note``. No text of theirs is markup."""
    noted = TextColumn("{task.fields[note]}", markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *more, noted)
    out = console(error=True)
    return Progress(*columns, console=out, transient=True, disable=not out.is_terminal)


def show(text: str = "") -> None:
    """One line, or several, to standard output."""
    sys.stdout.write(text + "\n")


def show_now(text: str) -> None:
    """A line of a stream that somebody watches, also through a pipe."""
    show(text)
    sys.stdout.flush()


def pour(content: bytes) -> None:
    """Bytes as they are into a pipe or a file; to a terminal as text that cannot steer it."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        return show(clean(content.decode("utf-8", "replace")))
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    return None


def note(text: str) -> None:
    """A remark to standard error."""
    sys.stderr.write(text + "\n")


def emit(value: Any) -> None:
    """JSON for machines."""
    show(json.dumps(value, indent=2, ensure_ascii=False))


def emit_line(value: Any) -> None:
    """JSON on one line, for a stream of entries."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table; ``empty`` is the sentence when there is no row."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
        count += 1
    if not count:
        return show(empty)
    out = console()
    with out.capture() as captured:
        out.print(made)
    # Cells are padded to their column, the last one too: that is noise in a pipe and wraps in a narrow window.
    return show("\n".join(line.rstrip() for line in captured.get().splitlines()))


def facts(pairs: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one a line."""
    found = [(name, clean(value)) for name, value in pairs]
    width = max((len(name) for name, _ in found), default=0)
    for name, value in found:
        show(f"{name:<{width}}  {value}".rstrip())


_STYLES = {
    "open": "green",
    "delivered": "green",
    "ok": "green",
    "closing": "yellow",
    "pending": "yellow",
    "warning": "yellow",
    "closed": "dim",
    "failed": "red",
    "refuse": "red",
}


def _cell(value: Any) -> Text:
    text = clean(value)
    return Text(text, style=_STYLES.get(text, ""))


def moment(text: str | None) -> str:
    """``2026-11-21T22:00:00.123456Z`` to the second, for people."""
    return "-" if not text else text[:19].replace("T", " ") + "Z"
