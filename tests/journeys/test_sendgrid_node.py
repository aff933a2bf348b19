"""An application with the official @sendgrid/mail, unmodified."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo.serving import Broker
from tests.journeys.conftest import OpenEnvironment
from tests.journeys.test_sendgrid_mail import mails
from tests.journeys.test_stripe_node import FOLDER
from tests.journeys.test_stripe_node import node_modules as node_modules


@pytest.mark.usefixtures("node_modules")
def test_a_shop_that_writes_mail(server: Broker, open_environment: OpenEnvironment) -> None:
    bundle, other = open_environment(), open_environment()
    done = subprocess.run(
        ["node", "sendgrid_journey.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            "BASE": bundle["variables"]["SENDGRID_API_BASE"],
            "KEY": bundle["variables"]["SENDGRID_API_KEY"],
            "OTHER_KEY": other["variables"]["SENDGRID_API_KEY"],
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    _check(told)
    _look(mails(server, bundle), told["id"])
    assert mails(server, other) == []


def _check(told: dict[str, Any]) -> None:
    assert told["sent"] == [202, ""]
    assert (told["whole"], told["templated"], told["several"]) == (202, 202, [202, 202])
    assert told["sandboxed"] == [200, None]
    assert (told["broken"]["status"], told["broken"]["errors"][0]["field"]) == (400, "from.email")
    assert told["scheduled"]["errors"][0]["message"] == "Scheduling more than 72 hours in advance is forbidden."
    assert told["stranger"]["status"] == told["foreign"]["status"] == 401
    assert told["foreign"]["errors"][0]["message"].startswith("The provided authorization grant")


def _look(found: list[dict[str, Any]], message_id: str) -> None:
    by_subject = {mail["subject"]: mail for mail in found}
    assert by_subject["Hello"]["id"] == f"{message_id}.0"
    assert sorted(mail["to"][0]["email"] for mail in found if mail["subject"] == "To each") == [
        "bea@example.com",
        "cleo@example.com",
    ]
    whole = by_subject["With everything"]
    assert (whole["cc"], [person["email"] for person in whole["bcc"]]) == (
        [{"email": "dora@example.com", "name": "Dora"}],
        ["eve@example.com"],
    )
    assert (whole["text"], sorted(whole["categories"])) == ("plain\nfoot", ["node", "orders"])
    assert whole["html"].startswith("<p>html</p><hr><img src=")
    assert [file["filename"] for file in whole["attachments"]] == ["invoice.pdf", "logo.png"]
    assert by_subject["Order of Ada"]["html"] == "<p>Ada: 12</p>"
    assert by_subject["Two of two"]["text"] == "Hello Fay"
    assert "Never sent" not in by_subject
