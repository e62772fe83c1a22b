"""A place to read what strangers send: a separate process with bounds on time and memory, and nothing to take from it.

``run("package.module:function", {…})`` calls ``function({…})`` there and gives back what it returned (plain JSON values).
The process knows neither the settings nor the database, has no network where the system lets us take it away, and ends with
the worker that started it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

#: what a reader may write, in bytes; its answer, in bytes
MOST_WRITTEN = 300 * 1024 * 1024
MOST_ANSWER = 4 * 1024 * 1024
_OUT_OF_MEMORY, _RAISED = 77, 78
_PACKAGE = Path(__file__).resolve().parent.parent
_ENVIRONMENT = {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ"}
# The package is declared without running its __init__: a reader needs its own module, not the application.
_START = """
import sys, types
package = types.ModuleType("community")
package.__path__ = [sys.argv[1]]
sys.modules["community"] = package
from community.core.sandbox import stay
stay()
"""


class SandboxFailure(Exception):
    """The stay ended badly. ``kind``: time, memory, crash (the process died) or refused (the function raised)."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


def run(function: str, arguments: dict[str, Any], seconds: float = 10, megabytes: int = 512) -> dict[str, Any]:
    """Call a function in a process of its own, for at most so long and so much. Raises SandboxFailure."""
    request = json.dumps({"function": function, "arguments": arguments, "seconds": seconds, "megabytes": megabytes})
    process = subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore", "-c", _START, str(_PACKAGE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
        start_new_session=True,
    )
    try:
        answer, _none = process.communicate(request.encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise SandboxFailure("time", f"{seconds} s") from error
    finally:
        _end(process)
    return _understood(process.returncode, answer)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _understood(code: int, answer: bytes) -> dict[str, Any]:
    if code == _OUT_OF_MEMORY:
        raise SandboxFailure("memory")
    if code == -signal.SIGXCPU:
        raise SandboxFailure("time", "processor")
    if code == _RAISED:
        raise SandboxFailure("refused", answer[:300].decode("utf-8", "replace"))
    if code != 0 or len(answer) > MOST_ANSWER:
        raise SandboxFailure("crash", f"exit {code}")
    try:
        return json.loads(answer)
    except ValueError as error:
        raise SandboxFailure("crash", "no answer") from error


def stay() -> None:
    """The life of the process: hear the request, set the bounds, call, answer."""
    request = json.loads(sys.stdin.buffer.read())
    answer = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # a library that prints must not spoil the answer
    _set_bounds(request["seconds"], request["megabytes"])
    code = 0
    try:
        written = json.dumps(_call(request["function"], request["arguments"])).encode()
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except Exception as error:
        code, written = _RAISED, type(error).__name__.encode()
    answer.write(written)
    answer.flush()
    os._exit(code)  # libraries that crash while they tidy up would spoil a good answer


def _call(function: str, arguments: dict[str, Any]) -> Any:
    from importlib import import_module

    module, _colon, name = function.partition(":")
    return getattr(import_module(module), name)(arguments)


def _set_bounds(seconds: float, megabytes: int) -> None:
    import resource

    memory = megabytes * 1024 * 1024
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: MOST_WRITTEN,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    _cut_off()


def _cut_off() -> None:
    """End with the parent, and lose the network: both only where the system can."""
    import contextlib
    import ctypes

    end_with_parent, new_user, new_network = 1, 0x10000000, 0x40000000
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.prctl(end_with_parent, signal.SIGKILL)
        libc.unshare(new_user | new_network)
