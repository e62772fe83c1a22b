"""Rates: how often one account or one address may do a thing, counted for all the web processes together."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from community.core import rates as _rates  # noqa: F401 - makes "ratefile:" known to the limiter


def _who() -> str:
    return (
        f"member:{current_user.id}"
        if current_user and current_user.is_authenticated
        else f"address:{get_remote_address()}"
    )


limiter = Limiter(key_func=_who)


def init_limits(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
    limiter.init_app(app)
