"""``broker github reconcile``: close the environments whose pull request is closed, for a pull request in conflict
sends no event and a missed one is not sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import httpx
import typer

from broker.cli import codes, terminal
from broker.cli.client import Control, Failure, segment, settings
from broker.cli.options import Json, examples, group
from broker.errors import InvalidInput
from broker.github import pull_number
from broker.settings import variables

commands = group("Compare environments with GitHub's pull requests.")

_REPOSITORY = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")
_TIMEOUT = httpx.Timeout(20.0)
#: Seconds to wait for one teardown; it goes on afterwards.
_PATIENCE = 60

State = Literal["open", "closed", "gone"]


@dataclass(slots=True)
class Checked:
    """An environment and its pull request. ``outcome``: ``kept``, ``closed``, ``closing``, or ``would close``."""

    environment: str
    pull_request: int
    state: State
    outcome: str = "kept"


@commands.command(
    "reconcile",
    epilog=examples(
        "GITHUB_TOKEN=... broker github reconcile --repo acme/shop --dry-run",
        "broker github reconcile --repo acme/shop --name-template '{repo}-{number}' --json",
    ),
)
def reconcile(
    repo: Annotated[str, typer.Option("--repo", metavar="OWNER/NAME", help="The repository.")],
    api: Annotated[
        str, typer.Option("--api", metavar="URL", help="GitHub's API; https://HOST/api/v3 for an Enterprise Server.")
    ] = "https://api.github.com",
    name_template: Annotated[
        str | None,
        typer.Option(
            "--name-template", metavar="NAME", help="How environments are named. Default: BROKER_GITHUB_ENVIRONMENT."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be closed, and close nothing.")] = False,
    json: Json = False,
) -> None:
    """Close each open environment whose pull request is closed, or does not exist any more.

    The token is GITHUB_TOKEN, which must be able to read pull requests. Nothing is closed unless GitHub answered for
    every one of them. With several repositories on one server, names must have {repo}: pr-7 could be anybody's.
    """
    if not _REPOSITORY.fullmatch(repo):
        raise Failure(f"--repo: {repo!r} is not OWNER/NAME.", codes.USAGE)
    token = variables(["GITHUB_TOKEN"]).get("GITHUB_TOKEN")
    if token is None:
        raise Failure("GITHUB_TOKEN is not set: it needs a token that can read pull requests.", codes.USAGE)
    template = name_template or settings().github_environment
    if "{number}" not in template:
        raise Failure(f"--name-template: {template!r} has no {{number}}.", codes.USAGE)
    control = Control()
    found = list(_check(control, _Github(api, repo, token), template, repo.partition("/")[2]))
    failed = [one for one in found if one.state != "open" and not _close(control, one, dry_run)]
    if json:
        terminal.emit([asdict(one) for one in found])
    else:
        terminal.table(
            ("ENVIRONMENT", "PULL REQUEST", "STATE", "OUTCOME"),
            [(one.environment, f"#{one.pull_request}", one.state, one.outcome) for one in found],
            empty=f"No open environment is named like {template}.",
        )
    if failed:
        raise Failure(f"{len(failed)} of {len(found)} environments are not closed yet; their teardown goes on.")


def _check(control: Control, github: _Github, template: str, repository: str) -> Iterator[Checked]:
    try:
        numbers = {
            one["name"]: pull_number(template, repository, one["name"])
            for one in control.every("/environments", query={"status": "open"})
        }
    except InvalidInput as wrong:
        raise Failure(wrong.detail, codes.USAGE) from wrong
    with github:
        github.check_access()
        for name, number in numbers.items():
            if number is not None:
                yield Checked(name, number, github.state(number))


def _close(control: Control, checked: Checked, dry_run: bool) -> bool:
    """Whether it is over."""
    if dry_run:
        checked.outcome = "would close"
        return True
    try:
        control.ask("DELETE", f"/environments/{segment(checked.environment)}", query={"wait": _PATIENCE})
    except Failure as refused:
        if refused.code != codes.CONFLICT:
            raise
        checked.outcome = "closing"
        return False
    checked.outcome = "closed"
    return True


class _Github:
    """The pull requests of one repository, read with a token. Anything but a plain answer is a Failure: what is not
    known is not closed."""

    def __init__(self, api: str, repo: str, token: str) -> None:
        self._repo = repo
        try:
            self._http = httpx.Client(
                base_url=api.rstrip("/"),
                timeout=_TIMEOUT,
                # https://docs.github.com/en/rest/about-the-rest-api/api-versions
                headers={
                    "authorization": f"Bearer {token}",
                    "accept": "application/vnd.github+json",
                    "x-github-api-version": "2022-11-28",
                    "user-agent": "preview-broker",
                },
            )
        except (httpx.InvalidURL, UnicodeError) as wrong:
            raise Failure(f"--api or GITHUB_TOKEN cannot be used: {type(wrong).__name__}.", codes.USAGE) from wrong

    def __enter__(self) -> _Github:
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.close()

    def check_access(self) -> None:
        """A private repository is "not found" for a token that may not see it: then nothing about its pull requests
        may be believed. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
        answer = self._get("")
        if answer.status_code != 200:
            raise self._doubt(answer)

    def state(self, number: int) -> State:
        """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request"""
        answer = self._get(f"/pulls/{number}")
        if answer.status_code == 404:
            return "gone"
        if answer.status_code != 200:
            raise self._doubt(answer)
        try:
            value: Any = answer.json()
            state, found = value["state"], value["number"]
        except (ValueError, KeyError, TypeError) as wrong:
            raise self._doubt(answer) from wrong
        if found != number or state not in ("open", "closed"):
            raise self._doubt(answer)
        return "open" if state == "open" else "closed"

    def _get(self, path: str) -> httpx.Response:
        try:
            # Redirects are not followed: a repository that moved is to be named anew.
            return self._http.get(f"/repos/{self._repo}{path}")
        except (httpx.HTTPError, httpx.InvalidURL) as lost:
            raise Failure(f"GitHub does not answer ({lost}). Nothing was closed.", codes.UNREACHABLE) from lost

    def _doubt(self, answer: httpx.Response) -> Failure:
        words = {
            401: "the token is not accepted",
            403: "the token may not read this, or its rate limit is used up",
            404: "there is no such repository for this token",
            429: "the rate limit is used up",
        }.get(answer.status_code, "an answer that says nothing about pull requests")
        if answer.headers.get("x-ratelimit-remaining") == "0":
            words = "the rate limit is used up"
        if answer.is_redirect:
            words = "the repository has moved: name it as it is called now"
        return Failure(
            f"GitHub answered {answer.status_code} for {answer.request.url.path}: {words}. Nothing was closed.",
            codes.UNAUTHORISED if answer.status_code == 401 else codes.FAILED,
        )
