"""Mail domains: cleaned as people write them, compared with their sub-domains, free mail known."""

from __future__ import annotations

import re
from collections.abc import Collection

#: letter boxes that anybody opens without saying who they are: an address there proves no employer
FREE_MAIL = (
    *("gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr"),
    *("msn.com", "yahoo.com", "yahoo.fr", "ymail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr"),
    *(
        "laposte.net",
        "bbox.fr",
        "numericable.fr",
        "club-internet.fr",
        "aliceadsl.fr",
        "icloud.com",
        "me.com",
        "mac.com",
    ),
    *("protonmail.com", "proton.me", "gmx.fr", "gmx.com", "aol.com", "mailo.com", "tutanota.com", "zoho.com"),
    *("yopmail.com", "yopmail.fr", "mailinator.com", "guerrillamail.com", "temp-mail.org", "jetable.org"),
)
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")


def tidy_domain(text: str) -> str | None:
    """« @Ville.fr », « *.ville.fr » and « ville.fr. » are ville.fr; None for what is no domain."""
    name = text.strip().lower().removeprefix("@").removeprefix("*.").strip(".")
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        return None
    return name if len(name) <= 190 and _NAME.fullmatch(name) else None


def parse_domains(text: str) -> tuple[list[str], list[str]]:
    """Domains as people list them (commas, spaces, lines): (the good ones, each once, in order; the words refused)."""
    good: dict[str, None] = {}
    wrong: list[str] = []
    for word in re.split(r"[\s,;]+", text):
        if not word:
            continue
        name = tidy_domain(word)
        if name is None:
            wrong.append(word)
        else:
            good[name] = None
    return list(good), wrong


def domain_of(email: str) -> str:
    """The domain of an address, as domains are kept (ASCII)."""
    return tidy_domain(email.rpartition("@")[2]) or ""


def parents(domain: str) -> list[str]:
    """achats.ville.fr → achats.ville.fr, ville.fr: where a rule about this address may be written."""
    parts = domain.split(".")
    return [".".join(parts[start:]) for start in range(len(parts) - 1)]


def is_within(domain: str, names: Collection[str]) -> bool:
    """Whether this domain is one of these, or under one of them. « mauvaise-ville.fr » is not under « ville.fr »."""
    return any(name in names for name in parents(domain))
