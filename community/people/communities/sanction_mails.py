"""The mails of sanctions: what was decided, until when, why, and how to contest it; its end; a contest to those who decide."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from community.core.i18n import speaking
from community.core.mail import absolute_url, send_mail
from community.core.vocab import label
from community.people.accounts.models import Member
from community.people.communities.models import Community, Sanction


def send_sanction(sanction: Sanction, person: Member, community: Community | None) -> None:
    """In the person's own language. The link leads to the rights page; a suspended account reads it when signing in."""
    place = community.name if community else ""
    with speaking(person.locale):
        subject, words = {
            "suspension": (
                _("Votre compte est suspendu"),
                _("Votre compte est suspendu : vous ne pouvez plus vous connecter. Voici la raison :"),
            ),
            "silence": (
                _("Vous ne pouvez plus écrire dans « %(community)s »", community=place),
                _(
                    "Vous lisez encore « %(community)s », mais vous ne pouvez plus y publier, voter ni commenter. Raison :",
                    community=place,
                ),
            ),
            "ban": (
                _("Vous ne faites plus partie de « %(community)s »", community=place),
                _(
                    "Vous êtes exclu de « %(community)s » : vous ne pouvez plus y entrer ni y écrire. Voici la raison :",
                    community=place,
                ),
            ),
        }[sanction.kind]
        send_mail(
            person.email,
            subject,
            "communities/sanction",
            name=person.display_name,
            title=subject,
            words=words,
            reason=sanction.reason,
            until=sanction.until,
            link=absolute_url("accounts.sign_in" if sanction.kind == "suspension" else "accounts.rights"),
        )


def send_lifted(sanction: Sanction, person: Member, community: Community | None) -> None:
    place = community.name if community else ""
    with speaking(person.locale):
        subject, words = {
            "suspension": (
                _("Votre compte est rouvert"),
                _("La suspension de votre compte a pris fin : vous pouvez vous connecter."),
            ),
            "silence": (
                _("Vous pouvez de nouveau écrire dans « %(community)s »", community=place),
                _("Vous pouvez de nouveau publier, voter et commenter dans « %(community)s ».", community=place),
            ),
            "ban": (
                _("Votre exclusion de « %(community)s » est levée", community=place),
                _(
                    "Votre exclusion de « %(community)s » est levée : vous pouvez demander à y revenir.",
                    community=place,
                ),
            ),
        }[sanction.kind]
        link = absolute_url("contributions.home")
        values = {"name": person.display_name, "title": subject, "words": words, "link": link}
        send_mail(person.email, subject, "communities/sanction_lifted", **values)


def send_barred(person: Member, community: Community) -> None:
    """The community no longer welcomes people of this quality: what that changes, and that nothing written is lost."""
    with speaking(person.locale):
        send_mail(
            person.email,
            _("« %(community)s » n’accueille plus votre qualité", community=community.name),
            "communities/barred",
            name=person.display_name,
            community=community.name,
            quality=label("quality", person.quality),
            link=absolute_url("accounts.rights"),
        )


def send_contest(sanction: Sanction, shown: str, readers: Iterable[Member], link: str) -> None:
    """To those who may lift it. The person is named as they know them: a pseudonym stays one."""
    for reader in readers:
        with speaking(reader.locale):
            send_mail(
                reader.email,
                _("Une mesure est contestée"),
                "communities/contest",
                name=reader.display_name,
                who=shown,
                message=sanction.contest,
                link=link,
            )
