"""English is complete behind the language switch: every text has its words, and no page in English says French ones.

The pages are found by following links, as people do, from the home page, in a small world whose content is English: what
looks French on them is a label that nobody translated, or that nobody offered for translation.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from client import Client
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from community.core.territories import DEPARTEMENTS, REGIONS

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import check_translations as check

COMPILED = check.CATALOGUE.with_suffix(".mo")
#: as scripts/bootstrap.sh does, for those who run these tests alone
if not COMPILED.exists() or COMPILED.stat().st_mtime < check.CATALOGUE.stat().st_mtime:
    fresh = COMPILED.with_suffix(f".{os.getpid()}")
    with fresh.open("wb") as file:
        write_mo(file, check.catalogue())
    fresh.replace(COMPILED)

ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "content", "data-confirm", "label")
FRENCH = re.compile(
    r"\b(le|les|des|du|une|est|et|pour|par|votre|vos|vous|nous|cette|ce|ces|avec|dans|aux|qui|que|pas|ou|sans|leur|"
    r"son|sont|sur|plus|mes|mon|ma|ne|au|en)\b|[éèêàçùîôœ]",
    re.IGNORECASE,
)
#: names that stay as they are, in any language
NAMES = sorted(
    {name for name, _region in DEPARTEMENTS.values()}
    | set(REGIONS.values())
    | {
        "Légifrance",
        "marché à procédure adaptée",
        "GHT des Deux-Rives",
        "après:2025-06-01",
        "Français",
        "DECP",
        "syndicat",
        "delai_heures",
    },
    key=len,
    reverse=True,
)
TRIED_PER_PAGE = 2


def test_every_text_is_translated_and_keeps_its_values() -> None:
    texts = check.texts_of_the_code()
    english = [message for message in check.catalogue() if message.id]
    assert texts - {check.key(message) for message in english if check.translated(message)} == set()
    assert [check.key(message) for message in english if not check.same_places(message)] == []


def test_plurals_are_english() -> None:
    """Two forms each, of which the first is for one: 0 takes the plural, unlike in French."""
    catalogue = check.catalogue()
    assert catalogue.num_plurals == 2 and catalogue.plural_expr == "(n != 1)"
    plurals = [message for message in catalogue if message.pluralizable]
    assert plurals and all(len(message.string) == 2 and all(message.string) for message in plurals)


def test_the_switch_changes_the_words_and_switches_back(visitor) -> None:
    in_french = visitor.get("/questions").text
    assert '<html lang="fr">' in in_french and "Clausier" in in_french
    answer = visitor.post("/langue", {"language": "en", "next": "/questions"})
    assert (answer.status_code, answer.location) == (303, "/questions")
    in_english = visitor.get("/questions").text
    assert '<html lang="en">' in in_english and "Clause library" in in_english and "Clausier" not in in_english
    visitor.post("/langue", {"language": "fr"})
    assert visitor.get("/questions").text.count("Clausier") == in_french.count("Clausier")


def test_dates_follow_the_language(make, client_of) -> None:
    client = client_of(make.member())
    assert re.search(r"ouverte le \d+ \w+ \d{4} à \d\d:\d\d", client.get("/compte/sessions").text)
    client.post("/langue", {"language": "en"})
    assert re.search(r"opened on \d+ [A-Z]\w+ \d{4} at \d\d:\d\d", client.get("/compte/sessions").text)


def test_a_member_is_written_to_in_their_language(make, visitor, drain, app) -> None:
    """Even when the page that causes the mail is in another."""
    make.member(email="robin@town.example", locale="en")
    visitor.submit("/mot-de-passe/oubli", {"email": "robin@town.example"})
    drain()
    (mail,) = (app.config["SETTINGS"].instance / "mail").glob("*.eml")
    assert "Subject: Choose a new password" in mail.read_text()


def test_an_unknown_language_changes_nothing(visitor) -> None:
    visitor.post("/langue", {"language": "klingon"})
    assert '<html lang="fr">' in visitor.get("/").text


def test_the_browser_says_its_language(visitor) -> None:
    english = visitor.get("/connexion", headers={"Accept-Language": "en-GB,en;q=0.9,fr;q=0.5"}).text
    assert '<html lang="en">' in english and "Password" in english
    for other in ("fr-FR,fr;q=0.9,en;q=0.8", "de", "*"):
        assert '<html lang="fr">' in visitor.get("/connexion", headers={"Accept-Language": other}).text


def test_problems_of_a_form_are_said_in_english(visitor) -> None:
    visitor.post("/langue", {"language": "en"})
    page = visitor.post("/inscription", {"organisation_type": "martian"})
    assert page.status_code == 422
    problems = [text for text in PageReader(page.text).texts if text.endswith(".")]
    assert "This field is required." in problems and "You must accept the charter to register." in problems
    labels = _french_labels()
    assert [text for text in PageReader(page.text).texts if _is_french(text, labels)] == []


@pytest.mark.parametrize("who", ["visitor", "newcomer", "moderator"])
def test_pages_in_english_say_no_french(who: str, app, make, visitor, client_of, drain) -> None:
    world = _world(make, client_of)
    drain()
    client = visitor if who == "visitor" else client_of(world[who])
    client.post("/langue", {"language": "en"})
    labels = _french_labels()
    visited, french = _walk(app, client, lambda text: _is_french(text, labels))
    assert len(visited) >= {"visitor": 30, "newcomer": 45, "moderator": 60}[who], sorted(visited)
    assert french == {}


# --- the small world ---


def _world(make: Any, client_of: Any) -> dict[str, int]:
    make.community("canteens", name="Canteens")
    make.community("closed-circle", access="request", visibility="platform", name="Circle")
    circles = {"canteens": "moderator", "closed-circle": "moderator"}
    moderator = make.member("Morgan", circles, expertise=["cooking"], platform_role="administrator")
    expert = make.member("Alex", communities={"canteens": "expert"}, expertise=["bread"])
    newcomer = make.member("Robin")
    question = make.question(moderator, "canteens", "How large should bread lots be?", body="We buy bread. **Advice?**")
    make.question(expert, "canteens", "What about apples?", body="We buy apples from five orchards near here.")
    answer = make.answer(question, expert, "Three lots of bread worked well here.")
    make.answer(question, moderator, "Two lots of bread, here.")
    make.comment(question, expert, "Thanks for asking.")
    client = client_of(moderator)
    client.post(f"/reponses/{answer}/acceptation")
    client.post(f"/reponses/{answer}/certification")
    client.post(f"/contributions/{question}/vote")
    client_of(newcomer).post("/communautes/closed-circle/demande", {"message": "I buy apples."})
    _sheets(make, moderator)
    _clauses(make, moderator, expert)
    return {"moderator": moderator, "newcomer": newcomer}


def _sheets(make: Any, moderator: int) -> None:
    words = {"summary": "Bread in three lots.", "context": "A bakery.", "lessons": "Ask first.", "tags": ["bread"]}
    make.sheet(moderator, "canteens", "Bread in three lots", contract_type="supplies", phase="award", **words)
    make.sheet(moderator, "canteens", "A draft about apples", published=False, **words)


def _clauses(make: Any, moderator: int, expert: int) -> None:
    words = {
        "title": "Bread delivery",
        "text": "Bread is delivered within {{delay}} hours.",
        "purpose": "Fresh bread.",
        "tags": ["bread"],
        "kind_of_clause": "variant",
        "verification": [{"means": "delivery slip", "moment": "Daily", "who": "Kitchen"}],
        "note": "First words.",
    }
    clause = make.clause(expert, moderator, "canteens", **words)
    make.change(clause, expert, "Shorter delay.", text="Bread is delivered within {{delay}} minutes.")
    make.proposal(moderator, "canteens", **words | {"title": "Apple delivery"})
    make.proposal(moderator, "canteens", **words | {"title": "Pear delivery"}, submit=False)


# --- following links, reading pages ---


def _walk(app: Any, client: Client, is_french: Any) -> tuple[set[str], dict[str, list[str]]]:
    """Follow links from the home page, a few of each kind; (kinds of page seen, French texts by page)."""
    adapter, waiting, seen = app.url_map.bind("localhost"), ["/", "/no/such/page"], {"/"}
    tried: Counter[str] = Counter()
    french: dict[str, list[str]] = {}
    while waiting:
        address = waiting.pop(0)
        page = client.get(address, follow_redirects=True)
        if page.mimetype != "text/html":
            continue
        reader = PageReader(page.text)
        if found := [text for text in reader.texts if is_french(text)]:
            french[address] = found
        for link in reader.links:
            kind = _kind(adapter, link)
            if kind and link not in seen and tried[kind] < TRIED_PER_PAGE:
                tried[kind] += 1
                seen.add(link)
                waiting.append(link)
    return set(tried), french


def _kind(adapter: Any, link: str) -> str | None:
    """What a link leads to: the page and the one thing asked of it (filters combined are the same page again)."""
    path, _, query = link.partition("?")
    if not path.startswith("/") or "&" in query:
        return None
    try:
        endpoint, _arguments = adapter.match(path, method="GET")
    except RequestRedirect:
        return "redirect"
    except HTTPException:
        return None
    return None if endpoint == "static" else f"{endpoint}?{query.partition('=')[0]}"


class PageReader(HTMLParser):
    """The texts that a page shows or says, and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("script", "style", "textarea", "code"):
            self.silent += 1
        if tag == "a" and found.get("href"):
            self.links.append((found["href"] or "").partition("#")[0])
        self.texts += [_plain(found[name] or "") for name in ATTRIBUTES if found.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "textarea", "code"):
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.texts.append(_plain(data))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _french_labels() -> set[str]:
    """The French texts that read otherwise in English, and are not English words themselves."""
    pairs = [
        (_plain(french), _plain(english))
        for message in check.catalogue()
        if message.id
        for french, english in zip(check.words_of(message.id), check.words_of(message.string), strict=False)
    ]
    in_english = {english for _french, english in pairs}
    return {french for french, _english in pairs if french not in in_english}


def _is_french(text: str, labels: set[str]) -> bool:
    if text in labels:
        return True
    for name in NAMES:
        text = text.replace(name, "")
    return FRENCH.search(text) is not None
