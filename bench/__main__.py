"""``python -m bench [site|search|relevance]``: all of them when none is named."""

import importlib
import importlib.util
import sys

PARTS = ("site", "demo_relevance", "search_relevance", "search_bench")


def main() -> None:
    chosen = sys.argv[1:] or [part for part in PARTS if importlib.util.find_spec(f"bench.{part}")]
    for part in chosen:
        print(f"\n== {part} ==")
        sys.argv = [part]
        importlib.import_module(f"bench.{part}").main()


if __name__ == "__main__":
    main()
