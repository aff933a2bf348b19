"""The Terraform example's two provisioners, run as Terraform runs them; and what it says of the http provider."""

from __future__ import annotations

import json
import re
import subprocess
import textwrap
import urllib.request
from pathlib import Path

from demo.serving import Broker, plain_environment
from tests.house.tree import ROOT

TEXT = (ROOT / "examples" / "terraform" / "main.tf").read_text()
#: https://developer.hashicorp.com/terraform/language/expressions/strings#indented-heredocs
OPEN, CLOSE = (
    textwrap.dedent(found) for found in re.findall(r"command = <<-EOT\n(.*?)^\s*EOT$", TEXT, re.DOTALL | re.MULTILINE)
)


def provision(command: str, broker: Broker, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    interpreter = re.search(r"interpreter = (\[.*\])", TEXT)
    assert interpreter
    variables = {
        "BROKER_TOKEN": broker.token,
        "ENVIRONMENT": f"{broker.url}/_broker/v1/environments/pr-142",
        "OPENING": json.dumps({"ttl": "3d", "reopen": True}),
        **more,
    }
    return subprocess.run(
        [*json.loads(interpreter[1]), command],
        env=plain_environment(folder) | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_opens_reads_and_closes(broker: Broker, tmp_path: Path) -> None:
    opened = provision(OPEN, broker, tmp_path)
    assert opened.returncode == 0, opened.stderr
    assert broker.token not in OPEN + CLOSE
    # What the data source asks for; it can send GET, HEAD and POST only.
    bundle = urllib.request.Request(  # noqa: S310 - our own server
        f"{broker.url}/_broker/v1/environments/pr-142/bundle", headers={"Authorization": f"Bearer {broker.token}"}
    )
    with urllib.request.urlopen(bundle, timeout=10) as answer:  # noqa: S310 - our own server
        assert json.load(answer)["variables"]["BROKER_ENVIRONMENT"] == "pr-142"
    assert 'url = "${terraform_data.environment.output}/bundle"' in TEXT
    closed = provision(CLOSE, broker, tmp_path)
    assert closed.returncode == 0, closed.stderr
    assert json.loads(closed.stdout)["left"] == {}


def test_refusals_fail_the_apply(broker: Broker, tmp_path: Path) -> None:
    assert provision(OPEN, broker, tmp_path, BROKER_TOKEN="wrong").returncode != 0
    assert provision(CLOSE, broker, tmp_path, ENVIRONMENT=f"{broker.url}/_broker/v1/environments/x").returncode != 0


def test_what_the_destroy_time_provisioner_may_look_at() -> None:
    """Only self: https://developer.hashicorp.com/terraform/language/provisioners#destroy-time-provisioners"""
    destroying = TEXT.split("when        = destroy", 1)[1].split("\n  }\n", 1)[0]
    assert "self.input" in destroying
    assert "var." not in destroying
    assert re.search(r"can read a bundle, and neither open \(PUT\) nor close\s+# \(DELETE\)", TEXT)
