"""The audit log shows every tampering, and options keep what an administrator chose."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from community.core.audit import GENESIS, AuditEntry, AuditIsAppendOnly, breaks, head, record
from community.core.db import db
from community.core.errors import Invalid
from community.core.options import declare, forget, option, set_option
from community.people.accounts.identity import identity_of


@pytest.fixture
def log(make, context):
    anne = identity_of(make.member("Anne", platform_role="administrator"))
    start = head()[0]
    for number in range(5):
        record(anne, "member.suspended", reason=f"raison {number}")
    db.session.commit()
    return start


def test_a_whole_log_verifies(log):
    assert list(breaks()) == []
    assert head()[0] == log + 5
    assert head()[1] != GENESIS


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        (lambda n: update(AuditEntry).where(AuditEntry.number == n).values(reason="autre"), "changed"),
        (lambda n: update(AuditEntry).where(AuditEntry.number == n).values(actor_id=None), "changed"),
        (lambda n: delete(AuditEntry).where(AuditEntry.number == n), "missing"),
    ],
)
def test_a_row_changed_or_taken_out_shows(log, tamper, why):
    db.session.execute(tamper(log + 3))
    db.session.commit()
    assert (log + 3, why) in [(found.number, found.why) for found in breaks()]


def test_a_row_rewritten_with_its_own_digest_still_breaks_the_chain(log):
    """Somebody who recomputes the digest of the row they changed is betrayed by the next row."""
    from community.core.audit import digest_of

    row = db.session.get(AuditEntry, log + 3)
    db.session.expunge(row)
    row.reason = "autre"
    changed = {"reason": "autre", "digest": digest_of(row)}
    db.session.execute(update(AuditEntry).where(AuditEntry.number == log + 3).values(changed))
    assert [(found.number, found.why) for found in breaks()] == [(log + 4, "unchained")]


def test_the_application_itself_cannot_change_a_row(log):
    db.session.get(AuditEntry, log + 1).reason = "autre"
    with pytest.raises(AuditIsAppendOnly):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get(AuditEntry, log + 1))
    with pytest.raises(AuditIsAppendOnly):
        db.session.flush()
    db.session.rollback()


def test_an_act_that_is_undone_leaves_no_row(log):
    record(None, "member.suspended")
    db.session.rollback()
    assert head()[0] == log + 5


def test_an_option_is_its_default_until_somebody_changes_it_and_the_change_is_on_record(make, context):
    def positive(value):
        if value < 1:
            raise Invalid("Au moins 1.")
        return value

    declare("tests.option", 3, positive)
    assert option("tests.option") == 3
    anne = identity_of(make.member("Anne", platform_role="administrator"))
    before = head()[0]
    set_option("tests.option", 7, anne)
    db.session.commit()
    forget()
    assert option("tests.option") == 7
    entry = db.session.get(AuditEntry, before + 1)
    assert (entry.act, entry.actor_id, entry.reason) == ("option.changed", anne.id, "tests.option")
    with pytest.raises(Invalid):
        set_option("tests.option", 0, anne)
