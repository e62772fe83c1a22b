"""From the index's hits to what a page shows: filtered a second time by the database, facets with words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import literal, select, union_all
from werkzeug.datastructures import MultiDict

from community.abilities.tags.models import Tag
from community.contributions.models import Contribution
from community.contributions.permalink import url_for_kind
from community.core import vocab
from community.core.db import db
from community.people.accounts.models import Member
from community.people.communities.models import Community
from community.permissions import community_visible_to, is_out, reader_tokens, visible_to
from community.services.search.index import index
from search_index.entry import SearchRequest, SearchResults

PER_PAGE = 20
#: address parameter → the index's facet
FACETS = {"communaute": "community", "etiquette": "tag", "etat": "state", "phase": "phase", "nature": "contract_type"}
KINDS = ("question", "sheet", "clause", "document", "member")


@dataclass(frozen=True)
class Query:
    """What was asked on the results page, read from its address."""

    text: str = ""
    kind: str = ""
    filters: Mapping[str, list[str]] = field(default_factory=dict)
    sort: str = "relevance"
    after: date | None = None
    before: date | None = None
    cursor: str | None = None

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Query:
        kind = args.get("type", "")
        return cls(
            text=args.get("q", "").replace("\x00", "")[:2000].strip(),
            kind=kind if kind in KINDS else "",
            filters={name: [value[:80] for value in args.getlist(name)[:10]] for name in FACETS if args.get(name)},
            sort="date" if args.get("tri") == "date" else "relevance",
            after=_day(args.get("apres")),
            before=_day(args.get("avant")),
            cursor=args.get("page"),
        )


@dataclass(frozen=True)
class FacetGroup:
    """One facet for the page: its parameter, its title, and (value, words, count, chosen) choices."""

    name: str
    title: str
    choices: list[tuple[str, str, int, bool]]


def search(user: Any, query: Query) -> tuple[SearchResults, list[Any], list[FacetGroup]]:
    """The index's answer, the hits that the database confirms this person may see, and facets in words."""
    results = index().search(
        SearchRequest(
            text=query.text,
            readers=reader_tokens(user),
            filters={FACETS[name]: values for name, values in query.filters.items()},
            kinds=(query.kind,) if query.kind else (),
            sort=query.sort,
            after=query.after,
            before=query.before,
            limit=PER_PAGE,
            cursor=query.cursor,
            passages=2,
        )
    )
    return results, confirmed(user, results.hits), _facet_groups(user, query, results.facets)


def confirmed(user: Any, hits: Iterable[Any]) -> list[Any]:
    """The hits whose row exists, is out and may be seen: the second filter. One statement, order kept."""
    hits = list(hits)
    refs = [hit.ref for hit in hits if hit.kind != "member"]
    people = [hit.ref for hit in hits if hit.kind == "member"] if user.is_authenticated else []
    contributions = select(literal("c").label("what"), Contribution.id).where(
        Contribution.id.in_(refs), is_out(), visible_to(user)
    )
    members = select(literal("m"), Member.id).where(Member.id.in_(people), Member.state == "active")
    seen = {(row.what, row.id) for row in db.session.execute(union_all(contributions, members))} if hits else set()
    return [hit for hit in hits if ("m" if hit.kind == "member" else "c", hit.ref) in seen]


def _facet_groups(user: Any, query: Query, counts: Mapping[str, list[tuple[str, int]]]) -> list[FacetGroup]:
    words = _words(user, counts)
    titles = {
        "communaute": _("Communauté"),
        "etiquette": _("Étiquette"),
        "etat": _("État"),
        "phase": _("Phase"),
        "nature": _("Nature du contrat"),
    }
    groups = []
    for name, facet in FACETS.items():
        chosen = set(query.filters.get(name, ()))
        choices = [
            (value, words.get((facet, value), value), count, value in chosen)
            for value, count in counts.get(facet, ())[:12]
        ]
        if choices:
            groups.append(FacetGroup(name, titles[name], choices))
    return groups


def _words(user: Any, counts: Mapping[str, list[tuple[str, int]]]) -> dict[tuple[str, str], str]:
    """Labels of facet values: communities and tags in one statement, closed vocabularies from their lists."""
    slugs = {facet: [value for value, _count in counts.get(facet, ())[:12]] for facet in ("community", "tag")}
    rows = union_all(
        select(literal("community").label("facet"), Community.slug, Community.name.label("label")).where(
            Community.slug.in_(slugs["community"]), community_visible_to(user)
        ),
        select(literal("tag"), Tag.slug, Tag.label).where(Tag.slug.in_(slugs["tag"])),
    )
    words = {(row.facet, row.slug): row.label for row in db.session.execute(rows)}
    for facet in ("state", "phase", "contract_type", "kind"):
        words |= {(facet, value): vocab.label(facet, value) for value, _count in counts.get(facet, ())}
    return words


def hit_address(hit: Any) -> str:
    """The page of a hit (of any kind)."""
    return url_for_kind(hit.kind, hit.ref, hit.title)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
