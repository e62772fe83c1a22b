"""A hidden community leaves no trace: no page says its words, and its ids answer exactly like ids that do not exist.

The crawl walks the application's own map of addresses, so that a page made tomorrow is tested tomorrow. A rule that takes
a parameter must say below (KNOWN) which hidden values to try: one that is not there makes the test fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from client import Client
from sqlalchemy import delete, select, update
from told import told_once
from werkzeug.routing import Rule

from community.abilities.attachments.models import Attachment, Blob
from community.abilities.flags.actions import Subject, report
from community.abilities.links.models import Link
from community.content.baskets.actions import add_to_basket, create_basket, share_basket
from community.content.clauses.actions import current_version
from community.contributions.models import Contribution
from community.core.db import db
from community.people.accounts.identity import identity_of
from community.people.communities.actions import leave_community
from community.people.communities.admissions import invite, request_to_join
from community.people.communities.models import Community, Invitation, JoinRequest
from community.services.moderation.appeals import appeal
from community.services.moderation.decisions import Wanted, decide
from community.services.moderation.models import Hold
from community.services.notifications.models import Notification
from community.services.search.models import FollowedSearch

WORD = "zibeline"
SECRETS = re.compile("zib[eé]lin", re.IGNORECASE)
NOBODY = 987_654_321
UNKNOWN = "inconnue-quetzal"
#: what differs from one answer to the next without telling anything
NOISE = (
    re.compile(r'name="(csrf_token|once)"[^>]*value="[^"]*"'),
    re.compile(r'value="[^"]*"[^>]*name="(csrf_token|once)"'),
    re.compile(r'name="packed"[^>]*value="[^"]*"'),
    re.compile(r'name="resume"[^>]*value="[^"]*"'),
    re.compile(r"<code>[A-Za-z0-9-]{8,64}</code>"),
    re.compile(r'"request_id": ?"[^"]*"'),
)


@dataclass
class Scene:
    """Readers by name (None: a visitor) and what is hidden: values to try, by the first word of an address."""

    readers: dict[str, int | None]
    hidden: dict[str, list[Any]] = field(default_factory=dict)
    open_question: int = 0


@told_once
def scene(make, app, drain) -> Scene:
    """A hidden community full of content, beside a public one that speaks of the same subject.

    Readers: a visitor, a member with no place, a moderator of the public community, and somebody who was inside, wrote
    there, was told of it, and left.
    """
    make.community("cantines")
    place = f"cercle-{WORD}"
    make.community(
        place,
        access="invitation",
        visibility="members",
        name="Cercle Zibeline",
        purpose="Acheter la zibeline autrement.",
        charter_html="<p>Zibeline d’abord.</p>",
    )
    inside = make.member("Inès Dedans", communities={place: "moderator"})
    gone = make.member("Guy Parti", communities={place: "member", "cantines": "member"})
    outsider = make.member("Odile Dehors", email="dehors@ville.example", communities={})
    boss = make.member("Anne Admin", platform_role="administrator")
    mover = make.member("Maud Voisine", communities={"cantines": "moderator"})
    text = "Nous achetons de la zibeline pour l’allotissement des denrées de la cuisine centrale."
    opened = make.question(outsider, title="Comment allotir les denrées de la cuisine centrale ?", tags=["denrées"])
    hidden = make.question(
        inside, community=place, title="Zibeline : comment allotir les denrées ?", body=text, tags=[WORD]
    )
    mine = make.question(gone, community=place, title="Zibeline : quelle pénalité retenir ?", body=text)
    answer = make.answer(hidden, gone, f"{text} @[Odile Dehors](member:{outsider})")
    make.answer(mine, inside, text)
    comment = make.comment(hidden, inside, f"Zibeline ! @[Guy Parti](member:{gone})")
    sheet = make.sheet(inside, community=place, title="Zibeline en douze lots")
    clause = make.clause(gone, inside, community=place, title="Zibeline livrée sous vingt-quatre heures")
    papers = [
        make.document(inside, place, "Zibeline : le guide", issuer="Cercle Zibeline", body=text),
        make.document(gone, place, "Zibeline en pages", file=make.file(gone, "annexe.txt", read=["La zibeline."])),
        make.document(inside, place, "Zibeline en brouillon", published=False),
    ]
    drain()
    with app.test_request_context("/", method="POST"):
        community = db.session.scalars(select(Community).where(Community.slug == place)).one()
        db.session.execute(delete(Link))
        link = Link(source_id=opened, target_id=sheet, verdict="confirmed", confirmations=2, reasons=["zibeline"])
        back = Link(source_id=hidden, target_id=opened, verdict="confirmed", reasons=["zibeline"])
        invitation = invite(community, identity_of(inside), "ailleurs@ville.example", message="Zibeline !")
        request = request_to_join(identity_of(mover), community, "Zibeline, s’il vous plaît")
        db.session.add_all([link, back])
        db.session.flush()
        followed = FollowedSearch(member_id=inside, words="zibeline", filters={}, signature="zibeline")
        db.session.add(followed)
        db.session.flush()
        ids = {"link": [link.id, back.id], "invitation": invitation.id, "request": request.id, "search": followed.id}
        basket = create_basket(identity_of(inside), "Zibeline")
        share_basket(basket, True)
        add_to_basket(basket, current_version(clause))
        ids["basket"] = basket.id
        blob = Blob(sha256="5e" * 32, size=7, media_type="application/pdf", state="ready")
        file = Attachment(sha256=blob.sha256, name="Zibeline.pdf", uploaded_by_id=inside, contribution_id=hidden)
        db.session.add_all([blob, file])
        db.session.flush()
        ids["file"] = file.id
        ids["moderation"], ids["decision"] = _moderate(inside, gone, boss, [hidden, mine, answer, sheet])
        leave_community(identity_of(gone), community)
        db.session.commit()
        told = list(db.session.scalars(select(Notification.id).where(Notification.member_id != outsider)))
        db.session.remove()
    drain()
    return Scene(
        readers={"visitor": None, "outsider": outsider, "moderator elsewhere": mover, "left": gone},
        hidden={
            "questions": [hidden, mine],
            "reponses": [answer],
            "fiches": [sheet],
            "clauses": [clause],
            "documents": papers,
            "contributions": [hidden, answer, sheet, clause, *papers],
            "commentaires": [comment],
            "liens": ids["link"][1:],
            "communautes": [place],
            "etiquettes": [WORD],
            "invitations": [ids["invitation"]],
            "notifications": told,
            "membres": [inside],
            "recherche": [ids["search"]],
            "panier": [ids["basket"]],
            "fichiers": [ids["file"]],
            "request": [ids["request"]],
            "admin": [1],
            "moderation": ids["moderation"],
            "decisions": ids["decision"],
        },
        open_question=opened,
    )


def _moderate(inside: int, gone: int, boss: int, texts: list[int]) -> tuple[list[int], list[int]]:
    """Reports, a decision on each side and its appeal, a text that waits: all of it in the hidden community."""
    hidden, mine, answer, sheet = [db.session.get(Contribution, id) for id in texts]
    cases = [
        report(Subject(item.author_id, item), identity_of(inside), "wrong", "Zibeline !") for item in (hidden, answer)
    ]
    about_gone = report(Subject(gone, mine), identity_of(inside), "wrong")
    about_inside = report(Subject(inside, sheet), identity_of(gone), "wrong", "Faux.")
    told = decide(about_gone, Wanted("warn", "Merci de relire la charte."), identity_of(inside))
    other = decide(about_inside, Wanted("warn", "Zibeline : relisez la charte."), identity_of(boss))
    hold = Hold(contribution_id=answer.id, reasons=[["words", "zibeline"]])
    db.session.add(hold)
    appeals = [appeal(told, "Zibeline : je conteste."), appeal(other, "Zibeline aussi.")]
    db.session.flush()
    return [cases[0].id, cases[1].id, hold.id, appeals[0].id, told.id, other.id], [other.id]


#: first word of the address → whether a hidden value must answer exactly like an unknown one
KNOWN = {
    "questions": True,
    "reponses": True,
    "fiches": True,
    "clauses": True,
    "documents": True,
    "contributions": True,
    "commentaires": True,
    "liens": True,
    "communautes": True,
    "etiquettes": True,
    "invitations": True,
    "notifications": True,
    "recherche": True,
    "panier": True,
    "fichiers": True,
    "admin": True,  # to anybody but an administrator, nothing is there
    "membres": False,  # a person is not hidden, only the places are
    "moderation": True,
    "decisions": True,
    "inscription": False,
    "mot-de-passe": False,
    "resume": False,
    "compte": False,
    "static": False,
}
READERS = ("visitor", "outsider", "moderator elsewhere", "left")


@pytest.fixture
def reader(scene, app):
    def open_client(name: str) -> Client:
        member_id = scene.readers[name]
        client = Client(app)
        return client if member_id is None else client.signed_in_as(member_id)

    return open_client


def rules(app, method: str, with_arguments: bool) -> list[Rule]:
    chosen = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return [rule for rule in chosen if bool(rule.arguments) == with_arguments and rule.endpoint != "static"]


def first_word(rule: Rule) -> str:
    return rule.rule.strip("/").split("/")[0]


def fill(rule: Rule, value: Any, scene: Scene) -> str:
    """The address of a rule with this value for what it is mainly about; the other parameters are those of the scene."""
    values: dict[str, Any] = {"number": 1, "slug": "zibeline", "token": value, "id": value}
    if first_word(rule) in ("communautes", "etiquettes"):
        values |= {"slug": value, "id": scene.hidden["request"][0]}
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: str(values.get(found.group(1), 1)), rule.rule)


def quiet(response: Any, *values: Any) -> tuple[int, str, str]:
    """Status, body and address of an answer without what always differs, nor the values that were sent."""
    body, location = response.get_data(as_text=True), response.headers.get("Location", "")
    for noise in NOISE:
        body = noise.sub("", body)
    for value in sorted(map(str, values), key=len, reverse=True):
        body, location = body.replace(value, "§"), location.replace(value, "§")
    return response.status_code, body, location


def say_nothing(response: Any, path: str) -> None:
    text = response.get_data(as_text=True) + str(response.headers)
    found = SECRETS.search(text.replace(path, ""))
    assert found is None, f"{path}: {text[max(0, found.start() - 200) : found.end() + 60]}" if found else ""


@pytest.mark.parametrize("name", READERS)
def test_no_page_says_a_hidden_word(app, scene, reader, name):
    client = reader(name)
    for rule in rules(app, "GET", with_arguments=False):
        response = client.get(rule.rule)
        assert response.status_code < 500, rule.rule
        say_nothing(response, rule.rule)


@pytest.mark.parametrize("name", READERS)
def test_pages_of_what_is_open_say_no_hidden_word(app, scene, reader, name):
    """The public question is linked with hidden things, and hidden people have a page."""
    client = reader(name)
    members = [id for id in scene.readers.values() if id] + scene.hidden["membres"]
    paths = [f"/questions/{scene.open_question}", *(f"/membres/{id}" for id in members), "/communautes/cantines"]
    paths += [f"/contributions/{scene.open_question}/historique", "/communautes/cantines/membres"]
    for path in paths:
        response = client.get(path, follow_redirects=True)
        assert response.status_code == 200, path
        say_nothing(response, path)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", READERS)
def test_hidden_ids_answer_like_unknown_ones(app, scene, reader, name, method):
    client = reader(name)
    for rule in rules(app, method, with_arguments=True):
        word = first_word(rule)
        assert word in KNOWN, f"{rule.rule}: say in KNOWN whether its ids may be hidden ones"
        if not KNOWN[word]:
            continue
        for value in scene.hidden[word]:
            unknown = UNKNOWN if isinstance(value, str) else NOBODY
            paths = fill(rule, value, scene), fill(rule, unknown, scene)
            hidden, nothing = (_send(client, method, path) for path in paths)
            assert quiet(hidden, value, unknown) == quiet(nothing, value, unknown), f"{method} {paths[0]} as {name}"
            say_nothing(hidden, paths[0])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_hidden_ids_cost_what_unknown_ones_cost(app, scene, reader, statements, method):
    """The time of an answer tells nothing either: as many statements for what is hidden as for what does not exist."""
    client = reader("outsider")
    unequal = []
    for rule in rules(app, method, with_arguments=True):
        word = first_word(rule)
        for value in scene.hidden[word] if KNOWN.get(word) else ():
            unknown = UNKNOWN if isinstance(value, str) else NOBODY
            costs = []
            for path in (fill(rule, unknown, scene), fill(rule, value, scene)):
                with statements() as counted:
                    _send(client, method, path)
                costs.append(counted.count)
            if costs[0] != costs[1]:
                unequal.append((method, fill(rule, value, scene), costs))
    assert not unequal, unequal


def _send(client: Client, method: str, path: str) -> Any:
    return client.get(path) if method == "GET" else client.post(path, {"message": "Bonjour à vous"})


#: addresses that take words: the hidden one and an unknown one must find the same
PROBES = (
    "/recherche?q={}",
    "/recherche?q={}&communaute={}",
    "/recherche/completion?q={}",
    "/recherche/completion?q=etiquette:{}",
    "/recherche/completion?q=communaute:{}",
    "/recherche?q=%22{}+allotir%22",
    "/questions?communaute={}",
    "/questions?communaute={}&vue=unanswered",
    "/questions?etiquette={}",
    "/fiches?communaute={}",
    "/fiches?etiquette={}",
    "/clauses?communaute={}",
    "/documents?communaute={}",
    "/documents?emetteur={}",
    "/documents/nouveau?community={}",
    "/clauses?etiquette={}",
    "/etiquettes/{}",
    "/etiquettes/completion?q={}",
    "/membres?expertise={}",
    "/membres/completion?q={}",
    "/questions/proches?title={}",
    "/questions/nouvelle?community={}",
    "/fiches/nouvelle?community={}",
)


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("name", READERS)
def test_hidden_words_find_what_unknown_words_find(scene, reader, name, probe):
    client = reader(name)
    for word in (WORD, f"cercle-{WORD}"):
        hidden, nothing = client.get(probe.replace("{}", word)), client.get(probe.replace("{}", UNKNOWN))
        assert quiet(hidden, word, UNKNOWN) == quiet(nothing, word, UNKNOWN)


def test_taking_a_hidden_community_s_name_says_nothing(app, scene, reader):
    """Only administrators name communities, and they know them all: nobody else learns that a name is taken."""
    fields = {"kind": "thematic", "access": "open", "visibility": "public", "answer_target_days": "3"}
    fields |= {"purpose": "Un objet assez long pour être accepté.", "charter": ""}
    client = reader("moderator elsewhere")
    for path in ("/communautes/nouvelle", "/communautes/cantines/modifier"):
        taken, free = (client.post(path, fields | {"name": name}) for name in ("Cercle Zibeline", "Cercle Quetzal"))
        assert quiet(taken) == quiet(free), path
        say_nothing(taken, path)


def test_naming_a_hidden_thing_in_a_form_is_naming_nothing(scene, reader):
    """A link by hand, a duplicate, a community chosen in a form, a citation: the hidden value fails like an unknown one."""
    client = reader("outsider")
    question, hidden = scene.open_question, scene.hidden["questions"][0]
    forms = (
        (f"/contributions/{question}/liens", "target", hidden, NOBODY),
        (f"/questions/{question}/doublon", "original", hidden, NOBODY),
        ("/questions/nouvelle", "community", f"cercle-{WORD}", UNKNOWN),
        ("/fiches/nouvelle", "community", f"cercle-{WORD}", UNKNOWN),
        ("/apercu", "body", f"[[question:{hidden}]]", f"[[question:{NOBODY}]]"),
    )
    extra = {"title": "Une question bien assez longue ?", "body": "Un corps de question bien assez long pour passer."}
    for path, name, value, unknown in forms:
        named, nothing = (client.post(path, extra | {name: sent}) for sent in (value, unknown))
        assert quiet(named, value, unknown, hidden, NOBODY) == quiet(nothing, value, unknown, hidden, NOBODY), path
        say_nothing(named, path)


def test_the_scene_is_really_there(app, scene, client_of):
    """Inside, everything is found: a crawl of an empty place proves nothing."""
    client = client_of(scene.hidden["membres"][0])
    for path in ("/communautes", "/questions", f"/communautes/cercle-{WORD}", f"/questions/{scene.open_question}"):
        assert SECRETS.search(client.get(path, follow_redirects=True).text), path
    assert SECRETS.search(client.get(f"/recherche?q={WORD}").text.replace(f'value="{WORD}"', ""))
    with app.app_context():
        assert db.session.scalar(select(JoinRequest.id)) and db.session.scalar(select(Invitation.id))
        left = db.session.scalars(select(Notification.id).where(Notification.member_id == scene.readers["left"])).all()
        assert left, "who left was told of what happened there"
        db.session.remove()


def test_archiving_hides_as_much(app, scene, reader):
    with app.app_context():
        from community.core.clock import now

        db.session.execute(update(Community).where(Community.visibility == "members").values(archived_at=now()))
        db.session.commit()
        db.session.remove()
    client = reader("outsider")
    hidden, nothing = client.get(f"/communautes/cercle-{WORD}"), client.get(f"/communautes/{UNKNOWN}")
    assert quiet(hidden, f"cercle-{WORD}", UNKNOWN) == quiet(nothing, f"cercle-{WORD}", UNKNOWN)
