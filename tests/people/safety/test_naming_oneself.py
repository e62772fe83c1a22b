"""A text signed by a pseudonym that names its own author comes back once, with what was found."""

from __future__ import annotations

import pytest

from community.people.accounts.naming_forms import names_itself

NAME, EMAIL, PLACE = "Claire Martin", "c.martin@collines.example", "Communauté d’agglomération des Collines varoises"
TEXT = "Je suis CLAIRE  MÀRTIN, de la CA des Collines varoises, et nous hésitons sur la suite à donner."
FORM = {
    "title": "Comment refuser une offre anormalement basse ?",
    "body": TEXT,
    "community": "cantines",
    "discreet": "y",
    "suggestions_seen": "1",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, ["Claire Martin", "Collines varoises"]),
        ("Demandez à madame Martin.", ["Martin"]),
        ("Écrivez à C.Martin@collines.example", [EMAIL]),
        ("La société Martinez, à Saint-Clair, passe un marché dans les collines.", []),
    ],
)
def test_what_names_its_author_is_found_as_whole_words(text, found):
    assert names_itself(text, NAME, EMAIL, PLACE) == found


def test_a_mailbox_that_many_share_names_nobody():
    assert names_itself("Nos achats et nos marchés.", "Zoé Lys", "achats@ville.example", "Ville de Lyon") == []


def test_a_discreet_question_that_names_its_author_comes_back_once(make, client_of):
    make.community("cantines")
    client = client_of(make.member(NAME, communities={"cantines": "member"}))
    sent = client.post("/questions/nouvelle", FORM)
    assert sent.status_code == 422
    assert "«\N{NO-BREAK SPACE}Claire Martin" in sent.text.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
    assert "CLAIRE  MÀRTIN" in sent.text and 'name="named_anyway"' in sent.text
    assert client.post("/questions/nouvelle", FORM | {"named_anyway": "y"}).status_code == 303
    assert client.post("/questions/nouvelle", {**FORM, "discreet": ""}).status_code == 303


def test_so_do_an_answer_a_comment_and_an_edit_on_that_page(make, client_of):
    make.community("cantines")
    asker = make.member(NAME, communities={"cantines": "member"})
    page, client = f"/questions/{(id := make.question(asker, discreet=True))}", client_of(asker)
    for address in (f"{page}/reponses", f"/contributions/{id}/commentaires"):
        sent = client.post(address, {"body": TEXT})
        assert sent.status_code == 422 and "CLAIRE  MÀRTIN" in sent.text and 'name="named_anyway"' in sent.text
        assert client.post(address, {"body": TEXT, "named_anyway": "y"}).status_code == 303
    assert client.submit(f"{page}/modifier", {"body": TEXT}).status_code == 422
    elsewhere = make.question(make.member("Paul Roche", communities={"cantines": "member"}))
    assert client.post(f"/questions/{elsewhere}/reponses", {"body": TEXT}).status_code == 303
