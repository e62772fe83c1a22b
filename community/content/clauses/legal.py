"""Articles of the codes that clauses stand on: their names as people write them, and where to read them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlencode

from community.core.clock import now

LEGIFRANCE = "https://www.legifrance.gouv.fr/search/code"
_ARTICLE = re.compile(r"\b([LRD])\.?\s*((?:\*\s*)?\d{1,4}(?:-\d{1,3}){0,4})", re.IGNORECASE)


def article_name(text: str) -> str:
    """« R. 2111-10 », « article r2111-10 » → « R2111-10 »; other references (CCAG, règlement…) stay as they are written."""
    found = _ARTICLE.search(text)
    return (found.group(1).upper() + found.group(2).replace(" ", "")) if found else " ".join(text.split())[:60]


def article_address(article: str) -> str:
    """Légifrance's search among articles of the codes, for this very number."""
    exact = _ARTICLE.fullmatch(article)
    asked = {"tab_selection": "code", "searchField": "NUM_ARTICLE" if exact else "ALL", "query": article}
    return f"{LEGIFRANCE}?{urlencode(asked)}"


def is_old(checked_on: str) -> bool:
    """An article looked at more than a year ago is worth another look."""
    return bool(checked_on) and now().date() - date.fromisoformat(checked_on) > timedelta(days=365)
