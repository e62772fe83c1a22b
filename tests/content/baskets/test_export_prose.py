"""What a clause's text is made of survives in both formats: lists within lists, numbers, tables, quotes, headings, links."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Docx
from docx.oxml.ns import qn
from odfdo import Document as Odt

from community.content.baskets.documents import docx_of, odt_of
from community.content.baskets.outline import Article, Outline, Part
from community.content.baskets.prose import blocks_of
from community.core.text import mark_variables, render_markdown

TEXT = """Le titulaire livre {{quoi}}.

- le matin ;

    avant la réception ;

- l’après-midi :
    - sur rendez-vous,
        1. par courriel,
        2. par téléphone ;
    - sans rendez-vous.

Puis :

1. il pèse ;
2. il signe.

Enfin :

1. il repart ;
2. il rend les caisses.

> Une citation, sur
> deux lignes.

### Barème

| Écart | Retenue |
|---|---|
| 1 heure | **5 %** |
| {{ecart}} | 10 % |

Voir [le guide](https://exemple.fr/guide) et `GTIN`.
"""


@pytest.fixture(scope="module")
def outline() -> Outline:
    html = mark_variables(render_markdown(TEXT, "x-").html)
    html = html.replace("\u00a0", " ").replace("\u202f", " ")  # typography is tested elsewhere; here, structure
    blocks = blocks_of(html, {"quoi": "des poires"}, {})
    article = Article(1, "Livraison", blocks, [], "Source : ici.", "https://ici", "", "")
    return Outline("Essai", [Part("CCTP", [article, article])])


@pytest.fixture
def docx(context, outline):
    return Docx(BytesIO(docx_of(outline)))


@pytest.fixture
def odt(context, outline):
    return Odt(BytesIO(odt_of(outline)))


def items_of(docx) -> list[tuple[str, int, int, str]]:
    """(style, depth, numbering, text) of every item."""
    found = []
    for paragraph in docx.paragraphs:
        numbering = paragraph._p.pPr.numPr if paragraph._p.pPr is not None else None
        if numbering is not None:
            found.append((paragraph.style.name, numbering.ilvl.val, numbering.numId.val, paragraph.text))
    return found


def test_docx_keeps_the_depth_of_items_and_numbers_every_list_from_one(docx):
    items = items_of(docx)
    assert [(style, depth, text) for style, depth, _number, text in items[:9]] == [
        ("List Bullet", 0, "le matin ;"),
        ("List Bullet", 0, "l’après-midi :"),
        ("List Bullet 2", 1, "sur rendez-vous,"),
        ("List Number 3", 2, "par courriel,"),
        ("List Number 3", 2, "par téléphone ;"),
        ("List Bullet 2", 1, "sans rendez-vous."),
        ("List Number", 0, "il pèse ;"),
        ("List Number", 0, "il signe."),
        ("List Number", 0, "il repart ;"),
    ]
    series = [number for _style, _depth, number, text in items if text in ("il pèse ;", "il repart ;")]
    assert len(set(series)) == 4  # two lists in each of the two articles
    numbering = docx.part.numbering_part.element
    for number in series:
        own = numbering.num_having_numId(number)
        assert own.xpath("./w:lvlOverride[@w:ilvl='0']/w:startOverride/@w:val") == ["1"]
    continued = next(p for p in docx.paragraphs if p.text == "avant la réception ;")
    assert continued.style.name == "List Continue"


def test_docx_keeps_tables_quotes_headings_and_addresses(docx):
    table = docx.tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Écart", "Retenue"],
        ["1 heure", "5 %"],
        ["[ecart]", "10 %"],
    ]
    assert table.style.name == "Table Grid" and table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    told = [(p.style.name, p.text) for p in docx.paragraphs]
    assert ("Quote", "Une citation, sur deux lignes.") in told
    assert ("Heading 3", "Barème") in told
    assert any("le guide (https://exemple.fr/guide) et GTIN." in text for _style, text in told)
    assert ("Normal", "Le titulaire livre des poires.") in told


def test_odt_nests_its_lists_as_they_were_written(odt):
    lists = odt.body.get_elements("text:list")
    assert [one.get_attribute("text:style-name") for one in lists[:3]] == ["Puces", "Numéros", "Numéros"]
    inner = lists[0].get_elements("text:list-item/text:list")
    assert [one.get_attribute("text:style-name") for one in inner] == ["Puces"]
    deepest = inner[0].get_elements("text:list-item/text:list")
    assert [one.get_attribute("text:style-name") for one in deepest] == ["Numéros"]
    assert [item.inner_text.strip() for item in deepest[0].get_elements("text:list-item")] == [
        "par courriel,",
        "par téléphone ;",
    ]
    first = lists[0].get_elements("text:list-item")[0]
    assert [p.inner_text.strip() for p in first.get_elements("text:p")] == ["le matin ;", "avant la réception ;"]


def test_odt_numbers_no_heading_and_sets_marks_apart(odt):
    for level in odt.styles.get_elements("//text:outline-level-style"):
        assert level.get_attribute("style:num-format") == "" and level.get_attribute("loext:num-list-format") is None
    for name in ("Puces", "Numéros"):
        places = odt.get_style("list", name).get_elements("//style:list-level-label-alignment")
        assert {place.get_attribute("text:label-followed-by") for place in places} == {"listtab"}


def test_odt_keeps_tables_quotes_and_headings(odt):
    table = odt.body.get_elements("table:table")[0]
    rows = [
        [c.inner_text.strip() for c in row.get_elements("table:table-cell")]
        for row in table.get_elements(".//table:table-row")
    ]
    assert rows == [["Écart", "Retenue"], ["1 heure", "5 %"], ["[ecart]", "10 %"]]
    cell = odt.get_style("table-cell", "Case").get_element("style:table-cell-properties")
    assert "solid" in cell.get_attribute("fo:border")
    assert len(table.get_elements("table:table-header-rows/table:table-row")) == 1
    told = [(p.style, p.inner_text) for p in odt.body.paragraphs]
    assert ("Quotations", "Une citation, sur deux lignes.") in told
    assert (3, "Barème") in [(int(h.level), h.inner_text) for h in odt.body.headers]


@pytest.mark.parametrize("form", ["docx", "odt"])
def test_libreoffice_reads_what_was_written(form, context, outline, tmp_path: Path):
    """Converted to text by LibreOffice: headings without a second number, lists numbered from one, marks apart."""
    file = tmp_path / f"essai.{form}"
    file.write_bytes({"docx": docx_of, "odt": odt_of}[form](outline))
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profil", "--convert-to", "txt:Text"]
    done = subprocess.run(
        [*command, "--outdir", tmp_path, file], capture_output=True, text=True, timeout=60, check=True
    )
    said = [line for line in done.stderr.splitlines() if "javaldx" not in line]  # no Java here, and none needed
    assert not said
    lines = [line.strip() for line in (tmp_path / "essai.txt").read_text("utf-8-sig").splitlines()]
    assert "CCTP" in lines and "Article 1 – Livraison" in lines and "Barème" in lines
    assert lines.count("1. il pèse ;") == 2 and lines.count("1. il repart ;") == 2
    assert "• le matin ;" in lines and "i. par courriel," in lines
