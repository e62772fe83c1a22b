"""What can go wrong, in domain words, and the one place that turns it into a page."""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

log = structlog.get_logger(__name__)


class DomainError(Exception):
    """Base of the errors that a person can understand; ``message`` is shown as it is."""

    status = 400
    default = _l("La demande n’a pas pu aboutir.")

    def __init__(self, message: object = None) -> None:
        self.message: Any = message if message is not None else self.default
        super().__init__(str(type(self).__name__))


class NotFound(DomainError):
    """It does not exist, or not for this person: the two are never told apart."""

    status = 404
    default = _l("Cette page n’existe pas, ou pas pour vous.")


class Forbidden(DomainError):
    status = 403
    default = _l("Vous n’avez pas le droit de faire cela.")


class Conflict(DomainError):
    status = 409
    default = _l("Quelqu’un a fait la même chose entre-temps, ou l’élément a changé.")


class Invalid(DomainError):
    status = 422
    default = _l("Ce qui a été envoyé n’est pas valable.")


class Unavailable(DomainError):
    status = 503
    default = _l("Le service ne peut pas enregistrer en ce moment. Réessayez dans un instant.")


PAGES = {400: 422, 403: 403, 404: 404, 405: 404, 409: 409, 410: 404, 413: 413, 422: 422, 429: 429, 500: 500, 503: 503}


def init_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, message: object = None):
    """The page for a status, or a short JSON object for scripts; always with the request's id."""
    if wants_json():
        return jsonify(error=str(message or ""), request_id=request_id()), status
    page = PAGES.get(status, 500 if status >= 500 else 422)
    return render_template(f"errors/{page}.html", status=status, message=message, request_id=request_id()), status


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def request_id() -> str:
    return g.get("request_id", "")


def valid_request_id(value: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9-]{8,64}", value) is not None


def _domain_error(error: DomainError):
    return error_page(error.status, error.message)


def _csrf_error(error: CSRFError):
    """A form whose token expired comes back filled in, one click away from being sent again."""
    from community.core.resume import token_refused

    log.info("csrf_refused", reason=error.description)
    return token_refused()


def _http_error(error: HTTPException):
    if error.code is not None and error.code < 400:
        return error
    if error.response is not None:
        return error.response
    if isinstance(error, SecurityError):  # a host that is not ours: no address can be made, so no page either
        return "Ce serveur ne répond pas à ce nom.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    if error.code == 401:
        from community.core.resume import unauthorized

        return unauthorized()
    response = error.get_response() if error.code in (405,) else None
    body, status = error_page(error.code or 500)
    if response is not None:
        return body, error.code, {"Allow": response.headers.get("Allow", "")}
    return body, error.code if error.code in PAGES or (error.code or 500) >= 500 else status


def _database_error(error: OperationalError):
    from community.core.db import rollback

    log.error("database_unavailable", error=type(error.orig).__name__)
    rollback()
    return error_page(503, Unavailable.default)


def _unexpected(error: Exception):
    from community.core.db import rollback

    log.exception("unexpected_error")
    rollback()
    return error_page(500)
