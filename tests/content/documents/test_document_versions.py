"""A file's way out: read by the worker, checked by its author, published; later versions replace it, older ones stay."""

from __future__ import annotations

import re

import pytest
from files import make_file
from sqlalchemy import delete
from told import told_once

from community.content.documents.models import DocumentVersion
from community.core.db import db
from community.people.communities.models import Membership

CLEAN = ["Page de garde du guide.", "L’allotissement des denrées fraîches par famille de produits."]
DELICATE = ["Rapport d’analyse", "La société Traiteur du Lac obtient 14,5/20.", "Dossier suivi par M. Jean Dupont."]


@told_once
def ines(make) -> int:
    make.community("cantines")
    make.community("cercle", access="invitation", visibility="members")
    return make.member("Inès Benali", {"cantines": "member", "cercle": "member"})


@pytest.fixture
def pdf(make, ines):
    """``pdf(pages)``: a file that the worker has read already; ``waits=True``: one that it still has to read."""

    def send(pages: list[str], name: str = "guide.pdf", waits: bool = False) -> int:
        return make.file(ines, name, make_file("pdf", pages), read=None if waits else pages)

    return send


def address(client, id: int) -> str:
    found = client.get(f"/documents/{id}")
    return found.location if found.status_code == 301 else f"/documents/{id}"


def test_a_file_is_read_then_published_by_itself(make, ines, pdf, client_of, visitor, drain):
    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN, waits=True))
    mine = client_of(ines)
    assert "Le fichier est en cours de lecture" in mine.get(f"/documents/{id}", follow_redirects=True).text
    assert visitor.get(f"/documents/{id}").status_code == 404
    assert "Guide des denrées" not in visitor.get("/documents").text
    drain()
    page = visitor.get(f"/documents/{id}", follow_redirects=True).text
    assert "guide.pdf" in page
    assert "2 pages" in page
    assert "Occultation vérifiée" in page
    assert "Guide des denrées" in visitor.get("/documents").text
    assert "Votre document est lu, il est publié" in mine.get("/notifications").text


def test_a_page_is_opened_where_the_search_found_it(make, ines, pdf, visitor, drain):
    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN))
    drain()
    drain()
    found = visitor.get("/recherche?q=allotissement+fraîches&type=document").text
    link = re.search(r'href="(/documents/[^"]+page=2[^"]*)"', found)
    assert link, found
    page = visitor.get(link.group(1).replace("&amp;", "&").split("#")[0]).text
    assert "Page 2 sur 2" in page
    assert re.search(r"<mark>allotissement</mark>.*<mark>fraîches</mark>", page)
    assert "Page 3" not in visitor.get(f"{address(visitor, id)}?page=3").text
    assert visitor.get(f"/documents/{id}?page=1").location.endswith("?page=1")


def test_findings_wait_for_their_answers(make, ines, pdf, client_of, visitor, drain):
    id = make.document(ines, title="Rapport des denrées", file=pdf(DELICATE))
    drain()
    mine = client_of(ines)
    assert visitor.get(f"/documents/{id}").status_code == 404
    assert "attend vos réponses" in mine.get("/notifications").text
    page = mine.get(f"/documents/{id}/occultation").text
    assert "jamais une promesse" in page
    assert "page 2" in page
    assert "<mark>société Traiteur du Lac</mark> obtient" in page
    marks = re.findall(r'name="public" id="f-\w+" value="(\w+)"', page)
    assert len(marks) == 2
    partly = mine.post(f"/documents/{id}/occultation", {"public": marks[:1]})
    assert partly.status_code == 422
    assert "Il reste un point sans réponse" in partly.text
    assert len(re.findall(r'name="public"[^>]* checked', partly.text)) == 1
    assert visitor.get(f"/documents/{id}").status_code == 404
    assert mine.post(f"/documents/{id}/occultation", {"public": marks}).status_code == 303
    assert visitor.get(f"/documents/{id}", follow_redirects=True).status_code == 200


def test_a_file_without_words_is_not_published_unseen(make, ines, client_of, visitor, drain):
    """A scan, an image: nothing was looked for in it, and its author says that it was read."""
    id = make.document(ines, title="Délibération numérisée", file=make.file(ines, read=[]))
    drain()
    assert visitor.get(f"/documents/{id}").status_code == 404
    mine = client_of(ines)
    assert "rien n’y a été cherché" in mine.get(f"/documents/{id}/occultation").text
    assert "Fichier à relire vous-même" in mine.post(f"/documents/{id}/occultation").text
    assert mine.post(f"/documents/{id}/occultation", {"public": "unread"}).status_code == 303
    assert visitor.get(f"/documents/{id}", follow_redirects=True).status_code == 200


def test_asking_again_does_not_publish_what_has_no_answer(make, ines, pdf, client_of, visitor, drain):
    id = make.document(ines, title="Rapport des denrées", file=pdf(DELICATE))
    drain()
    asked = client_of(ines).post(f"/documents/{id}/publication")
    assert asked.location.endswith(f"/documents/{id}/occultation")
    assert visitor.get(f"/documents/{id}").status_code == 404


def test_an_unticked_box_takes_the_answer_back(make, ines, pdf, client_of, drain):
    id = make.document(ines, title="Rapport des denrées", file=pdf(DELICATE))
    drain()
    mine = client_of(ines)
    marks = re.findall(r'id="f-(\w+)"', mine.get(f"/documents/{id}/occultation").text)
    mine.post(f"/documents/{id}/occultation", {"public": marks[:1]})
    mine.post(f"/documents/{id}/occultation", {"public": marks[1:]})
    assert re.findall(r'value="(\w+)" checked', mine.get(f"/documents/{id}/occultation").text) == marks[1:]


def test_a_narrower_place_is_an_answer_too(make, ines, pdf, client_of, visitor, drain):
    id = make.document(ines, title="Rapport des denrées", file=pdf(DELICATE))
    drain()
    mine = client_of(ines)
    assert "cercle" in mine.get(f"/documents/{id}/occultation").text
    refused = mine.post(f"/documents/{id}/restriction", {"community": "cantines"})
    assert refused.status_code == 422
    assert mine.post(f"/documents/{id}/restriction", {"community": "cercle"}).status_code == 303
    assert visitor.get(f"/documents/{id}").status_code == 404
    insider = make.member(communities={"cercle": "member"})
    assert "Rapport des denrées" in client_of(insider).get(f"/documents/{id}", follow_redirects=True).text


def test_answers_are_kept_with_the_version(app, make, ines, pdf, client_of, drain):
    from community.content.documents.models import DocumentVersion
    from community.core.db import db

    id = make.document(ines, title="Rapport des denrées", file=pdf(DELICATE))
    drain()
    mine = client_of(ines)
    marks = re.findall(r'id="f-(\w+)"', mine.get(f"/documents/{id}/occultation").text)
    mine.post(f"/documents/{id}/occultation", {"public": marks})
    with app.app_context():
        version = db.session.query(DocumentVersion).filter_by(document_id=id).one()
        assert set(version.answers) == set(marks)
        assert {told["by"] for told in version.answers.values()} == {ines}
        assert all(told["answer"] == "public" and told["at"] for told in version.answers.values())
        assert version.published_at
        db.session.remove()


def test_a_new_version_waits_unseen_then_replaces(make, ines, pdf, client_of, visitor, drain):
    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN))
    drain()
    reader = make.member(communities={"cantines": "member"})
    client_of(reader).post(f"/contributions/{id}/suivi")
    mine = client_of(ines)
    second = pdf(["Seuils de deux mille vingt-six.", "Tout le reste."], "guide-v2.pdf")
    sent = mine.post(f"/documents/{id}/versions/nouvelle", {"file_ids": second, "note": "Seuils 2026"})
    assert sent.status_code == 303
    other = visitor.get(address(visitor, id)).text
    assert "guide-v2.pdf" not in other
    assert visitor.get(f"/fichiers/{second}/guide-v2.pdf").status_code == 404
    assert "La version 2 attend" in mine.get(address(mine, id)).text
    drain()
    drain()
    page = visitor.get(address(visitor, id)).text
    assert "version 2" in page
    assert "Seuils 2026" in page
    assert "guide.pdf" in page
    files = re.findall(r'href="(/fichiers/[^"]+)"', page)
    assert len(set(files)) == 2
    assert all(visitor.get(file).data.startswith(b"%PDF") for file in files)
    assert "a publié une nouvelle version du document" in client_of(reader).get("/notifications").text
    assert "deux mille" in visitor.get("/recherche?q=seuils+vingt&type=document").text
    assert "Version 2 : Seuils 2026" in visitor.get(f"/contributions/{id}/historique").text


def test_a_waiting_version_is_replaced_or_given_up(app, make, ines, pdf, client_of, visitor, drain):
    from community.abilities.attachments.models import Attachment
    from community.core.db import db

    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN))
    drain()
    first, second = pdf(DELICATE, "a.pdf"), pdf([*DELICATE, "Suite"], "b.pdf")
    make.version(id, ines, first)
    make.version(id, ines, second)
    mine = client_of(ines)
    assert "b.pdf" in mine.get(address(mine, id)).text
    drain()
    assert "a.pdf" not in mine.get(address(mine, id)).text
    assert mine.post(f"/documents/{id}/versions/abandon").status_code == 303
    assert "b.pdf" not in mine.get(address(mine, id)).text
    assert "guide.pdf" in visitor.get(address(visitor, id)).text
    with app.app_context():
        loose = db.session.query(Attachment).filter(Attachment.loose_since.is_not(None)).count()
        assert loose == 2
        db.session.remove()


def test_a_file_that_is_refused_is_said_and_replaced(app, make, ines, pdf, client_of, drain):
    from community.abilities.attachments.models import Attachment, Blob
    from community.core.db import db
    from community.core.outbox import emit

    file = pdf(CLEAN)
    id = make.document(ines, title="Guide des denrées", file=file)
    drain()
    with app.app_context():  # the antivirus learns a new name: what was clean is found infected
        attachment = db.session.get(Attachment, file)
        blob = db.session.get(Blob, attachment.sha256)
        blob.state = blob.state_reason = blob.scan = "infected"
        emit("file.examined", attachment)
        db.session.commit()
        db.session.remove()
    drain()
    drain()
    page = client_of(ines).get(f"/documents/{id}", follow_redirects=True).text
    assert "malveillant" in page
    assert "Télécharger" not in page
    assert f"/documents/{id}-" not in client_of(ines).get("/recherche?q=fraîches&type=document").text


def test_a_moderator_s_agreement_comes_after_the_check(app, make, ines, pdf, client_of, visitor, drain):
    from community.core.db import db
    from community.people.accounts.identity import identity_of
    from community.services.moderation.holds import release
    from community.services.moderation.models import Hold

    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN), published=False)
    drain()
    moderator = make.member(communities={"cantines": "moderator"})
    with app.app_context():
        db.session.add(Hold(contribution_id=id, reasons=[["words", "denrées"]]))
        db.session.commit()
        db.session.remove()
    mine = client_of(ines)
    mine.post(f"/documents/{id}/publication")
    assert "attend l’accord d’un animateur" in mine.get(f"/documents/{id}", follow_redirects=True).text
    assert visitor.get(f"/documents/{id}").status_code == 404
    with app.test_request_context("/", method="POST"):
        hold = db.session.query(Hold).filter_by(contribution_id=id).one()
        release(hold, identity_of(moderator))
        db.session.commit()
        db.session.remove()
    assert "guide.pdf" in visitor.get(f"/documents/{id}", follow_redirects=True).text


def test_naming_a_waiting_file_in_a_text_does_not_open_it(make, ines, pdf, client_of, visitor, drain):
    file = pdf(DELICATE, "rapport.pdf")
    make.document(ines, title="Rapport des denrées", file=file)
    drain()
    make.question(ines, body=f"Voyez le rapport : [rapport](/fichiers/{file}/rapport.pdf) avant de répondre.")
    assert visitor.get(f"/fichiers/{file}/rapport.pdf").status_code == 404
    assert client_of(ines).get(f"/fichiers/{file}/rapport.pdf").status_code == 200


def test_others_cannot_touch_what_waits(make, ines, pdf, client_of, drain):
    id = make.document(ines, title="Guide des denrées", file=pdf(CLEAN))
    drain()
    make.version(id, ines, pdf(DELICATE, "v2.pdf"))
    other = client_of(make.member(communities={"cantines": "member"}))
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    for path in ("occultation", "versions/abandon", "restriction"):
        assert other.post(f"/documents/{id}/{path}").status_code == 403
        assert moderator.post(f"/documents/{id}/{path}").status_code == 403
    assert other.get(f"/documents/{id}/versions/nouvelle").status_code == 403
    assert "v2.pdf" not in moderator.get(f"/documents/{id}", follow_redirects=True).text


def test_who_has_no_place_there_any_more_is_not_told_of_it_by_a_version_that_waits(app, make, client_of):
    """A moderator who left keeps no window on the titles of a closed place."""
    make.community("secrete", visibility="members")
    author = make.member(communities={"secrete": "member"})
    moderator = make.member(communities={"secrete": "moderator"})
    document = make.document(author, "secrete", title="Grille confidentielle")
    file = make.file(moderator, read=["Rien à signaler."])
    with app.test_request_context("/", method="POST"):
        db.session.add(
            DocumentVersion(document_id=document, number=1, attachment_id=file, uploaded_by_id=moderator, answers={})
        )
        db.session.commit()
        db.session.remove()
    client = client_of(moderator)
    assert "Grille confidentielle" in client.get("/documents/brouillons").text
    with app.test_request_context("/", method="POST"):
        db.session.execute(delete(Membership).where(Membership.member_id == moderator))
        db.session.commit()
        db.session.remove()
    assert "Grille confidentielle" not in client.get("/documents/brouillons").text
