"""Entrepairs: the professional community of public buyers."""

from __future__ import annotations

from typing import Any

from flask import Flask

from community.config import ROOT, Settings, flask_config, load_settings


def create_app(settings: Settings | None = None, **config: Any) -> Flask:
    """settings → extensions → features → error pages."""
    from community import permissions
    from community.cli import init_cli
    from community.core import health
    from community.core.db import init_db
    from community.core.errors import init_errors
    from community.core.i18n import init_i18n
    from community.core.jobs import init_jobs
    from community.core.limits import init_limits
    from community.core.logging import init_logging
    from community.core.storage import init_storage
    from community.core.web import init_web
    from community.features import load_features
    from community.navigation import init_navigation

    settings = settings or load_settings()
    app = Flask(
        "community",
        instance_path=str(settings.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(flask_config(settings) | config)
    init_logging(app)
    init_db(app)
    init_i18n(app)
    init_web(app)
    init_limits(app)
    init_storage(app)
    load_features(app)
    app.register_blueprint(health.bp)
    app.jinja_env.globals["may"] = permissions
    init_navigation(app)
    init_jobs(app)
    init_errors(app)
    init_cli(app)
    return app
