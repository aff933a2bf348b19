"""Links that lead through SendGrid, and what their tokens say."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from mocks.sendgrid import tracking
from mocks.sendgrid.tracking import Token, Tracked

SENT = {
    "to": [{"email": "ada@example.com"}],
    "bcc": [{"email": "bob@example.com"}],
    "links": ["https://example.com/a?x=1&y=2"],
}


def tracked() -> Tracked:
    return Tracked("http://localhost/e/pr/sendgrid", "shop", "abc.0")


def token_of(address: str) -> Token:
    found = tracking.read(parse_qs(urlsplit(address).query)["upn"][0])
    assert found is not None
    return found


@pytest.mark.parametrize("link", [None, 0, 12])
def test_a_token_says_what_it_was_made_of(link: int | None) -> None:
    token = Token("sub/user", "abc.0", 1, link)
    assert tracking.read(token.written()) == token


@pytest.mark.parametrize("upn", ["", "!!", "YQ", "YS9iL2MvZA", "\u00e4", "a" * 5])
def test_what_is_no_token_is_none(upn: str) -> None:
    assert tracking.read(upn) is None


def test_a_token_names_a_recipient_and_a_link_of_the_message() -> None:
    token = Token("", "abc.0", 1, 0)
    assert tracking.address(SENT, token) == "bob@example.com"
    assert tracking.url(SENT, token) == "https://example.com/a?x=1&y=2"


@pytest.mark.parametrize("token", [Token("", "k", 2, 1), Token("", "k", -1, -1), Token("", "k", 9)])
def test_a_token_of_nothing_that_the_message_has_leads_nowhere(token: Token) -> None:
    assert tracking.address(SENT, token) is None
    assert tracking.url(SENT, token) is None


def test_links_lead_through_us_and_know_where_they_led() -> None:
    mail = tracked()
    html = mail.html_links(
        '<a class="b" href="https://example.com/?a=1&amp;b=2">x</a><A HREF=\'http://two.com\'>y</A>'
        '<a href="mailto:ada@example.com">m</a><a clicktracking=off href="https://three.com">z</a><p href="https://p">'
    )
    assert mail.links == ["https://example.com/?a=1&b=2", "http://two.com"]
    assert 'href="mailto:ada@example.com"' in html
    assert 'href="https://three.com"' in html
    assert '<p href="https://p">' in html
    address = unescape(html.split('href="')[1].split('"')[0])
    assert address.startswith("http://localhost/e/pr/sendgrid/ls/click?upn=")
    assert token_of(address) == Token("shop", "abc.0", 0, 0)


def test_addresses_in_plain_text_lead_through_us() -> None:
    mail = tracked()
    text = mail.text_links("Look at https://example.com/x and at ftp://example.com")
    assert mail.links == ["https://example.com/x"]
    assert text.startswith("Look at http://localhost/e/pr/sendgrid/ls/click?upn=")
    assert text.endswith(" and at ftp://example.com")


def test_the_pixel_stands_at_the_end_or_where_it_is_asked_for() -> None:
    mail = tracked()
    assert mail.pixel("<body>x</body>").startswith("<body>x<img src=")
    assert mail.pixel("<body>x</body>").endswith("</body>")
    assert mail.pixel("x").startswith("x<img src=")
    assert mail.pixel("a%pixel%b", "%pixel%").startswith("a<img src=")
    assert mail.pixel("a%pixel%b", "%pixel%").endswith("/>b")


def test_the_link_of_subscription_tracking_stands_where_its_text_says() -> None:
    assert tracking.here("Leave <% here %>.", "http://x/?a&b", html=True) == (
        'Leave <a href="http://x/?a&amp;b">here</a>.'
    )
    assert tracking.here("Leave: <% %>", "http://x", html=True) == 'Leave: <a href="http://x">http://x</a>'
    assert tracking.here("Leave: <% %>", "http://x", html=False) == "Leave: http://x"


def test_google_analytics_parameters_are_added_and_none_is_replaced() -> None:
    told = {"utm_source": "shop", "utm_medium": "e mail", "utm_term": "", "other": "no"}
    assert tracking.with_parameters("https://e.com/a?b=1#c", told) == (
        "https://e.com/a?b=1&utm_source=shop&utm_medium=e%20mail#c"
    )
    assert tracking.with_parameters("https://e.com/?utm_source=x&utm_medium=y", told) == (
        "https://e.com/?utm_source=x&utm_medium=y"
    )
    assert tracking.with_parameters("http://[x", told) == "http://[x"
    assert tracking.analysed('<a href="https://e.com">x</a>', {"utm_source": "s"}) == (
        '<a href="https://e.com?utm_source=s">x</a>'
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<a href=",
        "<a " * 200_000,
        '<a href="http://x' * 50_000,
        "<a " + ' href="http://x"' * 100_000,
        "</body" * 100_000,
    ],
)
def test_broken_html_comes_out_as_it_was(hostile: str) -> None:
    assert tracked().html_links(hostile) == hostile
    assert tracking.ended(hostile, "") == hostile
