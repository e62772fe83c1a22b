"""What an import did: how many records of each fate, and why some were refused."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refusal:
    """A record that was left out: its rank in the file (from 1), the line where it begins, and why."""

    number: int
    line: int | None
    reason: str


@dataclass
class Report:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    #: records that members have changed since they were imported: left as the members want them
    kept: int = 0
    repaired: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged + self.kept + len(self.refused)
