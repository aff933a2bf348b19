"""``broker env credentials``: added, listed and removed."""

from __future__ import annotations

from broker.cli import codes
from tests.broker.cli.conftest import Shell

ADD = ("env", "credentials", "add", "pr-1", "--service", "beta", "--account")


def test_an_account_is_added_listed_and_removed(shell: Shell) -> None:
    shell("env", "open", "pr-1")
    added = shell(*ADD, "alt", "--json").json
    assert set(added) == {"account", "home", "variables"}
    assert set(added["variables"]) == {"BETA_KEY_ID", "BETA_SECRET"}
    assert added["variables"]["BETA_KEY_ID"] in shell(*ADD, "alt").out
    assert [one["name"] for one in shell("env", "credentials", "list", "pr-1", "--json").json] == ["primary", "alt"]
    assert added["home"] in shell("env", "credentials", "list", "pr-1", "--service", "beta").out
    assert f"beta:alt={added['account']}" in shell("env", "show", "pr-1").out
    remove = ("env", "credentials", "remove", "pr-1", "--service", "beta", "--account", "alt")
    assert added["account"] in shell(*remove).out
    assert shell(*remove).code == codes.MISSING


def test_what_cannot_be_is_refused(shell: Shell) -> None:
    assert shell(*ADD, "alt").code == codes.MISSING
    shell("env", "open", "pr-1")
    assert shell(*ADD, "Not A Name").code not in (codes.OK, codes.MISSING)
    assert shell("env", "credentials", "add", "pr-1", "--service", "alpha", "--account", "alt").code != codes.OK
