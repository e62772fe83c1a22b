"""Every French text of the interface has its English words, with the same values in it: else the list of those that do not."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "community" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def main() -> int:
    wanted, english = texts_of_the_code(), catalogue()
    missing = sorted(wanted - {key(message) for message in english if message.id and translated(message)})
    for text in missing:
        print(f"not translated: {text!r}")
    wrong = [key(message) for message in english if message.id and not same_places(message)]
    for text in wrong:
        print(f"other values in English: {text!r}")
    print(f"{len(wanted) - len(missing)} of {len(wanted)} texts translated")
    return 1 if missing or wrong else 0


def texts_of_the_code() -> set[str]:
    """The French texts marked in the code and the templates, as they are now."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as pot:
        pybabel = [str(Path(sys.executable).with_name("pybabel")), "-q"]
        subprocess.run([*pybabel, "extract", "-F", "babel.cfg", "-k", "_l", "-o", pot.name, "."], cwd=ROOT, check=True)
        with Path(pot.name).open("rb") as file:
            return {key(message) for message in read_po(file) if message.id}


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def translated(message: Message) -> bool:
    return all(words_of(message.string)) and not message.fuzzy


def same_places(message: Message) -> bool:
    """Each English form names the values of the French form of its rank (a singular may leave its number out)."""
    french, english = words_of(message.id), words_of(message.string)
    for rank, words in enumerate(english):
        wanted, found = (set(PLACE.findall(text)) for text in (french[min(rank, len(french) - 1)], words))
        if words and wanted != found and (len(french) == 1 or wanted ^ found != {"%(num)d"}):
            return False
    return True


def words_of(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


if __name__ == "__main__":
    sys.exit(main())
