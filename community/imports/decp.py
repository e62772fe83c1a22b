"""Import contracts from DECP files. Good records come in, bad ones are listed; a second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from community.content.sheets.decp import BadRecord, Contract, read_contract, records_in
from community.content.sheets.models import DecpContract
from community.core.clock import now
from community.core.db import db
from community.imports.reading import plain
from community.imports.report import Refusal, Report

BATCH = 500
COLUMNS = ("title", "buyer", "buyer_siret", "cpv", "procedure", "amount", "duration_months", "notified_on", "words")


def import_contracts(document: Any) -> Iterator[Report]:
    """Import every record of a parsed file, batch by batch; the caller commits after each report that it is given."""
    report, seen, records = Report(), set(), enumerate(records_in(document), 1)
    while batch := list(islice(records, BATCH)):
        good: dict[str, tuple[Contract, dict[str, Any]]] = {}
        for rank, (record, around) in batch:
            try:
                contract = read_contract(record, around)
                if contract.uid in seen:
                    raise BadRecord(_("le contrat %(uid)s figure déjà plus haut dans ce fichier.", uid=contract.uid))
            except BadRecord as error:
                report.refused.append(Refusal(rank, getattr(record, "line", None), str(error)))
                continue
            seen.add(contract.uid)
            report.repaired += contract.repaired
            good[contract.uid] = (contract, record)
        _keep(good, report)
        yield report


def _keep(good: dict[str, tuple[Contract, dict[str, Any]]], report: Report) -> None:
    """Insert what is new, correct what changed, leave the rest."""
    known = {row.uid: row for row in db.session.scalars(select(DecpContract).where(DecpContract.uid.in_(list(good))))}
    for uid, (contract, record) in good.items():
        values = {name: getattr(contract, name) for name in COLUMNS} | {"record": plain(record)}
        row = known.get(uid)
        if row is None:
            db.session.add(DecpContract(uid=uid, **values))
            report.created += 1
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.imported_at = now()
            report.updated += 1
        else:
            report.unchanged += 1
    db.session.flush()
