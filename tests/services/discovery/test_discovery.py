"""Search engines and feed readers are told of what is public, of nothing else, whoever asks."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from told import told_once

ATOM = "{http://www.w3.org/2005/Atom}"


@told_once
def scene(make) -> dict[str, int]:
    make.community("cantines", name="Cantines")
    make.community("secrete", access="invitation", visibility="members", name="Zibeline")
    author = make.member("Claire Martin", communities={"cantines": "member", "secrete": "member"})
    asked = make.question(author, title="Comment allotir : 3 lots & plus ?", body="Nous achetons du **pain**.")
    hidden = make.question(author, "secrete", title="Prix de la zibeline", body="La zibeline est chère.")
    return {"author": author, "asked": asked, "hidden": hidden}


@pytest.mark.parametrize("path", ["/sitemap.xml", "/flux.xml"])
def test_only_what_is_public_is_listed_even_for_who_sees_more(scene, visitor, client_of, path):
    for client in (visitor, client_of(scene["author"])):
        answer = client.get(path)
        assert answer.status_code == 200 and "public" in answer.headers["Cache-Control"]
        assert f"/questions/{scene['asked']}-comment-allotir-3-lots-et-plus" in answer.text
        assert "zibeline" not in answer.text.lower() and f"/questions/{scene['hidden']}" not in answer.text
        ElementTree.fromstring(answer.text)
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_feed_says_what_is_new_in_words(scene, visitor):
    feed = ElementTree.fromstring(visitor.get("/flux.xml?communaute=cantines").text)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Comment allotir\u00a0: 3 lots & plus\u00a0?"
    assert entry.findtext(f"{ATOM}summary") == "Nous achetons du pain."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Claire Martin"
    assert entry.find(f"{ATOM}link").get("href").startswith("http://")


def test_feed_of_a_community_that_is_not_public_does_not_exist(scene, client_of, visitor):
    for client in (visitor, client_of(scene["author"])):
        assert client.get("/flux.xml?communaute=secrete").status_code == 404
        assert client.get("/flux.xml?communaute=inconnue").status_code == 404


def test_pages_say_who_they_are(scene, visitor):
    page = visitor.get(f"/questions/{scene['asked']}-comment-allotir-3-lots-et-plus?tri=recent").text
    assert f'rel="canonical" href="http://localhost/questions/{scene["asked"]}-comment-allotir-3-lots-et-plus"' in page
    assert '<meta property="og:description" content="Nous achetons du pain.">' in page
    assert 'content="noindex"' in visitor.get(f"/membres/{scene['author']}-claire-martin").text
    assert "Sitemap: http://localhost/sitemap.xml" in visitor.get("/robots.txt").text
    assert visitor.get("/favicon.ico").location.startswith("/static/favicon.ico?v=")


def test_each_page_has_a_title_of_its_own(scene, client_of):
    client = client_of(scene["author"])
    for path, title in (
        ("/compte", "Profil · Mon compte"),
        ("/compte/droits", "Droits · Mon compte"),
        ("/", "Accueil"),
    ):
        assert f"<title>{title} · Entrepairs</title>" in client.get(path).text
