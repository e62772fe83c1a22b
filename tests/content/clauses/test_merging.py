"""The conflict: a clause that moved while somebody was writing takes the changes of both."""

from __future__ import annotations

import pytest
from client import forms_of

from community.content.clauses.merging import woven


def test_the_conflict_puts_both_changes_together(app, people, make, client_of):
    """Claire adds a sentence and a tag while Paul corrects another one: her form holds both; the same place is hers to settle."""
    text = "Livré sous deux jours.\n\nRefusé sans étiquette."
    clause = make.clause(
        people.claire, people.ines, title="Étiquette", text=text, tags=["denrées"], purpose="Du frais."
    )
    claire, path = client_of(people.claire), f"/clauses/{clause}-etiquette/proposer"
    make.change(clause, people.paul, note="Proposition d’un autre jour.")
    assert "attend déjà sur cette clause" in client_of(people.ines).get(path).text
    assert "attend déjà" not in claire.get(path).text
    typed = forms_of(claire.get(path).text, "/proposer", path).fields | {
        "text": f"{text}\n\nAprès observations.", "purpose": "Du très frais.", "tags": "denrées, quai", "note": "x", "send": "1",
    }  # fmt: skip
    theirs = {
        "text": text.replace("deux", "trois"),
        "purpose": "Du local.",
        "tags": ["denrées", "froid"],
        "penalty": "Refus.",
    }
    make.validated(make.change(clause, people.paul, **theirs), people.ines)
    answer = claire.http.post(path, data=typed)
    assert answer.status_code == 409 and "À trancher" in answer.text and '<a href="#purpose">' in answer.text
    fields = forms_of(answer.text, "/proposer", path).fields
    assert fields["text"].split() == [
        "Livré", "sous", "trois", "jours.", "Refusé", "sans", "étiquette.", "Après", "observations.",
    ]  # fmt: skip
    assert (fields["purpose"], fields["penalty"], fields["note"]) == ("Du très frais.", "Refus.", "x")
    assert set(fields["tags"].split(", ")) == {"denrées", "froid", "quai"}
    assert "Votre texte tel que vous l’aviez écrit" in answer.text


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("un deux trois quatre cinq.", "un deux trois quatre six.", None),
        ("zéro un deux trois quatre.", "un deux trois quatre cinq.", "zéro un deux trois quatre cinq."),
        ("un trois quatre.", "un deux trois quatre, cinq.", "un trois quatre, cinq."),
        ("un 2 trois quatre.", "un 2 trois quatre.", "un 2 trois quatre."),
        ("", "un deux trois quatre.", ""),
    ],
)
def test_two_changes_of_one_text(mine, theirs, both):
    assert woven("un deux trois quatre.", mine, theirs) == both


def test_a_refused_text_is_taken_up_again_on_what_the_clause_says_now(app, people, make, client_of):
    """Its author finds every word in a new form; what came into force meanwhile is there too."""
    clause = make.clause(people.claire, people.ines, title="Étiquette", text="Livré sous deux jours.\n\nRefusé sinon.")
    mine = make.change(clause, people.paul, text="Livré sous deux jours.\n\nRefusé sinon, sans frais.")
    ines, paul = client_of(people.ines), client_of(people.paul)
    ines.post(f"/clauses/propositions/{mine}/refus", {"refuse-reason": "Déjà dit au CCAG, article 30."})
    make.validated(make.change(clause, people.claire, text="Livré sous trois jours.\n\nRefusé sinon."), people.ines)
    path = f"/clauses/{clause}-etiquette/proposer?depuis={mine}"
    assert path in paul.get(f"/clauses/propositions/{mine}").text
    fields = forms_of(paul.get(path).text, "/proposer", path).fields
    assert (fields["text"], fields["base_number"]) == ("Livré sous trois jours.\n\nRefusé sinon, sans frais.", "2")
    assert ines.get(path).status_code == 404
    new = make.proposal(people.paul, title="Clause neuve", purpose="Tenir.")
    ines.post(f"/clauses/propositions/{new}/refus", {"refuse-reason": "Déjà couverte par une autre."})
    assert 'value="Clause neuve"' in paul.get(f"/clauses/nouvelle?depuis={new}").text
