"""An application with the AWS SDK for JavaScript, unmodified: buckets in the path, and in front of the host."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.standins import npm

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent / "node"


@pytest.mark.parametrize("style", ["path", "host"])
def test_a_shop_keeps_its_files(environment: dict[str, Any], style: str) -> None:
    if not npm.available():
        pytest.skip("Node.js 20 or newer with npm is not installed, so the AWS SDK for JavaScript cannot be tried")
    npm.installed(FOLDER)
    variables = {name: value for name, value in environment["variables"].items() if name.startswith("AWS_")}
    if style == "host":
        # What resolves to this machine with any label in front of it.
        variables["AWS_ENDPOINT_URL_S3"] = variables["AWS_ENDPOINT_URL_S3"].replace("//127.0.0.1:", "//localhost:")
    done = subprocess.run(
        ["node", "--no-warnings", "--import", "./any_label.mjs", "s3_journey.mjs"],
        cwd=FOLDER,
        env={
            "PATH": os.defpath + os.pathsep + str(Path(shutil.which("node") or "").parent),
            "STYLE": style,
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    _check(json.loads(done.stdout))


def _check(told: dict[str, Any]) -> None:
    assert told["put"] == ['"5d41402abc4b2a76b9719d911017c592"', "NhCmhg==", "FULL_OBJECT"]
    assert told["got"] == ["hello", "text/plain", "6735", 1]
    assert told["tags"] == [{"Key": "team", "Value": "shop"}]
    assert told["range"] == "ell"
    assert (told["big"], told["same"], told["parts"]) == (True, True, 3)
    assert (told["pages"], told["deleted"]) == ([10, 10, 5], 25)
    assert (told["presigned"], told["presignedPut"]) == ("hello", 200)
    assert (told["posted"], told["tooLarge"]) == (204, True)
    assert told["missing"] == [True, "NoSuchKey", 404]
    assert told["exists"] == [True, "PreconditionFailed", 412]
    assert told["versions"] == [[True, False, 6], [False, True, 5]]
