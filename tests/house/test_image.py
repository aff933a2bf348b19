"""The container image without a container engine: its Dockerfile is read, and its install, start and
health commands run in a clean folder that stands for the image's root."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.serving import free_port
from tests.house.tree import PACKAGES, ROOT, modules, relative

DOCKERFILE = ROOT / "Dockerfile"
TOKEN = "image-token-0123456789abcdef"


@dataclass(frozen=True)
class Instruction:
    """One instruction of a stage: ``RUN``, and what follows it."""

    word: str
    rest: str

    def words(self) -> list[str]:
        """The exec form's words."""
        found = json.loads(self.rest)
        assert isinstance(found, list), f"{self.word} is not in exec form"
        return found


def stages() -> list[list[Instruction]]:
    """The Dockerfile's stages, with continued lines joined and comments gone."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    found: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append(Instruction(word, rest.strip()))
    return found


def last(word: str) -> Instruction:
    """The image's own instruction of that name."""
    return [one for one in stages()[-1] if one.word == word][-1]


def test_it_is_slim_multi_stage_and_pinned() -> None:
    build, image = stages()
    assert build[0].rest == "python:3.11-slim-bookworm AS build"
    assert image[0].rest == "python:3.11-slim-bookworm"
    installs = [one.rest for one in build if "pip install" in one.rest]
    assert any("--require-hashes -r requirements.lock" in one for one in installs)
    assert not [one for one in image if "pip" in one.rest], "nothing is installed in the image itself"


def test_it_does_not_run_as_root() -> None:
    words = [one.word for one in stages()[-1]]
    assert last("USER").rest == "10001:10001"
    assert words.index("USER") > max(index for index, word in enumerate(words) if word == "RUN")


def test_state_is_in_a_volume_and_the_commands_are_in_exec_form() -> None:
    start = last("ENTRYPOINT").words() + last("CMD").words()
    assert start[:2] == ["broker", "serve"]
    assert start[start.index("--data") + 1] == last("VOLUME").rest
    assert start[start.index("--port") + 1] == last("EXPOSE").rest
    assert "CMD [" in last("HEALTHCHECK").rest


def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("hadolint")), str(DOCKERFILE)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_only_what_it_needs_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    sources = {word for one in stages()[0] if one.word == "COPY" for word in one.rest.split()[:-1]}
    assert {line[1:] for line in lines if line.startswith("!")} == sources


class Image:
    """The image's files below ``root``: absolute paths of the Dockerfile are moved there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()

    def moved(self, text: str) -> str:
        """The text with the image's paths below ``root``, and a free port in place of its own."""
        text = re.sub(r"/(opt|var/lib|nonexistent)\b", lambda path: f"{self.root}{path[0]}", text)
        return re.sub(r"\b4600\b", str(self.port), text)

    def build(self) -> None:
        """Run the build stage: COPY and RUN, in their order, in its working folder."""
        work = self.root / "build"
        (self.root / "opt").mkdir(parents=True)
        work.mkdir()
        for one in stages()[0]:
            if one.word == "COPY":
                *sources, target = one.rest.split()
                for source in sources:
                    self._copy(ROOT / source, work / target)
            elif one.word == "RUN":
                command = self.moved(one.rest).replace("python -m venv", f"{sys.executable} -m venv")
                done = subprocess.run(["sh", "-euc", command], cwd=work, capture_output=True, text=True)
                assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, target)

    def environment(self, **more: str) -> dict[str, str]:
        """The ENV of the image, and what ``docker run -e`` would add."""
        found = {"PATH": os.defpath, "HOME": "/nonexistent"}
        for pair in last("ENV").rest.split():
            name, _, value = pair.partition("=")
            found[name] = self.moved(value).replace("$PATH", found["PATH"])
        return {**found, **more}

    def command(self, words: list[str]) -> list[str]:
        """An exec form, found in the image's PATH."""
        first = shutil.which(words[0], path=self.environment()["PATH"]) or ""
        assert first.startswith(str(self.root)), f"{words[0]} is not in the image"
        return [first, *(self.moved(word) for word in words[1:])]

    def start(self, **more: str) -> subprocess.Popen[str]:
        """What the engine would run."""
        return subprocess.Popen(
            self.command(last("ENTRYPOINT").words() + last("CMD").words()),
            env=self.environment(**more),
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def is_healthy(self) -> bool:
        """What the engine's health check would say."""
        words = json.loads(last("HEALTHCHECK").rest.partition("CMD ")[2])
        done = subprocess.run(self.command(words), env=self.environment(), capture_output=True, timeout=30)
        return done.returncode == 0


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The built image. Building downloads what `make setup` downloads too."""
    built = Image(tmp_path_factory.mktemp("image"))
    built.build()
    return built


@pytest.mark.slow
def test_the_image_starts_and_is_healthy(image: Image) -> None:
    state = Path(image.moved(last("VOLUME").rest))
    state.mkdir(parents=True, mode=0o700)
    before = {path for path in image.root.rglob("*") if state not in path.parents}
    process = image.start(BROKER_TOKEN=TOKEN)
    try:
        until = time.monotonic() + 60
        while not image.is_healthy():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < until
        after = {path for path in image.root.rglob("*") if state not in path.parents}
        assert after == before, "it writes beside its volume"
        assert any(state.iterdir())
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert not image.is_healthy(), "the health check answers for a server that is gone"


@pytest.mark.slow
def test_the_image_does_not_start_without_a_token(image: Image) -> None:
    process = image.start()
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "BROKER_TOKEN" in output


@pytest.mark.slow
def test_the_wheel_holds_everything_that_is_read_at_run_time(image: Image) -> None:
    (wheel,) = (image.root / "opt/build/dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts
    ]
    wanted = {relative(path) for path in (*modules(), *data)}
    assert "broker/policy.schema.json" in wanted
    assert any(name.startswith("contracts/library/") for name in wanted)
    assert not wanted - names, sorted(wanted - names)
    assert not [name for name in names if name.startswith(("tests/", "bench/", "demo/"))]
