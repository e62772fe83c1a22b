"""The mails of moderation: a text removed, an appeal answered, a visitor's report answered."""

from __future__ import annotations

from flask_babel import gettext as _

from community.abilities.flags.models import FlagCase
from community.core.i18n import speaking
from community.core.mail import absolute_url, send_mail
from community.people.accounts.models import Member
from community.services.moderation.models import Appeal, Decision


def send_decision(decision: Decision, person: Member) -> None:
    """In the person's language; the words are the moderator's."""
    with speaking(person.locale):
        send_mail(
            person.email,
            _("Votre texte a été retiré"),
            "moderation/decision",
            name=person.display_name,
            message=decision.message,
            link=absolute_url("moderation.decision", id=decision.id),
        )


def send_appeal_answer(appeal: Appeal, person: Member) -> None:
    with speaking(person.locale):
        send_mail(
            person.email,
            _("Réponse à votre contestation"),
            "moderation/appeal",
            name=person.display_name,
            reversed=appeal.state == "reversed",
            same_person=appeal.decided_by_id == appeal.decision.decided_by_id,
            answer=appeal.answer,
            link=absolute_url("moderation.decision", id=appeal.decision_id),
        )


def send_outcome(case: FlagCase, address: str) -> None:
    """To a visitor: what was decided, in the vocabulary's words, and nothing of what anybody wrote."""
    with speaking("fr"):
        send_mail(address, _("Réponse à votre signalement"), "moderation/outcome", outcome=case.outcome)
