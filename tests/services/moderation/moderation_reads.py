"""One value of the database, outside any request."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from community.core.db import db


def last(app: Any, query: Any) -> Any:
    """The first value that a query gives."""
    with app.app_context():
        value = db.session.scalar(query.limit(1))
        db.session.remove()
    return value


def column(app: Any, model: Any, id: int, name: str) -> Any:
    return last(app, select(getattr(model, name)).where(model.id == id))
