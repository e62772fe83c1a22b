"""The one list of features: a feature's folder, and what create_app() loads from it (models, handlers, tasks, views)."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from community.config import ROOT

FEATURES = (
    "community.people.accounts",
    "community.people.communities",
    "community.contributions",
    "community.abilities.votes",
    "community.abilities.tags",
    "community.abilities.citations",
    "community.abilities.comments",
    "community.abilities.revisions",
    "community.abilities.follows",
    "community.abilities.links",
    "community.abilities.drafts",
    "community.abilities.attachments",
    "community.abilities.reading",
    "community.abilities.flags",
    "community.content.questions",
    "community.content.sheets",
    "community.content.clauses",
    "community.content.baskets",
    "community.content.documents",
    "community.imports",
    "community.services.search",
    "community.services.notifications",
    "community.services.clause_alerts",
    "community.services.document_news",
    "community.services.file_news",
    "community.services.safety",
    "community.services.moderation",
    "community.services.administration",
    "community.services.personal_data",
    "community.services.welcome",
    "community.services.discovery",
)
CORE_MODULES = ("outbox", "mail", "audit", "options")
PARTS = ("models", "index_entry", "handlers", "tasks", "views")


def load_features(app: Flask) -> None:
    """Import every feature's parts, then register its blueprint (``bp`` of views.py, shared by its *_views.py)."""
    for name in CORE_MODULES:
        import_module(f"community.core.{name}")
    for feature in FEATURES:
        for part in PARTS:
            if find_spec(f"{feature}.{part}") is not None:
                import_module(f"{feature}.{part}")
        for extra in _extra_views(feature):
            import_module(f"{feature}.{extra}")
    for feature in FEATURES:
        views = import_module(f"{feature}.views") if find_spec(f"{feature}.views") else None
        for blueprint in getattr(views, "blueprints", (views.bp,)) if views else ():
            app.register_blueprint(blueprint)


def _extra_views(feature: str) -> list[str]:
    folder = ROOT / feature.replace(".", "/")
    return sorted(path.stem for path in folder.glob("*_views.py"))
