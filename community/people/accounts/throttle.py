"""How often one may try to come in: per account, per address, and overall (the rates of PyPI)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_limiter.util import get_remote_address
from flask_login import current_user

from community.core.limits import limiter
from community.people.accounts.identity import hash_key


def _account() -> str:
    """The account that is tried, known or not; hashed, since it may hold anything."""
    return f"account:{hash_key(request.form.get('email', '')[:300].strip().lower())}"


def _address() -> str:
    return f"address:{get_remote_address()}"


def _everybody() -> str:
    return "everybody"


def _oneself() -> str:
    return f"member:{current_user.id}" if current_user.is_authenticated else _address()


def _failed(response: Response) -> bool:
    return response.status_code == 422


def limit_sign_in(on_breach: Callable[[Any], Response]) -> Callable[[Any], Any]:
    """10 failures in 5 minutes per account and per address, 1,000 attempts overall."""
    failures = {"deduct_when": _failed, "on_breach": on_breach, "per_method": True, "methods": ["POST"]}

    def decorate(view: Any) -> Any:
        view = limiter.limit("10 per 5 minutes", key_func=_account, **failures)(view)
        view = limiter.limit("10 per 5 minutes", key_func=_address, **failures)(view)
        return limiter.limit("1000 per 5 minutes", key_func=_everybody, on_breach=on_breach)(view)

    return decorate


def limit_password_checks(view: Any) -> Any:
    """Somebody at an open screen does not get to guess its owner's password: 10 failures in 5 minutes."""
    return limiter.limit("10 per 5 minutes", key_func=_oneself, deduct_when=_failed, methods=["POST"])(view)


def limit_mails(view: Any) -> Any:
    """Requests that write to a typed address: 20 an hour from one place (each address has its own daily bound)."""
    return limiter.limit("20 per hour", key_func=_address, methods=["POST"])(view)
