"""Logs: one JSON object a line in production, readable lines on a terminal; never a secret, never a member's text."""

import logging
import sys

import structlog
from flask import Flask, g, has_request_context


def init_logging(app: Flask) -> None:
    readable = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            _request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if app.testing else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=not app.testing,
    )


def _request_id(_logger, _method, event):
    if has_request_context() and "request_id" in g:
        event["request_id"] = g.request_id
    return event
