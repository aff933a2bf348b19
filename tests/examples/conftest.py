"""A real server that the examples' commands are run against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.serving import Broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    served = Broker(tmp_path_factory.mktemp("broker"))
    served.start()
    yield served
    served.kill()
