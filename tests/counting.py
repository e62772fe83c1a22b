"""Count the SQL statements of a block, whatever the engine."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import event

from community.core.db import db


class StatementCounter:
    """Context manager; ``statements`` holds the SELECT, INSERT, UPDATE and DELETE texts, ``count`` their number."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self.engine = db.engine
        self.statements: list[str] = []

    @property
    def count(self) -> int:
        return len(self.statements)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            self.statements.append(statement)

    def __enter__(self) -> StatementCounter:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: Any) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)
