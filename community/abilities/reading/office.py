"""LibreOffice, when it is installed: an Office file becomes a PDF, from which pages are drawn and numbered.

It runs in a folder of its own with a profile made for this one file: no macro, no link that is followed, no network where
the system allows to take it away, and bounds on memory, time and what it may write.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

FILTERS = {
    "docx": "writer_pdf_Export",
    "odt": "writer_pdf_Export",
    "xlsx": "calc_pdf_Export",
    "ods": "calc_pdf_Export",
    "pptx": "impress_pdf_Export",
    "odp": "impress_pdf_Export",
}
#: texts keep all their pages (they give the page numbers of search); of the others only the first are drawn
WHOLE = ("docx", "odt")
SECONDS = 60
MEGABYTES = 3_000  # of addresses, not of memory: it maps its libraries and fonts
MOST_WRITTEN = 200 * 1024 * 2  # in blocks of 512 bytes
_NOWHERE = "http://127.0.0.1:9"
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ")
_SETTING = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_PROFILE = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Common/Save/Document", "AutoSave", "false"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Office.Calc/Content/Update", "Link", "1"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def installed() -> str | None:
    """The program, or None: then the pages show the extracted text instead of images."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(path: Path, extension: str, folder: Path, pages: int) -> Path | None:
    """The file as a PDF inside ``folder``; None when there is no LibreOffice or it did not manage within its bounds."""
    program = installed()
    if program is None or extension not in FILTERS:
        return None
    source = folder / f"document.{extension}"
    source.symlink_to(path)
    profile = _profile(folder)
    command = [
        *_without_network(),
        *("/bin/sh", "-c", f'ulimit -t {SECONDS} -v {MEGABYTES * 1024} -f {MOST_WRITTEN}; exec "$@"', "sh"),
        *(program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"),
        *("--convert-to", f"pdf:{_filter(extension, pages)}", "--outdir", str(folder), str(source)),
    ]
    _run(command, folder)
    made = folder / "document.pdf"
    return made if made.is_file() and made.stat().st_size else None


def _filter(extension: str, pages: int) -> str:
    name = FILTERS[extension]
    if extension in WHOLE:
        return name
    options: dict[str, dict[str, str]] = {"PageRange": {"type": "string", "value": f"1-{pages}"}}
    if name.startswith("calc"):
        options["SinglePageSheets"] = {"type": "boolean", "value": "true"}  # a sheet is one page, however wide
    return f"{name}:{json.dumps(options)}"


def _profile(folder: Path) -> Path:
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    items = "".join(_SETTING.format(path=path, name=name, value=value) for path, name, value in _PROFILE)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )
    return profile


def _run(command: list[str], folder: Path) -> None:
    """Wait for it, at most SECONDS; then it and all that it started are ended."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= {"HOME": str(folder), "TMPDIR": str(folder), "SAL_DISABLE_OPENCL": "1", "SAL_USE_VCLPLUGIN": "svp"}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _NOWHERE)
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True, **quiet) as process:  # type: ignore[call-overload]
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@functools.cache
def _without_network() -> tuple[str, ...]:
    """A network of its own with nothing on it, where the system lets us make one."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    command = (program, "--user", "--map-root-user", "--net", "--")
    tried = subprocess.run([*command, "true"], capture_output=True, check=False, timeout=10)
    return command if tried.returncode == 0 else ()
