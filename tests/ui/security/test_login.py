"""The optional login, the administrator's token, and trusted proxies."""

import base64
from typing import Any

import pytest
from starlette.datastructures import Headers

from assistant.settings.settings import Settings
from index.errors import SettingsError
from ui.security.login import Login
from ui.security.proxies import Proxies, client_key
from ui.security.rate_limits import Limits, Visitor

from .guarded import STRANGER, application, get, visiting

PROXY = "10.0.0.2"


def _basic(pair: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(pair.encode("utf-8")).decode("ascii")}


@pytest.mark.parametrize("pair", ["ada:enigma", "grace:naïve: with a colon"])
def test_a_right_name_and_password_are_let_in(pair: str) -> None:
    """Either pair works, by HTTP Basic, or as the API key of a client that supports only keys."""
    auth = "ada:enigma, grace:naïve: with a colon"
    assert get(auth=auth, headers=_basic(pair)).status_code == 200
    bearer = {"authorization": b"Bearer " + pair.encode("utf-8")}
    assert get(auth=auth, headers=bearer).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        _basic("ada:wrong"),
        _basic("ada:"),
        _basic("ada:enigm"),
        _basic("ada:enigma "),
        _basic("ada:enigma,grace:hopper"),
        _basic(":"),
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode("ascii")},
        {"authorization": "Digest ada:enigma"},
        {"authorization": "ada:enigma"},
        {"x-remote-user": "ada"},
    ],
)
def test_anything_else_is_not(headers: dict[str, str]) -> None:
    """The response asks for the login, as a JSON error."""
    response = get(auth="ada:enigma,grace:hopper", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")
    assert response.json()["error"]["code"] == "login"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_an_orchestrator_needs_no_login(path: str) -> None:
    """Health checks need no login."""
    assert get(auth="ada:enigma", path=path).status_code == 200


def test_guessing_is_slowed_down_for_the_guesser_alone() -> None:
    """After ten wrong passwords in a minute, further ones are refused. Other clients can log in."""
    app = application(auth="ada:enigma")
    with visiting(app) as guesser, visiting(app, "203.0.113.77") as other:
        for number in range(10):
            assert guesser.get("/", headers=_basic(f"ada:{number}")).status_code == 401
        late = guesser.get("/", headers=_basic("ada:enigma"))
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) >= 1
        assert other.get("/", headers=_basic("ada:enigma")).status_code == 200


def test_a_header_names_the_user_where_a_trusted_proxy_sets_it() -> None:
    """The header is removed from all other requests, so a client that bypasses the proxy is not logged in."""
    options: dict[str, Any] = {"auth": "header:X-Remote-User", "trusted_proxies": PROXY}
    named = {"x-remote-user": "ada"}
    assert get(PROXY, headers=named, **options).status_code == 200
    assert get(PROXY, **options).status_code == 401
    assert get(PROXY, headers={"x-remote-user": ""}, **options).status_code == 401
    assert get(headers=named, **options).status_code == 401
    assert get(headers={**named, "x-forwarded-for": PROXY}, **options).status_code == 401


@pytest.mark.parametrize("auth", ["ada", "ada:", ":enigma", "ada:enigma,", "ada:enigma,grace"])
def test_a_login_that_cannot_be_read_is_a_foreseen_error(auth: str) -> None:
    """A wrong setting must not let everybody in."""
    with pytest.raises(SettingsError, match="auth"):
        application(auth=auth)


def test_a_header_without_a_trusted_proxy_is_a_foreseen_error() -> None:
    """With such settings nobody could log in, or everybody could."""
    with pytest.raises(SettingsError, match="no trusted proxy"):
        application(auth="header:X-Remote-User")


def test_the_administrator_s_routes_are_not_there_without_a_token() -> None:
    """Without a token the routes do not exist. With one, only clients that have it get in."""
    limits = Limits(Settings())

    def said(token: str | None, authorization: str) -> int:
        refusal = Login(Settings(admin_token=token), limits).administrator(
            Headers({"authorization": authorization}), Visitor("203.0.113.1")
        )
        return refusal.status if refusal else 200

    assert said(None, "Bearer x") == 404
    assert said("", "Bearer ") == 404
    assert said("t0ken", "Bearer t0ken") == 200
    assert said("t0ken", "bearer t0ken") == 200
    assert [said("t0ken", given) for given in ("", "Bearer ", "Bearer t0ke", "Basic t0ken", "t0ken")] == [401] * 5


FORWARDED = {
    "x-forwarded-for": "198.51.100.1, 198.51.100.7, 10.0.0.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "almanac.example.org",
}


def test_a_trusted_proxy_says_who_asked_and_how() -> None:
    """The rightmost address that is not a trusted proxy is the client. Addresses left of it can be forged."""
    seen = get(PROXY, headers=FORWARDED, trusted_proxies="10.0.0.0/8").json()
    assert seen["client"] == "198.51.100.7"
    assert seen["url"] == "https://almanac.example.org/page"
    assert not [name for name in seen["headers"] if "forwarded" in name]


def test_a_stranger_s_word_for_it_is_not_believed() -> None:
    """Address, scheme and host stay as they are, and the application, including Gradio, never sees the headers."""
    more = {**FORWARDED, "x-forwarded-prefix": "/evil", "forwarded": "for=1.2.3.4", "x-real-ip": "1.2.3.4"}
    for options in ({}, {"trusted_proxies": PROXY}):
        seen = get(headers=more, **options).json()
        assert seen["client"] == STRANGER
        assert seen["url"] == "http://almanac.example/page"
        assert not [name for name in seen["headers"] if "forward" in name or "real" in name]


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("", PROXY),
        ("garbage", PROXY),
        ("198.51.100.1, garbage", PROXY),
        ("garbage, 198.51.100.1", "198.51.100.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.3, 10.0.0.4", "10.0.0.3"),
        ("1, " * 3000 + "198.51.100.1", "198.51.100.1"),
    ],
)
def test_hops_are_read_as_proxies_write_them(hops: str, client: str) -> None:
    """An invalid address ends the chain. The last valid proxy counts as the client."""
    scope = {
        "client": (PROXY, 1),
        "scheme": "http",
        "headers": [(b"host", b"x"), (b"x-forwarded-for", hops.encode("latin-1"))],
    }
    assert Proxies(["10.0.0.0/8"]).corrected(scope)["client"][0] == client


def test_several_lines_of_hops_are_one() -> None:
    """A client that sends the header itself cannot be the last entry."""
    lines = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"198.51.100.7")]
    scope = {"client": (PROXY, 1), "scheme": "http", "headers": lines}
    assert Proxies([PROXY]).corrected(scope)["client"][0] == "198.51.100.7"


def test_one_line_of_ipv6_is_one_client() -> None:
    """One customer has 2^64 addresses, which share one bucket."""
    assert client_key("2001:db8:1:2::1") == client_key("2001:db8:1:2:ffff::9")
    assert client_key("2001:db8:1:2::1") != client_key("2001:db8:1:3::1")
    assert client_key("::ffff:203.0.113.9") == client_key("203.0.113.9")
    assert client_key("fe80::1%eth0") == client_key("fe80::2")
    assert len(client_key("x" * 500)) <= 64
