"""How the pages look, and what they let through."""

from __future__ import annotations

from mocks.stripe.pages.markup import absent, alert, amount, choice, document, field, redirect, rows


def test_nothing_that_was_said_is_markup() -> None:
    bad = '"><script>x</script>'
    for made in (field(bad, bad, value=bad), alert(bad), choice(bad, bad, [(bad, bad)], bad)):
        assert "<script>" not in made
    assert "<script>" not in document(bad, "").body.decode()
    assert alert(None) == ""
    assert rows([]) == ""


def test_a_page_allows_nothing_from_elsewhere() -> None:
    policy = document("A", "").header("content-security-policy") or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert absent().status == 404


def test_amounts() -> None:
    assert (amount(1500, "usd"), amount(1500, "jpy"), amount(1500, "chf")) == ("$15.00", "¥1,500", "15.00 CHF")


def test_an_address_is_one_line() -> None:
    assert redirect("https://a.example/\r\nset-cookie: x").header("location") == "https://a.example/"
