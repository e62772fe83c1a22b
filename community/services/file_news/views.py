"""The desk's page of files that the antivirus stopped: what was found, who sent it, where; deleted, or examined again."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.abilities.reading.quarantine import (
    IN_QUARANTINE,
    NOT_SCANNED,
    delete_for_good,
    examine_again,
    file_to_judge,
    files_to_judge,
)
from community.abilities.reading.scanning import refuses_unscanned, scanner
from community.core.web import saved
from community.permissions import can_open_desk, require
from community.services.moderation.queries import counts_waiting

bp = Blueprint("quarantine", __name__)


@bp.get("/moderation/fichiers")
@login_required
def index():
    """Files in quarantine, and those that were too large to be scanned, where this person moderates."""
    require(can_open_desk(current_user))
    return render_template(
        "file_news/quarantine.html",
        stopped=files_to_judge(current_user, IN_QUARANTINE),
        unscanned=files_to_judge(current_user, NOT_SCANNED),
        scanning=bool(scanner()),
        refused=refuses_unscanned(),
        counts=counts_waiting(current_user),
        entry="files",
    )


@bp.post("/moderation/fichiers/<int:id>/suppression")
@login_required
def delete(id: int):
    file = file_to_judge(id, current_user)
    require(can_open_desk(current_user))
    delete_for_good(file, current_user)
    return saved(
        url_for("quarantine.index"), _("Le fichier est supprimé définitivement : envoyé de nouveau, il sera refusé.")
    )


@bp.post("/moderation/fichiers/<int:id>/examen")
@login_required
def examine(id: int):
    file = file_to_judge(id, current_user)
    require(can_open_desk(current_user))
    examine_again(file, current_user)
    return saved(
        url_for("quarantine.index"),
        _("L’antivirus examine de nouveau ce fichier : s’il n’y reconnaît plus rien, il redevient accessible."),
    )
