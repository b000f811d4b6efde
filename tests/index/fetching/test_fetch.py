"""Fetching: only from the public internet, within limits, and never to another address than the one that was checked."""

import gzip
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest

from index.errors import (
    AddressRefusedError,
    FetchError,
    RedirectError,
    StatusError,
    TooLargeError,
    TooSlowError,
    UnreachableError,
)
from index.fetching import public_addresses
from index.fetching.fetch import Fetcher, Limits, Validators, is_address
from tests.support.web_server import Site, raw_site, says, site

USUAL = Limits(connect=5, silence=5, total=10, size=100_000)
IMPATIENT = Limits(connect=2, silence=0.2, total=0.5)


@pytest.fixture
def here() -> Fetcher:
    """A fetcher that may fetch from this machine."""
    return Fetcher(allow_private=True, limits=USUAL)


def test_an_answer_comes_with_its_type_and_where_it_came_from(web: Site, here: Fetcher) -> None:
    """The header with its charset is handed on, and the server is told who asks, without cookies or languages."""
    url = web.puts("/feed?x=1", b"<rss/>", headers={"Content-Type": "text/xml; charset=latin1"})
    fetched = here.fetch(url + "#part")
    assert (fetched.url, fetched.data, fetched.media_type) == (url, b"<rss/>", "text/xml; charset=latin1")
    assert not fetched.not_modified
    ((path, headers),) = web.asked
    assert path == "/feed?x=1"
    assert headers["Host"] == f"127.0.0.1:{web.port}"
    assert headers["User-Agent"].startswith("almanac-assistant")
    assert not {"Cookie", "Authorization", "Accept-Language", "If-None-Match"} & set(headers)


def test_what_has_not_changed_is_not_sent_again(web: Site, here: Fetcher) -> None:
    """The tag of the first answer is the condition of the second request."""
    url = web.puts("/feed", b"one", etag='"v1"', headers={"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})
    first = here.fetch(url)
    assert first.validators == Validators('"v1"', "Mon, 01 Jan 2024 00:00:00 GMT")
    again = here.fetch(url, first.validators)
    assert (again.not_modified, again.data, again.validators) == (True, b"", first.validators)
    web.puts("/feed", b"two", etag='"v2"')
    assert here.fetch(url, first.validators).data == b"two"
    assert web.asked[1][1]["If-Modified-Since"] == "Mon, 01 Jan 2024 00:00:00 GMT"


def test_unchanged_without_having_been_asked_is_an_error(web: Site, here: Fetcher) -> None:
    """A server that answers 304 to a plain request gave nothing."""
    with pytest.raises(StatusError, match="304"):
        here.fetch(web.puts("/", status=304))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_five_redirects_are_followed_and_a_sixth_is_not(web: Site, here: Fetcher, status: int) -> None:
    """Relative or absolute, of every kind; the address in the end is the one that is reported."""
    for step in range(1, 6):
        web.leads(f"/{step}", f"{step + 1}" if step % 2 else web.url(f"/{step + 1}"), status)
    web.puts("/6", b"the end")
    assert here.fetch(web.url("/1")).url == web.url("/6")
    web.leads("/0", "/1")
    with pytest.raises(RedirectError, match="more than 5 times"):
        here.fetch(web.url("/0"))


def test_a_circle_a_redirect_to_nowhere_and_one_to_nonsense_end_at_once(web: Site, here: Fetcher) -> None:
    """Each says what was wrong."""
    web.leads("/a", "/b")
    web.leads("/b", "/a")
    with pytest.raises(RedirectError, match="circle"):
        here.fetch(web.url("/a"))
    with pytest.raises(RedirectError, match="where"):
        here.fetch(web.puts("/nowhere", status=301))
    with pytest.raises(RedirectError, match="not an address"):
        here.fetch(web.leads("/nonsense", "http://[::1"))
    assert len(web.asked) == 4


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://example.org/", "gopher://x/", "http://user:hush@example.org/", "javascript:1"],
)
def test_a_redirect_cannot_leave_http_or_carry_a_password(web: Site, here: Fetcher, target: str) -> None:
    """What is refused as an address is refused as a target."""
    with pytest.raises(AddressRefusedError) as caught:
        here.fetch(web.leads("/", target))
    assert "hush" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "target", ["http://{inner}/", "//{inner}/secret", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/"]
)  # fmt: skip
def test_a_redirect_to_this_machine_is_refused_and_never_connected_to(
    web: Site, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """The first address is a public one as far as the fetcher can know; the second is checked on its own."""
    public = f"http://feeds.example:{web.port}/"
    web.leads("/", target.format(inner=f"127.0.0.1:{web.port}", port=web.port))

    class Elsewhere(httpcore.SyncBackend):
        """Carries one public address to the server here, as the internet would."""

        def connect_tcp(self, host: str, *rest: object, **more: object) -> httpcore.NetworkStream:
            assert host == "93.184.216.34"
            return super().connect_tcp("127.0.0.1", *rest, **more)  # type: ignore[arg-type]

    def look_up(host: str, port: int) -> list[str]:
        return ["93.184.216.34"] if host == "feeds.example" else public_addresses.resolve(host, port)

    monkeypatch.setattr("httpcore.SyncBackend", Elsewhere)
    with pytest.raises(AddressRefusedError, match="this machine"):
        Fetcher(limits=USUAL, resolver=look_up).fetch(public)
    assert web.paths_asked == ["/"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/",
        "http://0x7f000001:{port}/", "http://017700000001:{port}/", "http://0177.0.0.1:{port}/", "http://0:{port}/",
        "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/",
        "http://[::]:{port}/", "HTTP://LocalHost:{port}/", "http://１２７.0.0.1:{port}/", "http://good@127.0.0.1:{port}/",
        "http://good.example\\@127.0.0.1:{port}/", "http://169.254.169.254/latest/", "http://[fd00:ec2::254]/",
        "file:///etc/passwd", "ftp://example.org/x", "//example.org/x", "data:text/plain,x", "http://", "https:///x",
        "http://example.org:99999/", "http://exa\nmple.org/", "", "http://[::1", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_in_any_spelling_and_other_schemes_are_refused(web: Site, url: str) -> None:
    """Nothing is connected to, and the error says the mend."""
    with pytest.raises(AddressRefusedError) as caught:
        Fetcher(limits=USUAL).fetch(url.format(port=web.port))
    assert caught.value.hint
    assert web.asked == []


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    web: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked up once, and the connection goes to what was checked: the second answer is never asked for."""
    connected: list[str] = []

    class Watched(httpcore.SyncBackend):
        def connect_tcp(self, host: str, *_: object, **__: object) -> httpcore.NetworkStream:
            connected.append(host)
            raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr("httpcore.SyncBackend", Watched)
    rebinding = says(["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(UnreachableError):
        Fetcher(limits=USUAL, resolver=rebinding).fetch(web.url(host="rebind.example"))
    assert connected == ["93.184.216.34"]
    assert web.asked == []


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:192.168.0.1"], ["nonsense"]])
def test_one_address_that_is_not_public_spoils_the_name(web: Site, found: list[str]) -> None:
    """Also where it stands behind a public one."""
    with pytest.raises(AddressRefusedError, match=r"sly\.example"):
        Fetcher(limits=USUAL, resolver=says(found)).fetch(web.url(host="sly.example"))
    assert web.asked == []


def test_the_next_address_of_a_name_is_tried(web: Site) -> None:
    """A name has several addresses so that one may fail."""
    web.puts("/", b"here")
    fetcher = Fetcher(allow_private=True, limits=USUAL, resolver=says(["::1", "127.0.0.1"]))
    assert fetcher.fetch(web.url(host="two.example")).data == b"here"
    assert web.asked[0][1]["Host"] == f"two.example:{web.port}"


def test_proxies_of_the_environment_are_not_used(web: Site, here: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy it would not be the checked address that is connected to."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert here.fetch(web.puts("/", b"direct")).data == b"direct"


def _drip(seconds: float) -> Iterator[bytes]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield b"x"
        time.sleep(0.05)


def test_silence_a_drip_and_a_header_without_end_are_cut_off(web: Site) -> None:
    """Each read has a limit, and so has the whole, headers included."""

    def never(_: socket.socket) -> None:
        time.sleep(0.6)

    def headers_without_end(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(40):
            connection.sendall(b"X-%d: x\r\n" % number)
            time.sleep(0.05)

    def silent_body() -> Iterator[bytes]:
        yield b"x"
        time.sleep(0.6)

    here = Fetcher(allow_private=True, limits=IMPATIENT)
    for url in (web.puts("/drip", pieces=lambda: _drip(3)), web.puts("/silent", pieces=silent_body)):
        with pytest.raises(TooSlowError, match="too slow"):
            here.fetch(url)
    for talk in (never, headers_without_end):
        with raw_site(talk) as url, pytest.raises(TooSlowError):
            here.fetch(url)


def test_a_body_that_says_it_is_too_large_is_not_read(web: Site, here: Fetcher) -> None:
    """Not a byte of it."""
    sent: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(1_000):
            sent.append(number)
            yield b"x" * 65_536

    url = web.puts("/", pieces=pieces, headers={"Content-Length": str(65_536_000)})
    with pytest.raises(TooLargeError, match=r"larger than 0\.1 MB"):
        here.fetch(url)
    time.sleep(0.05)
    assert len(sent) < 200  # what fits the buffers of two sockets


def test_a_body_that_says_nothing_is_cut_off_at_the_limit(web: Site, here: Fetcher) -> None:
    """The stream has no end; the fetch has."""

    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x" * 65_536

    with pytest.raises(TooLargeError):
        here.fetch(web.puts("/", pieces=pieces))
    assert len(here.fetch(web.puts("/most", b"x" * USUAL.size)).data) == USUAL.size


@pytest.mark.parametrize(
    "packed", [gzip.compress, zlib.compress, lambda data: zlib.compress(data)[2:-4]], ids=["gzip", "zlib", "raw"]
)
def test_packed_bodies_are_unpacked(web: Site, here: Fetcher, packed: object) -> None:
    """Gzip, and deflate with and without its header; several gzip parts in a row are one."""
    encoding = "gzip" if packed is gzip.compress else "deflate"
    assert callable(packed)
    body = packed(b"a feed " * 1_000)
    url = web.puts("/", body, headers={"Content-Encoding": encoding})
    assert here.fetch(url).data == b"a feed " * 1_000
    if encoding == "gzip":
        web.puts("/", body + body, headers={"Content-Encoding": "gzip"})
        assert here.fetch(url).data == b"a feed " * 2_000
        web.puts("/", body + b"\0" * 20, headers={"Content-Encoding": "X-GZIP"})
        assert here.fetch(url).data == b"a feed " * 1_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off(web: Site, here: Fetcher, encoding: str) -> None:
    """A bomb of a thousandth of its size costs no more memory than the limit."""
    bomb = (gzip.compress if encoding == "gzip" else zlib.compress)(b"\0" * 20_000_000)
    assert len(bomb) < USUAL.size
    with pytest.raises(TooLargeError):
        here.fetch(web.puts("/", bomb, headers={"Content-Encoding": encoding}))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not packed"),
        ("gzip", gzip.compress(b"x" * 5_000, mtime=0)[:-9]),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0)),
        ("br", b"\x1b\x00"),
        ("zstd", b"x"),
        ("deflate", b"\xff\xff"),
    ],
)
def test_what_is_packed_otherwise_than_asked_or_damaged_is_an_error(
    web: Site, here: Fetcher, encoding: str, body: bytes
) -> None:
    """Brotli is not asked for; a broken file gives nothing by halves."""
    with pytest.raises(UnreachableError, match="packed"):
        here.fetch(web.puts("/", body, headers={"Content-Encoding": encoding}))


@pytest.mark.parametrize(
    ("status", "mend"), [(401, "login"), (403, "login"), (404, "nothing exists"), (410, "nothing"), (429, "(30 s)"), (500, "internal error"), (503, "(30 s)"), (204, "browser"), (206, "browser")]
)  # fmt: skip
def test_every_status_but_content_is_an_error_with_its_mend(web: Site, here: Fetcher, status: int, mend: str) -> None:
    """A page that says sorry is no feed."""
    with pytest.raises(StatusError, match=str(status)) as caught:
        here.fetch(web.puts("/", b"sorry" if status != 204 else b"", status=status, headers={"Retry-After": "30"}))
    assert mend in caught.value.hint
    assert caught.value.status == status


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000 + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"HTTP/1.1 301 \r\nLocation: http://\xff\xfe\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    ],
)  # fmt: skip
def test_a_server_that_speaks_no_http_or_breaks_off_is_a_clear_error(here: Fetcher, answer: bytes) -> None:
    """Whatever comes, it is a foreseen error with a mend."""

    def talk(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(answer)

    with raw_site(talk) as url, pytest.raises(FetchError) as caught:
        here.fetch(url)
    assert str(caught.value).isprintable()
    assert caught.value.hint


def test_nobody_listening_and_an_unknown_name_are_clear_errors(here: Fetcher) -> None:
    """The name and the mend."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError, match=str(port)):
        here.fetch(f"http://127.0.0.1:{port}/")

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(UnreachableError, match=r"nowhere\.example is not known"):
        Fetcher(limits=USUAL, resolver=unknown).fetch("http://nowhere.example/")
    with pytest.raises(UnreachableError, match="no address"):
        Fetcher(limits=USUAL, resolver=says([])).fetch("http://nowhere.example/")


def test_encryption_is_for_the_name_though_the_connection_goes_to_the_address(tmp_path: Path) -> None:
    """Name indication, certificate and Host are the name's; another name's certificate is refused, an unknown one too."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate and is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", certificate, "-subj", "/CN=feeds.example", "-addext", "subjectAltName=DNS:feeds.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    indicated: list[str | None] = []
    encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encryption.load_cert_chain(certificate, key)
    encryption.sni_callback = lambda _socket, name, _context: indicated.append(name)
    trust = ssl.create_default_context(cafile=str(certificate))
    to_here = says(["127.0.0.1"])
    with site(encryption) as web:
        web.puts("/", b"secret")
        url = web.url(host="feeds.example", scheme="https")
        fetcher = Fetcher(allow_private=True, limits=USUAL, resolver=to_here, trust=trust)
        assert fetcher.fetch(url).data == b"secret"
        assert (indicated[0], web.asked[0][1]["Host"]) == ("feeds.example", f"feeds.example:{web.port}")
        with pytest.raises(UnreachableError, match="certificate"):
            fetcher.fetch(web.url(host="other.example", scheme="https"))
        with pytest.raises(UnreachableError, match="certificate"):
            Fetcher(allow_private=True, limits=USUAL, resolver=to_here).fetch(url)


def test_a_tag_that_could_not_be_sent_back_is_not_kept(web: Site, here: Fetcher) -> None:
    """Nor one that is longer than any honest one."""
    assert here.fetch(web.puts("/", b"x", headers={"ETag": '"' + "x" * 2_000 + '"'})).validators == Validators()
    assert here.fetch(web.puts("/", b"x", headers={"ETag": '"\xfc"'})).validators == Validators()


@pytest.mark.parametrize("word", ["http://x", "HTTPS://x", "ftp://x", "file:///x", "http:x"])
def test_a_word_that_looks_like_an_address_is_taken_for_one(word: str) -> None:
    """So that `file://` is refused as an address, and not looked for as a file."""
    assert is_address(word)


@pytest.mark.parametrize("word", ["-", "a.jsonl", "./http", "/srv/x", "C:\\x", ""])
def test_a_path_is_no_address(word: str) -> None:
    """Files, folders and standard input."""
    assert not is_address(word)
