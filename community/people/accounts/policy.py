"""Who may register: the platform's rules, chosen by an administrator, and which one lets an address in.

The rules of the option "registration":
- ``mode`` says what becomes of an address that nothing else speaks of: "open" (comes in), "approval" (is examined),
  "domain" and "invitation" (is refused: the domains below, or an invitation, are the only ways in);
- ``domains``: addresses there, or under there, come in directly; with ``organisations`` those of the organisations too;
- ``free_mail``: "accept", "approval" or "refuse" the addresses of ``denied``, whatever the mode says of others;
- an invitation lets in whoever confirms the address that received it, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from community.core.clock import now
from community.core.db import db
from community.core.errors import Invalid
from community.core.options import declare, option
from community.people.accounts.domains import FREE_MAIL, domain_of, is_within, parents, tidy_domain
from community.people.accounts.organisation_models import OrganisationDomain
from community.people.accounts.security_models import Application, PlatformInvitation
from community.people.communities.models import Invitation

MODES = {
    "open": _l("Ouverte : chacun entre en confirmant son adresse"),
    "approval": _l("Examinée : l’administration lit chaque demande"),
    "domain": _l("Par domaine : seules les adresses des domaines admis"),
    "invitation": _l("Sur invitation : il faut avoir été invité"),
}
FREE_MAIL_RULES = {
    "accept": _l("Comme les autres adresses"),
    "approval": _l("Toujours examinées"),
    "refuse": _l("Refusées"),
}
DEFAULT: dict[str, Any] = {
    "mode": "open",
    "domains": [],
    "organisations": False,
    "free_mail": "accept",
    "denied": list(FREE_MAIL),
}
MOST_DOMAINS = 2000


@dataclass(frozen=True)
class Policy:
    """The rules in force."""

    mode: str
    domains: tuple[str, ...]
    organisations: bool
    free_mail: str
    denied: tuple[str, ...]

    @property
    def may_ask(self) -> bool:
        """Some addresses are examined: the form asks why one comes."""
        return self.mode == "approval" or (self.mode == "open" and self.free_mail == "approval")

    @property
    def needs_invitation(self) -> bool:
        """Nobody may fill in the form without an invitation."""
        return self.mode == "invitation" and not self.domains and not self.organisations


def _checked(value: Any) -> dict[str, Any]:
    """The option as it is kept; Invalid for a mode or a domain that is none."""
    value = {**DEFAULT, **value}
    lists = {name: [tidy_domain(str(word)) for word in value[name]] for name in ("domains", "denied")}
    good = value["mode"] in MODES and value["free_mail"] in FREE_MAIL_RULES
    if not good or any(None in names or len(names) > MOST_DOMAINS for names in lists.values()):
        raise Invalid(_("Ces règles d’inscription ne sont pas valables."))
    if value["mode"] == "domain" and not lists["domains"] and not value["organisations"]:
        raise Invalid(_("Par domaine, il faut au moins un domaine admis : sinon personne ne pourrait s’inscrire."))
    kept = {name: value[name] for name in ("mode", "free_mail")}
    return {**kept, **lists, "organisations": bool(value["organisations"])}


declare("registration", DEFAULT, _checked)


def policy() -> Policy:
    """The rules in force now."""
    value = {**DEFAULT, **option("registration")}
    return Policy(
        value["mode"], tuple(value["domains"]), value["organisations"], value["free_mail"], tuple(value["denied"])
    )


def way_by_domain(email: str) -> str | None:
    """How this address comes in, invitations left aside: "open", "domain", "approval", or None when it does not.

    It depends on the domain alone, so that the answer to a visitor tells nothing of who is known or invited.
    """
    rules, domain = policy(), domain_of(email)
    if is_within(domain, rules.domains) or (rules.organisations and _is_an_organisation_s(domain)):
        return "domain"
    if rules.free_mail != "accept" and is_within(domain, rules.denied):
        examined = rules.free_mail == "approval" and rules.mode in ("open", "approval")
        return "approval" if examined else None
    return rules.mode if rules.mode in ("open", "approval") else None


def way_in(email: str) -> str | None:
    """How the owner of this confirmed address comes in: as way_by_domain(), or "invitation"."""
    return "invitation" if is_invited(email) else way_by_domain(email)


def is_examined(email: str) -> bool:
    """Whether an administrator will read the registration of this address, by the rules in force now."""
    return way_in(email) in (None, "approval")


def may_move(member_id: int, current: str, wanted: str, confirmed: bool = False) -> bool:
    """Whether a member may take this address: one that would come in by itself, or be examined when they were examined too.

    Like the form of registration, it says nothing of who is invited until the address is ``confirmed``.
    """
    if domain_of(current) == domain_of(wanted):
        return True
    way = way_in(wanted) if confirmed else way_by_domain(wanted)
    if way != "approval":
        return way is not None
    accepted = exists().where(Application.member_id == member_id, Application.state == "accepted")
    return way_by_domain(current) in ("approval", None) or bool(db.session.scalar(select(accepted)))


def is_invited(email: str) -> bool:
    """Whether an invitation to the platform, or to a community, waits for this address."""
    platform = exists().where(
        PlatformInvitation.email == email,
        PlatformInvitation.state == "pending",
        PlatformInvitation.expires_at > now(),
    )
    community = exists().where(Invitation.email == email, Invitation.state == "pending", Invitation.expires_at > now())
    return bool(db.session.scalar(select(platform | community)))


def rules_in_words(rules: Policy) -> list[str]:
    """What the form says before anybody types."""
    free = "refuse" if rules.mode in ("domain", "invitation") and rules.free_mail != "accept" else rules.free_mail
    words = {
        "open": _("L’inscription est ouverte : confirmez votre adresse et vous entrez."),
        "approval": _("Les inscriptions sont examinées par l’administration, qui vous répond par courriel."),
        "domain": _("L’inscription est réservée aux adresses de certains domaines."),
        "invitation": _("L’inscription se fait sur invitation : suivez le lien du message que vous avez reçu."),
    }
    said = [words[rules.mode]]
    if rules.domains:
        shown = ", ".join(rules.domains[:8]) + ("…" if len(rules.domains) > 8 else "")
        said.append(
            _("Les adresses de ces domaines entrent directement, sous-domaines compris : %(domains)s.", domains=shown)
        )
    if rules.organisations:
        said.append(_("Les adresses des organismes que nous connaissons entrent directement."))
    if rules.mode in ("open", "approval"):
        said += {
            "refuse": [_("Les messageries personnelles ne sont pas acceptées : donnez votre adresse professionnelle.")],
            "approval": [_("Les inscriptions avec une messagerie personnelle sont examinées.")]
            * (rules.mode == "open"),
        }.get(free, [])
    return said


def _is_an_organisation_s(domain: str) -> bool:
    known = select(OrganisationDomain.domain).where(OrganisationDomain.domain.in_(parents(domain)))
    return db.session.scalar(known.limit(1)) is not None
