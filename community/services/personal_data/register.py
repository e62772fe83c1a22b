"""The register of processing (article 30 of the RGPD), told with the periods in force. Its rows are in register_rows.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from community.core.clock import now
from community.core.options import option
from community.services.personal_data.register_rows import MEASURES, PERIODS, REGISTER, Processing


def days(name: str) -> str:
    """An option's period in words: whole years and months where it is some."""
    count = option(name)
    if count % 365 == 0:
        return ngettext("%(num)d an", "%(num)d ans", count // 365)
    if count % 30 == 0 and count > 30:
        return ngettext("%(num)d mois", "%(num)d mois", count // 30)
    return ngettext("%(num)d jour", "%(num)d jours", count)


def register() -> list[Processing]:
    """Every processing of the platform, in the reader's language, with the periods in force."""
    periods = {name: days(of) for name, of in PERIODS.items()}
    names = [field.name for field in fields(Processing)]
    return [Processing(**{name: str(getattr(row, name)) % periods for name in names}) for row in REGISTER]


def security_measures() -> list[str]:
    """What protects the data, for the register's last section."""
    return [str(measure) for measure in MEASURES]


def as_markdown() -> str:
    """The whole register as a text to keep or sign."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"# {_('Registre des activités de traitement')}"
    yield ""
    yield _("Plateforme Entrepairs. Établi le %(day)s.", day=now().date().isoformat())
    yield ""
    for line in register():
        yield f"## {line.name}"
        yield ""
        for title, text in titled(line):
            yield f"- **{title}** : {text}"
        yield ""
    yield f"## {_('Mesures de sécurité')}"
    yield ""
    for measure in security_measures():
        yield f"- {measure}"


def titled(line: Processing) -> list[tuple[str, Any]]:
    """A line's fields with their titles, in the order of the register."""
    return [
        (_("Finalité"), line.purpose),
        (_("Base légale"), line.basis),
        (_("Personnes concernées"), line.people),
        (_("Données"), line.data),
        (_("Destinataires"), line.recipients),
        (_("Durée de conservation"), line.kept),
    ]
