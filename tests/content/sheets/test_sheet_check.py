"""Before a sheet is read by others, what it says that may not be for everybody is shown to its author."""

from __future__ import annotations

import re

import pytest
from told import told_once


@told_once
def ines(make) -> int:
    make.community("cantines")
    make.community("cercle", access="invitation", visibility="members")
    return make.member("Inès Benali", {"cantines": "member", "cercle": "member"})


@pytest.fixture
def draft(make, ines) -> int:
    told = "La société Traiteur du Lac a obtenu 14,5/20. Nous l’avons dit à M. Jean Dupont."
    return make.sheet(ines, title="Un marché raconté", lessons=told, contact="achats@ville.example", published=False)


def test_publishing_waits_for_the_answers(draft, ines, client_of, visitor):
    mine = client_of(ines)
    sent = mine.submit(f"/fiches/{draft}/modifier", {}, "/modifier")
    assert sent.status_code == 303
    form = {"title": "Un marché raconté", "community": "cantines", "summary": "Bref.", "context": "Ici."}
    form |= {"lessons": "La société Traiteur du Lac a obtenu 14,5/20. Nous l’avons dit à M. Jean Dupont."}
    published = mine.post(f"/fiches/{draft}/publication", form | {"contact": "achats@ville.example"})
    assert published.location.endswith(f"/fiches/{draft}/occultation")
    assert visitor.get(f"/fiches/{draft}").status_code == 404
    page = mine.get(published.location).text
    assert "jamais une promesse" in page
    assert "achats@ville.example" not in page
    marks = re.findall(r'id="f-(\w+)"', page)
    assert len(marks) == 2
    partly = mine.post(published.location, {"public": marks[:1]})
    assert partly.status_code == 422
    assert "Il reste un point sans réponse" in partly.text
    assert mine.post(published.location, {"public": marks}).status_code == 303
    assert visitor.get(f"/fiches/{draft}", follow_redirects=True).status_code == 200
    assert mine.get(f"/fiches/{draft}/occultation").status_code == 404


def test_a_narrower_place_is_an_answer_too(draft, ines, client_of, visitor, make):
    mine = client_of(ines)
    assert mine.post(f"/fiches/{draft}/restriction", {"community": "cantines"}).status_code == 422
    assert mine.post(f"/fiches/{draft}/restriction", {"community": "cercle"}).status_code == 303
    assert visitor.get(f"/fiches/{draft}").status_code == 404
    insider = client_of(make.member(communities={"cercle": "member"}))
    assert insider.get(f"/fiches/{draft}", follow_redirects=True).status_code == 200


def test_no_way_round_the_check(context, draft):
    from community.content.sheets.actions import publish_sheet
    from community.content.sheets.models import Sheet
    from community.core.db import db
    from community.core.errors import Invalid
    from community.people.accounts.identity import identity_of
    from community.permissions import get_visible

    owner = identity_of(db.session.get(Sheet, draft).author_id)
    with pytest.raises(Invalid):
        publish_sheet(get_visible(Sheet, draft, owner), owner)


def test_a_sheet_told_in_one_go_is_answered_for(context, ines):
    from community.content.sheets.actions import share_sheet
    from community.core.db import db
    from community.people.accounts.identity import identity_of
    from community.people.communities.models import Community

    place = db.session.query(Community).filter_by(slug="cantines").one()
    sheet = share_sheet(identity_of(ines), place, "Racontée", "Avec M. Jean Dupont.", summary="Bref.", context="Ici.")
    assert sheet.is_published
    (told,) = sheet.redaction.values()
    assert (told["answer"], told["by"]) == ("public", ines)


def test_it_is_its_author_s(draft, make, client_of):
    other = client_of(make.member(communities={"cantines": "moderator"}))
    assert other.get(f"/fiches/{draft}/occultation").status_code == 404
    assert other.post(f"/fiches/{draft}/occultation").status_code == 404


def test_an_edit_passes_the_check_too(make, ines, client_of, visitor):
    sheet = make.sheet(ines, title="Un marché raconté")
    mine = client_of(ines)
    said = {"lessons": "Demandez à M. Jean Dupont."}
    refused = mine.submit(f"/fiches/{sheet}/modifier", said, "/modifier")
    assert refused.status_code == 422
    (mark,) = re.findall(r'id="f-(\w+)"', refused.text)
    assert "Jean Dupont" not in visitor.get(f"/fiches/{sheet}", follow_redirects=True).text
    assert mine.submit(f"/fiches/{sheet}/modifier", said | {"public": mark}, "/modifier").status_code == 303
    assert "Jean Dupont" in visitor.get(f"/fiches/{sheet}", follow_redirects=True).text
