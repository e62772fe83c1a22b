"""``flask import clauses FILE`` and ``flask export clauses``: the library in and out of one documented form."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy import select

from community.core.db import commit, db
from community.imports.clause_files import read_records, write_csv, write_json
from community.imports.clauses import ClauseImport, exported
from community.imports.cli import FILE, _tell, import_group
from community.imports.reading import Unreadable
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member


@import_group.command("clauses")
@FILE
@click.option("--author", required=True, help="E-mail of the member who stands for authors and reviewers nobody knows.")
@click.option("--community", "slug", help="Slug of the community that receives what names none.")
@click.option("--source", help="Name of the source (default: the file's name); keys are unique inside it.")
@with_appcontext
def import_clauses(file: Path, author: str, slug: str | None, source: str | None) -> None:
    """Import clauses and their versions, in JSON or CSV (form described in docs/clauses.md)."""
    with force_locale("fr"):
        member = db.session.scalar(select(Member.id).where(Member.email == author.lower(), Member.state == "active"))
        if member is None:
            raise click.ClickException(f"Aucun membre actif n’a l’adresse « {author} ».")
        try:
            records = read_records(file)
        except Unreadable as error:
            raise click.ClickException(f"{file.name} : {error}") from error
        run = ClauseImport(source or file.stem.replace("_", " "), identity_of(member), slug)
        for _report in run.run(records):
            commit()
        _tell(run.report, file, "clauses")


@click.group("export")
def export_group() -> None:
    """Export what the site holds."""


@export_group.command("clauses")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json")
@click.option("--community", "slug", help="Slug of the only community to export.")
@with_appcontext
def export_clauses(form: str, slug: str | None) -> None:
    """Write the published clauses on the standard output."""
    clauses = exported(slug)
    click.echo(write_json(clauses) if form == "json" else write_csv(clauses), nl=False)
