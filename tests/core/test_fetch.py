"""The guarded fetch, against a real server: public addresses only, checked at every step, bounded in time and size."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from community.core import fetch as fetching
from community.core.fetch import FetchError, fetch, is_public, is_web_address

PUBLIC = "93.184.215.14"


class Pages(BaseHTTPRequestHandler):
    """``/page`` answers; the others each play one trick."""

    seen: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        type(self).seen.append((self.headers["Host"], self.path))
        name = self.path.split("?")[0].strip("/")
        getattr(self, f"give_{name}", self.give_missing)()

    def give_page(self) -> None:
        self._send(200, b"<p>Bonjour</p>", "text/html; charset=utf-8")

    def give_missing(self) -> None:
        self._send(404, b"")

    def give_large(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _chunk in range(40):
                self.wfile.write(b"x" * 100_000)

    def give_drip(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _byte in range(300):
                self.wfile.write(b"X-A: b\r\n")
                self.wfile.flush()
                time.sleep(0.1)

    def give_moved(self) -> None:
        self._send(302, b"", location="/page")

    def give_loop(self) -> None:
        self._send(302, b"", location="/loop")

    def give_inside(self) -> None:
        self._send(302, b"", location="http://interne.example/page")

    def give_file(self) -> None:
        self._send(302, b"", location="file:///etc/passwd")

    def give_nonsense(self) -> None:
        self.wfile.write(b"\x00\x01 pas du HTTP\r\n\r\n")

    def _send(self, status: int, body: bytes, media_type: str = "text/plain", location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server():
    running = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running.server_address[1]
    running.shutdown()
    running.server_close()


@pytest.fixture
def get(server):
    """Fetch with names resolved by the test, and every checked address leading to the local server."""
    Pages.seen.clear()
    connected: list[tuple[str, int]] = []
    names = {"guide.example": [PUBLIC], "interne.example": ["10.0.0.8"], "double.example": [PUBLIC, "127.0.0.1"]}

    def connect(where: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(where)
        return socket.create_connection(("127.0.0.1", server), timeout)

    def ask(address: str, **more):
        return fetch(address, resolver=lambda host, _port: names.get(host, []), connect=connect, **more)

    ask.connected = connected
    return ask


def test_a_page_is_fetched_from_the_address_that_was_checked(get):
    found = get("http://guide.example/page?a=é")
    assert (found.status, found.media_type, found.body) == (200, "text/html", b"<p>Bonjour</p>")
    assert get.connected == [(PUBLIC, 80)]
    assert Pages.seen == [("guide.example", "/page?a=%C3%A9")]


def test_a_missing_page_is_an_answer(get):
    assert get("http://guide.example/nulle-part").status == 404


def test_redirects_are_followed_and_checked_again(get):
    assert get("http://guide.example/moved").address == "http://guide.example/page"
    for path, reason in (("inside", "private"), ("file", "address"), ("loop", "redirects")):
        with pytest.raises(FetchError) as refused:
            get(f"http://guide.example/{path}")
        assert refused.value.reason == reason
    assert all(where == PUBLIC for where, _port in get.connected)
    assert sum(path == "/loop" for _host, path in Pages.seen) == 6


def test_no_more_than_one_megabyte_is_read(get):
    assert len(get("http://guide.example/large").body) == 1_000_000


def test_bytes_that_drip_do_not_hold_for_ever(get):
    started = time.monotonic()
    with pytest.raises(FetchError) as refused:
        get("http://guide.example/drip", seconds=0.5)
    assert refused.value.reason == "timeout"
    assert time.monotonic() - started < 10, "it would have taken thirty"


def test_what_is_not_http_is_said(get):
    with pytest.raises(FetchError) as refused:
        get("http://guide.example/nonsense")
    assert refused.value.reason == "protocol"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://interne.example/page", "private"),
        ("http://double.example/page", "private"),
        ("http://inconnu.example/page", "unresolved"),
        ("https://guide.example/page", "certificate"),
    ],
)
def test_names_that_lead_nowhere_public_are_refused(get, address, reason):
    with pytest.raises(FetchError) as refused:
        get(address)
    assert refused.value.reason == reason
    assert Pages.seen == []


def test_a_name_that_takes_for_ever_is_given_up(get):
    over = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        over.wait(30)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(FetchError) as refused:
        fetch("http://guide.example/page", resolver=slow, seconds=0.2)
    over.set()
    assert refused.value.reason == "timeout"
    assert time.monotonic() - started < 10


def test_numbers_in_disguise_reach_no_machine_of_ours():
    """The system's own resolver understands these: what it gives is looked at like any other address."""
    for host in ("127.0.0.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "0x7f.0.0.1"):
        with pytest.raises(FetchError) as refused:
            fetch(f"http://{host}/page", seconds=2)
        assert refused.value.reason in ("private", "unresolved")


def test_proxies_of_the_environment_are_ignored(get, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert get("http://guide.example/page").status == 200


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
        "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "pas une adresse", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_plainly_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a01:e0a::1"])
def test_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://guide.example/a", "file:///etc/passwd", "javascript:alert(1)", "//guide.example", "guide.example", "http://",
        "http://localhost/", "http://intranet/", "http://a:b@guide.example/", "http://guide.example@interne.example/",
        "http://guide.example:22/", "http://guide.example:99999/", "http://guide.example\\@interne.example/",
        "http://guide.example/\r\nHost: b", "http://guide .example/", "http://[::1/", "http://guide.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_of_ours(address):
    assert not is_web_address(address)


def test_ordinary_addresses_are_tried():
    for address in (
        "https://www.economie.gouv.fr/daj",
        "http://guide.example:8080/à/lire?x=1#haut",
        "https://é.example/",
    ):
        assert is_web_address(address)
    assert fetching.SECONDS == 5.0
