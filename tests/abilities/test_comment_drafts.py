"""A comment being typed is found again, and correcting one never touches the draft of another."""

from __future__ import annotations

from sqlalchemy import select

from community.abilities.comments.models import Comment
from community.core.db import db


def test_a_comment_being_typed_is_found_again_and_editing_another_leaves_it(make, client_of):
    claire = make.member("Claire Martin", communities={"cantines": "member"})
    question = make.question(claire)
    client = client_of(claire)
    client.submit(f"/contributions/{question}/commentaires", {"body": "Une première remarque."})
    with client.app.app_context():
        first = db.session.scalars(select(Comment.id)).one()
    client.post("/brouillons", {"target": f"comment:{question}", "body": "Une seconde remarque en cours"})
    correcting = f"/commentaires/{first}/modifier"
    assert f'data-draft="comment:{first}:edit"' in client.get(correcting).text
    client.post("/brouillons", {"target": f"comment:{first}:edit", "body": "Une première remarque, corrigée."})
    assert "remarque, corrigée" in client.get(correcting).text
    client.submit(correcting, {})
    assert "Une seconde remarque en cours" in client.get(f"/contributions/{question}/commentaires").text
    assert "en cours" not in client.get(correcting).text


def test_a_draft_too_large_to_keep_leaves_the_last_one(make, client_of):
    client = client_of(make.member("Claire Martin"))
    client.post("/brouillons", {"target": "question:new", "body": "Ce qui était gardé"})
    client.post("/brouillons", {"target": "question:new", "body": "x" * 70_000})
    assert client.get("/brouillons?target=question:new").json["fields"]["body"] == "Ce qui était gardé"
