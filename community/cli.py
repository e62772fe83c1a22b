"""Commands: ``flask serve | prepare | worker | seed | reindex | import …``."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from community.core.jobs import run_worker


def init_cli(app: Flask) -> None:
    from community.imports.clause_cli import export_group
    from community.imports.cli import import_group
    from community.rights_table import permissions_command
    from community.seeds.cli import seed
    from community.services.moderation.cli import audit_group
    from community.services.search.cli import reindex

    for command in (
        worker,
        serve,
        prepare,
        seed,
        reindex,
        audit_group,
        import_group,
        export_group,
        permissions_command,
    ):
        app.cli.add_command(command)


@click.command("serve", context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def serve(options: tuple[str, ...]) -> None:
    """Serve the site: web server and worker, until Ctrl-C (--host, --port, --workers)."""
    from community.serve import main

    sys.exit(main(list(options)))


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Bring the database to the present version; in the demo, fill an empty one; make a missing index."""
    from community.migrate import upgrade_if_needed
    from community.seeds.tell import seed_if_empty
    from community.services.search.index import index, rebuild

    upgrade_if_needed()
    if current_app.config["SETTINGS"].demo:
        seed_if_empty(click.echo)
    if not index().healthy():
        rebuild()


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the worker: index, links, notifications, mail, nightly tasks."""
    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]
