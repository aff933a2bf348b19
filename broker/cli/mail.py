"""``broker mail``: the mailbox of an environment, and waiting for what is to come into it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment
from broker.cli.options import Json, Limit, Name, examples, group

commands = group("Read, wait for and delete the mails of an environment.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Its id, as the list shows it, or latest.")]
Search = Annotated[
    str | None,
    typer.Option("--search", metavar="TERMS", help='Terms that all match: `invoice from:shop subject:"your order"`.'),
]
To = Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="Only mails to this address, Cc and Bcc too.")]
From = Annotated[str | None, typer.Option("--from", metavar="TEXT", help="A part of the sender's address or name.")]
Subject = Annotated[str | None, typer.Option("--subject", metavar="TEXT", help="A part of the subject.")]
Category = Annotated[str | None, typer.Option("--category", metavar="NAME", help="One of its categories.")]
Scope = Annotated[str | None, typer.Option("--scope", metavar="SCOPE", help="Only what is of this scope.")]

#: Seconds of one request of those that wait.
_AT_ONCE = 20
_UNSAFE = re.compile(r"[^\w.@+ -]")


def _path(name: str, *more: str) -> str:
    return "/".join((f"/environments/{segment(name)}/mails", *map(segment, more)))


def _found(control: Control, name: str, mail_id: str) -> dict[str, Any]:
    if mail_id == "latest":
        newest = list(control.every(_path(name), limit=1))
        if not newest:
            raise Failure(f"No mails in {name}.", codes.MISSING)
        mail_id = newest[0]["id"]
    found: dict[str, Any] = control.ask("GET", _path(name, mail_id))
    return found


@commands.command(
    "list",
    epilog=examples(
        "broker mail list pr-142",
        "broker mail list pr-142 --to ada@example.com --json",
        "broker mail list pr-142 --search 'receipt has:attachment -from:shop'",
    ),
)
def list_mails(
    name: Name,
    search: Search = None,
    to: To = None,
    sender: From = None,
    subject: Subject = None,
    category: Category = None,
    scope: Scope = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List mails, newest first."""
    query = {"search": search, "to": to, "from": sender, "subject": subject, "category": category, "scope": scope}
    found = list(Control().every(_path(name), query=query, limit=limit))
    if json:
        return terminal.emit(found)
    terminal.table(
        ("SENT", "FROM", "TO", "SUBJECT", "ID"),
        [
            (
                terminal.moment(one["sent_at"]),
                one["sender"].get("email"),
                ", ".join(person["email"] for person in one["to"]),
                one["subject"],
                one["id"],
            )
            for one in found
        ],
        empty=f"No mails in {name}.",
    )
    return None


@commands.command(
    "show",
    epilog=examples(
        "broker mail show pr-142 latest",
        "broker mail show pr-142 Ab3dE6gH9jK2mN5pQr8sT1.0 --links",
        "broker mail show pr-142 latest --raw > mail.eml",
    ),
)
def show_mail(
    name: Name,
    id: Id,
    html: Annotated[bool, typer.Option("--html", help="Print its HTML, as it was sent.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Print the whole message (RFC 5322).")] = False,
    links: Annotated[bool, typer.Option("--links", help="Print its links, one a line.")] = False,
    json: Json = False,
) -> None:
    """Show one mail: its header, its text and the names of its files."""
    if html + raw + links + json > 1:
        raise Failure("Choose one of --html, --raw, --links and --json.", codes.USAGE)
    control = Control()
    found = _found(control, name, id)
    if json:
        return terminal.emit(found)
    if html or raw:
        return terminal.pour(
            control.send("GET", "/_broker/v1" + _path(name, found["id"], "raw" if raw else "html")).content
        )
    if links:
        for link in found["links"]:
            terminal.show(terminal.clean(link["url"]))
        return None
    return _show(found)


def _show(found: dict[str, Any]) -> None:
    terminal.facts(
        [
            ("sent", terminal.moment(found["sent_at"])),
            ("from", _person(found["sender"])),
            *((kind, ", ".join(map(_person, found[kind]))) for kind in ("to", "cc", "bcc") if found.get(kind)),
            ("subject", found["subject"]),
            *(
                ("attachment", f"{file['number']}: {file['filename']} ({file['size']} bytes)")
                for file in found["attachments"]
            ),
        ]
    )
    text = found.get("text") or found.get("html")
    if text is None and (found.get("text_size") or found.get("html_size")):
        text = "(its text is long: see --html, --raw)"
    terminal.show("\n" + terminal.clean(text or ""))


def _person(person: dict[str, str]) -> str:
    return f"{person['name']} <{person['email']}>" if person.get("name") else person["email"]


@commands.command(
    "wait",
    epilog=examples(
        "broker mail wait pr-142 --to ada@example.com --subject 'Confirm your address'",
        "broker mail wait pr-142 --new --timeout 60 --links",
    )
    + f"\n\nExit code {codes.NOTHING_CAME} when none comes in time.",
)
def wait_for_mail(
    name: Name,
    search: Search = None,
    to: To = None,
    sender: From = None,
    subject: Subject = None,
    category: Category = None,
    scope: Scope = None,
    new: Annotated[bool, typer.Option("--new", help="Only what comes from now on.")] = False,
    after: Annotated[
        str | None, typer.Option("--after", metavar="ID|TIME", help="Only what came after this mail, or this moment.")
    ] = None,
    timeout: Annotated[int, typer.Option("--timeout", min=0, max=86400, metavar="S", help="Seconds to wait.")] = 30,
    links: Annotated[bool, typer.Option("--links", help="Print its links, one a line.")] = False,
    json: Json = False,
) -> None:
    """Wait for a mail: show the newest that matches, or else the first to come."""
    control = Control()
    if new:
        newest = list(control.every(_path(name), limit=1))
        after = newest[0]["id"] if newest else after
    query = {"search": search, "to": to, "from": sender, "subject": subject, "category": category, "scope": scope}
    end = time.monotonic() + timeout
    while True:
        left = max(0.0, end - time.monotonic())
        asked = {**query, "after": after, "timeout": round(min(left, _AT_ONCE))}
        try:
            found = control.ask("GET", _path(name) + "/wait", query=asked)
            break
        except Failure as failure:
            # A server lets nobody wait for as long as people may: what comes between two requests is found by the next.
            if failure.code != codes.NOTHING_CAME:
                raise
            if time.monotonic() + 1 > end:
                raise Failure(f"No such mail came to {name} within {timeout} s.", codes.NOTHING_CAME) from None
    if json:
        return terminal.emit(found)
    if links:
        for link in found["links"]:
            terminal.show(terminal.clean(link["url"]))
        return None
    return _show(found)


@commands.command(
    "delete",
    epilog=examples(
        "broker mail delete pr-142 Ab3dE6gH9jK2mN5pQr8sT1.0",
        "broker mail delete pr-142 --to ada@example.com",
        "broker mail delete pr-142 --all",
    ),
)
def delete_mails(
    name: Name,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Their ids, as the list shows them.")
    ] = None,
    search: Search = None,
    to: To = None,
    sender: From = None,
    subject: Subject = None,
    scope: Scope = None,
    everything: Annotated[bool, typer.Option("--all", help="Delete all of them.")] = False,
    json: Json = False,
) -> None:
    """Delete mails with their files: some by id, those that match, or all."""
    query = {"search": search, "to": to, "from": sender, "subject": subject, "scope": scope}
    chosen = any(value is not None for value in query.values())
    if (bool(ids) + chosen + everything) != 1:
        raise Failure("Say which mails: their ids, what they match, or --all.", codes.USAGE)
    control = Control()
    if ids:
        deleted = sum(control.ask("DELETE", _path(name, each))["deleted"] for each in ids)
    else:
        deleted = control.ask("DELETE", _path(name), query=query)["deleted"]
    return terminal.emit({"deleted": deleted}) if json else terminal.show(f"Deleted {deleted} mails.")


@commands.command(
    "attachments",
    epilog=examples(
        "broker mail attachments pr-142 latest", "broker mail attachments pr-142 latest --number 1 --into downloads"
    ),
)
def save_attachments(
    name: Name,
    id: Id,
    number: Annotated[int | None, typer.Option("--number", min=1, metavar="N", help="Only this one.")] = None,
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where they are saved.")] = Path(),
    json: Json = False,
) -> None:
    """Save the files of a mail. None that exists is written over."""
    control = Control()
    found = _found(control, name, id)
    wanted = [file for file in found["attachments"] if number in (None, file["number"])]
    if number is not None and not wanted:
        raise Failure(f"It has no attachment {number}.", codes.MISSING)
    saved = []
    for file in wanted:
        target = into / _free_name(into, file["filename"])
        path = "/_broker/v1" + _path(name, found["id"], "attachments", str(file["number"]))
        try:
            with target.open("xb") as out:
                control.save(path, out)
        except OSError as failed:
            raise Failure(f"{target} cannot be written: {failed.strerror}.", codes.USAGE) from failed
        saved.append({"number": file["number"], "path": str(target), "size": file["size"]})
    if json:
        return terminal.emit(saved)
    terminal.table(
        ("NUMBER", "FILE", "BYTES"),
        [(one["number"], one["path"], one["size"]) for one in saved],
        empty="It has no attachments.",
    )
    return None


def _free_name(folder: Path, filename: str) -> str:
    """What the sender called it, as the name of a new file right in ``folder``."""
    plain = _UNSAFE.sub("_", filename.replace("\\", "/").rpartition("/")[2]).strip(" .")[:120] or "attachment"
    found, number = plain, 1
    while (folder / found).exists():
        number += 1
        stem, dot, suffix = plain.rpartition(".")
        found = f"{stem}-{number}.{suffix}" if dot and stem else f"{plain}-{number}"
    return found
