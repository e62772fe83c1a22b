"""The demo: one believable French story, told through the product's own actions."""

from community.core.ports import provide

DEMO_PASSWORD = "demonstration-2026"  # noqa: S105 - shown on the sign-in page of the demo, and only there
#: (role, name, e-mail) of the accounts shown on the sign-in page and by ``make run``
DEMO_ACCOUNTS = (
    ("acheteuse", "Claire Martin", "claire.martin@collines-varoises.example"),
    ("expert", "Paul Roche", "paul.roche@haut-velay.example"),
    ("animatrice", "Inès Benali", "ines.benali@ville-clairbois.example"),
    ("administratrice", "Anne Le Goff", "anne.le-goff@entrepairs.example"),
)


@provide("demo_accounts")
def demo_accounts() -> tuple[tuple[tuple[str, str, str], ...], str]:
    """What the sign-in page of the demo offers: the accounts, and the password that they share."""
    return DEMO_ACCOUNTS, DEMO_PASSWORD
