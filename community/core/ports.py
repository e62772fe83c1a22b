"""Ports: what a lower floor needs from a higher one, by name. The higher floor provides it when it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_provided: dict[str, Callable[..., Any]] = {}


def provide(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an implementation: ``@provide("close_content")``."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        _provided[name] = implementation
        return implementation

    return register


def call(name: str, *args: Any, default: Any = None, **kwargs: Any) -> Any:
    """Call what was provided under this name; ``default`` when nothing was."""
    implementation = _provided.get(name)
    return default if implementation is None else implementation(*args, **kwargs)
