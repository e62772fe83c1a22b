"""The interface's language: the session's choice, else the member's, else the browser's, else French."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache

from babel.support import Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale
from flask_babel import get_domain as babel_domain
from flask_login import current_user

from community.core.typography import NBSP, typeset_message

#: language: the locale that says how its dates and numbers are written (English texts are British)
LOCALES = {"fr": "fr", "en": "en_GB"}
LANGUAGES = tuple(LOCALES)
babel = Babel()


class French(Translations):
    """The texts as the code has them, set as French is: zero is singular, and no line breaks before « : » or inside « »."""

    def ugettext(self, message: str) -> str:
        return _set(message)

    def ungettext(self, singular: str, plural: str, num: float) -> str:
        return _set(singular if abs(num) < 2 else plural)


@lru_cache(maxsize=4096)
def _set(message: str) -> str:
    return typeset_message(message)


def init_i18n(app: Flask) -> None:
    babel.init_app(app, locale_selector=lambda: LOCALES[_choose()])
    with app.app_context():
        babel_domain().cache["fr", "messages"] = French()


def language() -> str:
    """The language being spoken now: "fr" or "en"."""
    locale = get_locale()
    return locale.language if locale else "fr"


def colon() -> str:
    """A colon as the language spoken now writes it: French parts it from the word, English does not."""
    return f"{NBSP}:" if language() == "fr" else ":"


def speaking(language: str) -> AbstractContextManager[None]:
    """Within this block texts, dates and numbers are in that language, whoever is asking (mails, commands)."""
    return force_locale(LOCALES.get(language, "fr"))


def _choose() -> str:
    if not has_request_context():
        return "fr"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return chosen
    if current_user and current_user.is_authenticated:
        return current_user.locale if current_user.locale in LANGUAGES else "fr"
    return request.accept_languages.best_match(LANGUAGES, default="fr")
