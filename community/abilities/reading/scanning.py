"""Whether files are scanned here, what becomes of those that cannot be, and where those that were stopped are kept."""

from __future__ import annotations

from flask import current_app


def scanner() -> str:
    """The address of clamd; empty when files are not scanned here."""
    return current_app.config["SETTINGS"].clamd_url


def refuses_unscanned() -> bool:
    """Whether nobody gets what the antivirus finds too large (UNSCANNED_FILES); else it is downloaded with its mark."""
    return current_app.config["SETTINGS"].unscanned_files == "refuse"


def quarantine_key(sha256: str) -> str:
    return f"quarantine/{sha256}"
