"""Commands: ``flask serve``, ``flask worker``, and those that features add."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from community.core.jobs import run_worker


def init_cli(app: Flask) -> None:
    from community.imports.cli import import_group
    from community.seeds.cli import seed
    from community.serve import serve
    from community.services.search.cli import reindex

    for command in (worker, serve, seed, reindex, import_group):
        app.cli.add_command(command)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the worker: index, links, notifications, mail, nightly tasks."""
    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]
