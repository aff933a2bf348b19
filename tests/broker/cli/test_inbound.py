"""``broker mail inbound``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from broker.cli import codes
from tests.broker.cli.test_trigger import Whole, shell

__all__ = ["shell"]
RAW = b"From: ada@example.org\r\nTo: inbox@parse.example.com\r\n\r\nHello\r\n"


def test_it_says_why_nothing_was_posted(shell: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("env", "open", "pr-1")
    path = tmp_path / "reply.eml"
    path.write_bytes(RAW)
    refused = shell("mail", "inbound", "pr-1", str(path), "--to", "a@b.example", "--from", "c@d.example", "--json")
    assert (refused.code, "Nobody in pr-1 waits for mail to a@b.example" in refused.err) == (codes.CONFLICT, True)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(RAW)))
    assert "inbox@parse.example.com" in shell("mail", "inbound", "pr-1", "-").err
    missing = shell("mail", "inbound", "pr-1", str(tmp_path / "nowhere.eml"))
    assert (missing.code, "nowhere.eml" in missing.err) == (codes.USAGE, True)
