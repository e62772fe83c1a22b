"""What HTTP needs everywhere: request ids, security headers, context for templates, safe redirects, fragments.

``request``, ``session`` and ``current_user`` exist in views and here, nowhere else.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import format_date, format_datetime
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter
from werkzeug.utils import cached_property

from community.config import Settings
from community.core import vocab
from community.core.db import begin_request, commit, end_request
from community.core.errors import Forbidden, NotFound, valid_request_id
from community.core.fragments import AGO, kept
from community.core.i18n import LANGUAGES, colon, language
from community.core.patience import OneAtATime
from community.core.resume import for_visitors, from_here, unauthorized
from community.core.territories import territory_name
from community.core.text import highlight, to_markup, typo
from community.core.times import time_tag

V = TypeVar("V", bound=Callable[..., Any])
log = structlog.get_logger("http")
bp = Blueprint("web", __name__)
login = LoginManager()
csrf = CSRFProtect()

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
)


#: answers that whoever watches the site wants to see: told as events of their own, with who and where from
SECURITY_EVENTS = {400: "request_refused", 401: "sign_in_needed", 403: "access_denied", 429: "throttled"}


class CleanRequest(Request):
    """A request whose texts hold no NUL: PostgreSQL refuses them, and nobody types one."""

    @cached_property
    def args(self) -> MultiDict[str, str]:  # type: ignore[override]
        return _without_nul(super().args)

    @cached_property
    def form(self) -> MultiDict[str, str]:  # type: ignore[override]
        return _without_nul(super().form)


def _without_nul(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict([(name, text.replace("\x00", "")) for name, text in values.items(multi=True)])


class Id(IntegerConverter):
    """Row ids: what no database can hold is no page, rather than an error of the driver."""

    def __init__(self, map: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, max=2**31 - 1, **kwargs)


def init_web(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.request_class = CleanRequest
    app.url_map.converters["int"] = Id
    app.before_request(_begin)  # first of all: what the next ones refuse has a number too
    app.before_request(_refuse_foreign_changes)
    csrf.init_app(app)
    login.init_app(app)
    login.session_protection = None
    login.unauthorized_handler(unauthorized)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, settings.proxies)  # type: ignore[method-assign]
    if not app.testing:
        slow = {"behind_proxy": settings.proxies > 0, "seconds": settings.body_timeout}
        app.wsgi_app = OneAtATime(app.wsgi_app, **slow)  # type: ignore[method-assign]
    app.after_request(_finish)
    app.teardown_request(lambda _error: end_request())
    app.context_processor(_context)
    app.template_filter("markup")(to_markup)
    app.template_filter("highlight")(highlight)
    app.template_filter("typo")(typo)
    app.template_filter("date")(lambda value, format="long": format_date(value, format) if value else "")
    app.template_filter("datetime")(lambda value: format_datetime(value, _("d MMMM y 'à' HH:mm")) if value else "")
    app.template_filter("ago")(time_tag)
    app.template_filter("territory")(territory_name)
    app.template_filter("label")(lambda code, name: vocab.label(name, code))
    app.jinja_env.globals.update(
        AGO=AGO,
        colon=colon,
        kept=kept,
        vocab=vocab,
        once=new_once,
        static_url=static_url,
        serves=lambda endpoint: endpoint in app.view_functions,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(bp)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if valid_request_id(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    begin_request(request.method)
    limit = getattr(current_app.view_functions.get(request.endpoint or ""), "body_limit", None)
    if limit is not None:
        request.max_content_length = limit(current_app.config["SETTINGS"])
    if "\x00" in request.path:
        raise NotFound()


def _refuse_foreign_changes() -> None:
    """What changes something must come from a page of this site, even with a valid token."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and not from_here():
        raise Forbidden(_("Cet envoi ne vient pas d’une page du site."))


def _finish(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers["X-Request-ID"] = g.get("request_id", "")
    if current_app.config["SETTINGS"].secure_cookies:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static":
        headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if "v" in request.args else "public, max-age=300"
        )
    elif not (request.endpoint or "").startswith("health."):
        headers.setdefault("Cache-Control", "no-store" if current_user.is_authenticated else "private, no-cache")
        headers.add("Vary", "Cookie")
    _tell(response)
    return response


def _tell(response: Response) -> None:
    """One line a request, and one more for what was refused. Rules and not addresses: some addresses are secrets."""
    where = {"method": request.method, "endpoint": request.endpoint, "status": response.status_code}
    if (event := SECURITY_EVENTS.get(response.status_code)) is not None:
        log.warning(event, **where, member_id=current_user.id, client=request.remote_addr)
    quiet = current_app.config["SETTINGS"].demo and response.status_code < 500
    if request.endpoint not in ("static", "health.alive") and not quiet:
        elapsed = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        log.info("request", **where, ms=round(elapsed, 1))


def _context() -> dict[str, Any]:
    return {
        "my_communities": current_user.communities if has_request_context() else (),
        "language": language(),
        "demo": current_app.config["SETTINGS"].demo,
        "nav": current_app.extensions.get("nav", ()),
        "is_fragment": has_request_context() and is_fragment(),
    }


def static_url(name: str) -> str:
    """The address of a static file, with a mark of its content so that browsers may keep it for a year."""
    addresses = current_app.extensions.setdefault("static_addresses", {})
    key = (request.script_root, name)
    if key not in addresses or current_app.debug:
        import hashlib
        from pathlib import Path

        path = Path(current_app.static_folder or "") / name
        mark = hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"
        addresses[key] = url_for("static", filename=name, v=mark)
    return addresses[key]


def row_id(text: str) -> int:
    """A row's id in a query or a form, for ``type=``: ValueError, hence none, for what no table could hold."""
    id = int(text)
    if not 0 < id < 2**31:
        raise ValueError(text)
    return id


def new_once() -> str:
    """A form's own random mark: sending the same form twice creates one thing."""
    return secrets.token_urlsafe(12)


def is_fragment() -> bool:
    """Scripts ask for the changed part of a page with this header; everybody else gets a redirect."""
    return request.headers.get("X-Fragment") == "1"


def body_limit(limit: Callable[[Settings], int]) -> Callable[[V], V]:
    """Mark a view that takes more than an ordinary form: ``limit(settings)`` bytes instead of MAX_CONTENT_LENGTH."""

    def mark(view: V) -> V:
        view.body_limit = limit  # type: ignore[attr-defined]
        return view

    return mark


def safe_target(target: str | None, default: str) -> str:
    """A place on this site to go to; anything that names another host gives the default."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc or any(ord(c) < 32 for c in target) else target


def see_other(target: str) -> Response:
    """After a POST that worked: 303, so that reloading repeats nothing."""
    return redirect(target, 303)  # type: ignore[return-value]


def saved(target: str, told: object = "") -> Response:
    """Keep what the request did, then 303 to ``target``, where ``told`` is said once.

    The address is thus made before the commit, which forgets the rows that were read: made after it, it would cost a statement
    more, and that of an answer would lose its question's title, hence a redirect more.
    """
    commit()
    if told:
        flash(str(told), "success")
    return see_other(target)


def origin(default: str) -> str:
    """Where the form says it came from (a hidden ``next``), or ``default``."""
    return safe_target(request.form.get("next"), default)


def back(default: str) -> Response:
    """303 to where the form came from; nothing more is kept."""
    return see_other(origin(default))


@bp.post("/langue")
@for_visitors
def set_language() -> Response:
    """Keep the chosen language in the session; the member's own choice lives on the profile page."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return back(url_for("contributions.home"))


@bp.get("/aide", endpoint="help")
def show_help() -> str:
    return render_template("web/help.html")


@bp.get("/accessibilite", endpoint="accessibility")
def show_accessibility() -> str:
    return render_template("web/accessibility.html")
