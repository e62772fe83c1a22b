"""How often one may try to come in: per account, per address, and overall (the rates of PyPI)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request, session
from flask_limiter.util import get_remote_address
from flask_login import current_user

from community.core.limits import limiter
from community.people.accounts.identity import hash_key
from community.people.accounts.sealing import unseal


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


def _halfway() -> str:
    """Whose code is tried: the member that the sealed first step names, or the place that sends nonsense."""
    passed = unseal(request.form.get("passed", ""), "second-step") or {}
    return f"code:{passed['member']}" if passed else _address()


def limit_codes(view: Any) -> Any:
    """Six digits are few: 5 failures in 5 minutes for an account, from wherever they come."""
    return limiter.limit("5 per 5 minutes", key_func=_halfway, deduct_when=_failed, methods=["POST"])(view)


def limit_own_codes(view: Any) -> Any:
    """The same bound for somebody who is signed in and changes the second factor."""
    return limiter.limit("5 per 5 minutes", key_func=_oneself, deduct_when=_failed, methods=["POST"])(view)


def _joining() -> str:
    """The account whose address the provider proved: the same bound as its ordinary sign-in."""
    found = unseal(session.get("found", ""), "found") or {}
    return f"account:{hash_key(found['email'])}" if found else _address()


def limit_joining(view: Any) -> Any:
    """10 failures in 5 minutes for the account that a provider's identity wants to be joined to."""
    return limiter.limit("10 per 5 minutes", key_func=_joining, deduct_when=_failed, methods=["POST"])(view)


def limit_provider(view: Any) -> Any:
    """Journeys to the identity provider and back: 300 in 5 minutes from one place, since an office shares one."""
    return limiter.limit("300 per 5 minutes", key_func=_address)(view)


def limit_mails(view: Any) -> Any:
    """Requests that write to a typed address: 20 an hour from one place (each address has its own daily bound)."""
    return limiter.limit("20 per hour", key_func=_address, methods=["POST"])(view)
