"""The main navigation: only what this installation serves."""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from community.contributions.kinds import pages

#: (label, endpoint, icon, key of the current page); the kinds of content come between
FIRST = (_l("Accueil"), "contributions.home", "home", "home")
LAST = (
    (_l("Communautés"), "communities.index", "communities", "communities"),
    (_l("Membres"), "members.index", "members", "members"),
)
#: the kinds that come first, in this order; the others follow in that of features.py
KINDS_FIRST = ("question", "clause")

#: The administrator's menu, in this order: (label, endpoint, icon, key of the current page)
ADMIN_ENTRIES = (
    (_l("Vue d’ensemble"), "admin.index", "home", "index"),
    (_l("Inscriptions"), "admin.registrations", "member", "registrations"),
    (_l("Membres"), "admin.members", "members", "members"),
    (_l("Suspensions"), "communities.suspensions", "lock", "suspensions"),
    (_l("Organismes"), "admin.organisations", "building", "organisations"),
    (_l("Réglages"), "admin.options", "settings", "options"),
    (_l("Données personnelles"), "personal_data.desk", "lock", "personal_data"),
    (_l("Charte et notice"), "personal_data.texts", "sheet", "texts"),
    (_l("Registre"), "personal_data.show_register", "list", "register"),
    (_l("Journal"), "moderation.journal", "history", "journal"),
)


def init_navigation(app: Flask) -> None:
    entries = (FIRST, *_kinds(), *LAST)
    app.extensions["nav"] = [entry for entry in entries if entry[1] in app.view_functions]
    app.extensions["admin_nav"] = [entry for entry in ADMIN_ENTRIES if entry[1] in app.view_functions]


def _kinds() -> list[tuple[Any, str, str, str]]:
    """An entry for each kind of content: its list, under its own icon."""
    known = pages()
    order = [*(kind for kind in KINDS_FIRST if kind in known), *(kind for kind in known if kind not in KINDS_FIRST)]
    blueprints = {kind: str(known[kind].endpoint).partition(".")[0] for kind in order}
    return [
        (known[kind].menu or known[kind].plural, f"{blueprints[kind]}.index", kind, blueprints[kind]) for kind in order
    ]
