"""The words of moderation: what may be decided, why a text waits, and the messages that authors receive unless edited."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from community.core import vocab
from community.core.vocab import Vocabulary

#: what may be decided, in the order of the desk
ACTIONS: Vocabulary = {
    "keep": _l("Laisser en place"),
    "edit": _l("Corriger"),
    "move": _l("Déplacer"),
    "hide": _l("Masquer"),
    "remove": _l("Retirer"),
    "warn": _l("Avertir l’auteur"),
    "silence": _l("Lecture seule dans la communauté"),
    "ban": _l("Exclure de la communauté"),
    "suspend": _l("Suspendre le compte"),
}
#: the same, once done
DONE: Vocabulary = {
    "keep": _l("Laissé en place"),
    "edit": _l("Corrigé"),
    "move": _l("Déplacé"),
    "hide": _l("Masqué"),
    "remove": _l("Retiré"),
    "warn": _l("Avertissement"),
    "silence": _l("Lecture seule dans la communauté"),
    "ban": _l("Exclusion de la communauté"),
    "suspend": _l("Suspension du compte"),
    "refuse": _l("Publication refusée"),
}
KEYS = {
    "keep": "g",
    "edit": "e",
    "move": "d",
    "hide": "m",
    "remove": "r",
    "warn": "a",
    "silence": "l",
    "ban": "x",
    "suspend": "s",
}
#: sent to the author, edited or not; « keep » sends nothing
MESSAGES: Vocabulary = {
    "edit": _l(
        "Bonjour,\n\nJ’ai corrigé votre texte pour qu’il respecte la charte : un passage ne pouvait pas rester en l’état. Le "
        "reste est inchangé, et l’historique garde votre rédaction.\n\nMerci de votre participation."
    ),
    "move": _l(
        "Bonjour,\n\nVotre texte trouvera de meilleures réponses dans une autre communauté : je l’y ai déplacé, avec tout ce "
        "qui lui répondait. Vous n’avez rien à faire.\n\nMerci de votre participation."
    ),
    "hide": _l(
        "Bonjour,\n\nVotre texte est masqué : il contient ce qui ne peut pas être publié (information confidentielle, donnée "
        "personnelle, mise en cause d’une entreprise nommée). Vous le voyez encore, avec cette explication.\n\n"
        "Si vous pensez que c’est une erreur, contestez cette décision : une autre personne la réexaminera."
    ),
    "remove": _l(
        "Bonjour,\n\nVotre texte a été retiré parce qu’il ne respecte pas la charte de la communauté.\n\n"
        "Si vous pensez que c’est une erreur, contestez cette décision : une autre personne la réexaminera."
    ),
    "warn": _l(
        "Bonjour,\n\nVotre message a été signalé. Il reste en place, mais je vous demande de respecter la charte : des faits, "
        "pas de mise en cause de personnes ni d’entreprises nommées, aucune information couverte par le secret.\n\n"
        "Merci d’en tenir compte la prochaine fois."
    ),
    "silence": _l(
        "Bonjour,\n\nAprès plusieurs messages contraires à la charte, vous pouvez lire cette communauté mais plus y écrire "
        "jusqu’à la date indiquée.\n\nSi vous pensez que c’est une erreur, contestez cette décision."
    ),
    "ban": _l(
        "Bonjour,\n\nVotre participation à cette communauté prend fin : vos messages y sont contraires à la charte malgré les "
        "avertissements.\n\nSi vous pensez que c’est une erreur, contestez cette décision."
    ),
    "suspend": _l(
        "Bonjour,\n\nVotre compte est suspendu jusqu’à la date indiquée, en raison de manquements répétés ou graves à la "
        "charte.\n\nSi vous pensez que c’est une erreur, contestez cette décision : une autre personne la réexaminera."
    ),
    "refuse": _l(
        "Bonjour,\n\nVotre texte attendait la relecture d’un animateur ; il ne peut pas être publié en l’état. Vous le "
        "retrouvez tel que vous l’avez écrit.\n\nSi vous pensez que c’est une erreur, contestez cette décision."
    ),
}
#: decisions told by mail too: the author may not come back to the site, or not be able to
BY_MAIL = frozenset({"remove", "suspend", "silence", "ban"})

HOLD_RULES: Vocabulary = {
    "first_posts": _l("Premiers messages"),
    "links": _l("Liens d’un nouveau membre"),
    "words": _l("Mots à vérifier"),
    "language": _l("Autre langue que le français"),
    "repeated": _l("Texte déjà publié"),
    "again": _l("Modifié après un refus"),
}
#: why a text waits, as its author reads it
HOLD_REASONS: Vocabulary = {
    "first_posts": _l("c’est l’un de vos premiers messages"),
    "links": _l("il contient un lien, et votre compte est récent"),
    "words": _l("il contient un mot à vérifier"),
    "language": _l("il n’est pas en français"),
    "repeated": _l("il ressemble à un texte que vous venez de publier"),
    "again": _l("il a été modifié après un refus"),
}
LANGUAGES: Vocabulary = {
    "en": _l("anglais"),
    "es": _l("espagnol"),
    "de": _l("allemand"),
    "it": _l("italien"),
    "pt": _l("portugais"),
    "nl": _l("néerlandais"),
}
APPEAL_STATES: Vocabulary = {
    "pending": _l("En réexamen"),
    "upheld": _l("Décision confirmée"),
    "reversed": _l("Décision annulée"),
}
vocab.ALL |= {
    "moderation_action": ACTIONS,
    "moderation_done": DONE,
    "hold_rule": HOLD_RULES,
    "hold_reason": HOLD_REASONS,
    "hold_language": LANGUAGES,
    "appeal_state": APPEAL_STATES,
}
