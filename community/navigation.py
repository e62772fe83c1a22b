"""The main navigation: only what this installation serves."""

from flask import Flask
from flask_babel import lazy_gettext as _l

#: (label, endpoint, icon, key of the current page)
ENTRIES = (
    (_l("Accueil"), "contributions.home", "home", "home"),
    (_l("Questions"), "questions.index", "question", "questions"),
    (_l("Clausier"), "clauses.index", "clause", "clauses"),
    (_l("Fiches expériences"), "sheets.index", "sheet", "sheets"),
    (_l("Documents"), "documents.index", "document", "documents"),
    (_l("Communautés"), "communities.index", "communities", "communities"),
    (_l("Membres"), "members.index", "members", "members"),
)

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
    app.extensions["nav"] = [entry for entry in ENTRIES if entry[1] in app.view_functions]
    app.extensions["admin_nav"] = [entry for entry in ADMIN_ENTRIES if entry[1] in app.view_functions]
