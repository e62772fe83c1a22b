"""What a sheet takes from a contract: one that was imported, or a record that its author pasted."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import gettext as _

from community.content.sheets.decp import BadRecord, Contract, read_contract, records_in, sheet_fields
from community.content.sheets.models import DecpContract
from community.core.db import db
from community.core.errors import NotFound


def fields_of_contract(contract_id: str | None, pasted: str | None) -> tuple[str, dict[str, Any]]:
    """(title, fields) of an imported contract by its id, or of the first record of a pasted JSON text.

    Raises BadRecord when the text is not a usable record, NotFound when there is no such contract.
    """
    contract = _imported(contract_id) if contract_id else _pasted(pasted or "")
    return _title(contract.title), sheet_fields(contract)


def _imported(contract_id: str) -> Contract:
    row = db.session.get(DecpContract, int(contract_id)) if contract_id.isdecimal() and len(contract_id) < 10 else None
    if row is None:
        raise NotFound()
    return read_contract(row.record, {"id": row.buyer_siret, "nom": row.buyer})


def _pasted(text: str) -> Contract:
    if not text.strip():
        raise BadRecord(_("choisissez un contrat ou collez ses données."))
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadRecord(
            _("ligne %(line)d, colonne %(at)d : ce n’est pas du JSON.", line=error.lineno, at=error.colno)
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadRecord(_("ce n’est pas du JSON.")) from error
    record, around = next(records_in(document), (None, {}))
    return read_contract(record, around)


def _title(text: str) -> str:
    """An official object is often long and in capitals: cut between words, and only what shouts is lowered."""
    words = text.capitalize() if text.isupper() else text
    return words if len(words) <= 160 else words[:160].rpartition(" ")[0].rstrip(" ,;:-") + "…"
