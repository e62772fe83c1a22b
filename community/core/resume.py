"""Nothing typed is lost: a form refused for its session or its token comes back, filled in.

Rule: the fields of the refused POST are carried, signed, through the sign-in page; afterwards one button sends them
again to the same address, with a fresh token. Nothing is kept on the server. Passwords are never carried: they are
asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from community.core import ports

V = TypeVar("V", bound=Callable[..., Any])

#: fields that no page carries: the token, and what must be typed again
FORGOTTEN = {"csrf_token", "resume"}
TYPED_AGAIN = {"password", "current_password"}
#: characters of a form that can be carried (twelve times the longest text that may be published)
LIMIT = 400_000
LIFETIME = 24 * 3600


def for_visitors(view: V) -> V:
    """Mark a POST view that asks nobody to be signed in: when its token expired, the form itself comes back."""
    view.for_visitors = True  # type: ignore[attr-defined]
    return view


def unauthorized() -> Response:
    """A page wants somebody signed in: send there, and carry along what was being sent."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", suite=request.full_path.rstrip("?")))  # type: ignore[return-value]
    message = _("Votre session a expiré. Connectez-vous : ce que vous avez écrit vous attend.")
    return ports.call("sign_in_again", pack_request(), message)


def token_refused() -> Response:
    """A form came with an old token or none: one of our own pages comes back filled in, any other is refused."""
    if not from_here():
        page = render_template("errors/403.html", message=_("Cet envoi ne vient pas d’une page du site."), status=403)
        return make_response(page, 403)
    view = current_app.view_functions.get(request.endpoint or "")
    if not current_user.is_authenticated and not getattr(view, "for_visitors", False):
        return unauthorized()
    message = _("Cette page était ouverte depuis longtemps. Rien n’est perdu : relisez, puis envoyez.")
    return resume_page(unpack(pack_request()), message, 422)


def pack_request() -> str:
    """The current POST (address and fields) as one signed text; empty when there is nothing that can be carried."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in FORGOTTEN]
    typed = [(name, "" if name in TYPED_AGAIN else value) for name, value in fields]
    if not typed or sum(len(name) + len(value) for name, value in typed) > LIMIT:
        return ""
    return _serializer().dumps({"path": request.full_path.rstrip("?"), "fields": typed})


def unpack(token: str) -> dict[str, Any] | None:
    """What pack_request() carried: {"path": str, "fields": [[name, value]]}; None when not made here, or long ago."""
    try:
        packed = _serializer().loads(token, max_age=LIFETIME) if token else None
    except BadData:
        return None
    return packed if packed and packed["path"].startswith("/") and not packed["path"].startswith("//") else None


def resume_page(packed: dict[str, Any] | None, message: str, status: int = 200) -> Response:
    """Show what was about to be sent, with a fresh token and one button that sends it."""
    if packed is None:
        page = render_template("errors/422.html", message=_("L’envoi n’a pas pu être repris."), status=422)
        return make_response(page, 422)
    secret = [name for name, _value in packed["fields"] if name in TYPED_AGAIN]
    carried = [(name, value) for name, value in packed["fields"] if name not in TYPED_AGAIN]
    texts = [(name, value) for name, value in carried if name != "once" and (len(value) > 20 or "\n" in value)]
    page = render_template(
        "errors/resume.html", message=message, path=packed["path"], fields=carried, texts=texts, secret=secret
    )
    return make_response(page, status)


def from_here() -> bool:
    """Whether a change comes from one of our own pages: browsers say where a request was made, and no page can lie."""
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin == "null":
        return site == "same-origin"  # a browser that hides where it comes from, on our own page
    return origin is None or urlsplit(origin).netloc == request.host


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="resume")
