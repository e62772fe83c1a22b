"""How Whoosh stores our postings: large blocks, uncompressed, without the field lengths that our weights already hold."""

from __future__ import annotations

from whoosh.codec.whoosh3 import W3Codec

POSTINGS_IN_BLOCK = 1024


class ImpactCodec(W3Codec):
    """Whoosh's own format, read by Whoosh's own code. A module-level class: its name is pickled with each segment."""

    length_stats = False  # asking for a length stats a file for every posting: half of the indexing time

    def __init__(self) -> None:
        super().__init__(blocklimit=POSTINGS_IN_BLOCK, compression=0)
