"""Leaving with a document: the files are opened again, their texts and their styles read."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document as Docx
from docx.enum.text import WD_COLOR_INDEX
from odfdo import Document as Odt
from sqlalchemy import select

from community.content.baskets.models import Basket, ClauseExport
from community.content.clauses.models import Clause
from community.core.clock import now
from community.core.db import db


def plain(text: str) -> str:
    """French texts carry spaces that do not break before : ; ! ? and inside « »."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def carried(app, shop, add):
    """Three clauses in two parts; two variables have a value."""
    for clause in (shop.delay, shop.label, shop.award):
        add(clause)
    shop.buyer.submit("/panier", {"v-delai_heures": "24", "v-lieu": "Cuisine <centrale> & annexe"}, action="/valeurs")
    with app.app_context():
        id = db.session.scalars(select(Basket.id)).one()
    return lambda form: shop.buyer.post(f"/panier/{id}/export/{form}")


def test_docx_has_headings_numbers_values_and_sources(app, shop, carried):
    response = carried("docx")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="mon-panier.docx"'
    document = Docx(BytesIO(response.data))
    paragraphs = document.paragraphs
    told = [(p.style.name, plain(p.text)) for p in paragraphs]
    assert [(style, text) for style, text in told if style.startswith(("Title", "Heading"))] == [
        ("Title", "Mon panier"),
        ("Heading 1", "Règlement de la consultation (RC)"),
        ("Heading 2", "Article 1 – Critère de fraîcheur"),
        ("Heading 1", "Cahier des clauses techniques (CCTP)"),
        ("Heading 2", "Article 1 – Délai de livraison"),
        ("Heading 3", "Sanction"),
        ("Heading 2", "Article 2 – Étiquette de lot"),
    ]
    assert ("Normal", "Livré sous 24 heures à Cuisine <centrale> & annexe :") in told
    assert ("List Bullet", "le matin ;") in told
    sources = [text for style, text in told if style == "Source"]
    assert len(sources) == 3
    (notice,) = [text for style, text in told if style == "À vérifier"]
    assert "3 variables surlignées restent à compléter." in notice
    assert "PAGE" in document.sections[0].footer._element.xml
    for words in (
        "« Délai de livraison », version 1, validée le",
        str(now().year),
        f"/clauses/{shop.delay}-delai-de-livraison/v1",
    ):
        assert words in sources[1]


def test_docx_highlights_what_is_still_empty(carried):
    runs = [run for p in Docx(BytesIO(carried("docx").data)).paragraphs for run in p.runs]
    empty = [run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert empty == ["[points]", "[heure limite]", "[taux]"]
    assert any(run.bold and "centrale" in run.text for run in runs)


def test_odt_has_headings_with_levels_lists_and_marked_variables(carried):
    document = Odt(BytesIO(carried("odt").data))
    headings = [(int(h.level), h.inner_text, h.get_attribute_string("text:style-name")) for h in document.body.headers]
    assert headings[:3] == [
        (1, "Règlement de la consultation (RC)", "Heading_20_1"),
        (2, "Article 1 – Critère de fraîcheur", "Heading_20_2"),
        (1, "Cahier des clauses techniques (CCTP)", "Heading_20_1"),
    ]
    assert [span.inner_text for span in document.body.spans if span.style == "Variable"] == [
        "[points]",
        "[heure limite]",
        "[taux]",
    ]
    text = plain(document.get_formatted_text())
    assert "Livré sous 24 heures à" in text and "Cuisine <centrale> & annexe" in text
    assert len([p for p in document.body.paragraphs if p.style == "Source"]) == 3
    assert [plain(item.inner_text).strip() for item in document.body.get_elements("//text:list-item")] == [
        "le matin ;",
        "avant [heure limite].",
    ]
    assert document.get_style("text", "Variable").get_properties()["fo:background-color"] == "#ffff00"


def test_markdown(carried):
    text = plain(carried("md").text)
    assert text.startswith("# Mon panier\n\n*Clauses tirées d’Entrepairs le ")
    assert "\n\n## Règlement de la consultation (RC)\n\n### Article 1 – Critère de fraîcheur\n\n" in text
    assert "Noté sur **[points]** points." in text and "#### Sanction\n\nRéfaction de **[taux]** %." in text
    assert text.count("*Source : clause") == 3


def test_leaving_is_counted_and_remembered(app, shop, carried):
    carried("docx")
    carried("md")
    with app.app_context():
        assert db.session.get(Clause, shop.delay).copies_count == 2
        rows = db.session.scalars(select(ClauseExport).where(ClauseExport.clause_id == shop.delay)).all()
        assert [(row.member_id, row.number, row.form) for row in rows] == [
            (shop.claire, 1, "docx"),
            (shop.claire, 1, "md"),
        ]
    assert "2 reprises" in shop.buyer.get("/clauses").text


def test_only_known_forms(carried):
    assert carried("exe").status_code == 404


def test_copying_the_text_is_counted_once_a_day_and_a_member(app, shop, visitor):
    page = f"/clauses/{shop.delay}-delai-de-livraison"
    address = f"{page}/v1/copie"
    assert f'data-copied="{address}"' in visitor.get(page).text
    for client, count in ((shop.buyer, 1), (shop.buyer, 1), (visitor, 2)):
        assert client.post(address).status_code == 204
        with app.app_context():
            assert db.session.get(Clause, shop.delay).copies_count == count
    with app.app_context():
        row = db.session.scalars(select(ClauseExport)).one()
        assert (row.clause_id, row.number, row.member_id, row.form) == (shop.delay, 1, shop.claire, "copy")
    assert visitor.post(f"{page}/v9/copie").status_code == 404


def test_a_file_says_what_is_missing_contradicted_or_not_in_force(app, shop, add, make):
    against = make.clause(shop.author, shop.ines, title="Sans étiquette", excludes=[shop.delay])
    add(shop.delay)
    add(against)
    make.validated(make.change(shop.delay, shop.author, text="Livré sous deux jours."), shop.ines)
    with app.app_context():
        id = db.session.scalars(select(Basket.id)).one()
    text = plain(shop.buyer.post(f"/panier/{id}/export/md").text)
    assert "*« Délai de livraison » va avec « Étiquette de lot », qui n’est pas dans ce document.*" in text
    assert "*« Sans étiquette » est incompatible avec « Délai de livraison ».*" in text
    assert "(la version 2 est en vigueur)" in text
    for form in ("docx", "odt"):
        assert shop.buyer.post(f"/panier/{id}/export/{form}").status_code == 200
