"""``flask seed``: fill an empty database with the demo."""

import click
from flask.cli import with_appcontext

from community.seeds.tell import seed_if_empty


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Tell the demo's story in an empty database."""
    seed_if_empty(click.echo)
