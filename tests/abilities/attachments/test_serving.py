"""Fetching files: who may, how they are sent, and that an address alone opens nothing."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from files import make_file, photo_with_gps, picture
from sqlalchemy import select, update
from told import told_once
from uploads import send

from community.abilities.attachments.models import Attachment, Blob
from community.core.clock import now
from community.core.db import db
from community.core.storage import blob_key, storage


@told_once
def claire(make) -> int:
    make.community("cantines")
    return make.member("Claire Martin", communities={"cantines": "member"})


@pytest.fixture
def examined(app):
    """What the worker concludes, without reading anything: ``examined(state="ready")`` for every content."""

    def settle(**values):
        with app.app_context():
            db.session.execute(update(Blob).values(**{"state": "ready", "cleaned": True, **values}))
            db.session.commit()
            db.session.remove()

    return settle


def ask(make, author, sent, community="cantines"):
    return make.question(author, community=community, body=f"Voici la pièce : {sent['markdown']} Qu’en pensez-vous ?")


def test_nobody_else_sees_a_file_that_no_text_names(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "notes.txt", make_file("txt"))
    examined()
    other = make.member(communities={"cantines": "moderator"})
    assert client_of(claire).get(sent.json["url"]).status_code == 200
    assert client_of(other).get(sent.json["url"]).status_code == 404
    assert visitor.get(sent.json["url"]).status_code == 404


def test_a_file_is_seen_like_the_text_that_names_it(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "Règlement de la consultation.pdf", make_file("pdf")).json
    question = ask(make, claire, sent)
    assert visitor.get(sent["url"]).status_code == 404, "not examined yet"
    waiting = client_of(claire).get(sent["url"])
    assert waiting.status_code == 202
    assert "En cours d’examen" in waiting.text
    examined()
    got = visitor.get(sent["url"])
    assert got.status_code == 200
    assert got.data == make_file("pdf")
    page = visitor.get(f"/questions/{question}", follow_redirects=True).text
    assert f'href="{sent["url"]}"' in page
    assert "Règlement de la consultation.pdf" in page
    assert client_of(claire).post(f"/questions/{question}/retrait").status_code < 400
    assert visitor.get(sent["url"]).status_code == 404, "it goes with its text"
    assert client_of(claire).get(sent["url"]).status_code == 200


def test_a_file_of_a_hidden_community_is_not_reachable_by_its_address(make, client_of, visitor, examined):
    make.community("cercle", visibility="members", access="invitation")
    inside = make.member(communities={"cercle": "member"})
    reader = make.member(communities={"cercle": "member"})
    outside = make.member()
    sent = send(client_of(inside), "secret.pdf", make_file("pdf")).json
    ask(make, inside, sent, "cercle")
    examined()
    assert client_of(reader).get(sent["url"]).status_code == 200
    for client in (visitor, client_of(outside)):
        hidden, nothing = client.get(sent["url"]), client.get("/fichiers/987654321/secret.pdf")
        assert hidden.status_code == nothing.status_code == 404
        assert client.get(f"/fichiers/{sent['id']}/autre-nom.pdf").status_code == 404


def test_naming_somebody_else_s_file_opens_nothing(make, client_of, visitor, examined):
    """Whoever writes the address of a hidden file in an open text neither takes it out nor learns anything."""
    make.community("cercle", visibility="members", access="invitation")
    make.community("cantines")
    inside = make.member(communities={"cercle": "member"})
    thief = make.member(communities={"cantines": "member"})
    hidden = send(client_of(inside), "secret.pdf", make_file("pdf", "un")).json
    loose = send(client_of(inside), "brouillon.pdf", make_file("pdf", "deux")).json
    ask(make, inside, hidden, "cercle")
    question = make.question(thief, body=f"Regardez : {hidden['markdown']} et {loose['markdown']} et puis voilà.")
    examined()
    for sent in (hidden, loose):
        assert client_of(thief).get(sent["url"]).status_code == 404
        assert visitor.get(sent["url"]).status_code == 404
        assert client_of(inside).get(sent["url"]).status_code == 200
    page = visitor.get(f"/questions/{question}", follow_redirects=True).text
    assert 'class="files"' not in page.replace('class="files" data-files', "")


def test_taking_a_file_out_of_the_text_takes_it_back(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "erreur.pdf", make_file("pdf")).json
    question = ask(make, claire, sent)
    examined()
    assert visitor.get(sent["url"]).status_code == 200
    client_of(claire).submit(f"/questions/{question}/modifier", {"body": "Le fichier n’était pas le bon, désolée."})
    assert visitor.get(sent["url"]).status_code == 404
    assert client_of(claire).get(sent["url"]).status_code == 200


def test_a_moderator_who_corrects_a_text_keeps_its_files_and_adds_theirs(claire, make, client_of, visitor, examined):
    inès = make.member(communities={"cantines": "moderator"})
    first = send(client_of(claire), "un.pdf", make_file("pdf", "un")).json
    second = send(client_of(inès), "deux.pdf", make_file("pdf", "deux")).json
    question = ask(make, claire, first)
    body = f"Deux pièces : {first['markdown']} puis {second['markdown']}, relues par l’animation."
    assert client_of(inès).submit(f"/questions/{question}/modifier", {"body": body}).status_code == 303
    examined()
    assert visitor.get(first["url"]).status_code == visitor.get(second["url"]).status_code == 200


def test_a_file_in_a_comment_goes_with_the_comment(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "croquis.png", picture("PNG")).json
    question = make.question(claire)
    comment = make.comment(question, claire, f"Voir {sent['markdown']}")
    examined()
    assert visitor.get(sent["url"]).status_code == 200
    client_of(claire).post(f"/commentaires/{comment}/retrait")
    assert visitor.get(sent["url"]).status_code == 404
    assert client_of(claire).get(sent["url"]).status_code == 200


def test_how_a_file_is_sent(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "Grille « d'analyse » n° 1\";.xlsx", make_file("xlsx")).json
    ask(make, claire, sent)
    examined()
    headers = visitor.get(sent["url"]).headers
    assert headers["Content-Disposition"].startswith('attachment; filename="Grille ')
    assert "filename*=UTF-8''Grille%20%C2%AB%20d%27analyse" in headers["Content-Disposition"]
    assert headers["Content-Disposition"].count('"') == 2
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"].startswith("private")
    assert headers["Content-Type"].endswith("spreadsheetml.sheet")
    moved = visitor.get(f"/fichiers/{sent['id']}/ancien-nom.xlsx")
    assert (moved.status_code, moved.headers["Location"]) == (301, sent["url"])


def test_texts_say_their_encoding_and_their_own_type(claire, make, client_of, examined):
    client = client_of(claire)
    old = send(client, "ancien.txt", "Coût élevé".encode("cp1252")).json
    table = send(client, "tableau.csv", "Coût élevé".encode("cp1252")).json
    examined()
    assert client.get(old["url"]).headers["Content-Type"] == "text/plain; charset=windows-1252"
    assert client.get(table["url"]).headers["Content-Type"] == "text/csv; charset=windows-1252"


def test_parts_and_what_did_not_change(claire, client_of, examined):
    client = client_of(claire)
    content = bytes(make_file("pdf", "x" * 5000))
    url = send(client, "long.pdf", content).json["url"]
    examined()
    whole = client.get(url)
    etag, size = whole.headers["ETag"], len(content)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Length"] == str(size)
    assert client.http.head(url).headers["Content-Length"] == str(size)
    for asked, start, end in (
        ("0-9", 0, 9),
        ("100-", 100, size - 1),
        ("-7", size - 7, size - 1),
        ("5-999999", 5, size - 1),
    ):
        part = client.get(url, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
        assert part.data == content[start : end + 1]
    outside = client.get(url, headers={"Range": f"bytes={size}-"})
    assert (outside.status_code, outside.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert client.get(url, headers={"Range": "bytes=0-1,4-5"}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"autre"'}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    same = client.get(url, headers={"If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")


def test_images_are_drawn_again_before_anybody_sees_them(app, claire, client_of, make, visitor, drain):
    from PIL import Image

    sent = send(client_of(claire), "chantier.jpg", photo_with_gps()).json
    question = ask(make, claire, sent)
    assert visitor.get(sent["url"]).status_code == 404
    drain()
    got = visitor.get(sent["url"])
    assert got.status_code == 200
    assert got.headers["Content-Disposition"].startswith("inline")
    assert got.headers["Content-Type"] == "image/jpeg"
    assert b"secret" not in got.data
    image = Image.open(io.BytesIO(got.data))
    assert image.size == (60, 40)
    assert not image.getexif()
    assert "comment" not in image.info
    with app.app_context():
        blob = db.session.scalars(select(Blob)).one()
        stored = b"".join(app.extensions["storage"].open(blob_key(blob.sha256)))
        assert stored == got.data, "what was received with its metadata is nowhere any more"
        assert blob.size == len(stored)
        db.session.remove()
    assert f'src="{sent["url"]}"' in visitor.get(f"/questions/{question}", follow_redirects=True).text


@pytest.mark.parametrize(("kind", "name"), [("PNG", "plan.png"), ("WEBP", "plan.webp")])
def test_other_images_keep_their_type_and_their_transparency(claire, client_of, drain, kind, name):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (1, 2, 3, 0)).save(out, kind, exif=Image.Exif().tobytes() or b"", lossless=True)
    url = send(client_of(claire), name, out.getvalue()).json["url"]
    drain()
    image = Image.open(io.BytesIO(client_of(claire).get(url).data))
    assert (image.format, image.mode, image.getpixel((0, 0))[3]) == (kind, "RGBA", 0)


def test_a_text_shows_a_place_kept_for_an_image_that_is_not_examined(claire, make, client_of, visitor):
    sent = send(client_of(claire), "plan.png", picture("PNG")).json
    as_image = {"Sec-Fetch-Dest": "image"}
    assert visitor.get(sent["url"], headers=as_image).status_code == 404, "no text names it yet"
    ask(make, claire, sent)
    kept = visitor.get(sent["url"], headers=as_image)
    assert (kept.status_code, kept.mimetype, kept.headers["Cache-Control"]) == (200, "image/svg+xml", "no-store")
    assert "Image en cours d’examen" in kept.text
    assert visitor.get(sent["url"]).status_code == 404


def test_an_image_that_cannot_be_drawn_is_refused_with_a_reason(claire, client_of, visitor, drain):
    broken = picture("PNG", 400, 300)[:-200]
    sent = send(client_of(claire), "abimee.png", broken).json
    drain()
    page = client_of(claire).get(sent["url"])
    assert page.status_code == 202
    assert "abîmée" in page.text or "n’a pas pu être lu" in page.text
    assert visitor.get(sent["url"]).status_code == 404


def test_refused_and_infected_files_are_nobody_s(app, claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "piege.pdf", make_file("pdf")).json
    ask(make, claire, sent)
    for state, words in (("refused", "n’est pas ce qu’il annonce"), ("infected", "antivirus")):
        examined(state=state)
        assert visitor.get(sent["url"]).status_code == 404
        page = client_of(claire).get(sent["url"])
        assert page.status_code == 202
        assert words in page.text
        assert b"%PDF" not in page.data
    with app.app_context():
        [sha256] = db.session.scalars(select(Blob.sha256))
        db.session.remove()
        storage().delete(blob_key(sha256))  # as the quarantine does
        again = send(client_of(claire), "encore.pdf", make_file("pdf"))
        assert again.status_code == 422
        assert "antivirus" in again.json["error"]
        assert not storage().exists(blob_key(sha256)), "not put back"


def test_a_scan_that_is_not_over_keeps_the_file_closed(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "a.pdf", make_file("pdf")).json
    ask(make, claire, sent)
    examined(scan="waiting")
    assert visitor.get(sent["url"]).status_code == 404
    examined(scan="clean")
    assert visitor.get(sent["url"]).status_code == 200


def test_downloads_only_are_marked(claire, make, client_of, visitor, examined):
    sent = send(client_of(claire), "ancien.doc", make_file("doc")).json
    question = ask(make, claire, sent)
    examined(state="download_only", state_reason="legacy")
    assert visitor.get(sent["url"]).status_code == 200
    assert "Format ancien" in visitor.get(f"/questions/{question}", follow_redirects=True).text


def test_the_proxy_may_send_the_bytes(claire, client_of, examined, app, monkeypatch):
    from dataclasses import replace

    url = send(client_of(claire), "a.pdf", make_file("pdf")).json["url"]
    examined()
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], accel_prefix="/_interne"))
    got = client_of(claire).get(url)
    assert got.headers["X-Accel-Redirect"].startswith("/_interne/blobs/")
    assert got.data == b""
    assert got.headers["Content-Disposition"].startswith("attachment")


def test_a_content_that_is_missing_is_a_404_and_not_a_crash(claire, client_of, examined, app):
    url = send(client_of(claire), "a.pdf", make_file("pdf")).json["url"]
    examined()
    with app.app_context():
        sha256 = db.session.scalars(select(Blob.sha256)).one()
        app.extensions["storage"].delete(blob_key(sha256))
        db.session.remove()
    assert client_of(claire).get(url).status_code == 404


def test_a_loose_file_may_be_taken_away_and_a_bound_one_not(claire, make, client_of, app):
    client = client_of(claire)
    sent = send(client, "a.pdf", make_file("pdf")).json
    other = make.member()
    assert client_of(other).post(f"/fichiers/{sent['id']}/retrait").status_code == 404
    ask(make, claire, sent)
    assert client.post(f"/fichiers/{sent['id']}/retrait").status_code == 409
    loose = send(client, "b.pdf", make_file("pdf", "autre")).json
    assert client.post(f"/fichiers/{loose['id']}/retrait").status_code == 303
    assert client.get(loose["url"]).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Attachment.name)).all() == ["a.pdf"]
        assert now() - db.session.scalars(select(Attachment.created_at)).one() < timedelta(minutes=5)
        db.session.remove()


def test_a_sheet_binds_the_files_of_all_its_texts(claire, make, client_of, visitor, examined):
    first = send(client_of(claire), "contexte.pdf", make_file("pdf", "un")).json
    second = send(client_of(claire), "leçons.pdf", make_file("pdf", "deux")).json
    sheet = make.sheet(claire, context=f"Voir {first['markdown']}", lessons=f"Et aussi {second['markdown']}")
    examined()
    assert visitor.get(first["url"]).status_code == visitor.get(second["url"]).status_code == 200
    page = visitor.get(f"/fiches/{sheet}", follow_redirects=True).text
    assert page.count('class="files"') == 1
    assert "leçons.pdf" in page


def test_a_file_under_a_pseudonym_tells_no_name(app, make, client_of, visitor, examined):
    """The question is signed by a pseudonym; the file that it names is bound all the same, and says nothing of who sent it."""
    make.community("cantines")
    claire = make.member("Claire Martin", communities={"cantines": "member"})
    other = make.member(communities={"cantines": "moderator"})
    client = client_of(claire)
    sent = send(client, "grille.pdf", make_file("pdf")).json
    fields = {"title": "Une question posée sans dire mon nom ?", "community": "cantines", "discreet": "y"}
    body = f"Voici la grille {sent['markdown']} que nous avons reçue."
    asked = client.submit("/questions/nouvelle", fields | {"body": body})
    assert asked.status_code == 303, asked.text
    examined(facts={"traces": []})
    for reader in (visitor, client_of(other)):
        assert reader.get(sent["url"]).status_code == 200
        page = reader.get(asked.headers["Location"]).text
        assert "grille.pdf" in page
        assert "Claire" not in page
    assert "Claire" not in str(visitor.get(sent["url"]).headers)
    assert "grille.pdf" in client.get("/fichiers").text


def test_the_file_of_a_document_that_is_not_out_is_not_shown_through_a_text(
    app, claire, make, client_of, visitor, examined
):
    sent = send(client_of(claire), "projet.pdf", make_file("pdf")).json
    with app.app_context():
        db.session.execute(update(Attachment).values(place="document", loose_since=None))
        db.session.commit()
        db.session.remove()
    ask(make, claire, sent)
    examined()
    assert visitor.get(sent["url"]).status_code == 404
    assert client_of(claire).get(sent["url"]).status_code == 200


def test_who_corrects_a_text_opens_no_private_file_of_its_author(claire, make, client_of, visitor, examined):
    """A moderator binds files of their own; those that the author keeps for themself stay so, those already there stay."""
    moderator = make.member(communities={"cantines": "moderator"})
    there = send(client_of(claire), "piece.pdf", make_file("pdf", "un")).json
    private = send(client_of(claire), "brouillon.pdf", make_file("pdf", "deux")).json
    added = send(client_of(moderator), "modele.pdf", make_file("pdf", "trois")).json
    question = ask(make, claire, there)
    body = f"Voici : {there['markdown']}, {private['markdown']} et {added['markdown']} pour mémoire."
    client_of(moderator).submit(f"/questions/{question}/modifier", {"body": body})
    examined()
    assert visitor.get(there["url"]).status_code == visitor.get(added["url"]).status_code == 200
    for client in (visitor, client_of(moderator)):
        assert client.get(private["url"]).status_code == 404
    assert client_of(claire).get(private["url"]).status_code == 200
