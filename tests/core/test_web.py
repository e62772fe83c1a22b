"""What every page carries, and what hostile input gets."""

from __future__ import annotations

import pytest
from flask import request

from community.core.web import row_id


def test_alive_and_ready(visitor):
    assert visitor.get("/sante").json == {"status": "ok"}
    ready = visitor.get("/sante/pret")
    assert ready.status_code == 200
    assert ready.json["outbox_pending"] == 0
    assert ready.json["search"] is False  # nothing was indexed yet: said, and no reason to refuse requests


def test_ready_says_whether_search_answers(make, drain, visitor):
    make.question(make.member(communities={"cantines": "member"}))
    drain()
    assert visitor.get("/sante/pret").json["search"] is True


def test_every_page_carries_the_security_headers(visitor):
    response = visitor.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in policy
    assert len(response.headers["X-Request-ID"]) >= 8


@pytest.mark.parametrize("path", ["/n-existe-pas", "/questions/999999", "/questions/99999999999999999999", "/fiches/0"])
def test_what_does_not_exist_is_a_french_page_with_its_request_id(visitor, path: str):
    response = visitor.get(path)
    assert response.status_code == 404
    assert "Il n’y a rien à cette adresse" in response.text
    assert response.headers["X-Request-ID"] in response.text


def test_a_get_on_a_posting_address_is_refused(visitor):
    response = visitor.get("/langue")
    assert response.status_code in (404, 405)


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%ff%fe", "q=" + "a" * 5000, "page=%00", "page=%ff", "communaute=%F0%9F%92%A9", "vue[]=x", "tri=%27--"],
)
@pytest.mark.parametrize("path", ["/", "/questions", "/recherche", "/etiquettes", "/fiches", "/communautes"])
def test_hostile_queries_never_break_a_list(visitor, path: str, query: str):
    assert visitor.get(f"{path}?{query}").status_code in (200, 422, 503)


def test_a_body_that_is_too_large_is_refused_plainly(visitor):
    response = visitor.post("/langue", data={"language": "x" * 3_000_000}, csrf=False)
    assert response.status_code == 413
    assert response.headers["X-Request-ID"]
    assert response.headers["X-Request-ID"] in response.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_redirects_never_leave_the_site(visitor, target: str):
    response = visitor.post("/langue", {"language": "en", "next": target})
    assert response.status_code == 303
    assert response.headers["Location"] in ("/", "http://localhost/")


def test_the_language_is_kept(visitor):
    visitor.post("/langue", {"language": "en"})
    assert '<html lang="en"' in visitor.get("/").text


def test_an_expired_token_brings_the_form_back(make, client_of):
    member = make.member(communities={"cantines": "member"})
    client = client_of(member)
    text = "Nous avons tout relu hier soir et il serait dommage de perdre ce texte."
    response = client.post(
        "/questions/nouvelle",
        {"community": "cantines", "title": "Comment rédiger ce lot de pain ?", "body": text, "csrf_token": "périmé"},
    )
    assert response.status_code == 422
    assert text in response.text


@pytest.mark.parametrize("written", ["9" * 30, "-1", "0", "deux"])
def test_a_number_that_no_row_has_is_none(app, written):
    with app.test_request_context(f"/?dossier={written}"):
        assert request.args.get("dossier", type=row_id) is None
