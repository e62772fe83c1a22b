"""What search engines and feed readers ask for: robots.txt, sitemap.xml, the feed of what is public, the old favicon."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request

from community.core.i18n import speaking
from community.core.limits import limiter
from community.core.text import excerpt
from community.core.web import static_url
from community.services.discovery.queries import latest_public, public_communities, public_community, public_pages

bp = Blueprint("discovery", __name__)
QUARTER = 900


def _open_to_all(body: str, media_type: str) -> Response:
    """The same for everybody: any cache may keep it, and who has it already is told so."""
    response = Response(body, mimetype=media_type)
    response.headers["Cache-Control"] = f"public, max-age={QUARTER}"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/robots.txt")
def robots():
    return _open_to_all(render_template("discovery/robots.txt"), "text/plain")


@bp.get("/sitemap.xml")
@limiter.limit("30 per minute")
def sitemap():
    pages = render_template("discovery/sitemap.xml", pages=public_pages(), communities=public_communities())
    return _open_to_all(pages, "application/xml")


@bp.get("/flux.xml")
@limiter.limit("60 per minute")
def feed():
    """Atom: the latest public contributions, of every community or of one (?communaute=)."""
    slug = request.args.get("communaute", "")
    community = public_community(slug) if slug else None
    rows = latest_public(community)
    words = {row.id: excerpt(row.body_html, 300) for row in rows}
    with speaking("fr"):  # a cache gives it to everybody: it does not speak the language of who asked first
        body = render_template("discovery/feed.xml", rows=rows, words=words, community=community)
    return _open_to_all(body, "application/atom+xml")


@bp.get("/favicon.ico")
def favicon():
    """Browsers ask for it here before they have read a page."""
    return redirect(static_url("favicon.ico"))
