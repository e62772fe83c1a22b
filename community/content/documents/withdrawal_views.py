"""One version closed to readers, with a reason, and put back."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_login import current_user, login_required

from community.content.documents.forms import WithdrawForm
from community.content.documents.models import Document, DocumentVersion
from community.content.documents.views import bp, get_document
from community.content.documents.withdrawals import published_version, restore_version, withdraw_version
from community.contributions.permalink import url_for_item
from community.core.db import rollback
from community.core.errors import Conflict
from community.core.web import saved
from community.permissions import can_restore_version, can_withdraw_version, require


@bp.get("/documents/<int:id>/versions/<int:number>/retrait")
@login_required
def ask_withdrawal(id: int, number: int):
    document, version = get_document(id), published_version(id, number)
    require(can_withdraw_version(current_user, document, version))
    return _page(document, version, WithdrawForm(formdata=None))


@bp.post("/documents/<int:id>/versions/<int:number>/retrait")
@login_required
def withdraw(id: int, number: int):
    document, version = get_document(id), published_version(id, number)
    require(can_withdraw_version(current_user, document, version))
    form = WithdrawForm()
    if not form.validate_on_submit():
        return _page(document, version, form, 422)
    try:
        withdraw_version(document, version, current_user, form.reason.data)
    except Conflict as refused:
        rollback()
        form.reason.errors = [str(refused.message)]
        return _page(get_document(id), published_version(id, number), form, 409)
    return saved(url_for_item(document), _("La version %(number)d n’est plus accessible aux lecteurs.", number=number))


@bp.post("/documents/<int:id>/versions/<int:number>/retour")
@login_required
def put_back(id: int, number: int):
    document, version = get_document(id), published_version(id, number)
    require(can_restore_version(current_user, document, version))
    restore_version(document, version, current_user)
    return saved(url_for_item(document), _("La version %(number)d est de nouveau lisible.", number=number))


def _page(document: Document, version: DocumentVersion, form: WithdrawForm, status: int = 200) -> Any:
    page = render_template("documents/withdraw.html", document=document, version=version, form=form, active="documents")
    return page, status
