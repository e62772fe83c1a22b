"""``python -m bench [site|demo_relevance|search_relevance|search_bench|search_load|search_postgres]``: all when none is named."""

import importlib
import importlib.util
import os
import sys
import tempfile

PARTS = ("site", "demo_relevance", "search_relevance", "search_bench", "search_load", "search_postgres")


def main() -> None:
    chosen = sys.argv[1:] or [part for part in PARTS if importlib.util.find_spec(f"bench.{part}")]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("BENCH_FOLDER", folder)  # the parts that need 100,000 entries share one index
        for part in chosen:
            print(f"\n== {part} ==", flush=True)
            sys.argv = [part]
            importlib.import_module(f"bench.{part}").main()


if __name__ == "__main__":
    main()
