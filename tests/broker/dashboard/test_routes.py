"""The table of pages: names and addresses stand once, and every page is reached from another one."""

from __future__ import annotations

from pathlib import Path

from broker.dashboard import routes

TEMPLATES = Path(routes.__file__).parent / "templates"


def test_names_and_addresses_stand_once() -> None:
    both = [*routes.PAGES, *routes.ACTIONS]
    assert len({each.name for each in both}) == len(both)
    assert len({page.path for page in routes.PAGES}) == len(routes.PAGES)
    assert len({action.path for action in routes.ACTIONS}) == len(routes.ACTIONS)


def test_pages_stand_under_others_and_their_templates_exist() -> None:
    names = {page.name for page in routes.PAGES}
    for page in routes.PAGES:
        assert not page.under or page.under in names, page.name
        assert page.part or (TEMPLATES / page.template).is_file(), page.name
        assert page.nav != "environment" or page.path.startswith("/environments/{name}"), page.name


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    """The content security policy would stop both."""
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert " on" + "click" not in text, template
        assert "|safe" not in text, template
        assert text.count("<script") == text.count('<script nonce="{{ nonce }}" src='), template
