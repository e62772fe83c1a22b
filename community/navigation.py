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


def init_navigation(app: Flask) -> None:
    app.extensions["nav"] = [entry for entry in ENTRIES if entry[1] in app.view_functions]
