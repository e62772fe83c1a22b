"""Who asked discreetly is nowhere: every page, feed, completion, search, notification, mail, index entry and journal is read
by everybody else, before and after, and none says the rare name, nor changes where the name may be read anyway.

Like the crawl of tests/test_secrecy.py, it walks the application's own map of addresses.
"""

from __future__ import annotations

import dataclasses
import re
import zipfile
from typing import Any

from client import Client
from sqlalchemy import select
from test_secrecy import NOISE, first_word
from told import told_once

from community.abilities.comments.models import Comment
from community.abilities.flags.actions import Subject, report
from community.abilities.flags.models import FlagCase
from community.contributions.indexing import build_entries
from community.contributions.models import Contribution
from community.core.audit import AuditEntry
from community.core.db import db
from community.core.mail import MailMessage
from community.core.outbox import drain as drain_outbox
from community.people.accounts.identity import identity_of
from community.people.accounts.models import Member
from community.services.notifications.models import Notification
from community.services.personal_data.archive import write_archive

NAME, EMAIL, WORK = "Zénobie Quintefeuille", "zenobie@quintefeuille.example", "Syndicat des Ombrelunes"
SECRET = re.compile("z[ée]nobie|quintefeuille|ombrelune", re.IGNORECASE)
#: where a member's own name is anyway; there, nothing may change when the member asks discreetly
OPEN = re.compile(r"^/membres|^/communautes/cantines(/membres)?$|^/communautes$|^/admin/|^/compte/")
PERSONAL = re.compile(r"^/(deconnexion|langue|static)")
#: parameters that are not what the address is mainly about
OTHERS = {"number": 1, "token": "x", "name": "x"}
READERS = ("visitor", "member", "expert", "moderator", "elsewhere", "administrator")
#: what a page says of time and of figures that the question itself moves
MOVES = (
    re.compile(r"<time.*?</time>", re.DOTALL),
    re.compile(r"<b>\d+</b>"),
    re.compile(r'<section class="card" aria-labelledby="activite">.*?</section>', re.DOTALL),
)


@told_once
def people(make, app) -> dict[str, int]:
    make.community("cantines")
    places = {role: {"cantines": role} for role in ("member", "expert", "moderator")}
    ids = {role: make.member(f"Pair {role}", communities=place) for role, place in places.items()}
    ids["elsewhere"] = make.member("Pair voisin", communities={"ailleurs": "moderator"})
    ids["administrator"] = make.member("Anne Administre", platform_role="administrator")
    ids["asker"] = make.member(NAME, email=EMAIL, job="Cheffe des Ombrelunes", communities={"cantines": "member"})
    with app.test_request_context("/", method="POST"):
        member = db.session.get(Member, ids["asker"])
        member.organisation_id = None
        db.session.commit()
        db.session.remove()
    return ids


@told_once
def asked(make, people, client_of, drain, app) -> dict[str, list[Any]]:
    """A discreet question and all that its author does there; gives what there is to read, by the first word of addresses."""
    question = make.question(
        people["asker"], discreet=True, title="Comment refuser un prix anormalement bas ?", tags=["prix"]
    )
    answer = make.answer(question, people["member"])
    client = client_of(people["asker"])
    post = client.post
    own = post(f"/questions/{question}/reponses", {"body": "Voici ce que nous avons tenté jusqu’ici."})
    own_id = int(own.headers["Location"].rpartition("#p")[2])
    comment = make.comment(answer, people["asker"], "Merci beaucoup.")
    for path, data in (
        (f"/reponses/{answer}/acceptation", {}),
        (f"/contributions/{answer}/vote", {}),
        (f"/contributions/{question}/suivi", {}),
        (f"/commentaires/{comment}/modifier", {"body": "Merci beaucoup à tous."}),
        (f"/questions/{question}/fermeture", {"reason": "Nous avons la réponse."}),
        (f"/questions/{question}/reouverture", {}),
        (f"/reponses/{own_id}/retrait", {}),
        (f"/reponses/{own_id}/retour", {}),
    ):
        assert post(path, data).status_code in (200, 303), path
    assert client.submit(f"/questions/{question}/modifier", {"note": "Précisions"}).status_code == 303
    other = make.question(people["member"], title="Comment fixer un prix plancher ?", tags=["prix"])
    assert post(f"/contributions/{question}/liens", {"target": str(other)}).status_code == 303
    make.comment(question, people["member"], "De quel marché parlez-vous ?")
    with app.test_request_context("/", method="POST"):
        item = db.session.get(Contribution, question)
        author = item.author_id
        report(Subject(author, item), identity_of(people["expert"]), "other", "À regarder de près.")
        db.session.commit()
        case = db.session.scalar(select(FlagCase.id))
        db.session.remove()
    drain()
    return {
        "questions": [question],
        "reponses": [answer, own_id],
        "contributions": [question, answer, own_id],
        "commentaires": [comment],
        "communautes": ["cantines"],
        "etiquettes": ["prix"],
        "membres": [author, people["asker"]],
        "moderation": [case, question],
    }


def client_for(app, people: dict[str, int], name: str) -> Client:
    return Client(app) if name == "visitor" else Client(app).signed_in_as(people[name])


def addresses(app, values: dict[str, list[Any]]) -> list[str]:
    """Every address that a GET answers, filled in with what there is to read."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or PERSONAL.match(rule.rule):
            continue
        for value in values.get(first_word(rule), [1]) if rule.arguments else [None]:
            found += [re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda part, v=value: str(OTHERS.get(part[1], v)), rule.rule)]
    probes = ("/recherche?q={}", "/recherche/completion?q={}", "/recherche?q=auteur:{}", "/questions/proches?title={}")
    return found + [probe.format(word) for probe in probes for word in ("prix", "acheteur discret")]


def quiet(text: str) -> str:
    for noise in (*NOISE, *MOVES):
        text = noise.sub("", text)
    return text


def test_nobody_reads_the_name(app, people, asked):
    """Search lists members as well: the asker's own entry is taken out, since it says nothing of the question."""
    own_entry = re.compile(rf'<article\b(?:(?!</article>).)*?href="/membres/{people["asker"]}-.*?</article>', re.DOTALL)
    for name in READERS:
        client, read = client_for(app, people, name), 0
        for path in addresses(app, asked):
            response = client.get(path, follow_redirects=True)
            if OPEN.match(path) or OPEN.match(response.request.path):
                continue
            read += response.status_code == 200
            text = response.get_data().decode(errors="replace")  # a picture is looked through too
            said = own_entry.sub("", text) + str(response.headers)
            found = SECRET.search(said)
            assert found is None, (
                f"{name} {path}: {said[max(0, found.start() - 300) : found.end() + 80]}" if found else ""
            )
        assert read > 20


def test_pages_with_the_name_do_not_change(app, make, people):
    """The profile, the directory, the members of the community: the same to the letter before and after."""
    asker = people["asker"]
    pages = ("/membres", f"/membres/{asker}", "/communautes/cantines/membres", f"/membres/completion?q={NAME[:4]}")
    clients = [client_for(app, people, name) for name in ("visitor", "member", "moderator")]

    def read() -> list[str]:
        return [quiet(client.get(path, follow_redirects=True).text) for client in clients for path in pages]

    before = read()
    question = make.question(asker, discreet=True, title="Comment refuser un prix anormalement bas ?")
    make.comment(question, asker, "Je précise.")
    with app.app_context():
        drain_outbox()
        db.session.remove()
    assert before == read()
    assert any(SECRET.search(page) for page in before), "the name is there to be read"


def test_mails_notifications_index_and_journal_hold_the_pseudonym_alone(app, people, asked):
    with app.app_context():
        asker = people["asker"]
        mails = db.session.scalars(select(MailMessage).where(MailMessage.recipient != EMAIL))
        assert not any(SECRET.search(f"{mail.subject} {mail.text} {mail.html} {mail.headers}") for mail in mails)
        told = select(Notification.id).where(Notification.actor_id == asker, Notification.member_id != asker)
        assert db.session.scalar(told) is None
        assert db.session.scalar(select(Notification.id).where(Notification.member_id == asker)), "the asker is told"
        written = select(Contribution.id).where(
            (Contribution.author_id == asker) | (Contribution.removed_by_id == asker)
        )
        assert db.session.scalar(written) is None
        assert db.session.scalar(select(Comment.id).where(Comment.author_id == asker)) is None
        entries = [*build_entries("question", asked["questions"]), *build_entries("member", asked["membres"][:1])]
        assert entries and not any(SECRET.search(str(dataclasses.asdict(entry))) for entry in entries)
        journal = db.session.scalars(select(AuditEntry))
        assert not any(SECRET.search(row.reason) or row.target_id == asker for row in journal)
        db.session.remove()


def test_the_name_finds_nothing_asked_and_only_the_asker_exports_it(app, people, asked, tmp_path):
    client = client_for(app, people, "moderator")
    for query in (
        f"/recherche?q={NAME}",
        f"/recherche?q=auteur:{NAME.split()[1]}",
        f"/recherche?q=auteur:{NAME.split()[0]}",
    ):
        assert f"/questions/{asked['questions'][0]}" not in client.get(query).text

    for name in ("asker", "member", "moderator"):
        words = exported(app, people[name], tmp_path)
        if name == "asker":
            assert "Voici ce que nous avons tenté jusqu’ici." in words and "Comment refuser un prix" in words
        else:
            assert SECRET.search(words) is None, f"the export of {name}"


def exported(app, member_id: int, folder) -> str:
    """All the words of somebody's own export."""
    target = folder / f"{member_id}.zip"
    with app.test_request_context("/"):
        for _share in write_archive(member_id, target):
            pass
        db.session.remove()
    with zipfile.ZipFile(target) as archive:
        return "\n".join(archive.read(entry).decode() for entry in archive.namelist())
