"""Rates: how often one account or one address may do a thing, counted for all the web processes together.

Every request that changes something counts, whatever the address: a view written tomorrow is bounded tomorrow. Views
that cost more (publishing, searching, signing in) say a stricter rate of their own with ``@limiter.limit(…)``.
"""

from flask import Flask
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from community.core import rates as _rates  # noqa: F401 - makes "ratefile:" known to the limiter

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
#: changes by one account (or one visitor's address), and from one address: an office shares one
WRITES = "120 per minute; 2000 per hour"
WRITES_FROM_ONE_PLACE = "600 per minute"


def _who() -> str:
    return f"member:{current_user.id}" if current_user and current_user.is_authenticated else _where()


def _where() -> str:
    return f"address:{get_remote_address()}"


limiter = Limiter(
    key_func=_who,
    application_limits=[
        ApplicationLimit(limit_provider=WRITES, scope="writes", methods=CHANGING),
        ApplicationLimit(
            limit_provider=WRITES_FROM_ONE_PLACE, key_function=_where, scope="writes from", methods=CHANGING
        ),
    ],
)


def init_limits(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
    limiter.init_app(app)
