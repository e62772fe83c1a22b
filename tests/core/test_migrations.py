"""An installation of the first version, with people and what they wrote in it, comes to today's version whole."""

from __future__ import annotations

import pytest
from apps import settings_for
from sqlalchemy import inspect, text

from community import create_app
from community.core.db import db
from community.migrate import newest_version

BEFORE = """
INSERT INTO organisation (id, name, type, territory) VALUES (1, 'Ville', 'commune', '83');
INSERT INTO member (id, email, password_hash, display_name, name_key, organisation_id, job, bio, can_help, digest,
  platform_role, state, locale, created_at, unread_count)
  VALUES (1, 'claire@ville.example', 'x', 'Claire', '-claire', 1, '', '', 0, 'weekly', 'member', 'active', 'fr',
  '2026-11-01', 0);
INSERT INTO sign_in (key_hash, member_id, created_at, expires_at, remembered, device)
  VALUES ('k', 1, '2026-11-01', '2027-11-01', 0, '');
INSERT INTO community (id, name, slug, kind, access, visibility, purpose, charter, charter_html, answer_target_days,
  two_person_review, members_count, questions_count, unanswered_count, sheets_count, clauses_count, requests_count, created_at)
  VALUES (1, 'Cantines', 'cantines', 'thematic', 'open', 'public', '', '', '', 3, 1, 1, 1, 0, 0, 0, 0, '2026-11-01');
INSERT INTO membership (community_id, member_id, role, joined_at) VALUES (1, 1, 'member', '2026-11-01');
INSERT INTO contribution (id, kind, community_id, author_id, title, body, body_html, renderer, state, score, comments_count,
  replies_count, revisions_count, created_at, updated_at, published_at, last_activity_at)
  VALUES (1, 'question', 1, 1, 'Allotir ?', 'Comment ?', '<p>Comment ?</p>', 1, 'open', 0, 1, 0, 0, '2026-11-01',
  '2026-11-01', '2026-11-01', '2026-11-01');
INSERT INTO question (id, answers_count, closed_reason) VALUES (1, 0, '');
INSERT INTO comment (id, contribution_id, author_id, body, body_html, created_at)
  VALUES (1, 1, 1, 'Un mot', '<p>Un mot</p>', '2026-11-01');
"""
KEPT = ("organisation", "member", "sign_in", "community", "membership", "contribution", "question", "comment")


@pytest.fixture
def first(tmp_path):
    """An application whose database is the first version's."""
    from flask_migrate import upgrade

    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'first.sqlite3'}"))
    with app.app_context():
        upgrade(revision="0001")
        with db.engine.begin() as connection:
            for statement in BEFORE.strip().split(";\n"):
                connection.execute(text(statement.rstrip(";")))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_nothing_is_lost_on_the_way(first):
    from flask_migrate import upgrade

    with first.app_context():
        upgrade()
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_version()
            assert {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in KEPT} == dict.fromkeys(
                KEPT, 1
            )
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert not [name for name in inspect(connection).get_table_names() if name.startswith("_alembic_tmp")]
    page = first.test_client().get("/questions")
    assert "Allotir" in page.text


def test_a_migration_that_fails_leaves_the_version_before_whole(first, monkeypatch):
    """Killed or refused in its middle, a migration is as if it had not begun; the next start begins it again."""
    from alembic import op
    from flask_migrate import upgrade

    def fail(*_args, **_options):
        raise RuntimeError("power cut")

    with first.app_context():
        with monkeypatch.context() as patched:
            patched.setattr(op, "create_index", fail)
            with pytest.raises((RuntimeError, SystemExit)):
                upgrade()
        upgrade()
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_version()


SWEPT = """
INSERT INTO sanction (id, kind, member_id, shown_id, community_id, reason, by_id, created_at, contest)
  VALUES (4, 'silence', 1, 1, 1, 'Essai', 1, '2026-11-02', '');
INSERT INTO moderation_decision (id, member_id, community_id, action, message, before, decided_by_id, decided_at)
  VALUES (1, 1, 1, 'silence', 'Essai', '{}', 1, '2026-11-02'), (2, 1, 1, 'hide', 'Essai', '{}', 1, '2026-11-02');
INSERT INTO sweep (id, member_id, by_id, reason, before, created_at) VALUES (1, 1, 1, 'Essai',
  '{"posts": [1], "comments": [1], "votes": [[1, "2026-11-02T00:00:00+00:00"]], "notifications": [], "suspended": false}',
  '2026-11-02');
"""


def test_a_sweep_and_a_sanction_made_before_are_still_undone(first):
    """What one list held becomes rows; a decision knows the sanction that it made."""
    from flask_migrate import upgrade

    with first.app_context():
        upgrade(revision="0009")
        with db.engine.begin() as connection:
            for statement in SWEPT.strip().split(";\n"):
                connection.execute(text(statement.rstrip(";").replace(":00", "\\:00")))
        upgrade()
        with db.engine.connect() as connection:
            items = connection.execute(text("SELECT kind, subject_id, data FROM sweep_item ORDER BY id")).all()
            assert [row[:2] for row in items] == [("posts", 1), ("comments", 1), ("votes", 1)]
            assert items[2].data == '{"at": "2026-11-02T00:00:00+00:00"}' and items[0].data == '{"by": 1}'
            assert connection.execute(text("SELECT state, total, before FROM sweep")).one()[:2] == ("done", 3)
            made = connection.execute(text("SELECT sanction_id FROM moderation_decision ORDER BY id")).scalars().all()
            assert made == [4, None]
