"""A file under a question asked under a pseudonym does not say who asked."""

from __future__ import annotations

import io
import zipfile

from files import make_file
from test_previews_and_copies import tracked_docx  # noqa: F401


def ask(client, body: str) -> str:
    fields = {"title": "Une question posée sans dire mon nom ?", "community": "cantines", "discreet": "y"}
    asked = client.submit("/questions/nouvelle", fields | {"body": body})
    assert asked.status_code == 303, asked.text
    return asked.headers["Location"]


def test_a_discreet_question_s_file_loses_its_names(
    make,
    examined,
    client_of,
    visitor,
    claire,
    drain,
    known,
    without_office,
    tracked_docx,  # noqa: F811
):
    found = examined(tracked_docx, "cctp.docx")
    url = f"/fichiers/{found.id}/cctp.docx"
    ask(client_of(claire), f"Voici la pièce : [cctp]({url}) Qu’en pensez-vous ?")
    moderator = client_of(make.member(communities={"cantines": "moderator"}))
    assert moderator.get(url).status_code == visitor.get(url).status_code == 404
    assert client_of(claire).get(url).status_code == 200
    drain()
    for reader in (moderator, visitor):
        got = reader.get(url)
        assert got.status_code == 200
        with zipfile.ZipFile(io.BytesIO(got.data)) as package:
            everything = b"".join(package.read(name) for name in package.namelist())
        assert b"Claire Martin" not in everything


def test_a_format_that_keeps_its_author_stays_closed(make, examined, client_of, visitor, claire, drain):
    found = examined(make_file("doc"), "vieux.doc")
    url = f"/fichiers/{found.id}/vieux.doc"
    page = ask(client_of(claire), f"Voici la pièce : [vieux]({url}) Qu’en pensez-vous ?")
    drain()
    assert visitor.get(url).status_code == 404
    assert client_of(claire).get(url).status_code == 200
    assert "remplacez-le par un PDF" in client_of(claire).get(page).text
    assert "remplacez-le par un PDF" in client_of(claire).get("/fichiers").text
