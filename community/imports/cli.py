"""``flask import decp FILE`` and ``flask import questions FILE``: bring published data in, say what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy import select

from community.content.sheets.decp import BadRecord
from community.core.db import commit, db, rollback
from community.imports.decp import import_contracts
from community.imports.question_files import BadQuestion
from community.imports.questions import QuestionImport
from community.imports.reading import Unreadable, read_json
from community.imports.report import Report
from community.people.communities.models import Community

SHOWN = 200
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("import")
def import_group() -> None:
    """Import published data (contracts, questions)."""


@import_group.command("decp")
@FILE
@with_appcontext
def import_decp(file: Path) -> None:
    """Import the contracts of a DECP file in JSON: they prefill experience sheets."""
    with force_locale("fr"):
        _run(import_contracts(_read(file)), file, "contrats")


@import_group.command("questions")
@FILE
@click.option("--community", "slug", help="Slug of the community that receives what names none.")
@click.option("--source", help="Name of the source (default: the file's name); keys are unique inside it.")
@with_appcontext
def import_questions(file: Path, slug: str | None, source: str | None) -> None:
    """Import questions and their answers (form described in docs/imports.md)."""
    with force_locale("fr"):
        if slug and db.session.scalar(select(Community.id).where(Community.slug == slug)) is None:
            raise click.ClickException(f"La communauté « {slug} » n’existe pas. {_slugs()}")
        run = QuestionImport(source or file.stem.replace("_", " "), slug)
        _run(run.run(_read(file)), file, "questions")


def _run(reports: Iterator[Report], file: Path, noun: str) -> None:
    """Commit batch by batch, so that an interrupted import goes on where it stopped; then say what was done."""
    last = Report()
    try:
        for report in reports:
            commit()
            last = report
    except (BadRecord, BadQuestion) as error:
        rollback()
        raise click.ClickException(f"{file.name} : {error}") from error
    _tell(last, file, noun)


def _read(file: Path) -> object:
    try:
        return read_json(file)
    except Unreadable as error:
        raise click.ClickException(f"{file.name} : {error}") from error


def _tell(report: Report, file: Path, noun: str) -> None:
    figures = {"créés": report.created, "mis à jour": report.updated, "inchangés": report.unchanged}
    if report.kept:
        figures["modifiés par des membres, laissés tels quels"] = report.kept
    figures["refusés"] = len(report.refused)
    told = " ; ".join(f"{words} : {count}" for words, count in figures.items())
    click.echo(f"{file.name} — {noun} : {report.total} ; {told}.")
    if report.repaired:
        click.echo(f"Codes CPV réparés (zéro initial perdu) : {report.repaired}.")
    for refusal in report.refused[:SHOWN]:
        place = f" (ligne {refusal.line})" if refusal.line else ""
        click.echo(f"  n° {refusal.number}{place} : {refusal.reason}", err=True)
    if len(report.refused) > SHOWN:
        click.echo(f"  … et {len(report.refused) - SHOWN} autres.", err=True)


def _slugs() -> str:
    known = db.session.scalars(select(Community.slug).order_by(Community.slug)).all()
    return "Existent : " + (", ".join(known) or "aucune") + "."
