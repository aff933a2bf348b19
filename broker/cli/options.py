"""Arguments and options that several commands share, and how groups of commands are made."""

from __future__ import annotations

from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="The environment, for instance pr-142.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Entries at the most.")]


def group(about: str) -> typer.Typer:
    """A group of commands; without a command it prints its help."""
    # Plain help: examples can be copied as they stand, and brackets are no markup.
    return typer.Typer(
        help=about, no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
    )


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
