"""Public documents load, and what is made through their mocks is seen by list, retrieve, update and delete."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import yaml

from contracts import documents as reading
from tests.documents.directory import HANDFUL, TEN, THIRTY
from tests.documents.life import Walk, compiled, mocked
from tests.harness import Harness

pytestmark = pytest.mark.slow


async def test_its_objects_live(document: str, documents: Path, tmp_path: Path) -> None:
    unseen = compiled(documents / document)
    contract, service = mocked(unseen)
    shop = Harness(service, tmp_path)
    try:
        lives = await Walk(contract, shop).all()
    finally:
        await shop.close()
    whole = [name for name, deeds in lives.lived.items() if len(set(deeds)) == 5]
    assert not lives.wrong
    assert (len(lives.lived), len(whole)) >= THIRTY[document]


def test_yaml_is_read_as_json_is(documents: Path) -> None:
    content = (documents / HANDFUL[-1]).read_bytes()
    as_yaml = yaml.dump(orjson.loads(content), Dumper=yaml.CSafeDumper).encode()
    assert reading.read(as_yaml) == reading.read(content)


def test_there_are_thirty_and_ten() -> None:
    assert (len(THIRTY), len(set(TEN))) == (30, 10)
    assert set(HANDFUL) | set(TEN) <= set(THIRTY)
