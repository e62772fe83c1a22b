"""What a notification says and where it leads. One sentence an event; the thread's title is shown beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from community.contributions.permalink import url_for_kind
from community.core.slugs import slugify
from community.core.text import typo

SENTENCES = {
    "question.published": _l("%(actor)s a posé une question dans vos domaines"),
    "answer.published": _l("%(actor)s a répondu"),
    "mention": _l("%(actor)s vous mentionne"),
    "comment.published": _l("%(actor)s a commenté ce que vous avez écrit"),
    "answer.accepted": _l("%(actor)s a retenu une réponse"),
    "answer.certified": _l("%(actor)s a certifié une réponse"),
    "question.closed": _l("%(actor)s a fermé la question"),
    "link.confirmed": _l("%(actor)s juge votre contribution pertinente pour une question"),
    "search.matched": _l("Du nouveau pour une recherche que vous suivez"),
    "sheet.credited": _l("%(actor)s vous crédite dans une fiche expérience"),
    "clause.validated": _l("La clause a une nouvelle version : voyez ce qui a changé"),
    "clause.retired": _l("La clause est retirée : voyez pourquoi, et quoi utiliser à la place"),
    "clause.put_back": _l("La clause est remise en vigueur : son retrait est annulé"),
    "clause.review_passed": _l("La date de relecture de la clause est passée"),
    "clause.article_changed": _l("Un article qui fonde la clause a changé"),
    "clause.proposed": _l("%(actor)s propose une clause : elle attend votre relecture"),
    "clause.remarked": _l("%(actor)s a fait une remarque sur une proposition de clause"),
    "clause.changes_requested": _l("%(actor)s demande des modifications à votre proposition de clause"),
    "clause.refused": _l("%(actor)s a refusé votre proposition de clause ; la raison est dans la proposition"),
    "document.to_answer": _l("Votre document attend vos réponses avant de paraître : voyez les passages"),
    "document.file_refused": _l("Le fichier de votre document a été refusé : choisissez-en un autre"),
    "document.version_withdrawn": _l("%(actor)s a retiré une version du document ; la raison est sur sa page"),
    "file.to_answer": _l(
        "Un fichier que vous avez joint contient peut-être des données à masquer : voyez les passages"
    ),
    "document.came_out": _l("Votre document est lu, il est publié"),
    "document.version_published": _l("%(actor)s a publié une nouvelle version du document"),
    "file.infected": _l("L’antivirus a arrêté un fichier que vous avez envoyé : il est en quarantaine"),
    "file.quarantined": _l("L’antivirus a mis en quarantaine un fichier envoyé par %(actor)s"),
    "file.not_scanned": _l("Un fichier envoyé par %(actor)s est trop lourd pour l’antivirus : il n’a pas été examiné"),
    "file.still_infected": _l("L’antivirus reconnaît toujours un programme malveillant dans un fichier en quarantaine"),
    "file.cleared": _l(
        "Un fichier que vous avez envoyé est sorti de quarantaine : l’antivirus n’y reconnaît plus rien"
    ),
    "document.link_dead": _l("L’adresse de votre document ne répond plus"),
    "community.request.created": _l("%(actor)s demande à entrer"),
    "community.request.accepted": _l("Votre demande est acceptée : bienvenue"),
    "community.request.refused": _l("Votre demande n’a pas été acceptée ; la raison est dans votre courriel"),
    "community.invited": _l("%(actor)s vous invite"),
    "community.role_changed": _l("%(actor)s a changé votre rôle"),
    "export.ready": _l("La copie de vos données est prête"),
    "community.sanctioned": _l(
        "Une mesure a été prise à votre égard : voyez laquelle, pourquoi et comment la contester"
    ),
    "community.sanction_lifted": _l("La mesure prise à votre égard est levée"),
    "community.barred": _l("Cette communauté n’accueille plus votre qualité : vous n’y écrivez plus"),
    "sanction.contested": _l("Une mesure est contestée : lisez pourquoi"),
    "seal.opened": _l("%(actor)s a consulté votre identité ; la raison est dans votre courriel"),
    "flag.raised": _l("Un signalement attend une décision"),
    "flag.settled": _l("Votre signalement a reçu une réponse"),
    "hold.made": _l("Un texte attend votre relecture avant d’être publié"),
    "hold.released": _l("Votre texte est relu et publié"),
    "moderation.decided": _l("Une décision de modération concerne l’un de vos textes : voyez laquelle et pourquoi"),
    "moderation.undone": _l("Une décision de modération qui vous concernait est annulée"),
    "appeal.made": _l("Une décision de modération est contestée : elle attend un autre regard"),
    "appeal.settled": _l("Votre contestation a reçu une réponse"),
    "appeal.answered": _l("L’une de vos décisions, contestée, a été réexaminée"),
}
#: the same events, told to the author of what they are about
TO_THE_AUTHOR = {
    "answer.accepted": _l("%(actor)s a retenu votre réponse"),
    "answer.certified": _l("%(actor)s a certifié votre réponse"),
}
SOMEBODY = _l("Quelqu’un")
CLAUSE_PAGES = {
    "clause.proposed": "clauses.desk",
    "clause.remarked": "clauses.proposals",
    "clause.changes_requested": "clauses.proposals",
    "clause.refused": "clauses.proposals",
}
PAGES = {"sanction.contested": "communities.sanctions", "community.request.created": "communities.desk"}
#: pages that gather what was told, whatever it is about
GATHERED = {
    "file.infected": "attachments.index",
    "file.quarantined": "quarantine.index",
    "file.not_scanned": "quarantine.index",
    "file.still_infected": "quarantine.index",
    "file.cleared": "attachments.index",
    "export.ready": "personal_data.show",
    "community.sanctioned": "accounts.rights",
    "community.sanction_lifted": "accounts.rights",
    "community.barred": "accounts.rights",
    "flag.raised": "moderation.index",
    "flag.settled": "flags.mine",
    "hold.made": "moderation.holds",
    "moderation.decided": "moderation.mine",
    "moderation.undone": "moderation.mine",
    "appeal.made": "moderation.appeals",
    "appeal.settled": "moderation.mine",
    "appeal.answered": "moderation.index",
}
#: told under no page at first: rows of that time lead where they did
ONCE_GATHERED = {"document.to_answer": "documents.drafts", "document.file_refused": "documents.drafts"}


def is_first_version(row: Any) -> bool:
    """The first validation of a clause is told to its proposer alone, and changed nothing to compare."""
    return row.event == "clause.validated" and row.key.endswith(":v1")


def sentence(row: Any, user: Any) -> str:
    """What happened, in one line."""
    if is_first_version(row):
        return _("La clause que vous avez proposée est validée : elle est dans le clausier")
    to_me = user.owns(row.author_id)
    words = TO_THE_AUTHOR.get(row.event) if to_me else None
    words = words or SENTENCES.get(row.event) or _l("Du nouveau")
    return str(words) % {"actor": row.actor_name or SOMEBODY} if "%(" in str(words) else str(words)


def lines(entries: Sequence[Any], user: Any) -> list[tuple[Any, str, int]]:
    """What a group says, the latest first: its rows, the sentence of each, and how many times it was told."""
    told: dict[tuple[str, str], tuple[Any, str, int]] = {}
    for row in entries:
        words, place = sentence(row, user), target(row)
        first, _words, count = told.get((words, place), (row, words, 0))
        told[words, place] = (first, words, count + 1)
    return list(told.values())


def subject(row: Any) -> str:
    """The page or the community that the group is about; what is about neither is about oneself."""
    if row.thread_id is None and row.community_name is None:
        return _("Ce qui vous concerne")
    if row.thread_id is None:
        return _("Communauté « %(name)s »", name=row.community_name)
    return typo(row.thread_title)


def target(row: Any) -> str:
    """Where reading the notification leads: the post or the comment on its page, or the community."""
    if row.event == "clause.validated" and not is_first_version(row):
        number = row.key.rpartition(":v")[2]  # what this very version changed, whatever came since
        return url_for("clauses.compare", id=row.thread_id, slug=slugify(row.thread_title), a=number)
    if row.event == "file.to_answer":
        return url_for("reading.check_file", id=int(row.key.rpartition(":")[2]))
    if row.event in CLAUSE_PAGES or row.event in GATHERED:
        return url_for(CLAUSE_PAGES.get(row.event) or GATHERED[row.event])
    if row.thread_id is not None:
        place = f"c{row.comment_id}" if row.comment_id else f"p{row.contribution_id}"
        on_its_page = row.comment_id or row.contribution_id != row.thread_id
        return url_for_kind(row.thread_kind, row.thread_id, row.thread_title) + (f"#{place}" if on_its_page else "")
    if row.event in ONCE_GATHERED:
        return url_for(ONCE_GATHERED[row.event])
    if row.event == "community.invited":
        return url_for("communities.index")
    return url_for(PAGES.get(row.event, "communities.show"), slug=row.community_slug)
