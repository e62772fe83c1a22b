"""The interface's language: the session's choice, else the member's, else the browser's, else French."""

from flask import Flask, has_request_context, request, session
from flask_babel import Babel
from flask_login import current_user

LANGUAGES = ("fr", "en")
babel = Babel()


def init_i18n(app: Flask) -> None:
    babel.init_app(app, locale_selector=_choose)


def _choose() -> str:
    if not has_request_context():
        return "fr"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return chosen
    if current_user and current_user.is_authenticated:
        return current_user.locale
    return request.accept_languages.best_match(LANGUAGES, default="fr")
