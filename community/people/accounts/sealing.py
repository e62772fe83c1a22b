"""Sealing: what is kept at rest or carried by the browser so that nobody reads or changes it (AES and HMAC, by Fernet).

One key per purpose, derived from SECRET_KEY: with another SECRET_KEY nothing opens any more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def seal(value: Any, purpose: str) -> str:
    """A JSON value as an opaque text that only unseal() with the same purpose opens."""
    return Fernet(_key(purpose)).encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: str, purpose: str, seconds: int | None = None) -> Any:
    """The value; None when it was not sealed here for this purpose, or longer ago than that."""
    try:
        return json.loads(Fernet(_key(purpose)).decrypt(sealed.encode(), ttl=seconds))
    except (InvalidToken, ValueError):
        return None


def keyed_hash(text: str, purpose: str) -> str:
    """A hash that cannot be searched without SECRET_KEY: for codes short enough to be tried one by one."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"entrepairs:{purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(current_app.config["SECRET_KEY"].encode()))
