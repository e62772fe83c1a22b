"""Commands: ``flask serve``, ``flask worker``, and those that features add."""

from __future__ import annotations

import click
from flask import Flask

from community.core.jobs import run_worker


def init_cli(app: Flask) -> None:
    app.cli.add_command(worker)


@click.command("worker")
def worker() -> None:
    """Run the worker: index, links, notifications, mail, nightly tasks."""
    from flask import current_app

    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]
