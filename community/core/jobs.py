"""Jobs: Huey runs them, in one worker process. The queue is a file of its own, never the user data's.

``nudge()`` is called after every commit: it only says « look at the outbox », so a lost or doubled nudge loses nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer

from community.core.db import after_commit
from community.core.outbox import drain

log = structlog.get_logger(__name__)
_nightly: list[tuple[str, Callable[[], None], dict[str, Any]]] = []
_asked: dict[str, Callable[..., None]] = {}
_wake = threading.Event()


def periodic(name: str, **when: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a periodic task; ``when`` are crontab fields (hour="3", minute="10"). Runs in the worker, inside the app."""

    def register(task: Callable[[], None]) -> Callable[[], None]:
        _nightly.append((name, task, when))
        return task

    return register


def job(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register what the web may ask of the worker with ``ask(name, …)``; arguments are plain values."""

    def register(task: Callable[..., None]) -> Callable[..., None]:
        _asked[name] = task
        return task

    return register


def ask(name: str, *args: Any) -> None:
    """Queue a job. For what may be lost without harm: a request that only reads can ask, and a failure is no error."""
    from flask import current_app

    with contextlib.suppress(Exception):
        current_app.extensions["jobs"][name](*args)


def init_jobs(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    huey = _open(settings.jobs_url, settings.secret_key, immediate=False)
    app.extensions["huey"] = huey
    app.extensions["drain"] = huey.task(name="drain_outbox")(_in_app(app, _drain_quick))
    huey.periodic_task(crontab(minute="*"), name="drain_every_minute")(_in_app(app, _drain_quick))
    for name, task, when in _nightly:
        huey.periodic_task(crontab(**when), name=name)(_in_app(app, task))
    app.extensions["jobs"] = {name: huey.task(name=name)(_in_app(app, task)) for name, task in _asked.items()}
    after_commit(nudge)


def nudge() -> None:
    """Tell the worker that the outbox may hold something. The post is already safe: a failure here is only a delay."""
    from flask import current_app

    if current_app.testing:
        return
    with contextlib.suppress(Exception):
        current_app.extensions["drain"]()


def _drain_quick() -> None:
    """What takes moments is handled here; the other thread is told to look whether there is something slow."""
    drain(lane="quick")
    _wake.set()


class SlowLane(threading.Thread):
    """Handles the events that take seconds, beside the consumer: nobody's notification waits behind a file of 300 pages."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="slow-lane", daemon=True)
        self._app = app
        self._stopped = threading.Event()

    def run(self) -> None:
        turn = _in_app(self._app, lambda: _drain_slow(self._app))
        while not self._stopped.is_set():
            try:
                turn()
            except Exception:
                log.exception("slow_lane_failed")
            _wake.wait(60)
            _wake.clear()

    def stop(self) -> None:
        """What is being read now is read again after the next start: nothing waits for it."""
        self._stopped.set()
        _wake.set()


def _drain_slow(app: Flask) -> None:
    """What slow events gave rise to is for the other lane: it is told as the web tells it."""
    if drain(lane="slow"):
        app.extensions["drain"]()


def _in_app(app: Flask, call: Callable[..., Any]) -> Callable[..., None]:
    def run(*args: Any) -> None:
        from community.core.db import db

        with app.app_context():
            try:
                call(*args)
            finally:
                db.session.remove()

    return run


def _open(url: str, secret: str, immediate: bool) -> Huey:
    options: dict[str, Any] = {"results": False, "serializer": SignedSerializer(secret=secret), "immediate": immediate}
    if url.startswith("redis"):
        return RedisHuey("entrepairs", url=url, **options)
    if url.startswith("memory"):
        return MemoryHuey("entrepairs", **options)
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("entrepairs", filename=str(path), **options)


def run_worker(app: Flask) -> None:
    """Run the consumer in this process until it is told to stop (SIGTERM or SIGINT)."""
    consumer = app.extensions["huey"].create_consumer(
        workers=1, worker_type="thread", periodic=True, initial_delay=0.1, backoff=1.2, max_delay=0.6
    )
    app.extensions["drain"]()
    slow = SlowLane(app)
    slow.start()
    try:
        consumer.run()
    finally:
        slow.stop()
