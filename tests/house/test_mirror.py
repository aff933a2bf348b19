"""Every module has its mirror test: ``broker/tasks.py`` is tested by ``tests/broker/test_tasks.py``."""

from __future__ import annotations

from tests.house.tree import PACKAGES, ROOT, found, modules, relative

#: Modules whose test stands elsewhere, and where (a folder means: all of it).
ELSEWHERE: dict[str, str] = {
    "broker/storage/base.py": "tests/broker/storage",  # protocols: tested by their implementations
    "broker/storage/external.py": "tests/broker/storage",  # the same
    "broker/storage/drift.py": "tests/broker/storage",  # the same
    "broker/storage/outbox.py": "tests/broker/storage",  # the same
    "broker/storage/expectations.py": "tests/broker/storage",  # the same
    "mocks/base.py": "tests/mocks",  # the seam: every service's tests go through it
    "mocks/registry.py": "tests/house/test_docs.py",  # one tuple; the services table is made from it
    "sandboxes/base.py": "tests/sandboxes",  # the seam: every driver's tests go through it
    "sandboxes/registry.py": "tests/house/test_docs.py",  # one tuple; the table of sandboxes is made from it
}


def test_every_module_has_its_test() -> None:
    wrong = []
    for path in modules():
        name = relative(path)
        if path.stem in ("__init__", "__main__") or name in ELSEWHERE:
            continue
        mirror = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"
        if not mirror.exists():
            wrong.append(f"{name}: no {relative(mirror)}")
    assert not wrong, found(wrong)


def test_the_exceptions_are_true() -> None:
    for module, test in ELSEWHERE.items():
        assert (ROOT / module).exists(), f"{module} is gone"
        assert (ROOT / test).exists(), f"{test} is gone"


def test_mirrors_mirror_something() -> None:
    """A test beside no module is either named for an idea (a folder's journeys) or left over from a move."""
    left = []
    for package in PACKAGES:
        for path in sorted((ROOT / "tests" / package).rglob("test_*.py")):
            inside = path.relative_to(ROOT / "tests")
            folder = ROOT / inside.parent
            if not folder.is_dir():
                left.append(f"{relative(path)}: there is no {inside.parent}")
    assert not left, found(left)
