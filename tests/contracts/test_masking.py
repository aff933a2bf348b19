"""What always differs is masked by its shape, and no word is."""

from __future__ import annotations

from contracts.masking import masked


def test_chance_is_masked_and_words_are_not() -> None:
    assert masked("card_declined") == "card_declined"
    assert masked("656c76696e6727732072x9") == "<token>"
    assert masked("656c76696e6727732072") == "<token>"
    assert masked("sha256 656c76696e6727732072") == "sha256 <hex>"
    assert masked("personalizations.0.to") == "personalizations.0.to"
    assert masked("photos/2026/x.jpg") == "photos/2026/x.jpg"
    assert masked("QWERTZUI-0001") == "<token>"
    assert masked("InvalidRange.0.maxKeys") == "InvalidRange.0.maxKeys"
    assert masked("pi_3OaBcDeFgHiJkLmN_secret_qRsTuVwXyZ12") == "<pi_>_<secret_>"
    assert masked("${intent}_secret_qRsTuVwXyZ12") == "${intent}_<secret_>"
