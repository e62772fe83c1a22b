"""Send what is stored: as a download with a safe name, piece by piece, whole or in part, or not again.

Who may have it was asked before. In production the bytes may be left to the proxy (ACCEL_PREFIX) or to the store itself
(STORAGE_REDIRECT, a signed address that lives a minute). Images come from here always: pages may show no other.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, redirect, request
from werkzeug.http import is_resource_modified, quote_etag

from community.core.errors import NotFound, Unavailable
from community.core.storage import MissingFile, Storage, StorageDown

CSP = "sandbox; default-src 'none'"


def send_stored(
    store: Storage, key: str, mark: str, media_type: str, name: str, inline: bool = False, lifetime: int = 0
) -> Response:
    """Send what is stored under a key, under a name; ``mark`` says which content it is (its ETag)."""
    settings = current_app.config["SETTINGS"]
    if settings.storage_redirect and not inline and (address := store.presigned(key, name, media_type)):
        return _elsewhere(address)
    try:
        if settings.accel_prefix and store.local_path(key) is not None:
            response = Response(headers={"X-Accel-Redirect": f"{settings.accel_prefix.rstrip('/')}/{key}"})
        else:
            response = _stream(store, key, quote_etag(mark))
    except MissingFile as error:
        raise NotFound() from error
    except StorageDown as error:
        raise Unavailable() from error
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = disposition(name, inline)
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"private, max-age={lifetime}" if lifetime else "private, no-cache"
    response.headers["ETag"] = quote_etag(mark)
    return response


def _elsewhere(address: str) -> Response:
    response = redirect(address, 302)
    response.headers["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]


def disposition(name: str, inline: bool = False) -> str:
    """Content-Disposition of RFC 6266: the name in plain letters for old clients, then the real one."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _stream(store: Storage, key: str, etag: str) -> Response:
    size = store.size(key)
    if not is_resource_modified(request.environ, etag=etag.strip('"')):
        return Response(status=304)
    asked = request.range if request.method == "GET" and _range_is_for(etag) else None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return _bytes(store, key, 0, size, size, 200)
    part = asked.range_for_length(size)
    if part is None:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    return _bytes(store, key, part[0], part[1] - part[0], size, 206)


def _bytes(store: Storage, key: str, start: int, length: int, size: int, status: int) -> Response:
    body: Any = store.open(key, start, length) if request.method == "GET" else None
    response = Response(body, status, {"Accept-Ranges": "bytes"}, direct_passthrough=True)
    response.headers["Content-Length"] = str(length)
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    return response


def _range_is_for(etag: str) -> bool:
    """If-Range: a part is wanted only of the very content that the client began with."""
    condition = request.if_range
    if condition.date is not None:
        return False
    return condition.etag is None or condition.etag == etag.strip('"')
