"""From the index's hits to what a page shows: filtered a second time by the database, facets with words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import func, literal, select, union_all
from werkzeug.datastructures import MultiDict

from community.abilities.facets.kinds import Choice
from community.abilities.facets.queries import Group
from community.abilities.tags.models import Tag
from community.contributions.kinds import pages
from community.contributions.models import PAGES, Contribution
from community.contributions.permalink import url_for_kind
from community.core import ports, vocab
from community.core.clock import now
from community.core.db import db
from community.people.accounts.models import Expertise, Member
from community.people.communities.models import Community
from community.permissions import community_visible_to, is_out, reader_tokens, visible_to
from community.services.search.index import reader
from community.services.search.pins import pinned
from search_index.analysis import term_of
from search_index.backend import Backend
from search_index.entry import SearchRequest, SearchResults
from search_index.query import parse

PER_PAGE = 20
MOST_LABELS = 500
#: address parameter → the index's facet
FACETS = {
    "communaute": "community",
    "etiquette": "tag",
    "etat": "state",
    "phase": "phase",
    "nature": "contract_type",
    "document": "document_nature",
}
_WORDS = re.compile(r"(?<![\w:])[^\W\d_]{3,30}(?![\w:])")


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
            kind=kind if kind in PAGES or kind == "member" else "",
            filters={name: [value[:80] for value in args.getlist(name)[:10]] for name in FACETS if args.get(name)},
            sort="date" if args.get("tri") == "date" else "relevance",
            after=_day(args.get("apres")),
            before=_day(args.get("avant")),
            cursor=args.get("page"),
        )

    @classmethod
    def from_kept(cls, words: str, filters: Mapping[str, list[str]]) -> Query:
        """A search that was kept: its words and its filters, the kind among them."""
        return cls.from_args(MultiDict([("q", words), *((name, value) for name in filters for value in filters[name])]))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters or self.kind or self.after or self.before)

    def address(self, **changes: Any) -> dict[str, Any]:
        """The parameters of this search's address."""
        days = {"apres": self.after and self.after.isoformat(), "avant": self.before and self.before.isoformat()}
        order = "date" if self.sort == "date" else None
        return {"q": self.text or None, "type": self.kind or None, **self.filters, **days, "tri": order} | changes


def narrowing(query: Query) -> dict[str, list[str]]:
    """The filters as the index names them."""
    return {FACETS[name]: values for name, values in query.filters.items()}


@dataclass(frozen=True)
class Answer:
    """What the results page shows.

    ``closest`` and ``without_filters`` are looked for when nothing is found.
    """

    found: SearchResults
    hits: list[Any]
    facets: list[Group]
    pins: list[Any]
    closest: list[tuple[str, int]] = field(default_factory=list)
    without_filters: int = 0
    #: (document, page number) → the place in the words of its file
    places: Mapping[tuple[int, int], str] = field(default_factory=dict)

    @property
    def is_miss(self) -> bool:
        return not self.hits and not self.pins and not self.found.total


def search(user: Any, query: Query, version: Any = None) -> Answer:
    """The index's answer: hits that the database confirms this person may see, facets in words, chosen results first."""
    backend, readers = reader(version), reader_tokens(user)
    results = backend.search(request_for(query, readers))
    pins = pinned(user, query.text) if query.text and not query.is_narrowed and not query.cursor else []
    chosen = {f"{row.kind}:{row.id}" for row in pins}
    hits = [hit for hit in confirmed(user, results.hits) if hit.id not in chosen]
    groups = _facet_groups(user, query, results.facets)
    places = _places(hits)
    if hits or pins or query.cursor or not query.text:
        return Answer(results, hits, groups, pins, places=places)
    wider = replace(query, kind="", filters={}, after=None, before=None)
    total = backend.search(request_for(wider, readers, 1)).total if query.is_narrowed else 0
    return Answer(results, hits, groups, pins, closest(backend, query.text, readers), total)


def _places(hits: Iterable[Any]) -> Mapping[tuple[int, int], str]:
    """Where the passages of documents are, in the words of each file. One statement when there is any."""
    asked = {(hit.ref, passage.page) for hit in hits for passage in hit.passages if passage.page}
    return ports.call("place_names", asked, default={}) if asked else {}


def request_for(query: Query, readers: frozenset[str], limit: int = PER_PAGE) -> SearchRequest:
    return SearchRequest(
        text=query.text,
        readers=readers,
        filters=narrowing(query),
        kinds=(query.kind,) if query.kind else (),
        sort=query.sort,
        after=query.after,
        before=query.before,
        limit=limit,
        cursor=query.cursor,
        passages=2,
    )


def closest(backend: Backend, text: str, readers: frozenset[str], most: int = 4) -> list[tuple[str, int]]:
    """Each word of a search that found nothing, as it is or as it is likely spelt, with what it finds alone."""
    typed = list(dict.fromkeys(word.casefold() for word in _WORDS.findall(parse(text).text) if term_of(word)))[:most]
    found: dict[str, int] = {}
    for word in typed:
        alone = backend.search(SearchRequest(text=word, readers=readers, limit=1, passages=0))
        if alone.total:
            found[alone.corrected or word] = alone.total
    return [(word, total) for word, total in found.items() if word != text.casefold()]


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


def _facet_groups(user: Any, query: Query, counts: Mapping[str, list[tuple[str, int]]]) -> list[Group]:
    words = _words(user, counts)
    titles = {
        "communaute": _("Communauté"),
        "etiquette": _("Étiquette"),
        "etat": _("État"),
        "phase": _("Phase"),
        "nature": _("Nature du contrat"),
        "document": _("Nature du document"),
    }
    groups = []
    for name, facet in FACETS.items():
        chosen = set(query.filters.get(name, ()))
        choices = [
            Choice(value, words.get((facet, value), value), count, value in chosen)
            for value, count in counts.get(facet, ())[:12]
        ]
        if choices:
            groups.append(Group(name, titles[name], choices))
    return groups


def _words(user: Any, counts: Mapping[str, list[tuple[str, int]]], most: int = 12) -> dict[tuple[str, str], str]:
    """Labels of facet values: communities, tags and expertise in one statement, closed vocabularies from their lists."""
    slugs = {facet: [value for value, _count in counts.get(facet, ())[:most]] for facet in ("community", "tag")}
    rows = union_all(
        select(literal("community").label("facet"), Community.slug, Community.name.label("label")).where(
            Community.slug.in_(slugs["community"]), community_visible_to(user)
        ),
        select(literal("tag"), Tag.slug, Tag.label).where(Tag.slug.in_(slugs["tag"])),
        select(literal("expertise"), Expertise.slug, func.min(Expertise.label))
        .where(Expertise.slug.in_(slugs["tag"] if user.is_authenticated else ()))
        .group_by(Expertise.slug),
    )
    words = {(row.facet, row.slug): row.label for row in db.session.execute(rows)}
    for facet, slug in [key for key in words if key[0] == "expertise"]:
        # Members are found by what they know: not all of it is a tag.
        words.setdefault(("tag", slug), words[facet, slug])
    for facet in ("state", "phase", "contract_type", "document_nature", "kind"):
        words |= {(facet, value): vocab.label(facet, value) for value, _count in counts.get(facet, ())}
    return words


def words_of_filters(user: Any, queries: Iterable[Query]) -> dict[tuple[str, str], str]:
    """Labels of the filters of several searches, by facet and value; what ``user`` may not know has none. One statement."""
    values: dict[str, dict[str, None]] = {}
    for query in queries:
        for name, chosen in narrowing(query).items():
            values.setdefault(name, {}).update(dict.fromkeys(chosen))
    return _words(user, {name: [(value, 0) for value in found] for name, found in values.items()}, MOST_LABELS)


def hit_address(hit: Any, page: int | None = None, words: str = "") -> str:
    """The page of a hit (of any kind); with ``page``, a document opened there, the words of the search marked in it."""
    address = url_for_kind(hit.kind, hit.ref, hit.title)
    return f"{address}?{urlencode({'page': page, 'mots': words[:200]})}#page" if page else address


def kinds_of(user: Any) -> list[tuple[str, Any]]:
    """The kinds of results in the order of their tabs, with their words; members are for members."""
    return [(kind, model.plural) for kind, model in pages().items()] + [
        ("member", _("Membres"))
    ] * user.is_authenticated


def periods() -> list[tuple[str, date]]:
    """Periods in one click: their words and the day they begin."""
    today = now().date()
    return [(_("30 derniers jours"), today - timedelta(days=30)), (_("Cette année"), date(today.year, 1, 1))]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
