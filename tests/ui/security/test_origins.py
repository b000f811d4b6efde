"""Origins are compared as a whole, so that a lookalike does not pass for a listed site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.security.origins import allowed, origin

LISTED = ("https://example.org", "https://*.example.net", "http://localhost:8000", "https://shop.example.com:8443")


@pytest.mark.parametrize(
    "asked",
    [
        "https://example.org",
        "https://example.org:443",
        "https://EXAMPLE.org",
        "https://a.example.net",
        "https://a.b.example.net",
        "http://localhost:8000",
        "https://shop.example.com:8443",
    ],
)
def test_a_listed_origin_is_allowed(asked: str) -> None:
    """Exactly, or as a subdomain of a name listed with a star."""
    assert allowed(asked, LISTED)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "null",
        "*",
        "https://",
        "example.org",
        "//example.org",
        "http://example.org",
        "https://example.org:8443",
        "https://example.org:99999",
        "https://example.org:",
        "https://evil-example.org",
        "https://example.org.evil.test",
        "https://example.orgevil.test",
        "https://sub.example.org",
        "https://example.net",
        "https://.example.net",
        "https://evilexample.net",
        "https://evil-example.net",
        "https://a.example.net.evil.test",
        "https://a.example.net:8443",
        "http://a.example.net",
        "https://evil.test/.example.net",
        "https://evil.test#.example.net",
        "https://evil.test?.example.net",
        "https://evil.test\\.example.net",
        "https://user@a.example.net",
        "https://a.example.net@evil.test",
        "https://a.example.net/",
        "https://a.example.net ",
        "https://a.example.net\n",
        "https://%61.example.net",
        "https://ａ.example.net",
        "https://example.org, https://evil.test",
        "javascript://example.org",
        "https://*.example.net",
        "https://[::1",
        "http://localhost",
    ],
)
def test_a_lookalike_is_not(asked: str) -> None:
    """No longer name, no other scheme or port, and nothing that a browser would not send."""
    assert not allowed(asked, LISTED)


def test_nothing_is_allowed_where_nothing_is_listed() -> None:
    """The default."""
    assert not allowed("https://example.org", ())


def test_an_address_in_brackets_is_compared_too() -> None:
    """IPv6 addresses contain colons."""
    assert allowed("http://[::1]:8000", ("http://[::1]:8000",))
    assert not allowed("http://[::1]:8001", ("http://[::1]:8000",))


@given(st.text(max_size=40))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    """A header may contain any text."""
    assert not allowed(text, ("https://q7.example.org",))
    assert not allowed(f"https://{text}x", ("https://q7.example.org",))
    origin("https", text)
