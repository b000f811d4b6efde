"""Invalid addresses: everything that accepts an address refuses them with a clear error, never a traceback."""

import itertools
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.settings import settings as settings_module
from assistant.settings.serving import ServingSettings
from index.errors import AlmanacError, FetchError, SettingsError
from index.fetching.fetch import Fetcher, is_address
from index.importers import remote
from tests.support.web_server import Site
from tests.ui.cli.test_commands import Shell
from tests.ui.security.guarded import get
from ui.security.origins import allowed, origin

HOSTS = (
    *("xn--", "xn--a", "xn--zzzzzz99999999", "xn--99zzzz.com", "*.xn--", "xn--\u00fc", "\u00fc" * 64 + ".de"),
    *("a" * 64 + ".com", "a." * 130 + "com", "a..b", ".", "..", "-", "_", "%", "%zz", "%00", "%2f", "*", "a,b", "a;b"),
    *("[::1%25eth0]", "[fe80::1%eth0]", "[::1", "::1]", "[]", "[v1.a]", "[1]", "[:::]", "[::1]x", "[::1]:99999"),
    *("1.2.3.4.5", "0x7f.1", "999.1.1.1", "\u0663.com", "\u2488com", "a\u3002b", "a\uff0eb", "\u0130.com"),
    *("u@h", "u:p@h", "u:p@", "a@b@c", "a b.com", "a\tb", "a\nb", "a\r\nb", "a\\b", "a<b", "a|b", "a^b", ""),
    *("a\x00b", "\ud800.com", "\udfff", "\u202e.com", "\u200d", "\ufe00", "\U0001f600\u200d", "\x1b[31m"),
    *("a:99999", "a:-1", "a:0", "a:1e3", "a:\u0661", "a:" + "9" * 30, "a:65536", "a::80"),
)
SCHEMES = ("http://", "https://", "HTTP://", "http:", "https:/", "ftp://", "javascript://", "://", "http:///")
TAILS = ("/", "", "/\x00", "/\ud800", "/%", "/%zz", "/ ", "?\ud800", "#\ud800", "/" + "a" * 70_000)


def _nowhere(_host: str, _port: int) -> list[str]:
    raise OSError("this test looks nothing up")


def addresses() -> Iterator[str]:
    """Yield each host with each scheme and each ending."""
    return ("".join(parts) for parts in itertools.product(SCHEMES, HOSTS, TAILS))


def test_an_import_refuses_every_one_in_words() -> None:
    """International names, lengths, zones, ports, passwords, spaces, NUL and lone surrogates."""
    fetcher = Fetcher(resolver=_nowhere)
    for address in filter(is_address, addresses()):
        with pytest.raises(FetchError) as caught:
            remote.read_named(address, fetcher)
        assert str(caught.value).isprintable(), ascii(address)
        assert caught.value.hint


@pytest.mark.parametrize(
    "target", ["http://xn--/", "//xn--a/", "http://[::1%25eth0", "http://a:99999/", "http://u:p@a/"]
)
def test_a_redirect_to_one_is_refused_in_words(web: Site, target: str) -> None:
    """A server may send any text as its Location."""
    with pytest.raises(FetchError) as caught:
        Fetcher(allow_private=True).fetch(web.leads("/from", target))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["embed_origins", "url", "ollama_url", "trusted_proxies", "sources", "host", "auth"])
def test_settings_are_refused_in_words_or_taken(name: str) -> None:
    """A setting with an invalid address only raises the error for settings."""
    for address in addresses():
        value = json.dumps([{"url": address}]) if name == "sources" else address
        with suppress(SettingsError):
            settings_module.load(environment={f"ALMANAC_{name.upper()}": value})


@pytest.mark.parametrize(
    "wrong",
    [
        *("https://xn--", "https://xn--a", "https://[::1", "https://[:::]", "https://a:99999", "https://a:0"),
        *("https://" + "a" * 64 + ".de", "https://u:p@a.de", "https://a..b", "https://a%00b", "https://a\x00b"),
        *("http://[fe80::1%25eth0]", "https://\ud800.a", "https://-a.de"),
    ],
    ids=ascii,
)
def test_an_address_of_our_own_that_cannot_exist_is_refused_when_the_settings_are_read(wrong: str) -> None:
    """The error comes when the settings are read, not later from a failing request."""
    for name in ("url", "embed_origins"):
        with pytest.raises(SettingsError) as caught:
            settings_module.load(environment={f"ALMANAC_{name.upper()}": wrong})
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "right",
    [
        *("https://a.example", "http://127.0.0.1:7860", "http://[::1]:80", "http://localhost"),
        *("https://xn--bcher-kva.example", "https://a.example:8443"),
    ],
)
def test_an_address_that_can_exist_is_taken(right: str) -> None:
    """International names, numbers and ports."""
    assert ServingSettings(url=right).url == right
    assert ServingSettings(embed_origins=(right,)).embed_origins == (right,)


def test_origins_and_hosts_of_requests_are_no_origin_or_one() -> None:
    """A header may contain any text."""
    for address in addresses():
        assert not allowed(address, ("https://site.example", "https://*.sites.example"))
    for host in ("[:::]", "[1]", "[]", "[::1", "a:99999", "a:65536", "[fe80::1%eth0]"):
        assert origin("http", host) is None
    assert origin("http", "[::1]:8080") == "http://[::1]:8080"


@pytest.mark.parametrize("host", ["[:::]", "[1]", "[1:2]", "[::1]:99999", "localhost:99999"])
def test_a_host_header_that_no_host_has_is_a_bad_request(host: str) -> None:
    """The response is an error status, not an exception in the code that parses the header."""
    said = get(client="127.0.0.1", at="http://127.0.0.1", headers={"host": host})
    assert said.status_code == 400
    assert said.json()["error"]["code"] == "bad_request"


def test_the_command_says_it_in_two_lines(tmp_path: Path) -> None:
    """`import` and `sync` from the command line."""
    shell = Shell(tmp_path, tmp_path / "data")
    for address in ("http://xn--/", "http://[::1%25eth0", "http://a:99999/", "http://u:p@a.example/"):
        assert "address" in shell.fails("import", address)
    (tmp_path / "almanac.toml").write_text('[[sources]]\nurl = "http://xn--/"\n', "utf-8")
    done = shell.run("sync", ALMANAC_EMBEDDER="none")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "is not an address" in done.stderr
    assert issubclass(SettingsError, AlmanacError)
