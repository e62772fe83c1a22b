"""The notifications page: grouped by thread, unread first, read by a POST, nothing shown that may not be seen."""

from __future__ import annotations

import re

from sqlalchemy import delete, select, update
from told import told_once

from community.core.clock import now
from community.core.db import db
from community.people.accounts.models import Member
from community.people.communities.models import Community, Membership
from community.services.notifications.models import Notification


@told_once
def scene(make, drain):
    """Claire's two questions, answered and commented by Paul."""
    claire = make.member("Claire", communities={"cantines": "member"})
    paul = make.member("Paul Rey", communities={"cantines": "member"})
    first = make.question(claire, title="Comment allotir les denrées ?")
    second = make.question(claire, title="Quelle pénalité de retard retenir ?")
    make.answer(first, paul)
    make.comment(first, paul)
    make.answer(second, paul)
    drain()
    return claire, paul, first, second


def headings(html: str) -> list[str]:
    html = html.replace("\u00a0", " ")
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r"<h2>(.*?)</h2>", html, re.S)]


def buttons(html: str) -> list[str]:
    return re.findall(r'formaction="(/notifications/\d+)"', html)


def unread_of(app, member_id: int) -> int:
    with app.app_context():
        count = db.session.scalar(select(Member.unread_count).where(Member.id == member_id))
        db.session.remove()
    return count


def test_notifications_are_grouped_by_thread_the_latest_first(scene, client_of):
    claire = scene[0]
    page = client_of(claire).get("/notifications").text
    found = [heading for heading in headings(page) if "?" in heading]
    assert [heading.removeprefix("Non lu :").strip() for heading in found] == [
        "Quelle pénalité de retard retenir ?",
        "Comment allotir les denrées ?",
    ]
    assert page.count("Paul Rey a répondu") == 2
    assert "Paul Rey a commenté ce que vous avez écrit" in page
    assert 'aria-label="3 notifications non lues"' in page


def test_reading_one_reads_its_thread_and_leads_there(app, scene, client_of):
    claire, _paul, first, _second = scene
    client = client_of(claire)
    oldest = buttons(client.get("/notifications").text)[-1]
    for _ in range(2):
        answer = client.post(oldest)
        assert answer.status_code == 303
        assert answer.location.startswith(f"/questions/{first}-comment-allotir-les-denrees")
        assert "#p" in answer.location
    assert unread_of(app, claire) == 1
    page = client.get("/notifications").text
    assert next(h for h in headings(page) if "?" in h).startswith("Non lu")
    assert len(buttons(page)) == 1


def test_a_comment_leads_to_its_place(scene, client_of):
    claire, _paul, _first, _second = scene
    client = client_of(claire)
    addresses = [client.post(button).location for button in buttons(client.get("/notifications").text)]
    assert any(re.search(r"#c\d+$", address) for address in addresses)


def test_reading_all_empties_the_bell(app, scene, client_of):
    claire = scene[0]
    client = client_of(claire)
    for _ in range(2):
        assert client.post("/notifications/lecture").status_code == 303
    assert unread_of(app, claire) == 0
    page = client.get("/notifications").text
    assert buttons(page) == [] and "Tout marquer comme lu" not in page


def test_marking_one_stays_on_the_page(app, scene, client_of):
    claire = scene[0]
    client = client_of(claire)
    id = buttons(client.get("/notifications").text)[0]
    answer = client.post(f"{id}/lecture")
    assert answer.status_code == 303 and answer.location == "/notifications"
    assert unread_of(app, claire) == 2


def test_looking_changes_nothing(app, scene, client_of):
    claire = scene[0]
    client = client_of(claire)
    client.get("/notifications")
    assert client.get(buttons(client.get("/notifications").text)[0]).status_code in (404, 405)
    assert unread_of(app, claire) == 3


def test_somebody_else_s_notifications_do_not_exist(scene, client_of, visitor):
    claire, paul, *_ = scene
    button = buttons(client_of(claire).get("/notifications").text)[0]
    assert client_of(paul).post(button).status_code == 404
    assert client_of(paul).post(f"{button}/lecture").status_code == 404
    assert "Rien de nouveau" in client_of(paul).get("/notifications").text
    assert visitor.get("/notifications").status_code == 302


def test_what_may_no_longer_be_seen_is_not_shown(app, scene, client_of):
    claire = scene[0]
    client = client_of(claire)
    button = buttons(client.get("/notifications").text)[0]
    with app.app_context():
        db.session.execute(update(Community).values(visibility="members"))
        db.session.execute(delete(Membership).where(Membership.member_id == claire))
        db.session.commit()
        db.session.remove()
    page = client.get("/notifications").text
    assert "Rien de nouveau" in page and "denrées" not in page and "Cantines" not in page
    assert client.post(button).status_code == 404


def test_pages_go_from_unread_to_read_without_a_gap(app, scene, client_of, make, drain):
    claire, paul, *_ = scene
    threads = [make.question(claire, title=f"Question numéro {n} sur la pagination ?") for n in range(43)]
    for thread in threads:
        make.answer(thread, paul)
    drain()
    with app.app_context():
        db.session.execute(update(Notification).where(Notification.thread_id.in_(threads[10:30])).values(read_at=now()))
        db.session.commit()
        db.session.remove()
    client, path, seen = client_of(claire), "/notifications", []
    while path:
        page = client.get(path).text
        seen += [heading for heading in headings(page) if "?" in heading]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older.group(1).replace("&amp;", "&") if older else ""
    unread = [heading.startswith("Non lu") for heading in seen]
    assert len(seen) == len(set(seen)) == 45
    assert unread == sorted(unread, reverse=True) and sum(unread) == 25


def test_a_long_thread_shows_its_latest_and_how_many_more(scene, client_of, make, drain):
    claire, paul, first, _second = scene
    for _ in range(9):
        make.comment(first, paul)
    drain()
    page = client_of(claire).get("/notifications").text
    assert "et 7 autres" in page


def test_the_budget_does_not_depend_on_the_number_of_rows(scene, client_of, make, drain, statements):
    claire, paul, *_ = scene
    client = client_of(claire)
    with statements() as small:
        client.get("/notifications")
    for _ in range(8):
        question = make.question(claire)
        make.answer(question, paul)
        make.comment(question, paul)
    drain()
    with statements() as large:
        assert client.get("/notifications").status_code == 200
    assert large.count == small.count <= 6, large.statements


def test_the_nightly_task_repairs_counts_and_forgets_old_reading(app, scene):
    from datetime import timedelta

    from community.services.notifications.tasks import tidy_notifications

    claire = scene[0]
    with app.app_context():
        one = db.session.scalar(select(Notification.id).limit(1))
        long_ago = now() - timedelta(days=200)
        db.session.execute(update(Notification).where(Notification.id == one).values(read_at=long_ago))
        db.session.execute(update(Member).values(unread_count=40))
        db.session.commit()
        tidy_notifications()
        left = db.session.scalars(select(Notification.id)).all()
        db.session.remove()
    assert unread_of(app, claire) == 2 == len(left)


def test_what_was_once_told_under_no_page_still_leads_somewhere(app, make, client_of):
    """Documents that waited were told so before they had a page to be told under: those rows are read like the others."""
    claire = make.member("Claire")
    with app.app_context():
        old = [Notification(member_id=claire, event="document.to_answer", key=f"old:{number}") for number in (1, 2)]
        old[0].read_at = now()
        db.session.add_all(old)
        db.session.commit()
        id = old[1].id
        db.session.remove()
    client = client_of(claire)
    assert "/documents/brouillons" in client.get("/notifications").text
    assert client.post(f"/notifications/{id}").headers["Location"].endswith("/documents/brouillons")
