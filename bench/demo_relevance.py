"""Search and links on the demo, against people's judgement: story/judged.toml and the links confirmed in the story.

Prints in how many of the judged searches a right sheet (clause, question) comes first, and among the first three; and how
many of the sheets proposed beside the story's questions are those that its people confirmed.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from community import create_app
from community.config import load_settings

RESULTS = Path(__file__).parent / "results" / "demo_relevance.json"
EVERYTHING = frozenset({"administrator"})
KINDS = {"sheets": "sheet", "clauses": "clause", "questions": "question"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings({"DEMO": "1"}, instance=Path(folder)), RATELIMIT_ENABLED=False, TESTING=True)
        with app.app_context():
            figures = _measure()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:52} {value}")


def _measure() -> dict[str, Any]:
    from community.core.outbox import drain
    from community.migrate import upgrade_if_needed
    from community.seeds.tell import STORY, tell
    from community.services.search.index import index
    from search_index.entry import SearchRequest

    upgrade_if_needed()
    story = tell()
    drain(100_000)
    ids = {"sheets": story.sheets, "clauses": story.clauses, "questions": story.questions}
    judged = tomllib.loads((STORY / "judged.toml").read_text(encoding="utf-8"))["judgement"]
    figures: dict[str, Any] = {"searches judged": len(judged)}
    for group, kind in KINDS.items():
        right = first = third = 0
        for judgement in judged:
            wanted = {ids[group][key] for key in judgement.get(group, ()) if key in ids[group]}
            if not wanted:
                continue
            hits = index().search(SearchRequest(judgement["query"], EVERYTHING, kinds=(kind,), limit=3)).hits
            refs = [hit.ref for hit in hits]
            right += 1
            first += bool(refs[:1] and refs[0] in wanted)
            third += bool(wanted & set(refs))
        figures[f"right {kind} first"] = f"{first} of {right} ({first / right:.0%})"
        figures[f"right {kind} among three"] = f"{third} of {right} ({third / right:.0%})"
    return figures | _links(story)


def _links(story: Any) -> dict[str, Any]:
    """What the engine proposes beside each question, against what people confirmed or rejected.

    Nothing is learnt from the links measured: first none is known, then only those of every other question.
    """
    from sqlalchemy import delete, select

    from community.abilities.links.models import Link
    from community.core.db import db
    from community.services.search.index import rebuild

    confirmed, rejected = _verdicts(story)
    kept = [
        (link.source_id, link.target_id) for link in db.session.scalars(select(Link).where(Link.verdict == "confirmed"))
    ]
    db.session.execute(delete(Link))
    db.session.commit()
    rebuild()
    alone = _proposed(confirmed, rejected)
    even = set(sorted(confirmed)[::2])
    db.session.add_all(
        [Link(source_id=s, target_id=t, verdict="confirmed", origin="hand") for s, t in kept if s in even or t in even]
    )
    db.session.commit()
    held_out = {question: wanted for question, wanted in confirmed.items() if question not in even}
    before = _proposed(held_out, rejected)
    rebuild()
    after = _proposed(held_out, rejected)
    learnt = {"held out, without": before["right sheet proposed first"], "with": after["right sheet proposed first"]}
    return alone | {f"right sheet first, {name} others' confirmed links": value for name, value in learnt.items()}


def _verdicts(story: Any) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Sheets that the story's people confirmed, and rejected, by question id."""
    confirmed: dict[int, set[int]] = {}
    rejected: dict[int, set[int]] = {}
    for record in story.read("questions"):
        for told in record.get("sheet_link", ()):
            table = rejected if told["verdict"] == "rejected" else confirmed
            table.setdefault(story.questions[record["key"]], set()).add(story.sheets[told["sheet"]])
    return confirmed, rejected


def _proposed(confirmed: dict[int, set[int]], rejected: dict[int, set[int]]) -> dict[str, Any]:
    from community.services.search.linker import propose

    found = first = proposed = refused = 0
    for question, wanted in confirmed.items():
        targets = [proposal.target_id for proposal in propose(question, "sheet")]
        proposed += len(targets)
        found += len(wanted & set(targets))
        first += bool(targets and targets[0] in wanted)
        refused += len(rejected.get(question, set()) & set(targets))
    total = sum(map(len, confirmed.values()))
    return {
        "right sheet proposed first": f"{first} of {len(confirmed)} ({first / len(confirmed):.0%})",
        "confirmed sheets that are proposed": f"{found} of {total} ({found / total:.0%})",
        "proposals that people confirmed": f"{found} of {proposed} ({found / max(1, proposed):.0%})",
        "proposals that people rejected": refused,
    }


if __name__ == "__main__":
    main()
