"""Office files are zips of XML: opened here, and read as a stream, so that a huge one costs no more memory than a small one.

Libraries build the whole tree: a docx of 103 KB took 326 MB that way.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from xml.parsers import expat

from lxml import etree

from community.abilities.reading.formats.collector import Damaged

CHUNK = 64 * 1024
SMALL_LIMIT = 8 * 1024 * 1024


class Enough(Exception):
    """A reader has all that it may keep: the rest of the part is not read."""


class Reader(Protocol):
    """What hears the elements of a part, by their local names."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, text: str) -> None: ...


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The package, or Damaged."""
    try:
        with zipfile.ZipFile(path) as package:
            yield package
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, NotImplementedError, KeyError, RuntimeError) as error:
        raise Damaged(type(error).__name__) from error


def stream(package: zipfile.ZipFile, name: str, reader: Any) -> None:
    """Tell the reader every element of one part. No entity is ever expanded: a part that declares a DTD is damaged."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: reader.start(local(tag), attributes)
    parser.EndElementHandler = lambda tag: reader.end(local(tag))
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        with package.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except Enough:
        return
    except expat.ExpatError as error:
        raise Damaged("xml") from error


def _no_doctype(*_declaration: object) -> None:
    raise Damaged("doctype")


def small(package: zipfile.ZipFile, name: str) -> Any:
    """A small part (properties, relations) as a tree; None when there is none."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.file_size > SMALL_LIMIT:
        return None
    with package.open(name) as part:
        return etree.fromstring(part.read(SMALL_LIMIT), parser())


def parser(huge: bool = False) -> etree.XMLParser:
    """No entity, no network, no DTD."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge)


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(attributes: Any, name: str) -> str | None:
    """An attribute by its local name, whatever its namespace (transitional and strict files differ)."""
    for key, value in attributes.items():
        if local(key) == name:
            return value
    return None
