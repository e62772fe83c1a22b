"""Send files in tests as the site's script does."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from client import Client
from werkzeug.test import TestResponse


def send(client: Client, name: str, content: bytes, **more: Any) -> TestResponse:
    """The file is the body, its name a header."""
    headers = {"X-File-Name": quote(name), "X-CSRFToken": client.token(), "Accept": "application/json"}
    return client.http.post("/fichiers", data=content, headers=headers, content_type="application/octet-stream", **more)
