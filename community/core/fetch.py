"""The one place that asks something of another machine on a member's word: a page, its address checked at every step.

Public http and https only. A name is resolved, every address that it gives must be plainly public, and the connection goes
to the very address that was checked (a name that answers something else a moment later changes nothing). Redirects go
through the same door. Five seconds and one megabyte in all; proxies of the environment, cookies and credentials are ignored.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

SECONDS = 5.0
MOST_BYTES = 1_000_000
MOST_REDIRECTS = 5
LONGEST = 2000
PORTS = (80, 443, 8080, 8443)
AGENT = "Entrepairs/1.0 (verification des liens)"
#: what Python calls global and is not: relays and tunnels that lead to any IPv4 address, examples, multicast
NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in ("192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
#: the only part of IPv6 that is given out to public networks
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

Resolver = Callable[[str, int], list[str]]
Connector = Callable[[tuple[str, int], float], socket.socket]


class FetchError(Exception):
    """The page could not be had. ``reason``: address, private, unresolved, unreachable, timeout, certificate, redirects,
    protocol."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Fetched:
    """An answer: its status, the address that gave it after redirects, its type, and at most MOST_BYTES of its body."""

    status: int
    address: str
    media_type: str
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def is_public(address: str) -> bool:
    """Whether this IP address is plainly one of the public internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_private:
        return False
    if ip.version == 6 and (ip not in GLOBAL_UNICAST or ip.scope_id is not None):
        return False
    return not any(ip in network for network in NOT_PUBLIC if network.version == ip.version)


def is_web_address(text: str) -> bool:
    """Whether this is an address that fetch() would try: used on forms, where it costs nothing."""
    try:
        _parts(text)
    except FetchError:
        return False
    return True


def fetch(
    address: str,
    *,
    resolver: Resolver = resolve,
    connect: Connector = socket.create_connection,
    seconds: float = SECONDS,
) -> Fetched:
    """The page at this address, redirects followed. Raises FetchError with the reason."""
    ends = time.monotonic() + seconds
    for _redirect in range(MOST_REDIRECTS + 1):
        parts = _parts(address)
        response, stream = _ask(parts, ends, resolver, connect)
        with stream:
            target = response.getheader("Location") if response.status in (301, 302, 303, 307, 308) else None
            if target is None:
                media_type = response.headers.get_content_type()
                return Fetched(response.status, address, media_type, _body(response))
        address = _joined(address, target)
    raise FetchError("redirects")


def _parts(address: str) -> SplitResult:
    """A public web address cut into its parts. No credentials, no odd port, nothing that parsers read differently."""
    if len(address) > LONGEST or re.search(r"[\x00-\x20\x7f\\]", address):
        raise FetchError("address")
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise FetchError("address") from error
    named = host and ("." in host or ":" in host)
    if (
        parts.scheme not in ("http", "https")
        or not named
        or "@" in parts.netloc
        or (port is not None and port not in PORTS)
    ):
        raise FetchError("address")
    return parts


def _joined(address: str, target: str) -> str:
    try:
        return urljoin(address, quote(target.strip(), safe="%/:=&?~#+!$,;'@()*[]"))
    except ValueError as error:
        raise FetchError("address") from error


def _ask(
    parts: SplitResult, ends: float, resolver: Resolver, connect: Connector
) -> tuple[http.client.HTTPResponse, socket.socket]:
    """Send one request to an address that was just checked; the answer's headers are read, its body is not."""
    host = _ascii(parts.hostname or "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    checked = _checked(host, port, ends, resolver)
    try:
        stream = connect((checked, port), _left(ends))
    except TimeoutError as error:
        raise FetchError("timeout") from error
    except OSError as error:
        raise FetchError("unreachable") from error
    try:
        stream = _secured(stream, host, ends) if parts.scheme == "https" else stream
        stream.settimeout(_left(ends))
        stream.sendall(_request(parts, host))
        response = http.client.HTTPResponse(_Timed(stream, ends), method="GET")  # type: ignore[arg-type]
        response.begin()
    except BaseException as error:
        stream.close()
        raise _reason(error) from error
    return response, stream


def _checked(host: str, port: int, ends: float, resolver: Resolver) -> str:
    """The address to connect to: the first one, when every one of them is public."""
    found: list[str] = []

    def look() -> None:
        try:
            found.extend(resolver(host, port))
        except (OSError, UnicodeError):
            found.clear()

    looking = threading.Thread(target=look, daemon=True)  # the system's resolver knows no time limit
    looking.start()
    looking.join(_left(ends))
    if looking.is_alive():
        raise FetchError("timeout")
    if not found:
        raise FetchError("unresolved")
    if not all(is_public(address) for address in found):
        raise FetchError("private")
    return found[0]


def _secured(stream: socket.socket, host: str, ends: float) -> socket.socket:
    """TLS for the name that was asked for, not for the address."""
    stream.settimeout(_left(ends))
    return ssl.create_default_context().wrap_socket(stream, server_hostname=host)


def _request(parts: SplitResult, host: str) -> bytes:
    path = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*")
    query = f"?{quote(parts.query, safe='%/:=&?~+!$,;@()*[]')}" if parts.query else ""
    name = f"[{host}]" if ":" in host else host
    where = f"{name}:{parts.port}" if parts.port else name
    lines = (
        f"GET {path}{query} HTTP/1.1",
        f"Host: {where}",
        f"User-Agent: {AGENT}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _body(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(MOST_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _reason(error) from error


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise FetchError("address") from error


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise FetchError("timeout")
    return left


def _reason(error: BaseException) -> BaseException:
    if isinstance(error, FetchError):
        return error
    if isinstance(error, TimeoutError):
        return FetchError("timeout")
    if isinstance(error, ssl.SSLError):
        return FetchError("certificate")
    if isinstance(error, http.client.HTTPException | ValueError):
        return FetchError("protocol")
    if isinstance(error, OSError):
        return FetchError("unreachable")
    return error


class _Timed(io.RawIOBase):
    """A socket to read from till the end of the time that was given, however slowly its bytes drip."""

    def __init__(self, stream: socket.socket, ends: float) -> None:
        self.stream, self.ends = stream, ends

    def makefile(self, *_mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self.stream.settimeout(_left(self.ends))
        return self.stream.recv_into(buffer)
