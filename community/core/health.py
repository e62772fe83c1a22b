"""/sante says that the process lives; /sante/pret that it can serve (database reachable and of the right version)."""

from __future__ import annotations

from flask import Blueprint, jsonify
from sqlalchemy import text

from community.core import ports
from community.core.db import db
from community.core.outbox import pending

bp = Blueprint("health", __name__)


@bp.get("/sante")
def alive():
    return jsonify(status="ok")


@bp.get("/sante/pret")
def ready():
    """200 when requests can be served; 503 with the reason otherwise. A slow worker is said, and is no reason."""
    checks: dict[str, object] = {}
    try:
        checks["database"] = db.session.scalar(text("SELECT version_num FROM alembic_version")) or "empty"
        checks["outbox_pending"] = pending()
    except Exception as error:
        db.session.rollback()
        return jsonify(status="unavailable", reason=type(error).__name__), 503
    checks["search"] = ports.call("search_healthy", default=False)
    checks |= ports.call("files_health", default={})
    return jsonify(status="ok", **checks)
