"""Every French text of the interface has its English words: fails with the list of those that have none."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "community" / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def main() -> int:
    with tempfile.NamedTemporaryFile(suffix=".pot") as pot:
        command = [sys.executable, "-m", "babel.messages.frontend", "extract", "-q", "-F", "babel.cfg", "-k", "_l"]
        subprocess.run([*command, "-o", pot.name, "."], cwd=ROOT, check=True)
        with Path(pot.name).open("rb") as file:
            wanted = {_key(message) for message in read_po(file) if message.id}
    with CATALOGUE.open("rb") as file:
        done = {_key(message) for message in read_po(file) if message.id and _translated(message)}
    missing = sorted(wanted - done)
    for text in missing:
        print(f"not translated: {text!r}")
    print(f"{len(wanted) - len(missing)} of {len(wanted)} texts translated")
    return 1 if missing else 0


def _key(message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def _translated(message) -> bool:
    words = message.string
    return all(words) if isinstance(words, tuple) else bool(words)


if __name__ == "__main__":
    sys.exit(main())
