"""Nothing typed is lost: a form refused for its session or its token comes back, filled in.

Rule: the fields of the refused POST are carried, signed, through the sign-in page; afterwards one button sends them again
to the same address, with a fresh token. Nothing is kept on the server.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer

FORGOTTEN = {"csrf_token", "password", "new_password", "password_again"}
LIMIT = 400_000


def pack_request() -> str:
    """The current POST (address and fields) as one signed text; empty when there is nothing worth carrying."""
    if request.method != "POST" or request.headers.get("X-Fragment"):
        return ""
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in FORGOTTEN]
    packed = {"path": request.full_path.rstrip("?"), "fields": pairs}
    if not pairs or len(json.dumps(packed)) > LIMIT:
        return ""
    return _serializer().dumps(packed)


def unpack(token: str) -> dict[str, Any] | None:
    """What pack_request() carried: {"path": str, "fields": [(name, value)]}; None when it was not made here."""
    try:
        packed = _serializer().loads(token)
    except (BadData, zlib.error, ValueError):
        return None
    if not isinstance(packed, dict) or not str(packed.get("path", "")).startswith("/"):
        return None
    return packed


def resume_page(message: str, status: int = 422, packed: dict[str, Any] | None = None) -> Response:
    """Show what was about to be sent, with a fresh token and one button; 422 because nothing was done yet."""
    if packed is None:
        packed = unpack(pack_request()) if request.method == "POST" else None
    if packed is None:
        return make_response(render_template("errors/422.html", message=message, status=status), status)
    texts = [(name, value) for name, value in packed["fields"] if len(value) > 20 and name != "once"]
    page = render_template(
        "errors/resume.html", message=message, path=packed["path"], fields=packed["fields"], texts=texts
    )
    return make_response(page, status)


def unauthorized() -> Response:
    """Flask-Login calls this when a page wants somebody signed in."""
    if request.method == "GET":
        target = url_for("accounts.sign_in", suite=request.full_path.rstrip("?"))
        return current_app.redirect(target, 302)  # type: ignore[return-value]
    if current_user.is_authenticated:
        return make_response("", 403)
    return current_app.ensure_sync(current_app.view_functions["accounts.sign_in_again"])(
        pack_request(), _("Votre session a expiré. Connectez-vous : votre texte vous attend.")
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="resume")
