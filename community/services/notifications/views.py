"""The notifications page; reading one is a POST, so that following a link from elsewhere changes nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user, login_required

from community.core.web import origin, saved
from community.permissions import can_read_notification, require
from community.services.notifications.actions import read_everything, read_group
from community.services.notifications.queries import notification_of, notifications_page
from community.services.notifications.wording import lines, subject, target

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
@login_required
def index():
    page = notifications_page(current_user, request.args.get("page"))
    words = {"subject": subject, "lines": lines, "target": target}
    return render_template("notifications/index.html", page=page, active="notifications", **words)


@bp.post("/notifications/<int:id>")
@login_required
def open_one(id: int):
    """Mark what was told about this page as read, and go there."""
    notification = notification_of(current_user, id)
    require(can_read_notification(current_user, notification))
    read_group(notification, current_user)
    return saved(target(notification))


@bp.post("/notifications/<int:id>/lecture")
@login_required
def read_one(id: int):
    """Mark what was told about this page as read, and stay."""
    notification = notification_of(current_user, id)
    require(can_read_notification(current_user, notification))
    read_group(notification, current_user)
    return saved(origin(url_for("notifications.index")))


@bp.post("/notifications/lecture")
@login_required
def read_all():
    require(current_user.is_authenticated)
    read_everything(current_user)
    return saved(origin(url_for("notifications.index")))
