"""What the onboarding page asks."""

from __future__ import annotations

from mocks.stripe.onboarding import PERSON
from mocks.stripe.pages import onboarding_form as form


def test_every_question_has_words() -> None:
    assert set(PERSON) <= set(form.LABELS)
    assert set(form.BOUNDS) <= set(form.LABELS)


def test_what_is_due_is_asked() -> None:
    due = ["business_type", "external_account", "individual.email"]
    account = {"requirements": {"currently_due": due}, "country": "US", "business_type": "individual"}
    assert form.wanted(account, everything=False) == ["external_account", "individual.email"]
    everything = form.wanted(account, everything=True)
    assert "individual.ssn_last_4" in everything
    assert "individual.ssn_last_4" not in form.wanted({**account, "country": "FR"}, everything=True)
    company = form.wanted({**account, "business_type": "company"}, everything=True)
    assert {"company.name", "representative.first_name"} <= set(company)
