"""Logs: one JSON object a line in production, readable lines on a terminal; never a secret, never a member's text.

What a line may not hold is dropped here rather than trusted to whoever writes it: values under a telling name, addresses
of people wherever they stand, and whatever would begin a line of its own.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from flask import Flask, g, has_request_context

MASK = "•••"
#: words of a name whose value is a secret or somebody's words
TELLING = frozenset(
    """password passwords passphrase secret secrets token tokens cookie cookies authorization authorisation session csrf
    otp totp code codes seed signature credential credentials nonce email emails mail mails recipient recipients phone
    siret name names filename body text texts title message messages bio comment comments content query words data form
    fields args payload html answer""".split()  # noqa: SIM905
)
#: last words of a name that make it harmless: « session_id » is a number, « password_changed » a fact
HARMLESS = frozenset(("id", "ids", "count", "size", "ms", "changed", "state"))
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
#: keys and one-time links are 32 characters or more of this alphabet, digits and capitals among them
KEY = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{32,}(?![\w/.-])")
LINK = re.compile(r"(/(?:mot-de-passe|invitations|confirmation|retrouver|jeton)/)[\w.-]{16,}")
LINE_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]+")
LONGEST = 500


def init_logging(app: Flask) -> None:
    readable = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            _request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            keep_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if app.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=not app.testing,
    )


def keep_secrets(_logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: nothing secret or personal leaves, and one event stays one line."""
    return {name: _safe(name, value) for name, value in event.items()}


def _safe(name: str, value: Any) -> Any:
    words = name.lower().split("_")
    if TELLING.intersection(words) and words[-1] not in HARMLESS:
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _safe(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_safe(name, inner) for inner in value]
    if name == "exception":
        return _masked(str(value))[-8000:]  # a trace has lines; the renderer writes them as \n
    return LINE_BREAKS.sub(" ", _masked(str(value)))[:LONGEST]


def _masked(text: str) -> str:
    return KEY.sub(MASK, LINK.sub(rf"\1{MASK}", EMAIL.sub(MASK, text)))


def _request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if has_request_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event
