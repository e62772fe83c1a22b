"""Server time of the pages that matter, on the demo, in one process: medians and ratios to an empty request."""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.common import write
from community import create_app
from community.config import load_settings

ROUNDS = 120
SEARCH, TYPING = "recherche « allotissement denrées »", "en tapant (proches)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        rows = {name: site.measure(call) for name, call in site.journeys().items()}
        engine = {name: site.measure(call) for name, call in site.engine().items()}
        sizes = site.sizes()
    base = rows["requête vide (/sante)"]["p50_ms"]
    for row in rows.values():
        row["ratio"] = round(row["p50_ms"] / base, 1)
    write("site", {"pages": rows, "engine": engine, "sizes": sizes})
    print(f"{'page':42} {'p50 ms':>8} {'p95 ms':>8} {'ratio':>7}")
    for name, row in rows.items():
        print(f"{name:42} {row['p50_ms']:8.2f} {row['p95_ms']:8.2f} {row['ratio']:7.1f}")
    for name, size in sizes.items():
        print(f"{name:42} {size:>8} octets")


class Site:
    """The demo in a folder of its own, and clients for a visitor and for Claire."""

    def __init__(self, folder: Path) -> None:
        self.app = create_app(load_settings({"DEMO": "1"}, instance=folder), RATELIMIT_ENABLED=False, TESTING=True)
        from sqlalchemy import select

        from community.content.questions.models import Question
        from community.core.db import db
        from community.migrate import upgrade_if_needed
        from community.people.accounts.models import Member
        from community.seeds import DEMO_ACCOUNTS
        from community.seeds.tell import seed_if_empty

        with self.app.app_context():
            upgrade_if_needed()
            seed_if_empty(lambda _line: None)
            self.claire = db.session.scalars(select(Member.id).where(Member.email == DEMO_ACCOUNTS[0][2])).one()
            busiest = (
                select(Question).where(Question.closed_at.is_(None)).order_by(Question.replies_count.desc()).limit(1)
            )
            question = db.session.scalars(busiest).one()
            self.question, self.slug = question.id, question.slug
            db.session.remove()
        import sys

        sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
        from client import Client

        self.visitor, self.member = Client(self.app), Client(self.app).signed_in_as(self.claire)

    def journeys(self) -> dict[str, Callable[[], Any]]:
        thread = f"/questions/{self.question}-{self.slug}"
        return {
            "requête vide (/sante)": lambda: self.visitor.get("/sante"),
            "accueil, visiteur": lambda: self.visitor.get("/"),
            "accueil, membre": lambda: self.member.get("/"),
            "questions, visiteur": lambda: self.visitor.get("/questions"),
            "question, visiteur": lambda: self.visitor.get(thread),
            "question, membre": lambda: self.member.get(thread),
            "fiches, visiteur": lambda: self.visitor.get("/fiches"),
            SEARCH: lambda: self.visitor.get("/recherche?q=allotissement+denrées"),
            TYPING: lambda: self.member.get("/questions/proches?title=comment+allotir+un+marché+de+denrées"),
            "publier une réponse": self._answer,
        }

    def engine(self) -> dict[str, Callable[[], Any]]:
        """What two of these pages ask of the search engine: the rest of their time does not grow with the index."""
        from bench.search_bench import close_content
        from community.services.search.index import index
        from search_index import SearchRequest

        with self.app.app_context():
            backend = index()
        request = SearchRequest("allotissement denrées", frozenset({"public"}))
        return {
            SEARCH: lambda: backend.search(request),
            TYPING: lambda: close_content(backend, "comment allotir un marché de denrées", ""),
        }

    def _answer(self) -> Any:
        data = {"body": "Chez nous, l’allotissement fin a très bien fonctionné, à recommander."}
        response = self.member.post(f"/questions/{self.question}/reponses", data)
        assert response.status_code == 303, response.status_code
        return response

    def measure(self, call: Callable[[], Any]) -> dict[str, float]:
        for _warm in range(5):
            assert getattr(call(), "status_code", 200) < 400
        rounds = 30 if call == self._answer else ROUNDS
        times = []
        for _round in range(rounds):
            started = time.perf_counter()
            call()
            times.append((time.perf_counter() - started) * 1000)
        times.sort()
        return {"p50_ms": round(statistics.median(times), 3), "p95_ms": round(times[int(len(times) * 0.95)], 3)}

    def sizes(self) -> dict[str, int]:
        static = Path(self.app.static_folder or "")
        files = [path for path in static.rglob("*") if path.suffix in (".css", ".js")]
        page = self.visitor.get(f"/questions/{self.question}-{self.slug}").data
        return {
            "page d’une question (HTML)": len(page),
            "CSS et JS, compressés (gzip -6)": sum(len(gzip.compress(path.read_bytes(), 6)) for path in files),
        }


if __name__ == "__main__":
    main()
