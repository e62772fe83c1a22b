"""Receive a file: from the network to the disk piece by piece, its digest made on the way; then judged, then kept.

The order is what makes a crash harmless: the content is whole and synchronised in the store before any row names it. What
is received and never named is removed by the night (tasks.py).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flask_babel import gettext as _

from community.core.errors import DomainError, Unavailable
from community.core.filetypes import MAX_NAME, MEGABYTE, extension, stem
from community.core.slugs import slugify
from community.core.storage import blob_key, new_scratch, storage
from community.core.text import clean_text

CHUNK = 256 * 1024


class TooLarge(DomainError):
    """A file over the limit of one file, or of one member."""

    status = 413


@dataclass(frozen=True)
class Received:
    """A whole file on the disk, outside the store: its path is gone after received()."""

    path: Path
    sha256: str
    size: int


@contextmanager
def received(stream: BinaryIO, limit: int) -> Iterator[Received]:
    """Write a stream to a scratch file; raises TooLarge past ``limit`` bytes, Unavailable when there is nowhere to write."""
    path = new_scratch()
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise too_large(limit)
                digest.update(chunk)
                out.write(chunk)
        yield Received(path, digest.hexdigest(), size)
    except OSError as error:  # the disk is full, or the store does not answer
        raise Unavailable() from error
    finally:
        path.unlink(missing_ok=True)


def too_large(limit: int) -> TooLarge:
    return TooLarge(_("Ce fichier est trop lourd : %(limit)d Mo au plus par fichier.", limit=limit // MEGABYTE))


def keep(file: Received) -> None:
    """Put a content in the store, unless it is there already."""
    key = blob_key(file.sha256)
    if not storage().exists(key):
        storage().put(key, file.path)


_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


def clean_name(name: str) -> str:
    """The name people see: the last part of what was sent, without what systems refuse or eyes do not see."""
    name = unicodedata.normalize("NFC", clean_text(name)).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cf", "Cc", "Zl", "Zp", "Co", "Cn"))
    name = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", name)).strip(" .") or _("sans nom")
    if len(name) <= MAX_NAME:
        return name
    ending = extension(name)[:10]
    return f"{stem(name)[: MAX_NAME - len(ending) - 2].rstrip()}….{ending}" if ending else name[:MAX_NAME]


def address_name(name: str) -> str:
    """The name in the address: plain letters, so that it may stand in a text as it is."""
    ending = re.sub(r"[^a-z0-9]", "", extension(name))[:10]
    words = slugify(stem(name))[:80]
    return f"{words}.{ending}" if ending else words
