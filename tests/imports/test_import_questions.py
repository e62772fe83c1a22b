"""``flask import questions``: our own form and two published collections; a second run changes nothing."""

from __future__ import annotations

import copy
import json

import pytest
from sqlalchemy import func, select

from community.content.questions.models import Answer, Question
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.models import Member

FILE = {
    "questions": [
        {
            "key": "allotir",
            "title": "Comment allotir un marché de denrées ?",
            "body": "Deux cuisines **centrales**.",
            "tags": ["Allotissement"],
            "phase": "drafting",
            "cpv": ["15800000-6"],
            "asked_on": "2024-05-02",
            "author": {"name": "Claire M.", "email": "claire@ville.example"},
            "answers": [
                {"key": "1", "body": "Des lots petits.", "author": {"name": "Paul R."}, "accepted": True},
                {"key": "2", "body": "Ou pas."},
            ],
        }
    ]
}


@pytest.fixture
def run(app, make, tmp_path):
    make.community("cantines")

    def import_file(document, *options, name="source.json"):
        file = tmp_path / name
        file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        args = ["import", "questions", str(file), *(options or ("--community", "cantines"))]
        result = app.test_cli_runner().invoke(args=args)
        return result.exit_code, result.output.replace("\N{NO-BREAK SPACE}", " ")

    return import_file


def rows(app, query):
    with app.app_context():
        found = list(db.session.execute(query))
        db.session.remove()
    return found


def test_question_and_answers_come_in_with_date_tags_and_state(app, run, visitor):
    code, said = run(FILE)
    assert code == 0, said
    assert "questions : 1 ; créés : 1" in said
    page = visitor.get(visitor.get("/questions/1").location).text
    for words in (
        "<strong>centrales</strong>",
        "Des lots petits.",
        "— Paul R.",
        "Ou pas.",
        "Allotissement",
        "Réponse retenue",
    ):
        assert words in page, words
    question = rows(app, select(Question.state, Question.published_at, Question.answers_count, Question.phase))[0]
    assert (question.state, question.published_at.date().isoformat(), question.answers_count) == (
        "solved",
        "2024-05-02",
        2,
    )


def test_second_run_changes_nothing(app, run):
    run(FILE)
    before = rows(app, select(Contribution.id, Contribution.updated_at, Contribution.revisions_count))
    assert "créés : 0 ; mis à jour : 0 ; inchangés : 1" in run(FILE)[1]
    assert before == rows(app, select(Contribution.id, Contribution.updated_at, Contribution.revisions_count))
    assert rows(app, select(func.count()).select_from(Member))[0][0] == 1


def test_changed_record_is_corrected_and_new_answers_are_added(app, run):
    run(FILE)
    changed = copy.deepcopy(FILE)
    changed["questions"][0]["title"] = "Comment bien allotir un marché de denrées ?"
    changed["questions"][0]["answers"].append({"body": "Troisième."})
    assert "mis à jour : 1 ; inchangés : 0" in run(changed)[1]
    question = rows(app, select(Question.title, Question.revisions_count, Question.answers_count))[0]
    assert question == ("Comment bien allotir un marché de denrées ?", 2, 3)
    assert "inchangés : 1" in run(changed)[1]


def test_what_members_edited_or_removed_since_is_left(app, run, make, client_of):
    run(FILE)
    moderator = client_of(make.member("Modératrice", {"cantines": "moderator"}))
    edited = {"title": "Comment les pairs allotissent-ils ?", "note": "Plus clair"}
    assert moderator.submit("/questions/1/modifier", edited, action="/modifier").status_code == 303
    changed = copy.deepcopy(FILE)
    changed["questions"][0]["body"] = "Autre texte."
    changed["questions"][0]["answers"][0]["body"] = "Autre réponse."
    said = run(changed)[1]
    assert rows(app, select(Question.title))[0].title == "Comment les pairs allotissent-ils ?"
    assert "mis à jour : 1" in said  # the answer, that nobody edited
    assert moderator.post("/questions/1/retrait").status_code == 303
    changed["questions"][0]["body"] = "Encore autre."
    assert "laissés tels quels : 1" in run(changed)[1]


def test_words_are_a_member_s_only_by_a_verified_address(app, run, make):
    make.member("Paul R.")
    claire = make.member("Claire Martin", email="claire@ville.example")
    run(FILE)
    assert rows(app, select(Question.author_id))[0].author_id == claire
    authors = {row.author_id for row in rows(app, select(Answer.author_id))}
    assert claire not in authors
    names = rows(app, select(Member.display_name).where(Member.id.in_(authors)))
    assert [row.display_name for row in names] == ["Import source"]


def test_suspended_member_is_given_no_words(app, run, make):
    gone = make.member("Claire Martin", email="claire@ville.example", state="suspended")
    run(FILE)
    assert rows(app, select(Question.author_id))[0].author_id != gone


def test_account_of_a_source_has_no_way_in(app, run, visitor):
    run(FILE)
    email = rows(app, select(Member.email))[0].email
    assert email == "import-source@import.invalid"
    answer = visitor.submit("/connexion", {"email": email, "password": "!"}, action="/connexion")
    assert answer.status_code in (401, 422)


def test_sources_do_not_mix(app, run):
    run(FILE)
    run(FILE, "--community", "cantines", "--source", "Autre source")
    assert len(rows(app, select(Question.id))) == 2


BAD = [
    {"title": "Bonne question, tout va bien ?", "body": "Texte."},
    {"body": "Sans titre"},
    {"title": "x" * 201, "body": "y"},
    {"title": "Sans texte ?"},
    {"title": "Texte faux ?", "body": {"a": 1}},
    {"title": "Réponses fausses ?", "body": "y", "answers": "oui"},
    {"title": "Réponse vide ?", "body": "y", "answers": [{"body": " "}]},
    {
        "title": "Deux retenues ?",
        "body": "y",
        "answers": [{"body": "a", "accepted": True}, {"body": "b", "accepted": True}],
    },
    {"title": "Date fausse ?", "body": "y", "asked_on": "hier"},
    {"title": "Phase fausse ?", "body": "y", "phase": "jamais"},
    {"title": "Ailleurs ?", "body": "y", "community": "nulle-part"},
    12,
    {"title": "Dernière question, tout va bien ?", "body": "Texte \u0000 sali."},
]


def test_bad_records_are_told_and_stop_nothing(app, run):
    code, said = run("[\n" + ",\n".join(json.dumps(record) for record in BAD) + "]")
    assert code == 0
    assert "questions : 13 ; créés : 2 ; mis à jour : 0 ; inchangés : 0 ; refusés : 11" in said
    for words in (
        "n° 2 (ligne 3) : le titre manque",
        "n° 3 (ligne 4) : le titre dépasse 200",
        "n° 4 (ligne 5) : le texte de la question manque",
        "n° 5 (ligne 6) : le texte de la question n’est pas un texte",
        "n° 6 (ligne 7) : « answers »",
        "n° 7 (ligne 8) : le texte de la réponse 1 manque",
        "n° 8 (ligne 9) : une seule réponse",
        "n° 9 (ligne 10) : la date « hier »",
        "n° 10 (ligne 11) : la phase « jamais »",
        "n° 11 (ligne 12) : la communauté « nulle-part »",
        "n° 12 : ce n’est pas un objet JSON",
    ):
        assert words in said, said


def test_file_of_another_kind_or_unknown_community_is_said_in_one_line(run):
    for document, options, why in (
        ({"marches": []}, (), "on attend une liste"),
        (FILE, ("--community", "nulle"), "cantines"),
        ("{", (), "ligne 1"),
    ):
        code, said = run(document, *options)
        assert code == 1
        assert why in said
        assert len(said.strip().splitlines()) == 1


FAQ = [
    {
        "public": "acheteur",
        "question": "Comment calibrer la clause ?",
        "reponse_markdown": "Ainsi :\n\n| Montant | Heures |\n\n| 1 € | 150 |\n\n| 2 € | 300 |\n\nVoilà.",
    },
    {"public": "jeune", "question": "Et après ?", "reponse_markdown": "Un bilan."},
    {"public": "mlds", "question": "Et après ?", "reponse_markdown": "Un autre bilan."},
    {"public": "mlds", "question": "Vide ?", "reponse_markdown": ""},
]


def test_faq_is_read_as_it_is_published(app, run, visitor):
    said = run(FAQ)[1]
    assert "créés : 3" in said
    assert "n° 4 (ligne 1) : la réponse manque" in said
    page = visitor.get(visitor.get("/questions/1").location).text
    assert "public « acheteur »" in page
    assert page.count("<td>") == 4
    assert "inchangés : 3" in run(FAQ)[1]


SERVICE_PUBLIC = [
    {
        "id": "F33466",
        "titre": "Qu'est-ce qu'un marché ?",
        "resume": "Un contrat conclu entre un acheteur et un",
        "modifie_le": "2020-06-23",
        "texte_markdown": "Supérieur à 40 000 € [HT](service-public:R31841), voir [PLACE](service-public:).",
        "references": [
            {"titre": "Code", "url": "https://www.legifrance.gouv.fr/x"},
            {"titre": "Mauvais", "url": "javascript:1"},
        ],
        "url": "https://entreprendre.service-public.fr/vosdroits/F33466",
    }
]


def test_service_public_sheet_becomes_a_dated_question(app, run, visitor):
    assert "créés : 1" in run(SERVICE_PUBLIC)[1]
    page = visitor.get(visitor.get("/questions/1").location).text
    assert "Supérieur à 40\u00a0000\u00a0€ HT, voir PLACE." in page
    assert 'href="https://www.legifrance.gouv.fr/x"' in page
    assert "javascript:1" not in page
    assert "dans sa version du 23/06/2020" in page
    assert rows(app, select(Question.published_at))[0].published_at.year == 2020
    assert "inchangés : 1" in run(SERVICE_PUBLIC)[1]
