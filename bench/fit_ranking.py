"""Learn what each signal of `search_index/reranking.py` weighs, and how well that holds on questions not learnt from.

usage: python -m bench.fit_ranking [--collection DIR]    (DIR as in bench.search_relevance)

The signals are those that the product computes. The weights make the judged entries likely among the candidates (softmax
over the 60 of each question, small quadratic penalty): a convex problem, solved by Newton's method, with one answer. Prints
nDCG@10 by 5-fold cross-validation beside the order of the scores alone, with the folds and a paired randomisation test, then
the weights learnt from all questions, to be written in `reranking.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.search_relevance import ROOT, measures, read_judgements
from search_index import open_backend
from search_index.__main__ import READER, read_entries, read_lines
from search_index.analysis import terms
from search_index.linking import key_terms
from search_index.reranking import CANDIDATES, SIGNALS, signals
from search_index.segment_source import SegmentSource
from search_index.source import Scope

RESULTS = ROOT / "bench" / "results" / "ranking_fit.json"
PENALTY = 3e-3
STEPS, SHORTEST, ENOUGH = 30, 1e-4, 1e-6
FOLDS, SHUFFLES, ROUNDS = 5, 3, 2_000
Rows = list[tuple[float, ...]]


class Question:
    """The candidates of one question: their signals, which of them are right, and how many right ones there are."""

    def __init__(self, rows: Rows, names: list[str], judged: set[str]) -> None:
        self.rows, self.names, self.judged = rows, names, judged
        self.right = [n for n, name in enumerate(names) if name in judged]

    def ndcg(self, weights: Sequence[float]) -> float:
        worth = [sum(map(float.__mul__, weights, row)) for row in self.rows]
        order = sorted(range(len(worth)), key=lambda n: -worth[n])
        return measures([self.names[n] for n in order], self.judged)[0]


def collect(backend: Any, queries: list[dict[str, Any]], judged: dict[str, set[str]], field: str) -> list[Question]:
    """What the product sees of each question when it puts the candidates in order."""
    source = SegmentSource(backend._current())
    everything = source.select(Scope(readers=READER))
    found = []
    for query in queries:
        body = query["body"] if field == "title+body" else ""
        weights = key_terms(source, query["title"], body, backend.synonyms)
        ranked = source.best(weights, everything, CANDIDATES)
        rows = signals(source, ranked, set(terms(query["title"])), weights) if ranked else []
        names = [source.record(doc)["id"] for _, doc in ranked]
        found.append(Question([tuple(map(float, row)) for row in rows], names, judged[query["id"]]))
    return found


def scales(questions: list[Question]) -> list[float]:
    """How much each signal varies among the candidates of a question, on average."""
    spread = [[statistics.pstdev(column) for column in zip(*one.rows, strict=True)] for one in questions if one.rows]
    return [statistics.fmean(column) or 1.0 for column in zip(*spread, strict=True)]


def fit(questions: list[Question], scale: list[float], start: Sequence[float] = ()) -> list[float]:
    """The weights that make the right entries likeliest, looked for from `start`."""
    used = [
        ([tuple(x / s for x, s in zip(row, scale, strict=True)) for row in one.rows], one.right)
        for one in questions
        if one.right
    ]
    weights = [weight * s for weight, s in zip(start, scale, strict=True)] if start else [0.0] * len(scale)
    loss, slope, curve = _derivatives(used, weights)
    for _ in range(STEPS):
        step, length = solve(curve, slope), 1.0
        while length > SHORTEST:
            tried = [weight - length * one for weight, one in zip(weights, step, strict=True)]
            after = _derivatives(used, tried)
            if after[0] <= loss:
                break
            length /= 4
        gained = loss - after[0]
        if gained < ENOUGH:
            break
        weights, (loss, slope, curve) = tried, after
    return [weight / s for weight, s in zip(weights, scale, strict=True)]


def _derivatives(
    used: list[tuple[Rows, list[int]]], weights: list[float]
) -> tuple[float, list[float], list[list[float]]]:
    """How unlikely the right entries are, with its slope and its curvature."""
    size = len(weights)
    loss = PENALTY * sum(weight * weight for weight in weights)
    slope = [2 * PENALTY * weight for weight in weights]
    curve = [[2 * PENALTY * (i == j) for j in range(size)] for i in range(size)]
    for rows, right in used:
        worth = [sum(map(float.__mul__, weights, row)) for row in rows]
        top = max(worth)
        chances = [math.exp(one - top) for one in worth]
        whole = sum(chances)
        loss -= sum(worth[n] - top - math.log(whole) for n in right) / len(right) / len(used)
        columns = list(zip(*rows, strict=True))
        weighed = [[p / whole * x for p, x in zip(chances, column, strict=True)] for column in columns]
        mean = [sum(column) for column in weighed]
        for k in range(size):
            slope[k] += (mean[k] - sum(rows[n][k] for n in right) / len(right)) / len(used)
            for j in range(k + 1):
                curve[k][j] += (sum(map(float.__mul__, weighed[k], columns[j])) - mean[k] * mean[j]) / len(used)
    for k in range(size):
        for j in range(k):
            curve[j][k] = curve[k][j]
    return loss, slope, curve


def solve(matrix: list[list[float]], values: list[float]) -> list[float]:
    """Gauss's elimination."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for k in range(len(rows)):
        best = max(range(k, len(rows)), key=lambda n: abs(rows[n][k]))
        rows[k], rows[best] = rows[best], rows[k]
        for n in range(len(rows)):
            if n != k and (factor := rows[n][k] / rows[k][k]):
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[k], strict=True)]
    return [row[-1] / row[k] for k, row in enumerate(rows)]


def folds(count: int, seed: int) -> list[int]:
    """The fold of each question."""
    places = list(range(count))
    random.Random(seed).shuffle(places)
    found = [0] * count
    for n, place in enumerate(places):
        found[place] = n % FOLDS
    return found


def held_out(questions: list[Question], scale: list[float], start: list[float], seed: int) -> list[float]:
    """nDCG@10 of each question with weights learnt from the other folds."""
    fold = folds(len(questions), seed)
    found = [0.0] * len(questions)
    for k in range(FOLDS):
        weights = fit([one for one, f in zip(questions, fold, strict=True) if f != k], scale, start)
        for n, one in enumerate(questions):
            if fold[n] == k:
                found[n] = one.ndcg(weights)
    return found


def chance(gains: list[float]) -> float:
    """How often signs drawn at random give as large a mean difference (paired randomisation)."""
    rng, seen = random.Random(7), abs(sum(gains))
    extreme = sum(abs(sum(g if rng.random() < 0.5 else -g for g in gains)) >= seen for _ in range(ROUNDS))
    return (extreme + 1) / (ROUNDS + 1)


def report(questions: list[Question]) -> dict[str, Any]:
    scale = scales(questions)
    alone = [one.ndcg([1.0] + [0.0] * (len(SIGNALS) - 1)) for one in questions]
    weights = fit(questions, scale)
    runs = [held_out(questions, scale, weights, seed) for seed in range(1, SHUFFLES + 1)]
    mean = [statistics.fmean(column) for column in zip(*runs, strict=True)]
    gains = [a - b for a, b in zip(mean, alone, strict=True)]
    first = folds(len(questions), 1)
    return {
        "score alone": round(statistics.fmean(alone), 4),
        "cross-validated": round(statistics.fmean(mean), 4),
        "gain by fold": [
            round(statistics.fmean(g for g, f in zip(gains, first, strict=True) if f == k), 4) for k in range(FOLDS)
        ],
        "p": round(chance([gain for gain in gains if gain]), 4),
        "learnt from all": round(statistics.fmean(one.ndcg(weights) for one in questions), 4),
        "weights": {name: round(weight, 2) for name, weight in zip(SIGNALS, weights, strict=True)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, default=ROOT.parent / "shared" / "relevance")
    chosen = parser.parse_args()
    judged = read_judgements(chosen.collection / "qrels.txt")
    queries = [row for row in read_lines(str(chosen.collection / "queries.jsonl.gz")) if row["id"] in judged]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        backend = open_backend(f"whoosh:{folder}/index")
        backend.rebuild(read_entries(str(chosen.collection / "docs.jsonl.gz")))
        for field in ("title", "title+body"):
            results[field] = report(collect(backend, queries, judged, field))
            print(field, json.dumps(results[field], indent=1), flush=True)
        backend.close()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
