"""``flask audit verify`` walks the log and says where it does not hold; ``flask audit head`` prints its last digest."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import select

from community.core.audit import GENESIS, AuditEntry, breaks, head
from community.core.db import db

audit_group = AppGroup("audit", help="The audit log: check its chain, print its last row.")


@audit_group.command("verify")
@click.option("--all", "everything", is_flag=True, help="Every break, not the first alone.")
@click.option("--head", "known", default="", help="A « number:digest » kept elsewhere, that the log must still hold.")
def verify(everything: bool, known: str) -> None:
    """Exit code 0 when the chain holds; 1 otherwise, with the first break."""
    number, digest = head()
    found = 0
    for broken in breaks():
        click.echo(f"row {broken.number}: {broken.why}", err=True)
        found += 1
        if not everything:
            break
    if known and not found and not _holds(known):
        click.echo(f"the log does not hold {known}: rows were taken from its end, or the log was made anew", err=True)
        found += 1
    if found:
        sys.exit(1)
    click.echo(f"{number} rows, chain intact, head {digest}")


@audit_group.command("head")
def print_head() -> None:
    """Number and digest of the last row, to keep somewhere else."""
    number, digest = head()
    click.echo(f"{number}:{digest}")


def _holds(known: str) -> bool:
    """Whether the row of this number still has this digest."""
    number, _colon, digest = known.partition(":")
    if number == "0":
        return digest == GENESIS
    if not number.isdigit():
        return False
    return db.session.scalar(select(AuditEntry.digest).where(AuditEntry.number == int(number))) == digest
